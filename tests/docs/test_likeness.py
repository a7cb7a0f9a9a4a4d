"""What the documentation shows is held against what is printed: strictly, but for what differs from run to run."""

from __future__ import annotations

import pytest

from docs.likeness import Likeness

RUN, TODAY = "20260101-000000-sst-mcff", "20261124-065316-sst-4bhf"


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("in 0.9 s", "in 1 min 12 s"),
        ("12 s left", "8.5 s left"),
        ("took 5.4 s, 237 MB of memory at most", "took 7 s, 1.2 GB of memory at most"),
        ("ID    STATE\na     failed", "ID  STATE\na   failed\n"),
        ("stored   2.1 MB in 9 chunks", "stored 2.2 MB in 9 chunks"),
        ("sst  5.4 s  2.1 MB", "sst  1 min 5 s  2.2 MB"),
        (f"run {RUN}: done", f"run {TODAY}: done"),
        (f"07:00:20  2026-11-24 run {RUN}: sst", f"23:10:02  2027-01-02 run {TODAY}: sst"),
        ("nemo (e43190996376): NEMO", "nemo (0123456789ab-dirty): NEMO"),
        ("begin\n…\nend", "begin\none\ntwo\nend"),
        ("begin\n…\nend", "begin\nend"),
        ("into …/a.zarr", "into /home/me/a.zarr"),
        ("", ""),
    ],
)
def test_what_differs_from_run_to_run_may_differ(shown, printed):
    assert Likeness().find_difference(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("3 inputs", "4 inputs"),
        ("6.2 MB", "6.3 MB"),
        ("it is baked.", "it has failed."),
        ("one", "one\ntwo"),
        ("", "error: there is no such file"),
        ("begin\n…\nend", "begin\none\nend\nand more"),
        (f"run {RUN}\nrun {RUN}", f"run {TODAY}\nrun {RUN}"),
    ],
)
def test_everything_else_must_be_as_it_is_shown(shown, printed):
    assert printed in str(Likeness().find_difference(shown, printed) or "nothing").replace("    ", "")


def test_a_run_that_is_shown_stands_for_the_one_that_was_printed_in_its_place():
    likeness = Likeness()
    assert likeness.find_difference(f"run {RUN}: sst", f"run {TODAY}: sst") is None
    assert likeness.translate(f"runs resume {RUN}") == f"runs resume {TODAY}"
    assert likeness.translate("runs show 20260101-000000") == f"runs show {TODAY}"
    assert likeness.find_difference(f"{RUN} is over", f"{TODAY} is over") is None
    assert likeness.find_difference(f"{RUN} is over", "20261124-070000-sst-abcd is over") is not None
