import os
import signal
import sqlite3
import subprocess
import sys
import threading
import traceback

import pytest
from sqlalchemy import text

from pangeo_forge.errors import EngineError, ForgeError, TargetError, UsageError
from pangeo_forge.runs.database import Database
from pangeo_forge.runs.records import RunRecords

MALFORMED = ["", "nonsense", "postgresql+psycopg://me:hunter2@host:port/db", "postgresql+psycopg://me:hun:ter2@[::1/db", "sqlite+nix:///x"]


def everything_said(error: ForgeError) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + str(error.to_dict())


@pytest.mark.parametrize("url", [*MALFORMED, "mysql://me:hunter2@host/db", "postgresql+asyncpg://me:hunter2@host/db"])
def test_url_of_no_database_that_is_known_is_refused_naming_the_variable_but_not_the_password(url):
    with pytest.raises(UsageError, match="PANGEO_FORGE_DATABASE") as error:
        RunRecords(url)
    assert "hunter2" not in everything_said(error.value)
    assert "ter2" not in everything_said(error.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_database_in_memory_is_refused_because_no_other_process_could_read_it(url):
    with pytest.raises(UsageError, match="PANGEO_FORGE_DATABASE names a SQLite database without a file"):
        RunRecords(url)


def test_missing_driver_is_named_with_what_to_install(tmp_path):
    program = (
        "import sys\n"
        "sys.modules['psycopg'] = None\n"
        "from pangeo_forge.errors import UsageError\n"
        "from pangeo_forge.runs.records import RunRecords\n"
        "try: RunRecords('postgresql://me:hunter2@host/db')\n"
        "except UsageError as error: print(error, '|', error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "PANGEO_FORGE_DATABASE names a database whose driver is not installed: there is no module 'psycopg'" in done.stdout
    assert "pangeo-forge[postgres]" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_file_that_is_no_database_is_named(tmp_path):
    file = tmp_path / "runs.sqlite"
    file.write_text("This is a letter, and a long one, and no database at all. " * 20)
    with pytest.raises(EngineError, match=r"runs\.sqlite is no database"):
        RunRecords(f"sqlite:///{file}")


def test_database_that_is_a_folder_is_named(tmp_path):
    with pytest.raises(EngineError, match="cannot be opened"):
        RunRecords(f"sqlite:///{tmp_path}")


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError, match=r"file/home cannot be written"):
        RunRecords(f"sqlite:///{tmp_path}/file/home/runs.sqlite")


def test_database_of_another_version_is_refused(settings):
    RunRecords(settings.database)
    with sqlite3.connect(settings.home / "runs.sqlite") as connection:
        connection.execute("UPDATE pangeo_forge_version SET version = 99")
    connection.close()
    with pytest.raises(EngineError, match="is of version 99, and this pangeo-forge reads version 1"):
        RunRecords(settings.database)


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(settings):
    """Let another process lock the database: ``lock("BEGIN EXCLUSIVE")``, until the test ends."""
    holders = []

    def hold(*statements):
        command = [sys.executable, "-c", HOLD, str(settings.home / "runs.sqlite"), *statements]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout.readline() == "locked\n"
        return holder

    yield hold
    for holder in holders:
        holder.stdin.close()
        holder.stdout.close()
        holder.wait()


def test_database_that_another_process_locks_is_an_error_that_names_the_file_and_says_what_to_do(settings, lock, make_run):
    RunRecords(settings.database)
    lock("BEGIN EXCLUSIVE")
    records = RunRecords(settings.database, timeout_s=0.3)
    with pytest.raises(EngineError, match=rf"{settings.home}/runs\.sqlite is locked by another process") as error:
        records.add(make_run())
    assert "fuser" in error.value.hint
    assert "PANGEO_FORGE_DATABASE" in error.value.hint


def test_database_that_another_process_only_writes_to_can_still_be_read(settings, lock, make_run):
    records = RunRecords(settings.database, timeout_s=0.3)
    run = make_run()
    records.add(run)
    lock("BEGIN IMMEDIATE")
    assert RunRecords(settings.database, timeout_s=0.3).list() == [run]


def test_database_that_another_process_keeps_to_itself_cannot_even_be_opened(settings, lock):
    RunRecords(settings.database)
    lock("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE")
    with pytest.raises(EngineError, match="is locked by another process"):
        RunRecords(settings.database, timeout_s=0.3)


def test_lock_that_is_given_up_in_time_is_waited_for(settings, lock, make_run):
    records = RunRecords(settings.database, timeout_s=10)
    holder = lock("BEGIN EXCLUSIVE")
    release = threading.Timer(0.5, holder.stdin.close)
    release.start()
    run = make_run()
    records.add(run)
    release.join()
    assert records.get(run.id) == run


@pytest.mark.slow
def test_many_processes_can_make_one_database_at_once(database_url):
    program = "import sys; sys.stdin.readline(); from pangeo_forge.runs.records import RunRecords; print(RunRecords(sys.argv[1]).list())"
    command = [sys.executable, "-c", program, database_url]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(6)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate() for process in processes] == [("[]\n", "")] * 6


def test_full_disk_is_said_of_the_database_as_well(settings, make_run):
    """SQLite's own limit on the size of the file stands for the disk's."""
    program = f"""
import resource, signal
from pangeo_forge.errors import EngineError
from pangeo_forge.runs.records import RunRecords
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
records = RunRecords({settings.database!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try: records.update("a", state="failed")
except EngineError as error: print(error)
"""
    RunRecords(settings.database)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "runs.sqlite" in done.stdout, done.stderr
    assert "disk" in done.stdout


@pytest.mark.server
def test_postgres_that_lets_nobody_in_is_an_error_without_the_password(postgres_url):
    url = postgres_url.replace("forge@", "stranger:hunter2@")
    with pytest.raises(EngineError, match="stranger") as error:
        RunRecords(url)
    assert "hunter2" not in everything_said(error.value)


def test_server_that_is_not_there_is_an_error_without_the_password():
    url = "postgresql+psycopg://me:hunter2@127.0.0.1:9/db"
    with pytest.raises(EngineError, match="cannot be used") as error:
        RunRecords(url, timeout_s=2)
    assert "hunter2" not in everything_said(error.value)


@pytest.mark.server
def test_records_are_shown_without_the_password(postgres_database):
    records = RunRecords(postgres_database.replace("forge@", "forge:hunter2@"))
    assert "postgresql+psycopg://forge:***@" in repr(records)
    assert "hunter2" not in repr(records)


def test_ctrl_c_waits_until_a_connection_is_closed(settings):
    database = Database(settings.database, timeout_s=5)
    with pytest.raises(KeyboardInterrupt), database.transaction() as connection:
        os.kill(os.getpid(), signal.SIGINT)
        connection.execute(text("CREATE TABLE written (number INTEGER)"))
    with database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM written")).scalar() == 0
