"""``python -m pangeo_forge`` is the command ``pangeo-forge``."""

from __future__ import annotations

import os
import sys

from pangeo_forge.cli.interrupts import refuse_interrupts, take_interrupts

#: The exit code of a command that was interrupted.
_CANCELLED = 130


def run() -> int:
    """Run the command of this process, and return its exit code."""
    try:
        take_interrupts()
        from pangeo_forge.cli.main import main

        code = main()
        refuse_interrupts()
    except KeyboardInterrupt:  # before there was a command to tell
        refuse_interrupts()
        os.write(2, b"error: interrupted\n")
        code = _CANCELLED
    return code


if __name__ == "__main__":
    sys.exit(run())
