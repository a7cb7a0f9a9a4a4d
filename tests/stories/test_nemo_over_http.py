"""A newcomer's first hour: an archive behind a real HTTP server becomes a dataset."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import pangeo_forge

pytestmark = [pytest.mark.slow, pytest.mark.server]

FEEDSTOCK = Path(__file__).resolve().parents[2] / "examples" / "nemo"


def test_from_a_feedstock_and_an_archive_to_a_dataset(forge, samples, http_server, forge_home, nemo_files):
    environ = {"NEMO_ARCHIVE": http_server(samples / "NEMO").url}

    listing = json.loads(forge("recipe", "list", FEEDSTOCK, "--json", **environ).stdout)
    (recipe,) = listing["recipes"]
    assert {name: recipe[name] for name in ("id", "dialect", "inputs", "problem")} == {
        "id": "nemo-sst",
        "dialect": "native",
        "inputs": 3,
        "problem": None,
    }

    planned = json.loads(forge("recipe", "plan", FEEDSTOCK, "--json", **environ).stdout)
    total = sum(variable["bytes"] for variable in planned["dataset"]["variables"])
    assert total == recipe["bytes"]

    tested = forge("recipe", "test", FEEDSTOCK, **environ)
    assert tested.returncode == 0, tested.stderr
    assert tested.stdout.startswith("nemo-sst passed its test.\n")

    ran = forge("recipe", "run", FEEDSTOCK, **environ)
    assert ran.returncode == 0, ran.stderr
    target = forge_home / "bakery" / "nemo" / "nemo-sst.zarr"
    assert ran.stdout.endswith(f'import xarray as xr\n\nds = xr.open_zarr("{target}")\n')

    full, test = json.loads(forge("runs", "list", "--json").stdout)
    assert [(run["state"], run["pruned"], run["inputs"]) for run in (full, test)] == [("succeeded", False, 3), ("succeeded", True, 2)]
    assert full["bytes_written"] == total
    assert full["target"] == str(target)
    assert forge("runs", "show", full["id"]).stdout.startswith(f"run        {full['id']}\nstate      succeeded\n")
    assert forge("runs", "logs", full["id"]).stdout.splitlines()[-1].endswith("  run succeeded")

    with xr.open_zarr(target) as ds, xr.open_zarr(test["target"]) as pruned:
        assert [str(time)[:10] for time in ds.time_counter.values] == ["2015-01-16", "2015-02-16", "2015-03-16"]
        assert pruned.sizes["time_counter"] == 2
        for number, file in enumerate(nemo_files):
            with xr.open_dataset(file, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) as month:
                np.testing.assert_array_equal(ds.tos.isel(time_counter=number).values, month.tos.values[0])
                np.testing.assert_array_equal(ds.nav_lat.values, month.nav_lat.values)
                assert ds.time_counter.values[number] == month.time_centered.values[0]
        assert ds.tos.attrs["units"] == "degree_C"

    (item,) = json.loads(forge("catalog", "search", forge_home / "bakery", "temperature", "--bbox", "10,70,20,80", "--geojson").stdout)[
        "features"
    ]
    assert item["bbox"] == pytest.approx([-180, -85.7, 180, 90], abs=0.06)
    times = [item["properties"][name][:10] for name in ("start_datetime", "end_datetime")]
    assert times == ["2015-01-16", "2015-03-16"]
    assert forge("catalog", "validate", forge_home / "bakery").returncode == 0
    with pangeo_forge.open(item) as ds:
        assert ds.sizes["time_counter"] == 3


def test_an_archive_that_goes_away_is_told_and_the_run_goes_on_when_it_is_back(forge, samples, faulty_server, forge_home):
    from servers.faulty import MISSING, busy

    server = faulty_server(samples / "NEMO")
    server.misbehave("/nemo_1m_20150201-20150301_grid-T.nc", busy(3))
    environ = {"NEMO_ARCHIVE": server.url}
    ran = forge("recipe", "test", FEEDSTOCK, **environ)
    assert ran.returncode == 0, ran.stderr
    assert "inspect: task 1 failed and is tried again in 0.5 s: " in ran.stderr

    server.misbehave("/nemo_1m_20150301-20150401_grid-T.nc", MISSING)
    failed = forge("recipe", "run", FEEDSTOCK, **environ)
    assert (failed.returncode, failed.stdout) == (1, "")
    errors = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: {server.url}/nemo_1m_20150301-20150401_grid-T.nc: ")

    server.behave()
    (run, _) = json.loads(forge("runs", "list", "--json").stdout)
    assert run["state"] == "failed"
    resumed = forge("runs", "resume", run["id"], **environ)
    assert resumed.returncode == 0, resumed.stderr
    with xr.open_zarr(forge_home / "bakery" / "nemo" / "nemo-sst.zarr") as ds:
        assert ds.sizes["time_counter"] == 3
