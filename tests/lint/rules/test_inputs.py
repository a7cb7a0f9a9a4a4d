"""How inputs are asked for, and whether they are the same tomorrow."""

from __future__ import annotations

import pytest

from lint.recipe_modules import BEAM, CLASSIC, NATIVE, PREPROCESS, at, find
from pangeo_forge.lint.findings import Level

STORE = 'OpenWithXarray() | StoreToZarr(store_name="a.zarr", combine_dims=pattern.combine_dim_keys)'
URLS = 'base = "https://zenodo.org/record/1/files"\nurls = [f"{base}/{day}.nc" for day in range(365)]\n'
ZENODO = BEAM + URLS + "pattern = pattern_from_file_sequence(urls, 'time')\n"


def test_many_files_of_a_server_that_limits_requests_are_a_hint(tmp_path):
    (found,) = find(tmp_path, "PFR035", ZENODO + f"sst = beam.Create(pattern.items()) | OpenURLWithFSSpec(cache=None) | {STORE}")
    assert (found.level, at(found)) == (Level.HINT, (11, 38))
    assert found.message == "the inputs are on zenodo.org, which limits requests, and are opened without a limit"
    assert found.help == "Write `OpenURLWithFSSpec(max_concurrency=2)`."


def test_the_server_may_be_named_in_the_patterns_function(tmp_path):
    function = "def make_url(time):\n    record = records[time]\n    return f'https://zenodo.org/records/{record}/files/{time}.nc'\n"
    code = (
        BEAM
        + function
        + f"p = FilePattern(make_url, ConcatDim('time', days))\nsst = beam.Create(p.items()) | OpenURLWithFSSpec() | {STORE}"
    )
    assert len(find(tmp_path, "PFR035", code)) == 1


@pytest.mark.parametrize(
    "code",
    [
        ZENODO + f"sst = beam.Create(pattern.items()) | OpenURLWithFSSpec(max_concurrency=2) | {STORE}",
        ZENODO + f"sst = beam.Create(pattern.items()) | OpenURLWithFSSpec(**options) | {STORE}",
        ZENODO + f"sst = beam.Create(pattern.items()) | CheckpointFileTransfer(t) | OpenURLWithFSSpec() | {STORE}",
        ZENODO + PREPROCESS + f"sst = beam.Create(pattern.items()) | Preprocess() | {STORE}",
        ZENODO.replace("range(365)", "range(1990, 2010)") + f"sst = beam.Create(pattern.items()) | OpenURLWithFSSpec() | {STORE}",
        ZENODO.replace("zenodo.org", "example.org") + f"sst = beam.Create(pattern.items()) | OpenURLWithFSSpec() | {STORE}",
        BEAM + f"# from https://zenodo.org/record/1\nsst = beam.Create(pattern.items()) | OpenURLWithFSSpec() | {STORE}",
        BEAM + f"about = 'https://zenodo.org/1'\nsst = beam.Create(pattern.items()) | OpenURLWithFSSpec() | {STORE}",
        CLASSIC + URLS + "sst = XarrayZarrRecipe(pattern_from_file_sequence(urls, 'time'))",
    ],
)
def test_few_files_other_servers_and_limits_are_not_meant(tmp_path, code):
    assert find(tmp_path, "PFR035", code) == ()


@pytest.mark.parametrize(
    ("before", "keys", "call"),
    [
        ("from datetime import date\n", "range(1990, date.today().year)", "`date.today()`"),
        ("import datetime as dt\nend = dt.datetime.utcnow()\nyears = range(1990, end.year)\n", "years", "`dt.datetime.utcnow()`"),
        ("import pandas as pd\n", "pd.date_range('1990', pd.Timestamp.now())", "`pd.Timestamp.now()`"),
        ("import pandas as pd\n", "pd.date_range('1990', pd.Timestamp('today'))", "`pd.Timestamp('today')`"),
        ("import pandas as pd\n", "pd.date_range('1990', end='now')", "`pd.date_range('1990', end='now')`"),
        ("import numpy as np\n", "np.arange(0, np.datetime64('now'))", "`np.datetime64('now')`"),
        ("import time\ndef days():\n    return range(int(time.time()) // 86400)\n", "days()", "`time.time()`"),
        (
            "from datetime import datetime\nkeys = []\nfor y in range(datetime.now().year):\n    keys += [y]\n",
            "keys",
            "`datetime.now()`",
        ),
    ],
)
def test_keys_that_hang_on_the_clock_are_a_hint_at_the_call(tmp_path, before, keys, call):
    (found,) = find(tmp_path, "PFR037", NATIVE + before + f"sst = ZarrRecipe(FilePattern(f, ConcatDim('time', {keys})))")
    assert (found.level, found.message) == (Level.HINT, f"the inputs hang on the time of the run: {call}")


@pytest.mark.parametrize("imports", [NATIVE, CLASSIC, BEAM])
def test_urls_that_hang_on_the_clock_are_as_well(tmp_path, imports):
    function = "from datetime import date\nTODAY = date.today()\nDAY = f'{TODAY:%Y%m%d}'\ndef make_url(time):\n    return f'https://x/{DAY}/{time}.nc'\n"
    pattern = "p = FilePattern(make_url, ConcatDim('time', range(84)))\n"
    makers = {NATIVE: "sst = ZarrRecipe(p)", CLASSIC: "sst = XarrayZarrRecipe(p)", BEAM: f"sst = beam.Create(p.items()) | {STORE}"}
    (found,) = find(tmp_path, "PFR037", imports + function + pattern + makers[imports])
    assert found.where.column == 9


@pytest.mark.parametrize(
    "code",
    [
        "import pandas as pd\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', pd.date_range('1990-01-01', '2020-12-31'))))",
        "import datetime\ndef add(ds, source):\n    return ds.assign(t=datetime.datetime.now())\nsst = ZarrRecipe(pattern, preprocess=add)",
        "import datetime\nsst = ZarrRecipe(pattern, attrs={'created': str(datetime.datetime.now())})",
        "import time\nstarted = time.time()\nsst = ZarrRecipe(pattern)",
        "import time\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', x), fsspec_open_kwargs={'token': sign(time.time())}))",
        "import time\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', [time.gmtime(day * 86400) for day in range(9)])))",
        "from elsewhere import now\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', [now()])))",
        "def now():\n    return 1990\nsst = ZarrRecipe(FilePattern(f, ConcatDim('time', range(now(), 2020))))",
        "import time\nsst = ZarrRecipe(FilePattern(lambda time: time.time(), ConcatDim('time', x)))",
        "from datetime import date\nif __name__ == '__main__':\n    print(date.today())\nsst = ZarrRecipe(pattern)",
    ],
)
def test_a_clock_that_inputs_do_not_hang_on_is_not_meant(tmp_path, code):
    assert find(tmp_path, "PFR037", NATIVE + code) == ()
