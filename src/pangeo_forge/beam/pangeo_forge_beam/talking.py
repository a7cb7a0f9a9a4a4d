"""Lines of JSON to and from whoever gave the order."""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from dataclasses import dataclass, field
from typing import IO, Any


@dataclass
class Talk:
    """Both directions. When nobody listens any more, this process and all that it started are ended."""

    ears: IO[bytes]
    mouth: IO[str]
    lock: Any = field(default_factory=threading.Lock)
    heard: queue.Queue[bytes] = field(default_factory=queue.Queue)

    @classmethod
    def take_over(cls) -> Talk:
        """Keep standard input and output to oneself: what is printed goes to standard error, and nothing is there to be read."""
        talk = cls(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "w", encoding="utf-8"))
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        threading.Thread(target=talk._hear, daemon=True).start()
        return talk

    def listen(self) -> dict[str, Any]:
        """Wait for the next line."""
        heard: dict[str, Any] = json.loads(self.heard.get())
        return heard

    def say(self, what: str, **details: Any) -> None:
        """Say something, in a line."""
        with self.lock:
            self.mouth.write(json.dumps({"said": what, **details}) + "\n")
            self.mouth.flush()

    def _hear(self) -> None:
        for line in self.ears:
            self.heard.put(line)
        end_all()


def end_all() -> None:
    """End this process, and all of its group if it leads one."""
    sys.stderr.flush()
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)
