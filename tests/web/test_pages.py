"""The pages as people see them, in a real browser."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from web.screenshots import take_picture

pytestmark = [pytest.mark.server, pytest.mark.slow]


def test_the_list_shows_all_datasets(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("status")).to_have_text("3 datasets")
    expect(page.get_by_role("heading", level=2)).to_have_count(3)
    take_picture(page, "listing")


def test_the_list_is_searched_as_one_types(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Words").press_sequentially("antimeridian")
    expect(page.get_by_role("status")).to_have_text("One dataset")
    expect(page).to_have_url(re.compile(r"\?q=antimeridian$"))


def test_a_box_is_drawn_on_the_map(page: Page) -> None:
    page.goto("/")
    area = page.locator("#world").bounding_box()
    assert area
    x, y, degree = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2, area["width"] / 360
    page.mouse.move(x + 5 * degree, y - 30 * degree)
    page.mouse.down()
    page.mouse.move(x + 30 * degree, y + 5 * degree, steps=3)
    page.mouse.up()
    expect(page.get_by_role("status")).to_have_text("One dataset")
    expect(page.get_by_role("link", name="Europe")).to_be_visible()


def test_a_mistake_is_said_in_words(page: Page) -> None:
    page.goto("/?bbox=1,2")
    expect(page.get_by_role("status")).to_contain_text("has 2 numbers, not four")


def test_a_dataset_is_found_and_its_code_copied(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="The Atlantic").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Atlantic")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    names: dict = {}
    exec(copied, names)
    assert names["ds"].title == "The Atlantic"
    names["ds"].close()
    take_picture(page, "dataset")


def test_a_datasets_page_has_xarrays_own_summary(page: Page) -> None:
    page.goto("/datasets/atlantic")
    page.locator("iframe").scroll_into_view_if_needed()
    expect(page.frame_locator("iframe").get_by_text("sea_surface_temperature").first).to_be_attached()


def test_what_a_dataset_says_is_shown_as_text_and_never_run(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail("a script of the dataset ran"))
    page.goto("/datasets/europe")
    expect(page.get_by_role("heading", level=1)).to_have_text("Europe <script>alert(1)</script>")
    page.get_by_text("All attributes").click()
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()


def test_search_engines_find_the_dataset_described(page: Page) -> None:
    page.goto("/datasets/europe")
    described = json.loads(page.locator('script[type="application/ld+json"]').text_content() or "")
    assert described["@type"] == "Dataset"
    assert described["name"] == "Europe <script>alert(1)</script>"
    assert described["spatialCoverage"]["geo"]["box"] == "9.5 9.5 11.5 11.5"


def test_without_scripts_the_list_is_searched_and_read(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_label("Words").fill("atlantic")
    plain_page.get_by_role("button", name="Search").click()
    expect(plain_page.get_by_role("status")).to_have_text("One dataset")
    plain_page.get_by_role("link", name="The Atlantic").click()
    expect(plain_page.get_by_role("table").first).to_contain_text("sea_surface_temperature")


def test_the_keyboard_alone_leads_to_a_dataset(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.card') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/datasets/"))


def test_it_is_dark_where_people_like_it_dark(browser: Browser, site: str) -> None:
    context = browser.new_context(base_url=site, color_scheme="dark")
    page = context.new_page()
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 25, 31)"
    take_picture(page, "dark")
    context.close()


def test_a_page_that_is_not_there_is_said_so(page: Page) -> None:
    answer = page.request.get("/datasets/nope")
    assert answer.status == 404
    assert "There is no dataset nope." in answer.text()
