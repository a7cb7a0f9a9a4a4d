"""Packages that recipes import, and that import the older APIs themselves: they are given the same answers, wherever they are imported."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import zarr

from baking import bake
from pangeo_forge.engines.base import Engine
from pangeo_forge.engines.dask import DaskEngine
from pangeo_forge.engines.local import LocalEngine
from pangeo_forge.engines.serial import SerialEngine
from pangeo_forge.recipes.lifting import LiftedRecipe
from pangeo_forge.recipes.loading import load_recipe
from peer.archive import write_archive

#: One that makes patterns of what a catalogue knows, and one of transforms that several feedstocks have in common.
PACKAGES = {
    "tide_catalogue/__init__.py": """
        import logging

        from pangeo_forge_recipes.patterns import FilePattern, pattern_from_file_sequence

        log = logging.getLogger("pangeo_forge_recipes.parse")


        def files_of(folder, concat_dim, nitems_per_file=None, **kwargs) -> FilePattern:
            urls = [f"{folder}/four_{number}.nc" for number in range(3)]
            log.info("found %s files", len(urls))
            return pattern_from_file_sequence(urls, concat_dim, nitems_per_file, **kwargs)
    """,
    "tide_tools/__init__.py": "",
    "tide_tools/transforms.py": """
        from dataclasses import dataclass

        import apache_beam as beam
        import xarray as xr
        import zarr
        from pangeo_forge_recipes.transforms import Indexed, T


        def choose_chunks(ds: xr.Dataset) -> dict[str, int]:
            return {"time": ds.sizes["time"] // 2}


        @dataclass
        class Tidy(beam.PTransform):
            offset: float = 1.0

            @staticmethod
            def _drop(item: Indexed[T]) -> Indexed[T]:
                index, ds = item
                return index, ds.drop_vars("cell_area")

            def _warm(self, item: Indexed[T]) -> Indexed[T]:
                index, ds = item
                return index, ds.assign(tas=ds.tas + self.offset)

            def expand(self, pcoll: beam.PCollection) -> beam.PCollection:
                return pcoll | "drop" >> beam.Map(self._drop) | "warm" >> beam.Map(self._warm)


        @dataclass
        class InjectAttrs(beam.PTransform):
            attrs: dict = None

            def _inject(self, store: zarr.storage.FSStore) -> zarr.storage.FSStore:
                zarr.open(store, mode="a").attrs.update(self.attrs)
                return store

            def expand(self, pcoll: beam.PCollection[zarr.storage.FSStore]) -> beam.PCollection[zarr.storage.FSStore]:
                return pcoll | "inject" >> beam.Map(self._inject)
    """,
    "tide_tools/late.py": """
        import apache_beam as beam
        from pangeo_forge_recipes.patterns import CombineOp


        def mark(ds):
            assert issubclass(beam.PTransform, object)
            return ds.assign_attrs(marked=CombineOp.CONCAT.name)
    """,
}

RECIPE = """
    import os

    import apache_beam as beam
    from pangeo_forge_recipes.transforms import ConsolidateMetadata, OpenURLWithFSSpec, OpenWithXarray, StoreToZarr
    from tide_catalogue import files_of
    from tide_tools.transforms import InjectAttrs, Tidy, choose_chunks

    pattern = files_of(os.environ["ARCHIVE"], "time", file_type="netcdf4")


    def mark(item):
        from tide_tools.late import mark

        index, ds = item
        return index, mark(ds)


    recipe = (
        beam.Create(pattern.items())
        | OpenURLWithFSSpec()
        | OpenWithXarray(file_type=pattern.file_type)
        | Tidy(offset=2.0)
        | beam.Map(mark)
        | StoreToZarr(store_name="tides.zarr", combine_dims=pattern.combine_dim_keys, dynamic_chunking_fn=choose_chunks)
        | InjectAttrs({"version": "v1"})
        | ConsolidateMetadata()
    )
"""


def forget_modules() -> None:
    for name in [name for name in sys.modules if name.startswith(("tide_", "recipe_of_plugins"))]:
        del sys.modules[name]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install the packages where other processes find them as well, and load a recipe of a module that imports them."""
    installed = tmp_path / "installed"
    for name, text in PACKAGES.items():
        (installed / name).parent.mkdir(parents=True, exist_ok=True)
        (installed / name).write_text(textwrap.dedent(text))
    monkeypatch.setattr(sys, "path", [*sys.path, str(installed)])
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.setenv("ARCHIVE", str(write_archive(tmp_path / "archive")))
    forget_modules()

    def load(text: str = RECIPE, module: str = "recipe_of_plugins") -> Any:
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(text))
        return load_recipe(tmp_path, [("recipe", f"{module}:recipe")], "recipe")[1]

    yield load
    forget_modules()


ENGINES = {"serial": SerialEngine, "local": lambda: LocalEngine(2), "dask": lambda: DaskEngine(1)}


@pytest.mark.slow
@pytest.mark.parametrize("engine", list(ENGINES))
def test_what_packages_import_is_answered_for_wherever_tasks_run(load, tmp_path, engine):
    runs: Engine = ENGINES[engine]()
    try:
        baked, _, _ = bake(load(), tmp_path, runs)
    finally:
        runs.close()
    assert (baked.sizes["time"], "cell_area" in baked, baked.attrs["marked"]) == (12, False, "CONCAT")
    assert zarr.open_group(tmp_path / "out.zarr", mode="r").attrs["version"] == "v1"
    assert zarr.open_group(tmp_path / "out.zarr", mode="r")["tas"].chunks[0] == 6


def test_a_package_that_was_imported_for_one_module_serves_the_next(load):
    assert isinstance(load(), LiftedRecipe)
    assert isinstance(load(module="recipe_of_plugins_too"), LiftedRecipe)


def test_what_packages_import_is_not_there_for_others(load):
    load()
    assert "apache_beam" not in sys.modules
    assert sys.modules["tide_tools.transforms"].beam.PTransform is not None


@pytest.mark.slow
def test_a_feedstock_whose_recipes_come_from_a_package_is_listed_by_the_command(load, tmp_path):
    folder = tmp_path / "feedstock"
    folder.mkdir()
    (folder / "recipe.py").write_text(textwrap.dedent(RECIPE))
    (folder / "meta.yaml").write_text('title: Tides\nrecipes:\n  - id: tides\n    object: "recipe:recipe"\n')
    load()
    command = [sys.executable, "-m", "pangeo_forge", "recipe", "list", str(folder)]
    environ = os.environ | {"PANGEO_FORGE_HOME": str(tmp_path / "home")}
    ended = subprocess.run(command, capture_output=True, text=True, env=environ)
    assert ended.returncode == 0, ended.stderr
    assert "pipeline, lifted" in ended.stdout
