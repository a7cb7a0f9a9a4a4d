"""Faults to plant one at a time into feedstocks that have none: what to change, and where the finding must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lint.feedstocks import GOOD, META

BEAM = '''\
"""Daily sea surface temperature, a file a month."""

import apache_beam as beam
from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

MONTHS = ["2020-01", "2020-02", "2020-03"]


def make_url(time):
    return f"https://data.example.org/sst/{time}.nc"


pattern = FilePattern(make_url, ConcatDim("time", keys=MONTHS))
sst = (
    beam.Create(pattern.items())
    | OpenURLWithFSSpec(max_concurrency=10)
    | OpenWithXarray(file_type=pattern.file_type)
    | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys, target_chunks={"time": 31})
)
'''

BEAM_REQUIREMENTS = "pangeo-forge-recipes==0.10.8\naiohttp==3.13.2\n"

CATALOG = """\
meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
tags: [ocean, temperature]
stores:
  - id: sst
    url: https://data.example.org/sst.zarr
"""

WORKFLOW = """\
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: pangeo-forge recipe lint .
        env:
          ARCHIVE_TOKEN: ${{ secrets.ARCHIVE_TOKEN }}
"""

MetaFile, Module, Requirements = "feedstock/meta.yaml", "feedstock/recipe.py", "feedstock/requirements.txt"
Catalog, Workflow = "feedstock/catalog.yaml", ".github/workflows/test.yaml"

#: Feedstocks without faults: their layout is the same, their recipes are of two dialects, one has a catalogue and a workflow.
BASES: dict[str, dict[str, str]] = {
    "native": GOOD,
    "beam": {**GOOD, Module: BEAM, Requirements: BEAM_REQUIREMENTS},
    "published": {**GOOD, Catalog: CATALOG, Workflow: WORKFLOW},
}


#: In place of a stretch: the finding is at the first key of the file.
FIRST_KEY = "the first key"


@dataclass(frozen=True)
class Fault:
    """A change to one file.

    Parameters
    ----------
    code : str
        The rule that must find it, and no other.
    path : str
        The file.
    old, new : str
        What is replaced, once, and by what; an empty `old` appends.
    at : str
        A stretch of the changed file; the finding is at its first character. Empty for the start of `new`.
    base : str
        The feedstock that it is planted in; empty for each.
    found_in : str
        The file that the finding is in, if it is another than the changed one.
    """

    code: str
    path: str
    old: str
    new: str
    at: str = ""
    base: str = ""
    found_in: str = ""

    def plant(self, files: Mapping[str, str]) -> dict[str, str]:
        """Make the change."""
        text = files.get(self.path, "")
        assert not self.old or text.count(self.old) == 1, (self, text.count(self.old))
        changed = text.replace(self.old, self.new) if self.old else text + self.new
        return {**files, self.path: changed}

    def place(self, files: Mapping[str, str]) -> tuple[int, int]:
        """Give line and column of the finding in the changed file."""
        changed = self.plant(files)[self.found_in or self.path]
        first_key = re.compile("^(?=\\w)", re.MULTILINE)
        offset = first_key.search(changed).start() if self.at == FIRST_KEY else changed.index(self.at or self.new)
        return changed.count("\n", 0, offset) + 1, offset - changed.rfind("\n", 0, offset)


TITLE, PROVIDERS = "title: Sea surface temperature\n", "  providers:\n"
ENTRY = '  - id: sst\n    object: "recipe:sst"\n'

META_FAULTS = (
    Fault("PFM001", MetaFile, TITLE, "title: Sea: ice\n", ": ice"),
    Fault("PFM001", MetaFile, "  license: CC", "\tlicense: CC", "\tlicense"),
    Fault("PFM001", MetaFile, TITLE, "title: 'Sea\n", "'Sea"),
    Fault("PFM003", MetaFile, TITLE, f"{TITLE}title: Sea ice\n", "title: Sea ice"),
    Fault("PFM003", MetaFile, "    - name: Met Office\n", "    - name: Met Office\n      name: UKMO\n", "name: UKMO"),
    Fault("PFM005", MetaFile, TITLE, f"{TITLE}pangeo_notebook_verion: 2021.07.17\n", "pangeo_notebook_verion"),
    Fault("PFM007", MetaFile, TITLE, "title: [Sea, ice]\n", "[Sea"),
    Fault("PFM011", MetaFile, f"recipes:\n{ENTRY}", "recipes: []\n", "recipes", base="native"),
    Fault("PFM012", MetaFile, f"recipes:\n{ENTRY}", 'recipes:\n  id: sst\n  object: "recipe:sst"\n', "recipes:"),
    Fault("PFM013", MetaFile, ENTRY, f"{ENTRY}  - id: zzz\n", "zzz"),
    Fault("PFM013", MetaFile, ENTRY, f"{ENTRY}  - object: 'recipe:sst'\n", "object: 'recipe"),
    Fault("PFM014", MetaFile, ENTRY, f"{ENTRY}    license: CC0-1.0\n", "license: CC0"),
    Fault("PFM015", MetaFile, ENTRY, '  - id: sst\n    dict_object: "recipe:sst"\n', "id: sst"),
    Fault("PFM016", MetaFile, ENTRY, f'{ENTRY}  - id: "sst"\n    object: "recipe:sst"\n', '"sst"'),
    Fault("PFM017", MetaFile, "- id: sst\n", "- id: a/b\n", "a/b", base="native"),
    Fault("PFM017", MetaFile, "- id: sst\n", "- id: SST daily\n", "SST daily", base="native"),
    Fault("PFM018", MetaFile, "- id: sst\n", f"- id: {'sst-' * 17}a\n", "sst-sst", base="native"),
    Fault("PFM019", MetaFile, '"recipe:sst"', '"recipe.sst"'),
    Fault("PFM020", MetaFile, '"recipe:sst"', '"recipe:sst-daily"'),
    Fault("PFM021", MetaFile, '"recipe:sst"', '"recipes:sst"'),
    Fault("PFM022", MetaFile, '"recipe:sst"', '"recipe:ssta"'),
    Fault("PFM022", Module, "sst = ", "ssst = ", '"recipe:sst"', found_in=MetaFile),
    Fault("PFM023", MetaFile, '"recipe:sst"', '"recipe:MONTHS"'),
    Fault("PFM030", MetaFile, TITLE, "", "description: Daily"),
    Fault("PFM033", MetaFile, "        - producer\n", "        - data provider\n", "data provider"),
    Fault("PFM034", MetaFile, "CC-BY-4.0", "Creative Commons Attribution 4.0 International"),
    Fault("PFM035", MetaFile, "CC-BY-4.0", "unknown"),
    Fault("PFM037", MetaFile, "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    Fault("PFM042", MetaFile, "github: ada", "github: '@ada'", "'@ada'"),
    Fault("PFM043", MetaFile, '"0000-0002-1825-0097"', '"https://orcid.org/0000-0002-1825-0097"'),
    Fault("PFM043", MetaFile, '"0000-0002-1825-0097"', '"0000-0002-1825-0098"'),
    Fault("PFM050", MetaFile, TITLE, f'{TITLE}pangeo_notebook_version: "2021.07.17"\n', "pangeo_notebook_version"),
    Fault("PFM053", MetaFile, "bakery:\n  id: local\n", "bakeries:\n  - id: local\n", "bakeries"),
)

MODULE_FAULTS = (
    Fault("PFR001", Module, "def make_url(time):", "def make_url(time)", "\n    return f"),
    Fault("PFR004", Module, "keys=MONTHS", "keys=MONTH", "MONTH))"),
    Fault("PFR004", Module, "{time}", "{tiem}", "tiem"),
    Fault("PFR010", Module, "pattern.items()", "pattern", "pattern)\n", "beam"),
    Fault("PFR023", Module, "    | StoreToZarr", "    # | StoreToZarr", "OpenWithXarray(file", "beam"),
    Fault("PFR030", Module, "keys=MONTHS))", 'keys=MONTHS), fsspec_open_kwargs={"password": "hunter2-hunter2"})', '"hunter2'),
    Fault("PFR031", Module, "MONTHS = [", "import os\n\nTOKEN = os.environ['ARCHIVE_TOKEN']\nMONTHS = [", "os.environ"),
    Fault(
        "PFR032",
        Module,
        "MONTHS = [",
        "import fsspec\n\nLISTED = fsspec.filesystem('https').ls('https://data.example.org')\nMONTHS = [",
        "fsspec.fil",
    ),
    Fault("PFR036", Module, "https://data.example.org", "http://data.example.org", 'f"http:'),
    Fault("PFR038", Module, "MONTHS = [", "print('hello')\nMONTHS = [", "print"),
)

REQUIREMENTS_FAULTS = (
    Fault("PFD002", Requirements, "aiohttp==3.13.2", "aiohttp=3.13.2"),
    Fault("PFD005", Requirements, "aiohttp==3.13.2", "aiohttp"),
    Fault("PFD006", Requirements, "", "xesmf @ git+https://github.com/pangeo-data/xESMF@master\n", "@master"),
    Fault("PFD003", Requirements, "pangeo-forge-recipes==0.10.8\n", "", "aiohttp", "beam"),
    Fault("PFD007", Requirements, "pangeo-forge-recipes==0.10.8", "pangeo-forge-recipes==0.9.4", base="beam"),
    Fault("PFD008", Requirements, "aiohttp==3.13.2", "aiohttp==3.8.6", base="native"),
    Fault("PFD009", Module, "https://data.example.org", "s3://data", 'f"s3:'),
    Fault("PFR034", Module, "MONTHS = [", "import cartopy\n\nCRS = cartopy.crs.PlateCarree()\nMONTHS = [", "import cartopy"),
)

CATALOG_FAULTS = (
    Fault("PFC001", Catalog, "tags: [ocean, temperature]", "tags: ocean", "ocean", "published"),
    Fault("PFC002", Catalog, "https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml", "UPDATE", "UPDATE", "published"),
    Fault("PFC003", Catalog, "- id: sst\n", "- id: sst_\n", "sst_", "published"),
    Fault("PFC007", Catalog, "tags: [ocean, temperature]", "tags: [my-custom-tag]", "my-custom", "published"),
    Fault("PFC008", Catalog, "https://data.example.org/sst.zarr", "\"'https://data.example.org/sst.zarr'\"", "\"'https", "published"),
    Fault("PFC010", Catalog, "    url: https://data.example.org/sst.zarr\n", "", "id: sst", "published"),
    Fault("PFC011", Catalog, "tags:", "ags:", "ags:", "published"),
)

WORKFLOW_FAULTS = (
    Fault("PFG002", Workflow, "run: pangeo-forge recipe lint .", 'run: echo "::set-output name=recipe::sst"', "::set-output", "published"),
    Fault(
        "PFG003",
        Workflow,
        "recipe lint .",
        "recipe lint .\n      - run: pangeo-forge-runner bake -f configs/bake.py",
        "configs",
        "published",
    ),
    Fault("PFG004", Workflow, "recipe lint .", "recipe lint .\n      - run: echo '${{ toJSON(secrets) }}'", "${{ toJSON", "published"),
    Fault("PFG007", Workflow, "checkout@v5", "checkout@main", "actions/checkout@main", "published"),
)

MORE_FAULTS = (
    Fault("PFM004", MetaFile, TITLE, "title: 2021.07\n", "2021.07"),
    Fault("PFM010", MetaFile, f"recipes:\n{ENTRY}", "", FIRST_KEY),
    Fault("PFM031", MetaFile, "  providers:\n", "  providers: []\n  x-was:\n", "[]"),
    Fault("PFM032", MetaFile, "      url: https://www.metoffice.gov.uk\n", "", "name: Met"),
    Fault("PFM036", MetaFile, "license: CC-BY-4.0", "license: proprietary", "proprietary"),
    Fault("PFM041", MetaFile, "    github: ada\n", "", "name: Ada"),
    Fault("PFM054", MetaFile, "bakery:\n  id: local\n", "bakery:\n  id: local\n  resources: {memory: 4096}\n", "4096"),
    Fault("PFR012", Module, "keys=MONTHS))", "keys=MONTHS)).prune()", "FilePattern(make_url"),
    Fault("PFR033", Module, "MONTHS = [", "import subprocess\n\nsubprocess.run(['ls'])\nMONTHS = [", "subprocess.run"),
    Fault(
        "PFR037",
        Module,
        'MONTHS = ["2020-01", "2020-02", "2020-03"]',
        "import datetime\n\nMONTHS = [str(datetime.date.today())]",
        "datetime.date",
    ),
    Fault("PFD011", "feedstock/environment.yml", "", "dependencies: [xarray]\n"),
    Fault("PFS003", "feedstock/meta.yml", "", META),
    Fault("PFS013", MetaFile, TITLE, "title: TODO\n", "TODO"),
)

FAULTS = (*CATALOG_FAULTS, *WORKFLOW_FAULTS, *MORE_FAULTS, *META_FAULTS, *MODULE_FAULTS, *REQUIREMENTS_FAULTS)
