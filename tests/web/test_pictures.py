"""Pictures as they are served: in the list, in a dataset's page, and to programs."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

import pystac_client
import pytest
from playwright.sync_api import Page, expect

from web.screenshots import take_picture

pytestmark = [pytest.mark.server, pytest.mark.slow]


def get(url: str, **headers: str) -> tuple[int, Any, bytes]:
    """Get what is at an address: its status, its headers and its content."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def is_seen(page: Page, selector: str) -> bool:
    """Whether a picture has come, and is one."""
    page.locator(selector).first.scroll_into_view_if_needed()
    page.wait_for_function("selector => document.querySelector(selector).complete", arg=selector)
    return bool(page.evaluate("selector => document.querySelector(selector).naturalWidth > 0", selector))


# People.


def test_the_list_shows_what_each_dataset_looks_like(page: Page) -> None:
    page.goto("/?q=atlantic")
    assert is_seen(page, ".card img")
    page.reload()
    expect(page.locator(".card img").first).to_have_attribute("alt", re.compile(r"^sea surface temperature, 1990-07-01: mostly 4 to 7 K$"))


def test_a_plot_says_in_words_what_it_shows(page: Page) -> None:
    page.goto("/datasets/atlantic")
    assert is_seen(page, ".picture img")
    expect(page.locator(".picture figcaption")).to_have_text("sea surface temperature, 1990-07-01: mostly 4 to 7 K")
    expect(page.locator(".picture img")).to_have_attribute("alt", "sea surface temperature, 1990-07-01: mostly 4 to 7 K")


def test_a_slider_changes_the_time_of_the_plot_and_its_address(page: Page) -> None:
    page.goto("/datasets/atlantic")
    page.locator(".picture img").scroll_into_view_if_needed()
    slider = page.get_by_role("slider", name="time, step")
    expect(page.get_by_role("spinbutton")).to_have_value("1")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".picture figcaption")).to_have_text("sea surface temperature, 1990-01-01: mostly 0 to 3 K")
    expect(page).to_have_url(re.compile(r"at-time=0#plot$"))
    assert is_seen(page, ".picture img")
    take_picture(page, "plot")


def test_without_scripts_the_form_draws_another_step(plain_page: Page) -> None:
    plain_page.goto("/datasets/atlantic")
    plain_page.get_by_label("time, step 0 to 1").fill("0")
    plain_page.get_by_role("button", name="Draw").click()
    expect(plain_page).to_have_url(re.compile(r"at-time=0#plot$"))
    expect(plain_page.locator(".picture img")).to_have_attribute("src", re.compile(r"at-time=0"))
    plain_page.reload()
    expect(plain_page.locator(".picture figcaption")).to_have_text("sea surface temperature, 1990-01-01: mostly 0 to 3 K")


def test_a_dark_page_has_a_dark_plot_and_a_narrow_one_a_narrow(browser: Any, site: str) -> None:
    context = browser.new_context(base_url=site, color_scheme="dark", viewport={"width": 400, "height": 800})
    page = context.new_page()
    page.goto("/datasets/atlantic")
    assert is_seen(page, ".picture img")
    assert page.evaluate("document.querySelector('.picture img').currentSrc").endswith("plot.png?theme=dark&width=narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    take_picture(page, "plot-dark-narrow")
    context.close()


# Programs.


def test_a_plot_is_a_picture_that_need_not_be_sent_twice(site: str) -> None:
    status, headers, content = get(f"{site}/datasets/pacific/plot.png?variable=sst&at-time=0")
    assert (status, headers["Content-Type"], content[:4]) == (200, "image/png", b"\x89PNG")
    assert get(f"{site}/datasets/pacific/plot.png?variable=sst&at-time=0", **{"If-None-Match": headers["ETag"]})[0] == 304


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("variable=nope", "there is no variable nope"),
        ("at-time=7", "time has no step 7"),
        ("at-time=last", "time is 'last', and not the number of a step"),
    ],
)
def test_what_cannot_be_drawn_is_a_picture_and_a_sentence_that_say_why(asked: str, why: str, site: str) -> None:
    status, headers, content = get(f"{site}/datasets/pacific/plot.png?{asked}")
    assert (status, headers["Content-Type"]) == (422, "image/svg+xml")
    assert why.replace("'", "&#39;") in content.decode()
    assert json.loads(get(f"{site}/datasets/pacific/plot.json?{asked}")[2])["fault"] == why


def test_a_variable_of_a_strangers_name_is_text_in_the_picture_that_refuses_it(site: str) -> None:
    content = get(f"{site}/datasets/pacific/plot.png?variable=%3Cscript%3Ealert(1)%3C/script%3E")[2].decode()
    assert "<script>" not in content and "&lt;script&gt;" in content


def test_the_stac_api_leads_to_pictures(site: str) -> None:
    client = pystac_client.Client.open(f"{site}/stac")
    (item,) = client.search(collections=["europe"]).items()
    for described in (item, client.get_collection("europe")):
        for role in ("thumbnail", "overview"):
            assert get(described.assets[role].href)[2].startswith(b"\x89PNG")
