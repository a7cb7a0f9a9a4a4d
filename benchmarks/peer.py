"""The peer: pangeo-forge-runner 0.10.2 with pangeo-forge-recipes 0.10.8 on Beam's in-memory runner, in an environment of its own.

``python peer.py ENVIRONMENT OUT`` bakes ``beam/feedstock``, which reads BENCH_ARCHIVE and BENCH_FILES.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNNER = "pangeo-forge-runner==0.10.2"

CONFIGURATION = """
c.TargetStorage.fsspec_class = "fsspec.implementations.local.LocalFileSystem"
c.TargetStorage.fsspec_args = {{"auto_mkdir": True}}
c.TargetStorage.root_path = "{out}"
c.LocalDirectBakery.num_workers = {workers}
"""


def make_environment(folder: Path) -> Path:
    """Install the peer, once; uv finds or makes it a Python 3.11."""
    if not (folder / "bin" / "pangeo-forge-runner").exists():
        os.environ.setdefault("UV_SYSTEM_CERTS", "1")  # it trusts certificates of its own unless it is told to
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", "3.11", folder], check=True)
        requirements = HERE / "beam" / "feedstock" / "requirements.txt"
        install = [*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", folder, RUNNER, "-r", requirements]
        subprocess.run(install, check=True)
    return folder


def main(environment: Path, out: Path, workers: int = 1) -> None:
    """Bake; becomes the runner's process."""
    configuration = out.with_suffix(".py")
    configuration.write_text(CONFIGURATION.format(out=out, workers=workers))
    os.environ["PATH"] = f"{environment / 'bin'}:{os.environ['PATH']}"
    runner = str(environment / "bin" / "pangeo-forge-runner")
    os.execv(runner, [runner, "bake", "--repo", str(HERE / "beam"), "--config", str(configuration), "--Bake.job_name=bench"])


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
