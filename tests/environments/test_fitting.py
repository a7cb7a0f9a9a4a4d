"""What of the requirements is installed, and what follows the versions that there are."""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement

from pangeo_forge.environments.fitting import Fitted, are_met, fit
from pangeo_forge.environments.installed import find_site_folders, find_stack, list_versions
from pangeo_forge.environments.wanted import read_requirements

HAVE = {"xarray": "2026.9.0", "zarr": "3.1.6", "fsspec": "2026.9.0", "scipy": "1.17.0"}
STACK = frozenset({"xarray", "zarr", "fsspec", "s3fs"})
BOUNDS = {"s3fs": Requirement("s3fs>=2025.3.2")}


def fitted(folder: Path, *lines: str) -> Fitted:
    (folder / "requirements.txt").write_text("\n".join(lines))
    return fit(read_requirements(folder), HAVE, STACK, BOUNDS)


def test_what_is_there_in_a_version_that_is_asked_for_is_not_installed(tmp_path: Path) -> None:
    found = fitted(tmp_path, "xarray>=2026", "scipy>=1")
    assert (found.missing, found.remarks) == ((), ())


def test_an_old_pin_of_what_we_bring_is_not_held_and_that_is_said_with_its_line(tmp_path: Path) -> None:
    found = fitted(tmp_path, "", "zarr<3")
    assert found.missing == ()
    assert found.remarks == (f"{tmp_path}/requirements.txt:2: zarr<3 is not held: pangeo-forge's own 3.1.6 is used",)


def test_a_branch_of_what_we_bring_is_not_installed(tmp_path: Path) -> None:
    found = fitted(tmp_path, "git+https://example.org/somebody/xarray@patch")
    assert found.missing == ()
    assert "is not held" in found.remarks[0]


def test_an_extra_of_ours_that_is_not_there_is_installed_as_we_need_it(tmp_path: Path) -> None:
    found = fitted(tmp_path, "s3fs==2023.9.2")
    assert [one.text for one in found.missing] == ["s3fs>=2025.3.2"]
    assert found.remarks == (
        f"{tmp_path}/requirements.txt:1: s3fs==2023.9.2 is not held: s3fs>=2025.3.2 is used, to fit pangeo-forge's own",
    )


def test_another_version_of_what_we_do_not_bring_is_installed(tmp_path: Path) -> None:
    assert [one.text for one in fitted(tmp_path, "scipy==1.10").missing] == ["scipy==1.10"]


def test_what_stand_ins_answer_for_is_left_out(tmp_path: Path) -> None:
    found = fitted(
        tmp_path,
        "pangeo-forge-recipes==0.10.4",
        "apache_beam[gcp]",
        "pangeo-forge-runner",
        "git+https://example.org/somebody/pangeo-forge-recipes@hack",
        "pangeo-forge>=99",
    )
    assert (found.missing, found.met, found.remarks) == ((), (), ())


def test_a_requirement_of_another_system_is_left_out(tmp_path: Path) -> None:
    assert fitted(tmp_path, "winonly ; sys_platform == 'nowhere'").missing == ()


def test_only_what_is_there_is_met(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("xarray>=2026\npangeo-forge-recipes\n")
    assert are_met(read_requirements(tmp_path), HAVE)
    (tmp_path / "requirements.txt").write_text("xarray<2026\n")
    assert not are_met(read_requirements(tmp_path), HAVE)


def test_what_we_bring_is_what_our_requirements_and_extras_lead_to() -> None:
    stack = find_stack(list_versions(find_site_folders()))
    assert stack >= {"pangeo-forge", "xarray", "zarr", "numpy", "pandas", "fsspec", "s3fs", "distributed", "dask"}
    assert not stack & {"pytest", "ruff", "hypothesis"}
