"""Ctrl-C at the moments at which Python loses it, or is asked twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from typing import Any

BEGIN = """
import os, signal, sys, time
from pangeo_forge.cli.interrupts import take_interrupts
take_interrupts()
def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.001)
"""


def run(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    text = BEGIN + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, **options)


def test_it_is_not_lost_where_the_interpreter_clears_up() -> None:
    ended = run("""
        class Thing:
            def __del__(self):
                ctrl_c()
        try:
            Thing()
            time.sleep(30)
        except KeyboardInterrupt:
            print("heard")
    """)
    assert (ended.stdout, ended.stderr) == ("heard\n", "")


def test_it_is_not_lost_behind_a_weak_reference() -> None:
    ended = run("""
        import weakref
        class Thing: pass
        thing = Thing()
        weakref.finalize(thing, ctrl_c)
        try:
            del thing
            time.sleep(30)
        except KeyboardInterrupt:
            print("heard")
    """)
    assert (ended.stdout, ended.stderr) == ("heard\n", "")


def test_it_is_heard_once_while_it_is_answered() -> None:
    ended = run("""
        try:
            ctrl_c()
        except KeyboardInterrupt:
            for _ in range(3):
                ctrl_c()
            print("answered")
    """)
    assert (ended.stdout, ended.stderr) == ("answered\n", "")


def test_it_stays_ignored_where_it_was() -> None:
    ended = run("ctrl_c(); print('went on')", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert (ended.stdout, ended.stderr) == ("went on\n", "")


def test_it_is_no_traceback_while_the_command_is_still_imported() -> None:
    ended = run("""
        import builtins
        from pangeo_forge.__main__ import run
        import_it = builtins.__import__
        def import_slowly(name, *others):
            if name == "pangeo_forge.cli.main":
                ctrl_c()
            return import_it(name, *others)
        builtins.__import__ = import_slowly
        sys.exit(run())
    """)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "error: interrupted\n")
