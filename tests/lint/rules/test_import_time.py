"""What importing a recipe does beside: PFR032, PFR033, PFR038."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, codes, lint, write_good
from lint.recipe_modules import at, find

GUARD = 'under `if __name__ == "__main__":`'
LIST = "Make the names of the inputs by a rule, or list them in a file beside the module and read that."


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("import requests\nx = requests.get('https://x')", "requests.get"),
        ("from urllib.request import urlopen\nx = urlopen('https://x')", "urlopen"),
        ("import requests\ns = requests.session()\nx = s.get('https://x')", "s.get"),
        ("import s3fs\nfs = s3fs.S3FileSystem(anon=True)\nx = sorted(fs.glob('a/*'))", "fs.glob"),
        ("import fsspec\nfs = fsspec.filesystem('s3', anon=True)\nx = fs.ls('a')", "fs.ls"),
        ("import fsspec\nx = fsspec.filesystem('sftp', host='x')", "fsspec.filesystem"),
        ("import fsspec\nwith fsspec.open('https://x') as file:\n    pass", "fsspec.open"),
        ("import pandas as pd\nx = pd.read_csv('s3://a/b.csv')", "pd.read_csv"),
        ("import xarray as xr\nx = xr.open_dataset(url)", "xr.open_dataset"),
        ("import earthaccess\nx = earthaccess.login()", "earthaccess.login"),
        ("from cmr import GranuleQuery\nx = GranuleQuery().short_name('a').get_all()", "….get_all"),
        (
            "import asyncio\nfrom pangeo_forge_esgf import get_urls_from_esgf\nx = asyncio.run(get_urls_from_esgf([1]))",
            "get_urls_from_esgf",
        ),
        ("from ftplib import FTP\nftp = FTP('x')\nx = ftp.nlst()", "ftp.nlst"),
    ],
)
def test_a_server_that_is_asked_while_importing_is_a_warning(tmp_path, code, call):
    found = find(tmp_path, "PFR032", code + "\n")[0]
    assert (found.level, found.help) == ("warning", LIST)
    assert found.message.startswith(f"`{call}` ")
    assert found.message.endswith(" while the module is imported")


def test_the_place_is_the_module_s_own_line_and_the_way_is_told(tmp_path):
    code = """\
import requests
def get_token(user):
    return requests.get("https://example.org/token").json()
def log_in(user):
    return {"token": get_token(user)}
options = log_in("ada")
"""
    (found,) = find(tmp_path, "PFR032", code)
    assert (at(found), found.end) == ((6, 11), (6, 17))
    assert found.message == "`requests.get` asks a server while the module is imported, by way of `log_in` and `get_token`"


def test_the_many_calls_of_a_script_are_one_finding(tmp_path):
    code = "import xarray as xr\n" + "xr.open_dataset('https://x')\n" * 8
    (found,) = find(tmp_path, "PFR032", code)
    assert found.message == "`xr.open_dataset` asks a server while the module is imported (see also lines 3, 4, 5, 6, 7 and 2 more)"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = open('/data/x.txt')", "`open` uses the file system while the module is imported"),
        ("import os\nos.makedirs('out')", "`os.makedirs` uses the file system while the module is imported"),
        ("from pathlib import Path\nx = Path('x.txt').read_text()", "`….read_text` uses the file system while the module is imported"),
        (
            "import tempfile\nx = tempfile.TemporaryDirectory()",
            "`tempfile.TemporaryDirectory` uses the file system while the module is imported",
        ),
        ("import xarray as xr\nx = xr.open_dataset('/data/x.nc')", "`xr.open_dataset` uses the file system while the module is imported"),
        ("ds = f()\nds.to_zarr('x.zarr')", "`ds.to_zarr` writes data while the module is imported"),
        ("import netrc\nx = netrc.netrc()", "`netrc.netrc` reads credentials from the home folder while the module is imported"),
        (
            "import apache_beam as beam\nwith beam.Pipeline() as p:\n    p | x",
            "`beam.Pipeline` runs a pipeline while the module is imported",
        ),
        (
            "from pangeo_forge_recipes.recipes import XarrayZarrRecipe as Recipe\nrun = Recipe(1).copy_pruned().to_function()\nrun()",
            "`run` runs a pipeline while the module is imported",
        ),
    ],
)
def test_files_and_pipelines_are_told_apart(tmp_path, code, message):
    (found,) = find(tmp_path, "PFR032", code + "\n")
    assert found.message == message


@pytest.mark.parametrize("path", ["catalog.yaml", "feedstock/catalog.yaml"])
def test_a_file_of_the_feedstock_is_better_found_beside_the_module(tmp_path, path):
    files = {"feedstock/recipe.py": f"stores = open('{path}').read()\nsst = 1\n", "feedstock/catalog.yaml": "stores: []\n"}
    (found,) = [found for found in lint(write_good(tmp_path, files)) if found.code == "PFR032"]
    assert found.help == 'That path begins in the folder that the run is started in: write `Path(__file__).parent / "catalog.yaml"`.'


@pytest.mark.parametrize(
    "code",
    [
        "from pathlib import Path\nx = (Path(__file__).parent / 'files.txt').read_text()",
        "from pathlib import Path\nHERE = Path(__file__).resolve().parent\nFILES = HERE / 'files.txt'\nx = FILES.read_text()",
        "import os\nhere = os.path.dirname(__file__)\nx = open(os.path.join(here, 'files.txt'))",
        "import fsspec\nfs = fsspec.filesystem('file')\nx = fs.ls('.')",
        "import fsspec\nx = fsspec.filesystem('s3', anon=True)",
        "import s3fs\nfs = s3fs.S3FileSystem(anon=True)\nx = fs.get_mapper('a')",
        "import io\nimport pandas as pd\nx = pd.read_csv(io.StringIO('a,b'))",
        "import pandas as pd\nx = pd.date_range('2000', '2001')",
        "import requests\ndef preprocess(ds):\n    requests.get('https://x')",
        "import requests\nsession = requests.Session()\nsession.headers.update({'a': 'b'})",
        "import requests\nif __name__ == '__main__':\n    requests.get('https://x')",
        "import apache_beam as beam\np = beam.Create([1]) | beam.Map(print)",
        "import os\nx = os.path.join('a', 'b')",
    ],
)
def test_what_only_describes_is_none(tmp_path, code):
    assert find(tmp_path, "PFR032", code + "\n") == ()


def test_a_module_that_no_recipe_names_is_a_script(tmp_path):
    meta = META.replace('  - id: sst\n    object: "recipe:sst"\n', "  - id: sst\n")
    script = "import xarray as xr\nfrom dask.distributed import Client\nClient()\nprint(xr.open_dataset('https://x'))\n"
    files = {"feedstock/meta.yaml": meta, "feedstock/recipe.py": script, "feedstock/catalog.yaml": "stores: []\n"}
    assert not {"PFR032", "PFR033", "PFR038"} & {*codes(write_good(tmp_path, files))}


# Commands.


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (
            "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'x'])",
            "`subprocess.check_call` starts a command while the module is imported",
            "Name the package in requirements.txt.",
        ),
        (
            "import os\nos.system('pip install x')",
            "`os.system` starts a command while the module is imported",
            "Name the package in requirements.txt.",
        ),
        (
            "from subprocess import run\nrun(['wget', 'x'])",
            "`run` starts a command while the module is imported",
            f"Do it in Python, in a function of the recipe, or put it {GUARD}.",
        ),
        (
            "x = eval('1 + 1')",
            "`eval` runs code from a text while the module is imported",
            "Write the code itself, or import it; `ast.literal_eval` reads values.",
        ),
    ],
)
def test_a_command_is_an_error(tmp_path, code, message, hint):
    (found,) = find(tmp_path, "PFR033", code + "\n")
    assert (found.level, found.message, found.help) == ("error", message, hint)


@pytest.mark.parametrize(
    "code", ["import subprocess\ndef f():\n    subprocess.run(['a'])", "import ast\nast.literal_eval('1')", "ds.eval('a')"]
)
def test_commands_of_functions_are_their_own_affair(tmp_path, code):
    assert find(tmp_path, "PFR033", code + "\n") == ()


# Output.


def test_printing_is_a_hint_once_in_a_module(tmp_path):
    (found,) = find(tmp_path, "PFR038", "print(1)\nx = 1\nprint(2)\n")
    assert found.message == "`print` prints while the module is imported (see also line 3)"
    assert (found.level, found.help) == ("hint", f"Delete it, or put it {GUARD}.")


@pytest.mark.parametrize("module", ["dask.distributed", "distributed"])
def test_a_cluster_is_a_warning(tmp_path, module):
    (found,) = find(tmp_path, "PFR038", f"from {module} import Client\nclient = Client(n_workers=4)\n")
    assert found.message == "`Client` starts a cluster while the module is imported"
    assert found.level == "warning"


@pytest.mark.parametrize("code", ["def f():\n    print(1)\nf()", "x = print", "if __name__ == '__main__':\n    print(1)"])
def test_what_functions_and_scripts_print_is_none(tmp_path, code):
    assert find(tmp_path, "PFR038", code + "\n") == ()
