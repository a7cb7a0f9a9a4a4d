"""What a killed run goes on from: for each stage the tasks that are done and what they gave, kept beside the journal."""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass, field
from pathlib import Path

from pangeo_forge.engines.base import Progress
from pangeo_forge.errors import EngineError

#: A stage's progress is kept at most so often; what was done since is done again, to the same effect.
_EVERY_S = 2.0
#: No more than this share of the time goes into keeping it.
_SHARE = 0.1


@dataclass
class Checkpoints:
    """The checkpoints of one run.

    Parameters
    ----------
    folder : Path
        The run's folder; only its owner may write there, since a checkpoint is a pickle.
    """

    folder: Path
    _next: float = field(default=0.0)

    def load(self, stage: str) -> Progress | None:
        """Return how far a stage came, or None if it did not begin.

        Raises
        ------
        EngineError
            If the checkpoint cannot be read, as after a change of version.
        """
        path = self._path(stage)
        if not path.exists():
            return None
        try:
            done, combined = pickle.loads(path.read_bytes())  # noqa: S301  (our own file)
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError, ValueError) as error:
            raise EngineError(
                f"the checkpoint of stage {stage!r} cannot be read",
                where=str(path),
                hint="Begin a new run with --overwrite.",
                detail=str(error),
            ) from error
        return Progress(done, combined)

    def save(self, stage: str, progress: Progress) -> None:
        """Keep how far a stage has come."""
        began = time.monotonic()
        path = self._path(stage)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(pickle.dumps((progress.done, progress.combined), pickle.HIGHEST_PROTOCOL))
        partial.replace(path)
        ended = time.monotonic()
        self._next = ended + max(_EVERY_S, (ended - began) / _SHARE)

    def save_if_due(self, stage: str, progress: Progress) -> None:
        """Keep how far a stage has come, if that was not done lately."""
        if time.monotonic() >= self._next:
            self.save(stage, progress)

    def _path(self, stage: str) -> Path:
        return self.folder / "checkpoints" / f"{stage}.pickle"
