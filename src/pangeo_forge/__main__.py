"""``python -m pangeo_forge`` is the command ``pangeo-forge``."""

import sys

from pangeo_forge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
