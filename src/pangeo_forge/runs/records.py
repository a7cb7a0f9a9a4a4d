"""The memory of all runs: what each was, how it ended, and which target is being written by whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from pangeo_forge.bakeries.targets import same_place
from pangeo_forge.errors import EngineError, TargetError, TargetInUse, UsageError
from pangeo_forge.runs import schema
from pangeo_forge.runs.database import Database
from pangeo_forge.runs.failures import noting_on
from pangeo_forge.runs.journal import JOURNAL, Journal
from pangeo_forge.runs.processes import end_leftovers, is_alive, this_host
from pangeo_forge.runs.run import FIELDS, Run, as_state
from pangeo_forge.runs.tally import Tally
from pangeo_forge.types import RunId
from pangeo_forge.worker.events import RunEnded

_RUNS, _CLAIMS = schema.runs.c, schema.claims.c


class RunRecords:
    """The runs in one database, which several processes and machines may use at once.

    Parameters
    ----------
    url : str
        As in ``Settings.database``.
    timeout_s : float
        How long to wait for a database that others use, seconds.
    """

    def __init__(self, url: str, *, timeout_s: float = 15.0) -> None:
        self._database = Database(url, timeout_s=timeout_s)

    def __repr__(self) -> str:
        return f"RunRecords({self._database.name!r})"

    # Runs. No transaction reads before it writes: SQLite would refuse the write at once where another process wrote in between.

    def add(self, run: Run) -> None:
        """Remember a new run.

        Raises
        ------
        UsageError
            If there is a run of this id.
        """
        try:
            with self._database.transaction() as connection:
                connection.execute(insert(schema.runs).values(asdict(run)))
        except IntegrityError:
            raise UsageError(
                f"there is a run {run.id} already", hint="Make another id; `make_run_id` never gives the same twice."
            ) from None

    def update(self, run_id: str, **changes: Any) -> None:
        """Change some fields of a run, and leave the others as they are.

        Raises
        ------
        UsageError
            If there is no such run or field.
        """
        unknown = set(changes) - set(FIELDS)
        if unknown:
            raise UsageError(f"a run has no {', '.join(sorted(unknown))}")
        with self._database.transaction() as connection:
            found = connection.execute(update(schema.runs).where(_RUNS.id == run_id).values(**changes)).rowcount
        if not found:
            raise self._unknown(run_id)

    def reopen(self, run: Run, **changes: Any) -> None:
        """Change some fields of a run that has ended, if it still stands as `run` says.

        Raises
        ------
        UsageError
            If somebody else has resumed it meanwhile.
        """
        same = (_RUNS.id == run.id) & (_RUNS.state == run.state) & (_RUNS.attempt == run.attempt)
        with self._database.transaction() as connection:
            found = connection.execute(update(schema.runs).where(same).values(**changes)).rowcount
        if not found:
            raise UsageError(f"run {run.id} was resumed by somebody else just now", hint=f"`pangeo-forge runs show {run.id}` shows it.")

    def get(self, text: str) -> Run:
        """Find a run by its id, or by as much of the id's beginning as no other run has.

        Raises
        ------
        UsageError
            If there is no such run, or more than one.
        """
        text = text.strip().lower()
        with self._database.transaction() as connection:
            query = select(schema.runs).where(_RUNS.id.startswith(text, autoescape=True)).order_by(_RUNS.id).limit(6)
            found = [_as_run(row) for row in connection.execute(query)]
        exact = [run for run in found if run.id == text]
        if not found or not text:
            raise self._unknown(text)
        if len(found) > 1 and not exact:
            names = ", ".join(run.id for run in found[:5]) + (", …" if len(found) > 5 else "")
            raise UsageError(f"more than one run's id begins with {text!r}: {names}", hint="Write more of the id.")
        return self._as_it_is(exact[0] if exact else found[0])

    def list(self, *, state: str | None = None, feedstock: str | None = None, limit: int | None = None) -> list[Run]:
        """Give runs, the newest first.

        Parameters
        ----------
        state, feedstock : str, optional
            Only those in this state, and of this feedstock.
        limit : int, optional
            At most so many.

        Raises
        ------
        UsageError
            If there is no such state.
        """
        query = select(schema.runs).order_by(_RUNS.created.desc(), _RUNS.id.desc())
        if state is not None:
            query = query.where(_RUNS.state == as_state(state))
        if feedstock is not None:
            query = query.where(_RUNS.feedstock == feedstock)
        self.bury_the_dead()
        with self._database.transaction() as connection:
            return [_as_run(row) for row in connection.execute(query.limit(limit))]

    def writers_since(self, run: Run) -> tuple[Run, ...]:
        """Give the other runs that wrote to a run's target after the run had ended, the newest first."""
        later = (_RUNS.ended > run.ended) & (_RUNS.bytes_written > 0) & (_RUNS.id != run.id)
        with self._database.transaction() as connection:
            found = [_as_run(row) for row in connection.execute(select(schema.runs).where(later).order_by(_RUNS.ended.desc()))]
        return tuple(other for other in found if same_place(other.target) == same_place(run.target))

    def _unknown(self, text: str) -> UsageError:
        with self._database.transaction() as connection:
            known = list(connection.execute(select(_RUNS.id).order_by(_RUNS.created.desc()).limit(200)).scalars())
        if not known:
            return UsageError(f"there is no run {text!r}; there are no runs yet", hint="`pangeo-forge recipe run` makes one.")
        near = [name for name in known if text and text in name] or difflib.get_close_matches(text, known, n=3, cutoff=0.5)
        words = f"; near it: {', '.join(near[:3])}" if near else ""
        return UsageError(f"there is no run {text!r}{words}", hint="`pangeo-forge runs list` shows them all.")

    # The dead.

    def bury_the_dead(self) -> None:
        """Mark as failed each run that says it is running, but whose process on this machine is gone."""
        with self._database.transaction() as connection:
            query = select(schema.runs).where(_RUNS.state == "running", _RUNS.host == this_host())
            running = [_as_run(row) for row in connection.execute(query)]
        for run in running:
            self._as_it_is(run)

    def _as_it_is(self, run: Run) -> Run:
        """Give the run, after marking it as ended if it only seems to be running."""
        if run.state != "running" or run.host != this_host() or run.pid is None or is_alive(run.pid, run.process):
            return run
        if run.worker_pid is not None and not end_leftovers(run.worker_pid, run.worker_process):
            return run  # its worker still goes on, and cannot be stopped by us
        changes = _post_mortem(run)
        same = (_RUNS.id == run.id) & (_RUNS.state == "running") & (_RUNS.attempt == run.attempt) & (_RUNS.pid == run.pid)
        with self._database.transaction() as connection:
            connection.execute(update(schema.runs).where(same).values(**changes))
            connection.execute(delete(schema.claims).where(_CLAIMS.run_id == run.id, _CLAIMS.pid == run.pid))
        return replace(run, **changes)

    # Claims.

    @contextmanager
    def claimed(self, run: Run) -> Iterator[None]:
        """Claim the run's target while the body runs.

        Raises
        ------
        TargetInUse
            If another run holds it.
        """
        self.claim(run.target, run)
        try:
            yield
        except BaseException as error:
            with noting_on(error):
                self.release(run.target, run.id)
            raise
        self.release(run.target, run.id)

    def claim(self, target: str, run: Run) -> None:
        """Keep all other runs from writing to a target. A claim whose process on this machine is gone is taken over.

        Raises
        ------
        TargetInUse
            If another run holds it; the message says which, where and since when.
        """
        assert run.host is not None
        assert run.pid is not None
        place = same_place(target)
        mine = {"run_id": run.id, "since": datetime.now(UTC), "host": run.host, "pid": run.pid, "process": run.process}
        while True:
            try:
                with self._database.transaction() as connection:
                    connection.execute(insert(schema.claims).values(target=place, **mine))
            except IntegrityError:
                pass  # somebody holds it
            else:
                return
            with self._database.transaction() as connection:
                holder = connection.execute(select(schema.claims).where(_CLAIMS.target == place)).first()
            if holder is not None and not self._was_abandoned(holder):
                raise _in_use(target, holder)

    def _was_abandoned(self, holder: Row[Any]) -> bool:
        """Take away a claim that nobody stands behind any more; whether it is gone now."""
        if holder.host != this_host() or is_alive(holder.pid, holder.process):
            return False
        with self._database.transaction() as connection:
            row = connection.execute(select(schema.runs).where(_RUNS.id == holder.run_id)).first()
        if row is not None and self._as_it_is(_as_run(row)).state == "running":
            return False
        theirs = (_CLAIMS.target == holder.target) & (_CLAIMS.run_id == holder.run_id) & (_CLAIMS.pid == holder.pid)
        with self._database.transaction() as connection:
            connection.execute(delete(schema.claims).where(theirs))
        return True

    def release(self, target: str, run_id: RunId) -> None:
        """Give up a run's claim on a target; without one nothing happens."""
        with self._database.transaction() as connection:
            connection.execute(delete(schema.claims).where(_CLAIMS.target == same_place(target), _CLAIMS.run_id == run_id))


def _as_run(row: Row[Any]) -> Run:
    return Run(**row._mapping)


def _post_mortem(run: Run) -> dict[str, Any]:
    """Say what became of a run whose process is gone, as far as its journal tells."""
    error = EngineError(
        "the machine or the process that watched over the run went away before the run had ended",
        hint=f"`pangeo-forge runs resume {run.id}` goes on where it stopped.",
    )
    journal = Journal(Path(run.folder) / JOURNAL)
    try:
        tally, last = Tally.of(journal.read()), journal.last()
    except TargetError as unreadable:
        error.detail = str(unreadable)
        return {"state": "failed", "error": error.to_dict(), "ended": datetime.now(UTC)}
    if isinstance(last, RunEnded):  # it ended well or badly, but had no time to say so here
        return tally.changes() | {"state": as_state(last.state), "error": last.error, "ended": datetime.fromtimestamp(last.time, UTC)}
    return tally.changes() | {"state": "failed", "error": error.to_dict(), "ended": datetime.now(UTC)}


def _in_use(target: str, holder: Row[Any]) -> TargetInUse:
    here = holder.host == this_host()
    where = f"process {holder.pid}" if here else f"process {holder.pid} on {holder.host}"
    return TargetInUse(
        f"{target} is being written by run {holder.run_id} ({where}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC)",
        hint=f"Wait until it has ended, or {'' if here else f'on {holder.host} '}cancel it: `pangeo-forge runs cancel {holder.run_id}`.",
    )
