"""Bake a Beam recipe as its author's tools do: run by the peer's Python, ``bake.py MODULE NAME TARGET_ROOT [--prune]``"""

from __future__ import annotations

import importlib.util
import sys

import apache_beam as beam


def main(path: str, name: str, root: str) -> None:
    spec = importlib.util.spec_from_file_location("recipe", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["recipe"] = module
    spec.loader.exec_module(module)
    chain = getattr(module, name)
    for part in chain._parts:
        if hasattr(part, "target_root"):
            part.target_root = root
    with beam.Pipeline(argv=["--runner=DirectRunner", "--direct_running_mode=in_memory"]) as pipeline:
        pipeline | chain


if __name__ == "__main__":
    main(*sys.argv[1:])
