"""Environments are kept, listed and removed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pangeo_forge.environments.store import Environment, Store, holding, use, write_record
from pangeo_forge.errors import EngineError

DAY_S = 86_400


def make(store: Store, key: str, *, days_ago: float = 0) -> Environment:
    """Keep an environment without packages, last used some days ago."""
    environment = Environment(store.folder / key, "lifted", "3.11.7", ("tiny",), {"tiny": "1.0"}, ("a remark",), 10, time.time())
    (environment.folder / "lib").mkdir(parents=True)
    write_record(environment)
    then = time.time() - days_ago * DAY_S
    os.utime(environment.folder / "environment.json", (then, then))
    return environment


def keys(environments: tuple[Environment, ...] | list[Environment]) -> list[str]:
    return [environment.key for environment in environments]


def test_what_is_kept_is_found_again_as_it_was(store: Store) -> None:
    assert store.find("a") is None
    assert make(store, "a") == store.find("a")


def test_they_are_listed_by_when_they_were_used(store: Store) -> None:
    make(store, "old", days_ago=3)
    make(store, "new")
    make(store, "older", days_ago=5)
    assert keys(store.load_all()) == ["new", "old", "older"]


def test_one_that_is_used_is_the_newest(store: Store) -> None:
    old = make(store, "old", days_ago=3)
    make(store, "new", days_ago=1)
    use(old)
    assert keys(store.load_all()) == ["old", "new"]


def test_those_that_were_not_used_for_long_are_removed(store: Store) -> None:
    make(store, "old", days_ago=3)
    make(store, "new", days_ago=1)
    removed, kept = store.prune(older_than_days=2)
    assert (keys(removed), kept) == (["old"], ())
    assert keys(store.load_all()) == ["new"]


def test_what_was_never_finished_is_removed_as_well(store: Store) -> None:
    (make(store, "broken").folder / "environment.json").unlink()
    assert store.prune(older_than_days=100) == ((), ())
    assert not (store.folder / "broken").exists()


def test_all_are_removed(store: Store) -> None:
    make(store, "a")
    make(store, "b")
    removed, _ = store.prune(older_than_days=None, everything=True)
    assert keys(removed) == ["a", "b"]
    assert store.load_all() == []


def test_one_in_use_is_left(store: Store) -> None:
    with holding(make(store, "a")):
        removed, kept = store.prune(older_than_days=None, everything=True)
    assert (removed, keys(kept)) == ((), ["a"])
    assert keys(store.load_all()) == ["a"]


def test_it_is_in_use_as_long_as_a_process_lives_that_was_started_in_it(store: Store) -> None:
    environment = make(store, "a")
    with holding(environment) as descriptor:
        waits = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(descriptor,))
    assert keys(store.prune(older_than_days=None, everything=True)[1]) == ["a"]
    waits.communicate(b"\n")
    assert keys(store.prune(older_than_days=None, everything=True)[0]) == ["a"]


def test_one_that_was_removed_cannot_be_held(store: Store) -> None:
    environment = make(store, "a")
    store.prune(older_than_days=None, everything=True)
    with pytest.raises(EngineError, match="was removed just now"), holding(environment):
        pass


def test_pruning_a_folder_that_is_not_there_removes_nothing(store: Store) -> None:
    assert store.prune(older_than_days=None, everything=True) == ((), ())


def test_what_something_ran_in_the_last_time_is_recalled_while_it_is_there(store: Store) -> None:
    environment = make(store, "a")
    store.remember("a source", environment)
    assert store.recall("a source") == environment
    assert store.recall("another source") is None
    store.prune(older_than_days=None, everything=True)
    assert store.recall("a source") is None


def test_what_needs_none_any_more_is_forgotten(store: Store) -> None:
    store.remember("a source", make(store, "a"))
    store.remember("a source", None)
    assert store.recall("a source") is None


def test_a_record_that_is_no_record_is_no_environment(store: Store) -> None:
    folder: Path = make(store, "a").folder
    (folder / "environment.json").write_text("[]")
    assert store.load_all() == []
