"""Which packages to install for which imports, and what ``requirements.txt`` names."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from pangeo_forge.lint.files.requirements import Requirements

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
    "google": "google-auth",
    "google.api_core": "google-api-core",
    "google.protobuf": "protobuf",
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
    aiohttp aiosignal annotated-types attrs certifi cf-xarray cftime cloudpickle cql2 donfig duckdb fsspec frozenlist google-crc32c
    h5netcdf h5py idna multidict netcdf4 numcodecs numpy packaging pandas pangeo-forge propcache pydantic pydantic-core pyflakes pygments
    pyproj pystac python-dateutil pyyaml rich ruamel-yaml ruamel-yaml-clib shapely six sqlalchemy typer typing-extensions typing-inspection
    tzdata uv xarray yarl zarr
    pangeo-forge-recipes apache-beam cramjam dask dill fastavro fastparquet grpcio httplib2 jsonschema kerchunk mypy-extensions objsize
    orjson partd proto-plus protobuf pyarrow pytz regex requests setuptools toolz ujson urllib3 zstandard
"""
BROUGHT = frozenset(_BROUGHT.split())
_ON_GOOGLE = "apache-beam[gcp]"
#: What some packages bring that recipes import.
_BRINGS = {
    _ON_GOOGLE: "google-auth google-cloud-core google-cloud-storage google-cloud-bigquery",
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
_KNOWN = frozenset(_SAME.split())


def find_declared(requirements: Requirements | None) -> frozenset[str]:
    """Give the packages that will be there: those that are named, what they are known to bring, and what is there anyway."""
    packages = requirements.packages if requirements else ()
    named = {package.name for package in packages if package.name}
    named |= {_ON_GOOGLE for package in packages if package.name == "apache-beam" and "gcp" in package.extras}
    brought = {other for name in named for other in _BRINGS.get(name, "").split()}
    return BROUGHT | named | brought


def packages_of(module: str) -> tuple[str, ...]:
    """Name the packages that may bring a module, the usual one first."""
    part = installed_part(module)
    return tuple(_PACKAGES.get(part, canonicalize_name(part)).split())


def installed_part(module: str) -> str:
    """Give the part of a module's name that a package stands for: mostly the first."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in _PACKAGES), parts[0])


def is_known(module: str) -> bool:
    """Whether it is known what is to be installed for a module."""
    first = module.partition(".")[0]
    return first in _KNOWN or any(name.partition(".")[0] == first for name in _PACKAGES)
