import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pangeo_forge.bakeries.database import get_bakery, list_bakeries, local_bakery, worker_environment
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings.load({"PANGEO_FORGE_HOME": str(tmp_path)})


def test_local_bakery_stores_in_the_users_own_folder(settings, tmp_path):
    assert local_bakery(settings).target.dataset("nemo", "ocean") == str(tmp_path / "bakery/nemo/ocean.zarr")


def test_local_store_is_at_one_place_whatever_the_current_folder():
    settings = Settings.load({"PANGEO_FORGE_HOME": "here"})
    assert local_bakery(settings).target.url == str(Path("here").absolute() / "bakery")


def test_local_bakery_is_built_in(settings):
    assert [bakery.id for bakery in list_bakeries(settings)] == ["local"]
    assert get_bakery("local", settings) == local_bakery(settings)


def test_unknown_bakery_is_refused_naming_those_that_are(settings):
    with pytest.raises(UsageError, match="no bakery 'moon'; there is: local"):
        get_bakery("moon", settings)


def test_local_worker_sees_all_of_the_users_variables_but_the_database(settings):
    environ = {"MY_TOKEN": "1", "PATH": "/bin", "PANGEO_FORGE_DATABASE": "postgresql://u:hunter2@h/db"}
    assert worker_environment(local_bakery(settings), environ) == {"MY_TOKEN": "1", "PATH": "/bin"}


def test_worker_of_another_bakery_sees_only_what_the_bakery_names(settings):
    bakery = replace(local_bakery(settings), environment=("MY_TOKEN",))
    environ = {"MY_TOKEN": "1", "OTHER": "2", "PATH": "/bin", "HOME": "/h", "LANG": "C", "TMPDIR": "/t", "PYTHONPATH": "/p"}
    assert worker_environment(bakery, environ) == {"MY_TOKEN": "1", "PATH": "/bin", "HOME": "/h", "LANG": "C", "TMPDIR": "/t"}


def test_bakery_is_described_without_its_storage_options(settings):
    bakery = local_bakery(settings)
    secret = replace(bakery, target=replace(bakery.target, storage_options={"secret": "hunter2"}))
    assert secret.to_dict()["target"] == bakery.target.url
    assert "hunter2" not in repr(secret) + str(secret.to_dict())


def test_listing_bakeries_imports_nothing_heavy():
    program = (
        "import sys\n"
        "from pangeo_forge.bakeries.database import list_bakeries\n"
        "from pangeo_forge.settings import Settings\n"
        "list_bakeries(Settings.load())\n"
        "heavy = {'numpy', 'xarray', 'zarr', 'dask', 'distributed', 'pandas', 'sqlalchemy', 'pydantic', 'fsspec'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
