"""What it means that a module cannot be imported, said to the recipe's author."""

from __future__ import annotations

import traceback
from pathlib import Path

from pangeo_forge.errors import ForgeError, RecipeFailed, UserError, Where
from pangeo_forge.plans.explaining import format_foreign
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
    if isinstance(error, SyntaxError):
        place = Where(error.filename or name, error.lineno, error.offset)
        return RecipeFailed(f"is not valid Python: {error.msg}", where=place, detail=traceback.format_exc(limit=0), code="PFR001")
    if isinstance(error, ModuleNotFoundError):
        return _explain_missing(folder, name, error)
    lack = find_lack(error, find_place(folder, error))
    if lack is not None:
        return lack
    return RecipeFailed(
        f"module {name!r} fails when it is imported: {type(error).__name__}: {error}",
        where=find_place(folder, error) or str(folder),
        hint="The traceback of the recipe's code is shown with --verbose.",
        detail=format_foreign(error),
        code="PFR041",
    )


def explain_delay(folder: Path, name: str, timeout_s: float, error: BaseException) -> ForgeError:
    """Say that a module took longer to be imported than it may, and where it was then."""
    return RecipeFailed(
        f"module {name!r} takes longer than {timeout_s:g} s to be imported",
        where=find_place(folder, error) or str(folder),
        hint="Do what takes long in the recipe's functions, or give it more time by --load-timeout.",
        detail=format_foreign(error),
        code="PFR041",
    )


def _explain_missing(folder: Path, name: str, error: ModuleNotFoundError) -> ForgeError:
    package = (error.name or "").partition(".")[0]
    where = find_place(folder, error) or str(folder)
    if package == name.partition(".")[0]:
        return UserError(f"there is no module {name!r}", where=str(folder), hint="The module is a file beside meta.yaml.", code="PFM021")
    if package in PACKAGES:
        message = f"the recipe imports {error.name}, for which pangeo-forge does not answer"
        return UserError(message, where=where, hint="Please report it, with the recipe.", code="PFR041")
    return UserError(
        f"the recipe imports {package!r}, which is not installed",
        where=where,
        hint=f"Name the package that brings it in {folder / 'requirements.txt'}; what stands there is installed, but with --no-isolation.",
        code="PFR034",
    )


def find_place(folder: Path, error: BaseException) -> Where | None:
    """Find the last line of the feedstock's own code in an exception's traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]
    return Where(frames[-1].filename, frames[-1].lineno) if frames else None
