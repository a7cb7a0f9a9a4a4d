import pytest
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.bakeries.targets import StorageRoot, as_name, refuse_password, same_place
from pangeo_forge.errors import UsageError

ROOT = StorageRoot("s3://bucket/forge", {"secret": "hunter2"})


def test_full_run_has_its_place_by_feedstock_and_recipe():
    assert ROOT.dataset("nemo-feedstock", "ocean") == "s3://bucket/forge/nemo-feedstock/ocean.zarr"


def test_pruned_run_has_a_place_of_its_own_by_run():
    assert ROOT.test_dataset("nemo", "ocean", "20261124-064531-ocean-x7f3") == (
        "s3://bucket/forge/test/nemo/20261124-064531-ocean-x7f3/ocean.zarr"
    )


def test_storage_options_are_not_shown():
    assert "hunter2" not in repr(ROOT)


@pytest.mark.parametrize("name", ["CMIP6.ScenarioMIP.tas", "a_b-c", "year=2000", "0.25deg"])
def test_safe_name_stays_as_it_is(name):
    assert as_name(name) == name


@pytest.mark.parametrize("text", ["a/b", "..", "../../etc/passwd", ".hidden", "a b", "100%", "", "größe", "a?b#c", "-x", "a~b"])
def test_unsafe_name_becomes_one_that_stays_in_its_folder(text):
    name = as_name(text)
    assert name not in ("", ".", "..")
    assert not set(name) & set("/\\?#% ")
    assert name[0] not in ".-"


def test_changed_name_is_kept_apart_by_its_hash():
    assert as_name("a/b") == "a-b~c14cdd"


@given(st.text(max_size=8), st.text(max_size=8))
def test_different_texts_have_different_names(one, other):
    assert (as_name(one) == as_name(other)) == (one == other)


@pytest.mark.parametrize("spelling", ["{}", "{}/", "file://{}", "local://{}/", "{}/../store"])
def test_spellings_of_one_local_folder_are_one_place(tmp_path, spelling):
    store = tmp_path / "store"
    store.mkdir()
    assert same_place(spelling.format(store)) == same_place(str(store))


def test_link_to_a_folder_is_the_same_place(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "store")
    assert same_place(str(tmp_path / "link")) == same_place(str(tmp_path / "store"))


def test_spellings_of_one_bucket_are_one_place():
    assert same_place("s3a://bucket/store.zarr/") == same_place("s3://bucket/store.zarr")
    assert same_place("s3://bucket/store") != same_place("gs://bucket/store")


def test_url_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(UsageError) as refusal:
        refuse_password("ftp://me:hunter2@host/store.zarr", "target")
    assert "hunter2" not in str(refusal.value)
    assert "storage options" in refusal.value.hint


def test_malformed_url_is_refused():
    with pytest.raises(UsageError, match="the cache is no URL"):
        refuse_password("http://[::1/store", "cache")


@pytest.mark.parametrize("url", ["abfs://container@account.dfs.core.windows.net/store", "/data/a:b@c", "s3://bucket/a"])
def test_url_without_a_password_is_taken(url):
    refuse_password(url, "cache")
