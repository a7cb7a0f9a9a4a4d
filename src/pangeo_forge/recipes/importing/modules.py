"""Running a feedstock's code where it is not yet a recipe: its modules, and what it does while recipes are made of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import cloudpickle

from pangeo_forge.errors import ForgeError, Interruption
from pangeo_forge.recipes.importing.explaining import explain_delay, explain_failure, explain_misuse
from pangeo_forge.recipes.importing.finding import add_folder, import_from
from pangeo_forge.recipes.importing.keeping import keeping_process
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
    add_folder(folder)
    with running_code_of(folder, name, timeout_s):
        module = import_from(folder, name)
    if isinstance(sys.modules.get(module.__name__), ModuleType):
        cloudpickle.register_pickle_by_value(module)
    return module


@contextmanager
def running_code_of(folder: Path, name: str, timeout_s: float) -> Iterator[None]:
    """Let code of a feedstock run in the body, whatever it does: raise, end the process, take forever, change what is not its own.

    Parameters
    ----------
    folder, name, timeout_s
        As for `import_module`.

    Raises
    ------
    RecipeFailed, UserError
        As `import_module` does.
    """
    process = os.getpid()
    try:
        with answering(), keeping_process(), time_limit(timeout_s):
            yield
    except TooLong as error:
        raise explain_delay(folder, name, timeout_s, error) from error
    except ForgeError as error:
        raise explain_misuse(folder, error) from error
    except Interruption:
        raise
    except BaseException as error:
        raise explain_failure(folder, name, error) from error
    finally:
        if os.getpid() != process:  # a process that the module has forked, and that came back from there as well
            os._exit(0)
