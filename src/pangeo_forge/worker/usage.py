"""What a worker and the processes that it started took."""

from __future__ import annotations

import resource
import sys
from typing import Any

_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def measure_usage() -> dict[str, Any]:
    """Measure the most memory that one of the processes held, bytes, and the processor time of all that have ended, seconds."""
    unit = 1 if sys.platform == "darwin" else 1024
    used = [resource.getrusage(who) for who in _WHOSE]
    return {"peak_memory": max(one.ru_maxrss for one in used) * unit, "cpu_s": sum(one.ru_utime + one.ru_stime for one in used)}
