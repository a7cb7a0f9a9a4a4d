"""How far references lead: what is in a root, and with what rights the rest is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.plans.reach import ELSEWHERE, Reach, ReferenceRefused, make_roots

KEYS = {"key": "k", "secret": "s", "client_kwargs": {"endpoint_url": "https://s3.example.org", "verify": True}}


def test_a_file_in_a_root_is_found_however_it_is_written(tmp_path: Path) -> None:
    reach = Reach((str(tmp_path),))
    for url in (f"{tmp_path}/a.nc", f"file://{tmp_path}/a.nc", f"local://{tmp_path}/deep/../a.nc", f"{tmp_path}//a.nc"):
        assert reach.find_file(url) == f"{tmp_path}/a.nc"


def test_a_name_that_begins_like_a_root_is_not_in_it(tmp_path: Path) -> None:
    with pytest.raises(ReferenceRefused):
        Reach((f"{tmp_path}/data",)).find_file(f"{tmp_path}/database/a.nc")


def test_a_root_may_be_reached_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert Reach((f"{tmp_path}/link",)).find_file(f"{tmp_path}/link/a.nc") == f"{tmp_path}/data/a.nc"


def test_the_root_of_the_file_system_is_no_root() -> None:
    with pytest.raises(ReferenceRefused):
        Reach(("/",)).find_file("/etc/passwd")


def test_a_refusal_does_not_tell_where_a_link_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(ReferenceRefused) as caught:
        Reach((f"{tmp_path}/data",)).find_file(f"{tmp_path}/link")
    assert "passwd" not in str(caught.value)


@pytest.mark.parametrize("url", ["s3://archive/a.nc", "s3a://archive/deep/a.nc"])
def test_a_bucket_that_is_a_root_is_read_with_the_keys_at_hand(url: str) -> None:
    reach = Reach(make_roots("s3a://archive"))
    assert (reach.find_options(url, {}, {}), reach.is_anonymous(url)) == ({}, False)


@pytest.mark.parametrize("url", ["s3://archive-of-others/a.nc", "s3://other/archive/a.nc", "s3://archive/../other/a.nc"])
def test_any_other_bucket_is_read_without_keys(url: str) -> None:
    reach = Reach(("s3://archive",))
    assert (reach.find_options(url, {}, {}), reach.is_anonymous(url)) == ({"anon": True}, True)


def test_beside_the_references_their_service_is_asked_but_with_no_keys_outside_of_the_roots() -> None:
    told = Reach().find_options("s3://bucket/a.nc", {}, KEYS)
    assert told == {"client_kwargs": {"endpoint_url": "https://s3.example.org"}, "anon": True}
    assert Reach(("s3://bucket",)).find_options("s3://bucket/a.nc", {}, KEYS) == KEYS


@pytest.mark.parametrize("url", ["sftp://host/a.nc", "github://owner:repo@/a", "simplecache::file:///etc/passwd", "abfs://container/a.nc"])
def test_ways_that_not_everybody_has_are_refused(url: str) -> None:
    with pytest.raises(ReferenceRefused, match="references may not lead to"):
        Reach().find_options(url, {}, {})


def test_a_reader_for_himself_may_follow_them_anywhere_but_to_this_machine() -> None:
    assert ELSEWHERE.find_options("sftp://host/a.nc", {}, {}) == {}
    assert not ELSEWHERE.is_anonymous("s3://bucket/a.nc")
    with pytest.raises(ReferenceRefused):
        ELSEWHERE.find_file("/etc/passwd")
