"""Which calls of well-known libraries ask servers, use files, start commands: told by the names that `Scope.origin` gives."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from enum import StrEnum

from pangeo_forge.lint.code.executed import Executed
from pangeo_forge.lint.code.scopes import Scope
from pangeo_forge.lint.code.trees import list_children


class Effect(StrEnum):
    """What a call does beside giving a value."""

    NETWORK = "asks a server"
    FILES = "uses the file system"
    #: A file or an address, which of them is not known.
    DATA = "reads data"
    WRITE = "writes data"
    CREDENTIALS = "reads credentials from the home folder"
    RUN = "runs a pipeline"
    COMMAND = "starts a command"
    CODE = "runs code from a text"
    CLUSTER = "starts a cluster"
    OUTPUT = "prints"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(effects: Mapping[Effect, str]) -> dict[str, Effect]:
    return {name: effect for effect, names in effects.items() for name in _words(names)}


_FUNCTIONS = _table(
    {
        Effect.NETWORK: """
            requests.get requests.post requests.put requests.head requests.request requests.options
            httpx.get httpx.post httpx.head httpx.request httpx.stream
            urllib.request.urlopen urllib.request.urlretrieve urllib3.request socket.create_connection
            wget.download pooch.retrieve gdown.download
            fsspec.open_local fsspec.implementations.ftp.FTPFileSystem fsspec.implementations.sftp.SFTPFileSystem sshfs.SSHFileSystem
            earthaccess.login earthaccess.search_data earthaccess.search_datasets earthaccess.open earthaccess.download
            earthaccess.get_s3_credentials earthaccess.get_requests_https_session earthaccess.get_fsspec_https_session
            earthaccess.get_s3fs_session earthaccess.get_s3_filesystem
            pangeo_forge_cmr.get_cmr_granule_links pangeo_forge_cmr.files_from_cmr
            pangeo_forge_esgf.get_urls_from_esgf pangeo_forge_esgf.generate_recipe_inputs_from_iids
            pangeo_forge_esgf.parsing.parse_instance_ids pangeo_forge_esgf.recipe_inputs.generate_recipe_inputs_from_iids
            pangeo_forge_cordex.logon pangeo_forge_cordex.recipe_inputs_from_iids
            siphon.catalog.TDSCatalog siphon.catalog.get_latest_access_url pystac_client.Client.open planetary_computer.sign
            huggingface_hub.hf_hub_download huggingface_hub.snapshot_download huggingface_hub.list_repo_files
            google.cloud.bigquery.Client google.cloud.storage.Client google.cloud.secretmanager.SecretManagerServiceClient
            leap_data_management_utils.BQInterface copernicusmarine.open_dataset copernicusmarine.subset copernicusmarine.get
            ee.Initialize pydap.client.open_url
        """,
        Effect.FILES: """
            builtins.open io.open os.listdir os.scandir os.walk os.mkdir os.makedirs os.remove os.unlink os.rename os.replace os.rmdir
            os.chdir glob.glob glob.iglob shutil.rmtree shutil.copy shutil.copyfile shutil.copytree shutil.move shutil.unpack_archive
            tempfile.mkdtemp tempfile.mkstemp tempfile.TemporaryDirectory tempfile.NamedTemporaryFile tempfile.TemporaryFile
            zipfile.ZipFile tarfile.open sqlite3.connect leap_data_management_utils.data_management_transforms.get_catalog_store_urls
        """,
        Effect.DATA: """
            xarray.open_dataset xarray.open_mfdataset xarray.open_dataarray xarray.open_zarr xarray.open_datatree xarray.load_dataset
            zarr.open zarr.open_group zarr.open_array zarr.open_consolidated
            pandas.read_csv pandas.read_table pandas.read_excel pandas.read_html pandas.read_parquet pandas.read_json pandas.read_fwf
            pandas.read_xml pandas.read_pickle pandas.read_hdf geopandas.read_file
            dask.dataframe.read_csv dask.dataframe.read_parquet
            numpy.load numpy.loadtxt numpy.genfromtxt netCDF4.Dataset netCDF4.MFDataset h5py.File rasterio.open rioxarray.open_rasterio
            intake.open_catalog intake.open_esm_datastore intake.open_yaml_file_cat
        """,
        Effect.CREDENTIALS: "netrc.netrc",
        Effect.COMMAND: """
            os.system os.popen os.execv os.execve os.execvp os.execl os.execlp os.spawnl os.spawnv os.startfile pty.spawn
            subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput
            subprocess.getstatusoutput asyncio.create_subprocess_exec asyncio.create_subprocess_shell sh.Command
        """,
        Effect.CODE: "builtins.exec builtins.eval runpy.run_path runpy.run_module",
        Effect.CLUSTER: "distributed.Client distributed.LocalCluster dask.distributed.Client dask.distributed.LocalCluster",
        Effect.OUTPUT: "builtins.print rich.print pprint.pprint",
    }
)

#: What methods of objects do: where the objects come from, and the methods.
_OBJECTS = (
    (
        Effect.NETWORK,
        """
            fsspec.filesystem s3fs.S3FileSystem s3fs.core.S3FileSystem gcsfs.GCSFileSystem gcsfs.core.GCSFileSystem
            adlfs.AzureBlobFileSystem huggingface_hub.HfFileSystem fsspec.implementations.http.HTTPFileSystem
            fsspec.implementations.ftp.FTPFileSystem fsspec.implementations.sftp.SFTPFileSystem
            earthaccess.get_s3fs_session earthaccess.get_fsspec_https_session
        """,
        """
            glob ls listdir find walk exists info open cat cat_file get get_file put put_file du rm cp copy mv isfile isdir created modified
            read_text read_bytes write_text mkdir makedirs touch size tree download upload
        """,
    ),
    (
        Effect.NETWORK,
        """
            requests.Session requests.session requests.sessions.Session httpx.Client httpx.AsyncClient aiohttp.ClientSession
            urllib3.PoolManager
        """,
        "get post put head request options send stream urlopen",
    ),
    (Effect.NETWORK, "ftplib.FTP ftplib.FTP_TLS", "connect login nlst dir mlsd retrbinary retrlines cwd"),
    (
        Effect.NETWORK,
        "cmr.GranuleQuery cmr.CollectionQuery cmr.VariableQuery pystac_client.Client.open huggingface_hub.HfApi",
        "get get_all hits search items item_collection matched",
    ),
    (Effect.NETWORK, "cdsapi.Client", "retrieve"),
    (Effect.DATA, "fsspec.open", "open __enter__"),
    (Effect.RUN, "apache_beam.Pipeline", "run __enter__"),
    (
        Effect.FILES,
        "pathlib.Path pathlib.Path.home pathlib.Path.cwd",
        "read_text read_bytes write_text write_bytes open glob rglob iterdir mkdir unlink touch rename",
    ),
)
_METHODS = {origin: (_words(methods), effect) for effect, origins, methods in _OBJECTS for origin in _words(origins)}
#: Methods that write, whatever they belong to: `Dataset.to_zarr` and its like.
_WRITERS = _words("to_zarr to_netcdf to_parquet to_csv to_excel to_pickle savefig")
#: Calls of what `to_function` and its like gave.
_RUNNING = frozenset({"to_function()", "to_prefect()"})
#: File systems that connect at once, before any method is called.
_CONNECTING = frozenset({"ftp", "sftp", "ssh", "smb", "hdfs"})
_LOCAL = frozenset({"file", "local", "memory", "reference"})
_SCHEME = re.compile(r"(?:[a-z0-9+]+::)*(?P<scheme>[a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_IN_MEMORY = ("io.StringIO()", "io.BytesIO()")


def effect_of(executed: Executed) -> Effect | None:
    """Tell what is done by a call, or by entering a ``with``; None for nothing that is known."""
    node, scope = executed.node, executed.scope
    if isinstance(node, ast.Subscript):
        return None
    call = node.context_expr if isinstance(node, ast.withitem) else node
    if not isinstance(call, ast.Call):
        return None
    name = executed.name
    effect = _FUNCTIONS.get(name) or _of_method(call, name, scope)
    if name == "fsspec.filesystem":
        return Effect.NETWORK if call.args and scope.text(call.args[0]) in _CONNECTING else None
    if effect in (Effect.DATA, Effect.FILES) and call.args:
        return _by_address(call.args[0], effect, scope)
    return effect


def _of_method(call: ast.Call, name: str, scope: Scope) -> Effect | None:
    root, _, rest = name.partition("().")
    last = rest.rpartition(".")[2]
    methods, effect = _METHODS.get(root, (_words(""), None))
    if last in methods and not _is_local(call.func, scope):
        return effect
    if root.startswith("pangeo_forge_recipes.") and last in _RUNNING:
        return Effect.RUN
    writes = isinstance(call.func, ast.Attribute) and call.func.attr in _WRITERS and bool(call.args or call.keywords)
    return Effect.WRITE if writes else None


def _is_local(function: ast.expr, scope: Scope) -> bool:
    """Whether a method is of a file system that is no server, or of a path beside the module."""
    for node in _behind(function, scope):
        if isinstance(node, ast.Call) and scope.origin(node.func) == "fsspec.filesystem" and node.args:
            return scope.text(node.args[0]) in _LOCAL
        if isinstance(node, ast.Name) and node.id == "__file__":
            return True
    return False


def _by_address(address: ast.expr, effect: Effect, scope: Scope) -> Effect | None:
    """Tell what is reached from the address that is opened; nothing, if it is in memory or beside the module."""
    if any(isinstance(node, ast.Name) and node.id == "__file__" for node in _behind(address, scope)):
        return None
    if scope.origin(address).startswith(_IN_MEMORY):
        return None
    text = scope.text(address)
    if text is None or effect is Effect.FILES:
        return effect
    scheme = _SCHEME.match(text)
    return Effect.NETWORK if scheme and scheme["scheme"] not in _LOCAL else Effect.FILES


def _behind(node: ast.AST, scope: Scope, most: int = 60) -> list[ast.AST]:
    """List the parts of an expression, and of the expressions that its names stand for."""
    found: list[ast.AST] = []
    todo, seen = [node], set[str]()
    while todo and len(found) < most:
        part = todo.pop()
        found.append(part)
        todo += list_children(part)
        if isinstance(part, ast.Name) and part.id not in seen:
            seen.add(part.id)
            value = scope.value(part.id) if part.id not in scope.parameters else None
            todo += [value] if value else []
    return found
