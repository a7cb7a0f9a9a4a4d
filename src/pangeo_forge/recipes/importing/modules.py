"""A feedstock's modules, imported: the one place where their code is run."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import cloudpickle

from pangeo_forge.errors import ForgeError
from pangeo_forge.recipes.importing.explaining import explain_delay, explain_failure
from pangeo_forge.recipes.importing.limits import TooLong, time_limit
from pangeo_forge.recipes.standins.scope import answering


def import_module(folder: Path, name: str, timeout_s: float) -> ModuleType:
    """Import a module of a feedstock.

    Parameters
    ----------
    folder : Path
        The folder of the modules.
    name : str
        The module, a path of dots relative to the folder.
    timeout_s : float
        How long it may take, seconds.

    Raises
    ------
    RecipeFailed
        If the module's code fails, or takes too long.
    UserError
        If there is no such module, or it imports what is not installed.
    """
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        with answering(), time_limit(timeout_s):
            module = importlib.import_module(name)
    except ForgeError:
        raise
    except TooLong as error:
        raise explain_delay(folder, name, timeout_s, error) from error
    except (Exception, SystemExit) as error:
        raise explain_failure(folder, name, error) from error
    cloudpickle.register_pickle_by_value(module)
    return module
