"""Small GRIB2 files of several messages, made with ecCodes: a field of each of two variables at a time, on a regular grid."""

from __future__ import annotations

from pathlib import Path

import eccodes
import numpy as np

#: Of each variable, the number of its parameter in GRIB2's category of temperatures (0), and what its values are about.
VARIABLES = {"t": (0, 280.0), "dpt": (6, 270.0)}


def write_grib(path: Path, day: int) -> np.ndarray:
    """Write one file: temperature and dew point of a day at the surface, and return the values, by variable."""
    rng = np.random.default_rng(day)
    fields = []
    with path.open("wb") as file:
        for number, middle in VARIABLES.values():
            message = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
            keys = {
                "discipline": 0, "parameterCategory": 0, "parameterNumber": number, "typeOfLevel": "surface",
                "dataDate": 20000101 + day, "dataTime": 0, "Ni": 8, "Nj": 5,
                "latitudeOfFirstGridPointInDegrees": 40, "latitudeOfLastGridPointInDegrees": 0, "longitudeOfFirstGridPointInDegrees": 0,
                "longitudeOfLastGridPointInDegrees": 70, "iDirectionIncrementInDegrees": 10, "jDirectionIncrementInDegrees": 10,
            }  # fmt: skip
            for key, value in keys.items():
                eccodes.codes_set(message, key, value)
            values = np.round(rng.normal(middle, 5, (5, 8)))
            eccodes.codes_set_values(message, values.ravel())
            eccodes.codes_write(message, file)
            eccodes.codes_release(message)
            fields.append(values)
    return np.array(fields)
