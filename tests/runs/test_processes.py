import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pangeo_forge.runs import processes
from pangeo_forge.runs.processes import Meter, describe, end_leftovers, identify, is_alive, kill_all, members, memory_of

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc, which this system has not")


@pytest.fixture
def leader():
    """A process that leads a session, and has one child in its group and one in a group of its own."""
    program = (
        "import os, subprocess, sys, time\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(100)']\n"
        "subprocess.Popen(sleep); subprocess.Popen(sleep, process_group=0)\n"
        "print('ready', flush=True); time.sleep(100)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    process.stdout.readline()
    yield process
    process.kill()
    for member in members(process.pid):
        os.kill(member.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def wait_until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_process_is_alive_by_its_mark_until_it_is_killed(leader):
    mark = identify(leader.pid)
    assert is_alive(leader.pid, mark)
    leader.kill()
    assert wait_until(lambda: not is_alive(leader.pid, mark)), "a process that has ended is not alive, though nobody waited for it"


def test_later_process_of_the_same_number_is_another():
    mark = identify(os.getpid())
    assert is_alive(os.getpid(), mark)
    assert not is_alive(os.getpid(), mark + "0")
    assert not is_alive(os.getpid(), "another boot" + mark)


def test_without_a_mark_the_number_decides():
    assert is_alive(os.getpid(), None)


def test_no_process_has_no_mark():
    assert identify(2**22 + 1) is None
    assert not is_alive(2**22 + 1, None)


@needs_proc
def test_members_are_all_of_the_session_whatever_their_group(leader):
    assert len(list(members(leader.pid))) == 3


@needs_proc
def test_members_are_found_after_their_leader_has_ended(leader):
    leader.kill()
    leader.wait()
    assert len(list(members(leader.pid))) == 2


@needs_proc
def test_kill_all_leaves_nobody(leader):
    kill_all(leader.pid)
    assert wait_until(lambda: not list(members(leader.pid)))


def test_kill_all_of_an_ended_leader_is_no_error():
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    kill_all(process.pid)
    assert process.wait() == 0


@needs_proc
def test_leftovers_of_a_dead_leader_are_ended(leader):
    mark = identify(leader.pid)
    leader.kill()
    leader.wait()
    assert end_leftovers(leader.pid, mark)
    assert not list(members(leader.pid))


def test_leftovers_are_left_alone_if_the_number_is_another_process_by_now(leader):
    boot, _, _ = identify(leader.pid).rpartition(":")
    assert end_leftovers(leader.pid, f"{boot}:12345")
    assert end_leftovers(leader.pid, "another-boot:12345")
    assert leader.poll() is None


def test_memory_is_what_the_process_holds():
    before = memory_of(os.getpid())
    ballast = bytearray(os.urandom(1 << 20) * 50)
    assert 45 << 20 < memory_of(os.getpid()) - before < 80 << 20
    assert len(ballast) == 50 << 20


def test_memory_of_no_process_is_nothing():
    assert memory_of(2**22 + 1) == 0


@needs_proc
def test_memory_that_forked_processes_share_counts_once():
    program = (
        "import os, time\n"
        "ballast = bytearray(os.urandom(1 << 20) * 100)\n"
        "for _ in range(2):\n"
        "    if os.fork() == 0: time.sleep(100)\n"
        "print('ready', flush=True); time.sleep(100)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True) as process:
        process.stdout.readline()
        meter = Meter(process.pid)
        meter.sample_when_due()
        kill_all(process.pid)
    assert 100 << 20 < meter.peak_memory - memory_of(os.getpid()) < 160 << 20


@needs_proc
def test_meter_sees_the_processor_time_of_a_busy_process():
    with subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) as process:
        meter = Meter(process.pid)
        for _ in range(3):
            meter.sample_when_due()
            time.sleep(0.6)
        kill_all(process.pid)
    assert 0.3 < meter.cpu_s < 3


@needs_proc
@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps (Debian: apt-get install procps)")
def test_where_there_is_no_proc_ps_says_the_same(leader):
    from_ps, from_proc = processes._from_ps(leader.pid), processes._from_proc(leader.pid)
    assert (from_ps.pid, from_ps.group, from_ps.is_dead) == (from_proc.pid, from_proc.group, False)
    assert processes._from_ps(leader.pid) == from_ps
    assert set(processes._pids_from_ps(leader.pid)) < {member.pid for member in members(leader.pid)}
    leader.kill()
    assert wait_until(lambda: processes._from_ps(leader.pid).is_dead)
    leader.wait()
    assert processes._from_ps(leader.pid) is None


def test_program_with_any_name_is_described(tmp_path):
    odd = tmp_path / "a) Z 1 (b"
    shutil.copy("/bin/sleep", odd)
    with subprocess.Popen([str(odd), "100"], start_new_session=True) as process:
        wait_until(lambda: Path(f"/proc/{process.pid}/comm").read_text().startswith("a)"))
        described = describe(process.pid)
        process.kill()
    assert (described.group, described.session, described.is_dead) == (process.pid, process.pid, False)
