"""Measure codecs on the kinds of data that recipes store: ``python codecs.py [--repeats 5]``

Writes each field with Zarr into memory and reads it back, on one core, as one process of a bake does. Prints a Markdown table
for each field: the best of the repeats for writing and reading (MB of uncompressed data in a second of processor time, which other
processes on the machine disturb least), and the size.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import iris_sample_data
import numpy as np
import xarray as xr
import zarr
from archive import file_of, write_file
from zarr.codecs import BloscCodec, ZstdCodec
from zarr.storage import MemoryStore

#: A field is written again and again into one array until it is of at least so many bytes.
ENOUGH = 60_000_000


def blosc(name: str, level: int, shuffle: str) -> Callable[[int], Any]:
    """Make Blosc for values of any size."""
    return lambda itemsize: BloscCodec(cname=name, clevel=level, shuffle=shuffle, typesize=itemsize)


CODECS: dict[str, Callable[[int], Any]] = {
    "none": lambda itemsize: None,
    "Zstandard 0 (Zarr's default)": lambda itemsize: ZstdCodec(level=0),
    "Zstandard 3": lambda itemsize: ZstdCodec(level=3),
    "Blosc zstd 1, shuffle": blosc("zstd", 1, "shuffle"),
    "Blosc zstd 1, bitshuffle": blosc("zstd", 1, "bitshuffle"),
    "Blosc zstd 3, shuffle": blosc("zstd", 3, "shuffle"),
    "Blosc lz4 5, shuffle": blosc("lz4", 5, "shuffle"),
    "Blosc lz4 5, bitshuffle": blosc("lz4", 5, "bitshuffle"),
}


@dataclass(frozen=True)
class Field:
    """Values to store, encoded as a file holds them, with the first dimension the one that is split into chunks."""

    name: str
    values: np.ndarray
    chunk: int


@dataclass(frozen=True)
class Measured:
    """Seconds of processor time, and bytes as stored."""

    write_s: float
    read_s: float
    stored: int


def load_fields(folder: Path) -> Iterator[Field]:
    """Load what is measured: the archive of the other benchmarks, and real data of iris-sample-data."""
    samples = Path(iris_sample_data.path)
    write_file(folder, 0)
    yield field_of("the bench archive: float32, noise, hundredths", [file_of(folder, 0)], "v0", chunk=5)
    nemo = sorted((samples / "NEMO").glob("nemo_1m_*.nc"))
    yield field_of("NEMO `tos`: float32 model output, land missing", nemo, "tos", chunk=1)
    yield field_of("OSTIA `surface_temperature`: analysed observations", [samples / "ostia_monthly.nc"], "surface_temperature", chunk=54)
    yield pack(field_of("the same, packed as int16 hundredths", [samples / "ostia_monthly.nc"], "surface_temperature", chunk=54))
    yield field_of("A1B `air_temperature`: float32 model output", [samples / "A1B_north_america.nc"], "air_temperature", chunk=240)


def pack(field: Field) -> Field:
    """Pack kelvins as most archives of observations do: hundredths in 16 bits."""
    hundredths = np.nan_to_num(np.rint((np.where(field.values > 1000, np.nan, field.values) - 273.15) * 100), nan=-32768)
    return Field(field.name.replace("float32", "int16"), hundredths.astype("i2"), field.chunk)


def field_of(name: str, files: list[Path], variable: str, chunk: int) -> Field:
    """Read a variable of some files, undecoded."""
    pieces = []
    for file in files:
        with xr.open_dataset(file, decode_cf=False) as dataset:
            pieces.append(dataset[variable].values)
    values = np.concatenate(pieces)
    return Field(f"{name}, {values.dtype}", np.concatenate([values] * (1 + ENOUGH // values.nbytes)), chunk)


def measure(field: Field, codec: Any, repeats: int) -> Measured:
    """Write and read a field some times, and keep the best."""
    writes, reads, store = [], [], {}
    for _ in range(repeats):
        store = {}
        array = zarr.create_array(
            MemoryStore(store),
            shape=field.values.shape,
            chunks=(field.chunk, *field.values.shape[1:]),
            dtype=field.values.dtype,
            compressors=codec,
            filters=None,
        )
        began = time.process_time()
        array[...] = field.values
        written = time.process_time()
        again = array[...]
        reads.append(time.process_time() - written)
        writes.append(written - began)
        assert np.array_equal(again, field.values, equal_nan=again.dtype.kind == "f")
    return Measured(min(writes), min(reads), sum(len(buffer) for key, buffer in store.items() if not key.endswith("zarr.json")))


def main(repeats: int) -> None:
    """Print the tables."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        for field in load_fields(Path(folder)):
            nbytes = field.values.nbytes
            chunk = field.values[: field.chunk].nbytes / 1e6
            print(f"\n{field.name}; chunks of {chunk:.1f} MB\n")
            print("| codec | write, MB/s | read, MB/s | size, % |\n| --- | ---: | ---: | ---: |")
            for name, make in CODECS.items():
                found = measure(field, make(field.values.dtype.itemsize), repeats)
                write, read = nbytes / 1e6 / found.write_s, nbytes / 1e6 / found.read_s
                print(f"| {name} | {write:.0f} | {read:.0f} | {100 * found.stored / nbytes:.1f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    main(parser.parse_args().repeats)
