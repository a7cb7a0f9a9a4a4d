"""What it means that a module cannot be imported, said to the recipe's author."""

from __future__ import annotations

import importlib.metadata
import traceback
from collections.abc import Callable
from pathlib import Path

from pangeo_forge.errors import ForgeError, RecipeFailed, UsageError, UserError, Where
from pangeo_forge.plans.blaming import SEE_TRACEBACK, describe, format_foreign
from pangeo_forge.recipes.importing.connections import find_host
from pangeo_forge.recipes.importing.credentials import find_lack
from pangeo_forge.recipes.standins.modules import PACKAGES


def explain_failure(folder: Path, name: str, error: BaseException) -> ForgeError:
    """Say what an exception means that was raised while a module of a feedstock was imported.

    Parameters
    ----------
    folder : Path
        The folder of the modules.
    name : str
        The module.
    error : BaseException
    """
    for explain in _EXPLANATIONS:
        explained = explain(folder, name, error)
        if explained is not None:
            return explained
    return RecipeFailed(
        f"module {name!r} fails when it is imported: {describe(error)}",
        where=find_place(folder, error) or str(folder),
        hint=SEE_TRACEBACK,
        detail=format_foreign(error),
        code="PFR041",
    )


def explain_misuse(folder: Path, error: ForgeError) -> ForgeError:
    """Say where a module calls what it imports from pangeo-forge wrongly: that is its author's fault, not that of who loads it."""
    place = find_place(folder, error)
    if place is None or error.where is not None:
        return error
    kind = UserError if isinstance(error, UsageError) else type(error)
    return kind(error.message, where=place, hint=error.hint, detail=error.detail, problems=error.problems, code=error.code)


def explain_delay(folder: Path, name: str, timeout_s: float, error: BaseException) -> ForgeError:
    """Say that a module took longer to be imported than it may, and where it was then."""
    return RecipeFailed(
        f"module {name!r} takes longer than {timeout_s:g} s to be imported",
        where=find_place(folder, error) or str(folder),
        hint="Do what takes long in the recipe's functions, or give it more time by --load-timeout.",
        detail=format_foreign(error),
        code="PFR041",
    )


def find_place(folder: Path, error: BaseException) -> Where | None:
    """Find the last line of the feedstock's own code in an exception's traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return Where(frames[-1].filename, frames[-1].lineno) if frames else None


def _explain_syntax(folder: Path, name: str, error: BaseException) -> ForgeError | None:
    if isinstance(error, SyntaxError) and Path(error.filename or "").is_relative_to(folder):
        place = Where(str(error.filename), error.lineno, error.offset)
        return RecipeFailed(f"is not valid Python: {error.msg}", where=place, detail=format_foreign(error), code="PFR001")
    if find_place(folder, error) is None and isinstance(error, SyntaxError | ValueError | UnicodeDecodeError):  # before its first line
        place = Where(str(folder / f"{name.replace('.', '/')}.py"), getattr(error, "lineno", None))
        return RecipeFailed(f"is not valid Python: {describe(error).partition(': ')[2]}", where=place, code="PFR001")
    return None


def _explain_missing(folder: Path, name: str, error: BaseException) -> ForgeError | None:
    if not isinstance(error, ModuleNotFoundError):
        return None
    package = (error.name or "").partition(".")[0]
    where = find_place(folder, error) or str(folder)
    if package == name.partition(".")[0]:
        return UserError(f"there is no module {name!r}", where=str(folder), hint="The module is a file beside meta.yaml.", code="PFM021")
    if package in PACKAGES:
        return _explain_unanswered(str(error.name), where)
    return UserError(
        f"the recipe imports {package!r}, which is not installed",
        where=where,
        hint=f"Name the package that brings it in {folder / 'requirements.txt'}; what stands there is installed, but with --no-isolation.",
        code="PFR034",
    )


def _explain_missing_name(folder: Path, name: str, error: BaseException) -> ForgeError | None:
    """Explain ``ImportError: cannot import name``."""
    wanted = getattr(error, "name_from", None)
    if not isinstance(error, ImportError) or not error.name or (wanted is None and "cannot import name" not in str(error)):
        return None
    wanted = wanted or str(error).split("'")[1]
    where = find_place(folder, error) or str(folder)
    package = error.name.partition(".")[0]
    if package in PACKAGES:
        return _explain_unanswered(f"{error.name}.{wanted}", where)
    if error.path and Path(error.path).is_relative_to(folder):
        return UserError(f"the recipe imports {wanted!r} from its own module {error.name!r}, which has no such name", where=where)
    version = _version_of(package)
    return UserError(
        f"the recipe imports {wanted!r} from {error.name!r}, which has no such name" + (f" in version {version}" if version else ""),
        where=where,
        hint=f"Change the import, or name a version of {package!r} that has it in requirements.txt.",
        detail=format_foreign(error),
        code="PFR041",
    )


def _explain_unanswered(name: str, where: Where | str) -> ForgeError:
    message = f"the recipe imports {name}, for which pangeo-forge does not answer"
    return UserError(message, where=where, hint="Please report it, with the recipe.", code="PFR041")


def _version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # a module of Python's own, or of a distribution of another name
        return None


def _explain_credentials(folder: Path, name: str, error: BaseException) -> ForgeError | None:
    return find_lack(error, find_place(folder, error))


def _explain_connection(folder: Path, name: str, error: BaseException) -> ForgeError | None:
    """Explain that a module asks a server while it is imported, and was not answered."""
    host = find_host(error)
    if host is None:
        return None
    return RecipeFailed(
        f"module {name!r} asks {host} when it is imported, and that failed: {describe(error)}",
        where=find_place(folder, error) or str(folder),
        hint="Try again later, or let the recipe's functions ask for what they need.",
        detail=format_foreign(error),
        code="PFR041",
    )


_EXPLANATIONS: tuple[Callable[[Path, str, BaseException], ForgeError | None], ...] = (
    _explain_syntax,
    _explain_missing,
    _explain_missing_name,
    _explain_credentials,
    _explain_connection,
)
