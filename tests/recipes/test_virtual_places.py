"""References to files on servers, and references that are kept on servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import icechunk
import pytest
import xarray as xr

from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.errors import UserError
from pangeo_forge.plans.plan import PlanContext, Target
from pangeo_forge.plans.products import recognize
from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.running import run_plan
from virtualizing import FORMATS, bake, combined, make_files

pytestmark = pytest.mark.server

_ICECHUNK = int(icechunk.__version__.partition(".")[0])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "served" / "bucket"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("form", ["kerchunk-json", "kerchunk-parquet"])
def test_files_on_an_http_server_are_referenced(tmp_path: Path, archive: Path, http_server: Any, form: Any) -> None:
    urls = make_files(archive)
    served = [f"{http_server(archive).url}/{Path(url).name}" for url in urls[:1]]
    root = served[0].rpartition("/")[0]
    pattern = pattern_from_file_sequence([f"{root}/{Path(url).name}" for url in urls], "time")
    dataset, results = bake(VirtualRecipe(pattern, format=form), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
    assert not results["check"].wrong


def test_icechunk_refers_to_an_http_server_or_says_why_not(tmp_path: Path, archive: Path, http_server: Any) -> None:
    urls = make_files(archive)
    root = http_server(archive).url
    recipe = VirtualRecipe(pattern_from_file_sequence([f"{root}/{Path(url).name}" for url in urls], "time"), format="icechunk")
    if _ICECHUNK == 1:
        with pytest.raises(UserError, match=r"Icechunk 1 cannot refer to a server with a port"):
            bake(recipe, tmp_path)
    else:
        dataset, _ = bake(recipe, tmp_path)
        xr.testing.assert_identical(dataset.load(), combined(urls))


@pytest.mark.parametrize("form", FORMATS)
def test_files_on_s3_are_referenced(tmp_path: Path, archive: Path, s3_server: Any, form: Any) -> None:
    urls = make_files(archive)
    options = s3_server(archive.parent).storage_options
    places = [f"s3://bucket/{Path(url).name}" for url in urls]
    recipe = VirtualRecipe(pattern_from_file_sequence(places, "time", fsspec_open_kwargs=options), format=form)
    dataset, results = bake(recipe, tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))
    assert not results["check"].wrong
    snippet = recipe.product.snippet(Target(str(tmp_path / "out")))
    assert options["key"] not in snippet
    assert options["secret"] not in snippet


@pytest.mark.parametrize("form", FORMATS)
def test_references_are_kept_on_s3(tmp_path: Path, archive: Path, s3_server: Any, form: Any) -> None:
    urls = make_files(tmp_path)
    options = s3_server(archive.parent).storage_options
    recipe = VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form)
    target = Target(f"s3://bucket/made{recipe.product.suffix}", options)
    plan = recipe.plan(PlanContext(target, Target(str(tmp_path / "scratch"))))
    run_plan(plan, SerialEngine(), Checkpoints(tmp_path / "run"), lambda event: None)
    found = recognize(target)
    assert type(found) is type(recipe.product)
    xr.testing.assert_identical(found.open(target).load(), combined(urls))
