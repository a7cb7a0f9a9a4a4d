"""The code that opens a dataset of references."""

from __future__ import annotations

from importlib.metadata import version
from urllib.parse import urlsplit

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Origin
from pangeo_forge.plans.targets import is_local

#: What Icechunk 2 calls the leave to read files of a protocol without credentials; Icechunk 1 takes None.
NO_CREDENTIALS = {"file": "LocalFileSystemAccess", "http": "HttpAccess", "https": "HttpAccess"}


def write_icechunk_snippet(target: Target, origin: Origin) -> str:
    """Write the code that opens a repository: where it is, and the leave to read what its virtual chunks lead to."""
    if is_local(target):
        storage = f'ic.local_filesystem_storage("{target.url.removeprefix("file://")}")'
    else:
        parts = urlsplit(target.url)
        options = "".join(f', {name}="…"' for name in _s3_names(dict(target.storage_options)))
        storage = f'ic.s3_storage(bucket="{parts.netloc}", prefix="{parts.path.strip("/")}"{options})'
    return (
        "import icechunk as ic\nimport xarray as xr\n\n"
        f"storage = {storage}\n"
        "containers = ic.Repository.fetch_config(storage).virtual_chunk_containers\n"
        f"credentials = ic.containers_credentials({{prefix: {_credentials(origin)} for prefix in containers}})\n"
        "repository = ic.Repository.open(storage, authorize_virtual_chunk_access=credentials)\n"
        'ds = xr.open_zarr(repository.readonly_session("main").store, consolidated=False)'
    )


def _credentials(origin: Origin) -> str:
    if origin.protocol not in ("s3", "s3a"):
        name = NO_CREDENTIALS.get(origin.protocol)
        return f"ic.credentials.{name}" if name and not version("icechunk").startswith("1.") else "None"
    if origin.options.get("anon"):
        return "ic.s3_anonymous_credentials()"
    if origin.options.get("key"):
        return 'ic.s3_credentials(access_key_id="…", secret_access_key="…")'
    return "ic.s3_from_env_credentials()"


def _s3_names(options: dict[str, object]) -> list[str]:
    names = {"key": "access_key_id", "secret": "secret_access_key", "token": "session_token"}
    found = [names[key] for key in names if key in options]
    client = options.get("client_kwargs")
    return [*found, *(["endpoint_url"] if "endpoint_url" in options or (isinstance(client, dict) and "endpoint_url" in client) else [])]
