"""Environments that uv really builds, of packages that are really built."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.packing import pack, write_project, write_waiting_project
from pangeo_forge.environments.preparing import prepare
from pangeo_forge.environments.store import Environment, Prepared, Store
from pangeo_forge.errors import EngineError, UserError

Get = Callable[[Path], Prepared]
Write = Callable[..., Path]

#: Prepares what a feedstock requires, and says whether it has built it.
PREPARES = """
import json, sys
from pathlib import Path
from pangeo_forge.environments.preparing import prepare
from pangeo_forge.environments.store import Store

def tell(what):
    print(json.dumps(what), flush=True)

prepared = prepare(Path(sys.argv[1]), ["recipe"], store=Store(Path(sys.argv[2])), tell=tell)
tell([prepared.was_built, str(prepared.environment.python)])
"""


def built(prepared: Prepared) -> Environment:
    assert prepared.environment is not None
    return prepared.environment


def ask(environment: Environment, code: str) -> str:
    """Let an environment's Python print something."""
    ended = subprocess.run([environment.python, "-P", "-c", f"print({code})"], capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_what_is_missing_is_installed(feedstock: Write, get: Get) -> None:
    environment = built(get(feedstock("tiny")))
    assert environment.packages == {"tiny": "2.0"}
    assert ask(environment, "__import__('tiny').__version__") == "2.0"


def test_what_the_packages_need_is_installed_too_in_a_version_that_fits(feedstock: Write, get: Get) -> None:
    assert built(get(feedstock("leads"))).packages == {"leads": "1.0", "tiny": "1.0"}


def test_the_environment_sees_what_pangeo_forge_sees(feedstock: Write, get: Get) -> None:
    environment = built(get(feedstock("tiny")))
    code = "[__import__(name).__file__ for name in ('pangeo_forge', 'xarray', 'zarr', 'numpy')]"
    here = subprocess.run([sys.executable, "-P", "-c", f"print({code})"], capture_output=True, text=True, check=True)
    assert ask(environment, code) == here.stdout.strip()


def test_what_is_installed_is_compiled(feedstock: Write, get: Get) -> None:
    environment = built(get(feedstock("tiny")))
    assert list(environment.folder.rglob("tiny.*.pyc")) != []


def test_a_package_of_another_version_hides_the_one_that_is_there(feedstock: Write, get: Get, tmp_path: Path) -> None:
    pack(tmp_path / "more", write_project(tmp_path, "iniconfig", "99.0"))
    environment = built(get(feedstock(f"--find-links {tmp_path}/more", "iniconfig>=99")))
    assert ask(environment, "__import__('iniconfig').__version__") == "99.0"


def test_nothing_is_built_where_nothing_is_missing(feedstock: Write, get: Get, store: Store) -> None:
    assert get(feedstock("pytest", "numpy>=1", "pangeo-forge-recipes==0.10.3")) == Prepared()
    assert not store.folder.exists()


def test_nothing_is_built_where_only_old_pins_are_missing_and_that_is_said(feedstock: Write, get: Get) -> None:
    prepared = get(feedstock("zarr==2.16.1"))
    assert prepared.environment is None
    assert "zarr==2.16.1 is not held" in prepared.remarks[0]


def test_the_second_time_it_is_there(feedstock: Write, get: Get) -> None:
    folder = feedstock("tiny", "zarr<3")
    first, second = get(folder), get(folder)
    assert (first.was_built, second.was_built) == (True, False)
    assert second.environment == first.environment
    assert second.remarks == first.remarks != ()


def test_feedstocks_that_require_the_same_share_one(feedstock: Write, get: Get) -> None:
    assert built(get(feedstock("tiny", name="one"))).key == built(get(feedstock("tiny", name="two"))).key


def test_another_requirement_makes_another_environment(feedstock: Write, get: Get) -> None:
    assert built(get(feedstock("tiny==1.0"))).key != built(get(feedstock("tiny==2.0"))).key


def test_a_package_on_this_machine_that_has_changed_is_installed_anew(feedstock: Write, get: Get, tmp_path: Path) -> None:
    project = write_project(tmp_path, "local", code="value = 1")
    wheel = pack(tmp_path, project)
    folder = feedstock(str(wheel))
    assert ask(built(get(folder)), "__import__('local').value") == "1"
    write_project(tmp_path, "local", code="value = 22")
    pack(tmp_path, project)
    assert ask(built(get(folder)), "__import__('local').value") == "22"


def test_versions_are_chosen_that_fit_what_pangeo_forge_brings(feedstock: Write, get: Get) -> None:
    prepared = get(feedstock("adapts"))
    assert built(prepared).packages == {"adapts": "1.0"}
    assert prepared.remarks == ()


def test_a_package_that_fits_in_no_version_is_installed_all_the_same_and_that_is_said(feedstock: Write, get: Get) -> None:
    prepared = get(feedstock("stubborn"))
    assert built(prepared).packages == {"stubborn": "1.0"}
    assert len(prepared.remarks) == 1
    assert prepared.remarks[0].startswith("stubborn 1.0 asks for packaging<1, and is given pangeo-forge's own ")


def test_what_stand_ins_answer_for_is_not_installed_for_a_plugin_that_asks_for_it(feedstock: Write, get: Get) -> None:
    assert built(get(feedstock("plugin"))).packages == {"plugin": "1.0"}


def test_what_an_older_recipe_imports_is_installed_though_nobody_asks(feedstock: Write, get: Get, tmp_path: Path) -> None:
    pack(tmp_path / "more", write_project(tmp_path, "rechunker"))
    folder = feedstock(f"--find-links {tmp_path}/more", recipe="import pangeo_forge_recipes, rechunker")
    assert built(get(folder)).packages == {"rechunker": "1.0"}


def test_a_requirement_that_is_not_there_is_told_with_its_line(feedstock: Write, get: Get) -> None:
    folder = feedstock("tiny", "", "tiny-but-unheard-of==3", "--no-index")
    with pytest.raises(UserError) as caught:
        get(folder)
    assert str(caught.value).startswith(f"{folder}/requirements.txt:4: the recipe's requirements cannot be met: Because ")
    assert "tiny-but-unheard-of" in caught.value.message


def test_requirements_that_exclude_each_other_are_told_with_their_lines(feedstock: Write, get: Get) -> None:
    folder = feedstock("leads", "tiny>=2", "--no-index")
    with pytest.raises(UserError, match=r"all versions of leads depend on tiny<2") as caught:
        get(folder)
    assert {problem.where.line for problem in caught.value.problems if problem.where} == {2, 3}


def test_a_requirement_that_is_met_already_stays_met(feedstock: Write, get: Get, tmp_path: Path) -> None:
    pack(tmp_path / "more", write_project(tmp_path, "iniconfig", "0.1"))
    pack(tmp_path / "more", write_project(tmp_path, "backwards", requires=["iniconfig<1"]))
    folder = feedstock("backwards", "iniconfig>=1", f"--find-links {tmp_path}/more", "--no-index")
    with pytest.raises(UserError, match="the recipe's requirements cannot be met"):
        get(folder)


def test_without_a_network_the_error_says_so_and_what_to_do(feedstock: Write, get: Get) -> None:
    with pytest.raises(EngineError, match="there is no network") as caught:
        get(feedstock("unheard-of"))
    assert caught.value.hint is not None
    assert "--no-isolation" in caught.value.hint


def test_a_server_that_is_not_there_is_named(feedstock: Write, store: Store, uv_environ: dict[str, str]) -> None:
    environ = {**uv_environ, "UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}
    del environ["UV_OFFLINE"]
    with pytest.raises(EngineError, match=r"http://127.0.0.1:9/simple/unheard-of cannot be reached"):
        prepare(feedstock("unheard-of"), ["recipe"], store=store, environ=environ)


def test_what_could_not_be_built_is_no_environment(feedstock: Write, get: Get, store: Store) -> None:
    with pytest.raises(UserError):
        get(feedstock("unheard-of", "--no-index"))
    assert store.load_all() == []


def test_what_was_never_finished_is_begun_anew(feedstock: Write, get: Get) -> None:
    folder = feedstock("tiny")
    environment = built(get(folder))
    (environment.folder / "environment.json").unlink()
    (environment.folder / "left over").touch()
    again = get(folder)
    assert again.was_built
    assert not (built(again).folder / "left over").exists()
    assert ask(built(again), "__import__('tiny').__version__") == "2.0"


def test_a_folder_that_cannot_be_made_is_told(feedstock: Write, tmp_path: Path, uv_environ: dict[str, str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match=r"environments cannot be kept in .*: Not a directory") as caught:
        prepare(feedstock("tiny"), ["recipe"], store=Store(tmp_path / "file"), environ=uv_environ)
    assert caught.value.hint is not None
    assert "PANGEO_FORGE_ENVIRONMENTS" in caught.value.hint


def start(folder: Path, store: Store, environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PREPARES, str(folder), str(store.folder)]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def wait_for(file: Path) -> None:
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until, f"{file} never came"
        time.sleep(0.02)


@pytest.mark.slow
def test_two_processes_at_once_build_one_environment_once(
    feedstock: Write, store: Store, uv_environ: dict[str, str], tmp_path: Path
) -> None:
    project, begun, go = write_waiting_project(tmp_path)
    folder = feedstock(str(project))
    first = start(folder, store, uv_environ)
    wait_for(begun)
    second = start(folder, store, uv_environ)
    assert second.stdout is not None
    assert json.loads(second.stdout.readline()) == "waiting for another process that builds the same environment"
    go.touch()
    (was_built, python), (was_built_again, same) = (json.loads(one.communicate()[0].splitlines()[-1]) for one in (first, second))
    assert (was_built, was_built_again) == (True, False)
    assert python == same


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_builds_leaves_nothing_that_is_taken_for_whole(
    feedstock: Write, store: Store, uv_environ: dict[str, str], tmp_path: Path
) -> None:
    project, begun, go = write_waiting_project(tmp_path)
    folder = feedstock(str(project))
    killed = start(folder, store, uv_environ)
    wait_for(begun)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert store.load_all() == []
    second = start(folder, store, uv_environ)
    assert second.stdout is not None
    # The uv of the one that was killed still builds: it is waited for.
    assert json.loads(second.stdout.readline()) == "waiting for another process that builds the same environment"
    go.touch()
    was_built, python = json.loads(second.communicate()[0].splitlines()[-1])
    assert was_built
    assert subprocess.run([python, "-c", "import waits"], env=dict(os.environ)).returncode == 0
