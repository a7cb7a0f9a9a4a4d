"""Whether a recipe can be loaded and sent to where it runs, which only loading it tells."""

from __future__ import annotations

from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.rule import ExecutedRule


class ImportFails(ExecutedRule):
    """A recipe module raises an exception when it is imported.

    `recipe test` and `recipe run` import it, and show the exception with the last line of the feedstock's own code; `--verbose` shows
    the whole traceback. To see it without pangeo-forge, import the module in the folder that it lies in:
    `python -c "import recipe"`.

    Usual causes are variables of the environment that are not set (PFR031), servers that do not answer (PFR032), packages that are
    not installed (PFR034), and names of libraries that are gone from their newer versions.
    """

    code = "PFR041"
    name = "import-fails"
    level = Level.ERROR
    message = "module {module!r} fails when it is imported: {reason}"
    help = "The traceback of the recipe's code is shown with --verbose."


class NotPortable(ExecutedRule):
    """A recipe cannot be sent to the processes that it should run in.

    A run sends the recipe and its functions to other processes, perhaps on other machines, as bytes (by `cloudpickle`). Functions and
    what they use of their module are sent along; what belongs to one process is not: an open file, a connection, a lock, a running
    client. `recipe test` tries it, on one machine, before any data is read.

    Make such things inside of the function that uses them:

    ```python
    def preprocess(ds):
        with open_catalogue() as catalogue:
            return ds.assign_attrs(catalogue[ds.id])
    ```
    """

    code = "PFR042"
    name = "not-portable"
    level = Level.ERROR
    message = "the recipe {recipe!r} cannot be sent to the processes of a cluster: {reason}"
    help = "Make files, connections and locks inside of the recipe's functions, not at the module's level."
