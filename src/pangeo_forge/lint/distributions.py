"""Which packages to install for which imports, and what ``requirements.txt`` names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pangeo_forge.lint.texts import Text

#: Imports whose package is not called as they are; the first of several is the usual one.
_PACKAGES = {
    "PIL": "pillow",
    "attr": "attrs",
    "botocore": "botocore boto3 aiobotocore s3fs",
    "bs4": "beautifulsoup4",
    "cmr": "python-cmr",
    "cv2": "opencv-python opencv-python-headless",
    "dask.distributed": "distributed",
    "dateutil": "python-dateutil",
    "distributed": "distributed",
    "dotenv": "python-dotenv",
    "ee": "earthengine-api",
    "git": "gitpython",
    "google.auth": "google-auth gcsfs",
    "google.cloud": "google-cloud-core google-cloud-storage google-cloud-bigquery",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.secretmanager": "google-cloud-secret-manager",
    "google.cloud.storage": "google-cloud-storage",
    "jwt": "pyjwt",
    "mpl_toolkits": "matplotlib",
    "netCDF4": "netcdf4",
    "odc": "odc-stac odc-geo",
    "osgeo": "gdal",
    "pyesgf": "esgf-pyclient",
    "ruamel": "ruamel-yaml",
    "shapely": "shapely geopandas",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
#: Imports whose package is called as they are, so that it can be named without a doubt.
_SAME = """
    adlfs boto3 cartopy cfgrib cf_xarray cdsapi copernicusmarine dask_geopandas dynamic_chunks earthaccess flox geopandas gcsfs gsw httpx
    icechunk intake intake_esm intake_xarray kerchunk matplotlib metpy ndpyramid obstore pangeo_forge_cmr pangeo_forge_cordex
    pangeo_forge_esgf pangeo_forge_ndpyramid leap_data_management_utils paramiko pint planetary_computer polars pooch prefect pyproj
    pyresample pystac pystac_client rasterio rechunker regionmask requests_cache rioxarray s3fs scipy seaborn siphon sshfs statsmodels tqdm
    ujson virtualizarr xarray_datatree xesmf xgcm xmip xpublish zarr
"""

#: What is there without being named: what pangeo-forge needs itself, and what pangeo-forge-recipes and Beam need.
_BROUGHT = """
    aiohttp aiosignal annotated-types attrs certifi cftime cloudpickle donfig fsspec frozenlist google-crc32c h5netcdf h5py idna multidict
    netcdf4 numcodecs numpy packaging pandas pangeo-forge propcache pydantic pydantic-core pyflakes pygments python-dateutil pyyaml rich
    ruamel-yaml six sqlalchemy typer typing-extensions typing-inspection tzdata xarray yarl zarr
    pangeo-forge-recipes apache-beam cramjam dask dill fastavro fastparquet grpcio httplib2 jsonschema kerchunk mypy-extensions objsize
    orjson partd proto-plus protobuf pyarrow pytz regex requests setuptools toolz ujson urllib3 zstandard
"""
BROUGHT = frozenset(_BROUGHT.split())
#: What some packages bring that recipes import.
_BRINGS = {
    "dask": "distributed",
    "earthaccess": "python-cmr s3fs tinynetrc",
    "gcsfs": "google-auth google-cloud-storage",
    "geopandas": "pyproj shapely pyogrio",
    "intake-esm": "intake",
    "leap-data-management-utils": "db-dtypes google-api-core google-cloud-bigquery google-cloud-core pangeo-forge-esgf tqdm",
    "pangeo-forge-cmr": "python-cmr",
    "pangeo-forge-ndpyramid": "ndpyramid rioxarray rasterio pyproj",
    "ndpyramid": "rioxarray rasterio pyproj",
    "rioxarray": "rasterio pyproj",
    "virtualizarr": "obstore ujson",
}
_OF_BEAM_ON_GOOGLE = ("google-auth", "google-cloud-core", "google-cloud-storage", "google-cloud-bigquery")
_KNOWN = frozenset(_SAME.split())
_SEPARATORS = re.compile(r"[-_.]+")
_NAME = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>[=<>!~;@(].*)?$")
_EGG = re.compile(r"egg=(?P<name>[\w.-]+)")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Requirements:
    """The packages that a ``requirements.txt`` names.

    Parameters
    ----------
    names : frozenset of str
        The packages, and what they are known to bring.
    is_complete : bool
        Whether there is nothing else in the file whose packages are not known: another file, a repository, an archive.
    """

    names: frozenset[str]
    is_complete: bool

    @classmethod
    def read(cls, text: Text) -> Requirements:
        """Read what a file names; lines that cannot be read are left out."""
        names: set[str] = set()
        is_complete = True
        for line in text.text.splitlines():
            written = line.partition(" #")[0].strip()[:_LONGEST]
            if not written or written.startswith("#"):
                continue
            name = _NAME.match(written)
            is_complete = is_complete and name is not None and "://" not in written
            names |= {canonical(found) for found in (_names(name) if name else _guess(written))}
        brought = {other for name in names for other in _BRINGS.get(name, "").split()}
        return cls(frozenset(names | brought), is_complete)

    def has(self, module: str) -> bool:
        """Whether a package is named, or there anyway, that brings a module."""
        packages = packages_of(module)
        return any(package in self.names or package in BROUGHT for package in packages) or (
            module.startswith("google.") and any(name.startswith(("google-", "gcsfs")) for name in self.names)
        )


def _names(found: re.Match[str]) -> list[str]:
    is_cloud = found["name"] == "apache-beam" and "gcp" in (found["extras"] or "")
    return [found["name"], *(_OF_BEAM_ON_GOOGLE if is_cloud else ())]


def _guess(written: str) -> list[str]:
    """Guess the package that a repository is of: it is mostly called as the repository is."""
    egg = _EGG.search(written)
    path = written.partition("#")[0].partition("://")[2].partition("/")[2].partition("@")[0]
    name = path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return [egg["name"]] if egg else [name] if name else []


def canonical(name: str) -> str:
    """Write a package's name as all its spellings are compared."""
    return _SEPARATORS.sub("-", name).lower()


def packages_of(module: str) -> tuple[str, ...]:
    """Name the packages that may bring a module, the usual one first."""
    part = installed_part(module)
    return tuple(_PACKAGES.get(part, canonical(part)).split())


def installed_part(module: str) -> str:
    """Give the part of a module's name that a package stands for: mostly the first."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in _PACKAGES), parts[0])


def is_known(module: str) -> bool:
    """Whether it is known what is to be installed for a module."""
    first = module.partition(".")[0]
    return first in _KNOWN or any(name.partition(".")[0] == first for name in _PACKAGES)
