"""What libraries no longer have is answered for while a recipe's code is run, is said once, and is nowhere else."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr

from baking import bake
from pangeo_forge.errors import RecipeFailed
from pangeo_forge.recipes.loading import check_portable, load_recipe
from pangeo_forge.recipes.remarks import take_remarks
from pangeo_forge.recipes.standins.frequencies import OFFSETS, PERIODS, modernize

_NUMBERS = itertools.count()

RECIPE = """
from pangeo_forge_recipes.patterns import pattern_from_file_sequence
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

recipe = XarrayZarrRecipe(pattern_from_file_sequence(["a.nc"], "time", nitems_per_file=1))
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load a module with a recipe, and return the recipe; `take_remarks` tells what was said of it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    take_remarks()

    def load(text: str) -> Any:
        name = f"drifted_{next(_NUMBERS)}"
        (tmp_path / f"{name}.py").write_text(RECIPE + textwrap.dedent(text))
        return load_recipe(tmp_path, [("recipe", f"{name}:recipe")], "recipe")[1]

    return load


# Frequencies.


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("M", "ME"),
        ("2M", "2ME"),
        ("Y", "YE"),
        ("A", "YE"),
        ("A-SEP", "YE-SEP"),
        ("AS", "YS"),
        ("Q", "QE"),
        ("H", "h"),
        ("6H", "6h"),
        ("30T", "30min"),
    ],
)
def test_frequencies_that_pandas_refuses_make_the_dates_that_they_made(load, old, new):
    recipe = load(f"""
        import pandas as pd

        recipe.dates = pd.date_range("2001-01-15", periods=3, freq="{old}")
    """)
    assert list(recipe.dates) == list(pd.date_range("2001-01-15", periods=3, freq=new))
    assert take_remarks() == (f"the frequency {old!r} is refused by pandas today: {new!r} is taken for it",)


def test_the_dates_are_those_that_the_frequency_meant(load):
    recipe = load("""
        import pandas as pd

        recipe.months = pd.date_range("2010-02", "2010-05", freq="M")
        recipe.years = pd.date_range(start="2002-01-01", end="2004-12-31", freq="Y")
        recipe.hours = pd.date_range("2001-01-01", "2001-01-01 12:00", freq="3H", closed="left")
        recipe.periods = pd.period_range("2001", periods=2, freq="A")
    """)
    assert list(recipe.months.strftime("%Y-%m-%d")) == ["2010-02-28", "2010-03-31", "2010-04-30"]
    assert list(recipe.years.strftime("%Y-%m-%d")) == ["2002-12-31", "2003-12-31", "2004-12-31"]
    assert list(recipe.hours.strftime("%H")) == ["00", "03", "06", "09"]
    assert list(recipe.periods.strftime("%Y")) == ["2001", "2002"]


def test_frequencies_that_mean_the_same_today_are_left_alone(load):
    load("""
        import pandas as pd

        for freq in ("D", "MS", "5D", "W", "h"):
            pd.date_range("2001-01-15", periods=3, freq=freq)
        pd.period_range("2001-01", periods=3, freq="M")
    """)
    assert take_remarks() == ()


def test_what_is_no_frequency_at_all_is_still_refused(load):
    with pytest.raises(RecipeFailed, match="Invalid frequency: fortnight"):
        load('import pandas as pd\npd.date_range("2001", periods=2, freq="fortnight")\n')


@pytest.mark.parametrize("new", sorted({*OFFSETS.values()} - {"bh", "cbh"}))
def test_every_new_spelling_is_one_that_pandas_knows(new):
    assert pd.tseries.frequencies.to_offset(new) is not None


@pytest.mark.parametrize("new", sorted(PERIODS.values()))
def test_every_new_spelling_of_periods_is_one_that_pandas_knows(new):
    assert len(pd.period_range("2001-01-01", periods=2, freq=new)) == 2


def test_anchors_stay_as_they_are():
    assert [modernize(old) for old in ("A-MAR", "QS-DEC", "W-MON", "1M", None)] == ["YE-MAR", "QS-DEC", "W-MON", "1ME", None]


def test_dates_of_any_calendar(load):
    recipe = load("""
        import xarray as xr

        recipe.dates = xr.cftime_range("2000-01-30", periods=2, freq="D", calendar="360_day")
    """)
    assert [str(date)[:10] for date in recipe.dates] == ["2000-01-30", "2000-02-01"]


# Names.


def test_names_that_numpy_dropped_mean_what_they_meant(load):
    recipe = load("""
        import numpy as np
        from numpy import product

        recipe.found = [np.float_(1.5), np.product([2, 3]), product([2, 3]), np.NaN, np.Inf, np.int(3)]
        recipe.found += [np.in1d([1, 2], [2]).tolist(), np.alltrue([1, 0])]
    """)
    one, six, again, nan, inf, three, isin, every = recipe.found
    assert (one, six, again, inf, three, isin, every) == (1.5, 6, 6, np.inf, 3, [False, True], False)
    assert nan != nan
    said = take_remarks()
    assert "numpy.product is gone from numpy: numpy.prod is taken for it" in said
    assert len(said) == len(set(said))


def test_annotations_of_zarr_2(load):
    recipe = load("""
        import zarr
        from zarr.storage import FSStore


        def check(store: zarr.storage.FSStore) -> FSStore:
            return store


        recipe.check = check
    """)
    assert recipe.check(1) == 1


def test_rows_are_appended_to_tables_as_they_were(load):
    recipe = load("""
        import pandas as pd

        table = pd.DataFrame({"url": ["a"]}).append({"url": "b"}, ignore_index=True)
        recipe.table = table.append(pd.DataFrame({"url": ["c"]}), ignore_index=True)
        recipe.pairs = [name for name, _ in recipe.table.iteritems()]
    """)
    assert recipe.table.url.tolist() == ["a", "b", "c"]
    assert recipe.pairs == ["url"]


def test_a_name_that_nobody_knows_is_still_missing(load):
    with pytest.raises(RecipeFailed, match="no attribute 'flux_capacitor'"):
        load("import numpy as np\nnp.flux_capacitor\n")


# Where the answers hold.


def test_outside_of_a_recipes_code_the_libraries_are_as_they_are(load):
    before = (pd.date_range, xr.cftime_range, xr.Dataset.resample, vars(np).get("__getattr__"))
    load("import numpy as np\nnp.product([1])\n")
    assert (pd.date_range, xr.cftime_range, xr.Dataset.resample, vars(np).get("__getattr__")) == before
    assert not hasattr(np, "product") and not hasattr(pd.DataFrame, "append") and not hasattr(zarr.storage, "FSStore")
    assert importlib.util.find_spec("pangeo_forge_recipes") is None
    assert importlib.util.find_spec("pangeo_forge.recipe") is None
    with pytest.raises(ValueError, match="Invalid frequency"):
        pd.date_range("2001", periods=2, freq="M")


def test_a_module_that_fails_leaves_nothing_behind(load):
    with pytest.raises(RecipeFailed):
        load("1 / 0\n")
    assert not hasattr(np, "product")


def test_functions_of_the_recipe_are_answered_when_they_are_called(load, tmp_path):
    times = pd.date_range("2001-01-01", periods=90, freq="D")
    xr.Dataset({"t": ("time", np.arange(90.0))}, {"time": times}).to_netcdf(tmp_path / "days.nc")
    recipe = load(f"""
        import numpy as np
        import pandas as pd


        def monthly(ds, filename):
            assert len(pd.date_range("2001", periods=np.int(2), freq="M")) == np.product([2, 1])
            return ds.resample(time="M").mean()


        recipe = XarrayZarrRecipe(
            pattern_from_file_sequence(["{tmp_path}/days.nc"], "time"), target_chunks={{"time": 2}}, process_input=monthly
        )
    """)
    ours, _, _ = bake(recipe, tmp_path)
    assert list(ours.time.dt.strftime("%m-%d").values) == ["01-31", "02-28", "03-31"]
    np.testing.assert_allclose(ours.t, [15.0, 44.5, 74.0])


def test_the_function_that_makes_urls_is_answered_if_it_needs_to_be(load):
    recipe = load("""
        from pangeo_forge_recipes.patterns import ConcatDim, FilePattern


        def make_url(month):
            import pandas as pd

            return f"https://example.org/{pd.date_range('2001-01', periods=12, freq='M')[month]:%Y%m%d}.nc"


        recipe = XarrayZarrRecipe(FilePattern(make_url, ConcatDim("month", range(12), nitems_per_file=1)))
    """)
    assert recipe.pattern[1].url == "https://example.org/20010228.nc"


def test_recipes_are_sent_to_processes_that_have_not_loaded_their_module(load, tmp_path):
    times = pd.date_range("2001-01-01", periods=3, freq="D")
    xr.Dataset({"t": ("time", np.arange(3.0))}, {"time": times}).to_netcdf(tmp_path / "days.nc")
    recipe = load(f"""
        import numpy as np
        import pangeo_forge_recipes
        from pangeo_forge_recipes import patterns


        def process(ds, filename):
            from pangeo_forge_recipes.patterns import ConcatDim

            assert patterns.ConcatDim("time", [1]) == ConcatDim("time", [1])
            return ds * np.product([2, 3])


        recipe = XarrayZarrRecipe(patterns.pattern_from_file_sequence(["{tmp_path}/days.nc"], "time", 3), process_input=process)
    """)
    check_portable(recipe, "recipe")
    (tmp_path / "sent").write_bytes(cloudpickle.dumps(recipe.to_native()))
    program = f"""
        import cloudpickle, pathlib

        recipe = cloudpickle.loads(pathlib.Path("{tmp_path}/sent").read_bytes())
        source = recipe.pattern[0]
        with recipe.source.open(source) as opened:
            print(opened.decoded.t.values.tolist())
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], cwd="/", capture_output=True, text=True, check=False)
    assert ended.stdout.strip() == "[0.0, 6.0, 12.0]", ended.stderr


# The journal.


def test_what_is_answered_and_what_is_passed_over_is_said_once_in_the_journal(forge, forge_home, tmp_path):
    folder = tmp_path / "feedstock"
    folder.mkdir()
    xr.Dataset({"t": ("time", np.arange(4.0))}, {"time": pd.date_range("2001-01-01", periods=4, freq="D")}).to_netcdf(tmp_path / "days.nc")
    (folder / "meta.yaml").write_text("recipes:\n  - id: old\n    object: recipe:recipe\n")
    (folder / "recipe.py").write_text(
        textwrap.dedent(f"""
        import pandas as pd
        from pangeo_forge_recipes.patterns import pattern_from_file_sequence
        from pangeo_forge_recipes.recipes import XarrayZarrRecipe, setup_logging

        setup_logging()
        months = [pd.date_range("2001", periods=2, freq="M") for _ in range(3)]
        pattern = pattern_from_file_sequence(["{tmp_path}/days.nc"], "time", nitems_per_file=4)
        recipe = XarrayZarrRecipe(pattern, cache_inputs=True, copy_input_to_local_file=True)
        recipe.to_function()()
        """)
    )
    ended = forge("recipe", "run", folder, "--no-lint", "--target", tmp_path / "out.zarr")
    assert ended.returncode == 0, ended.stderr
    [journal] = [path.read_text() for path in forge_home.rglob("journal.jsonl")]
    notes = [line for line in journal.splitlines() if '"event":"note"' in line]
    assert sum("'ME' is taken for it" in note for note in notes) == 1
    assert sum("the module runs its recipe by itself" in note for note in notes) == 1
    assert sum("cache_inputs, copy_input_to_local_file: no meaning any more" in note for note in notes) == 1
