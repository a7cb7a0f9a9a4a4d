"""What a recipe module does while it is imported, beside describing recipes."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import ClassVar

from pangeo_forge.feedstocks.problems import listing
from pangeo_forge.lint.code.effects import Effect
from pangeo_forge.lint.code.executed import Executed
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

_GUARD = 'under `if __name__ == "__main__":`'
_LONGEST = 60


class _ImportTimeRule(Rule):
    """A rule about what some calls do while a module is imported."""

    #: What it is about; of what stands together, the first in a module is reported, with the lines of the others.
    groups: ClassVar[tuple[frozenset[Effect], ...]]
    message = "`{call}` {effect} while the module is imported{through}{others}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what happens, module by module."""
        for _, found in groupby(draft.effects, key=lambda happening: happening[0].module.name):
            happenings = list(found)
            for group in self.groups:
                yield from self._report(
                    draft, [happening for happening in happenings if happening[1] in group and self.concerns(*happening)]
                )

    def _report(self, draft: Draft, happenings: Sequence[tuple[Executed, Effect]]) -> Iterator[Finding]:
        if not happenings:
            return
        first, effect = min(happenings, key=lambda happening: (happening[0].site.lineno, happening[0].site.col_offset))
        site = first.site.func if isinstance(first.site, ast.Call) else first.site
        yield self.found(
            first.module.at(first.site),
            end=first.module.end_of(site),
            level=self.level_of(effect),
            help=self.advise(draft, first, effect),
            call=_called(first),
            effect=effect.value,
            through=f", by way of {' and '.join(f'`{name}`' for name in first.through)}" if first.through else "",
            others=_see_also(sorted({executed.site.lineno for executed, _ in happenings} - {first.site.lineno})),
        )

    def concerns(self, executed: Executed, effect: Effect) -> bool:
        """Whether the rule is about what happens where it happens."""
        return True

    def level_of(self, effect: Effect) -> Level:
        """Say how bad it is."""
        return self.level

    @abstractmethod
    def advise(self, draft: Draft, executed: Executed, effect: Effect) -> str:
        """Say what to write instead."""


def _called(executed: Executed) -> str:
    """Write what is called as the module has it, without what it is called on where that is long."""
    node = executed.node.context_expr if isinstance(executed.node, ast.withitem) else executed.node
    text = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    return text if "(" not in text and len(text) <= _LONGEST else f"….{text.rpartition('.')[2][-_LONGEST:]}"


def _see_also(lines: Sequence[int]) -> str:
    return f" (see also line{'s' if len(lines) > 1 else ''} {listing([str(line) for line in lines], 5)})" if lines else ""


class ImportTimeAccess(_ImportTimeRule):
    """Importing a recipe module asks a server or uses files.

    A recipe is imported also where it is only listed, planned or tested. Where a server is asked, that takes its time on each
    occasion, fails without a network, and gives another recipe whenever the answer is another. Where a file is opened by a relative
    path, the import works in one folder only. Files that are found by `__file__`, beside the module, are as good as its code.

    Only what a well-known library does is seen, at the module's own level and in the functions that are called from there.

    Bad (`recipe.py`):

    ```python
    import s3fs

    from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

    files = s3fs.S3FileSystem(anon=True).glob("archive/sst/*.nc")
    sst = ZarrRecipe(pattern_from_file_sequence([f"s3://{file}" for file in files], "time"))
    ```

    Good (`recipe.py`):

    ```python
    from pathlib import Path

    from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence

    files = (Path(__file__).parent / "files.txt").read_text().split()
    sst = ZarrRecipe(pattern_from_file_sequence(files, "time"))
    ```
    """

    code = "PFR032"
    name = "import-time-access"
    level = Level.WARNING
    groups = (
        frozenset({Effect.NETWORK, Effect.DATA}),
        frozenset({Effect.FILES, Effect.WRITE}),
        frozenset({Effect.CREDENTIALS}),
        frozenset({Effect.RUN}),
    )

    def advise(self, draft: Draft, executed: Executed, effect: Effect) -> str:
        """Say how the recipe can do without."""
        if effect is Effect.FILES:
            return _advise_on_path(draft, executed)
        return _ADVICE[effect]


_ADVICE = {
    Effect.NETWORK: "Make the names of the inputs by a rule, or list them in a file beside the module and read that.",
    Effect.DATA: "Make the names of the inputs by a rule, or list them in a file beside the module and read that.",
    Effect.WRITE: f"Leave writing to the recipe; put what is for trying it out {_GUARD}.",
    Effect.CREDENTIALS: "Read them from the environment, which whoever runs the recipe can set.",
    Effect.RUN: f"Leave running to `pangeo-forge recipe run`; put what is for trying it out {_GUARD}.",
}


def _advise_on_path(draft: Draft, executed: Executed) -> str:
    """Say how to open a file that lies in the feedstock."""
    call = executed.node.context_expr if isinstance(executed.node, ast.withitem) else executed.node
    written = executed.scope.text(call.args[0]) if isinstance(call, ast.Call) and call.args else None
    path = PurePosixPath(written or "/")
    own = next((name for name in (path.as_posix(), path.name) if name in draft.files), None)
    if own is None or path.is_absolute():
        return f"Leave it to the recipe's functions, or put it {_GUARD}."
    return f'That path begins in the folder that the run is started in: write `Path(__file__).parent / "{own}"`.'


class ImportTimeCommand(_ImportTimeRule):
    """Importing a recipe module starts a command, or runs code that is made of a text.

    Whoever lists or tests the recipes of a feedstock imports its modules, on their own machine, and expects a description. What is
    installed in this way is not there when the recipe runs on another machine; commands may not be there either.

    Bad (`recipe.py`):

    ```python
    import subprocess
    import sys

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    subprocess.check_call([sys.executable, "-m", "pip", "install", "cftime"])

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```
    """

    code = "PFR033"
    name = "import-time-command"
    level = Level.ERROR
    groups = (frozenset({Effect.COMMAND}), frozenset({Effect.CODE}))

    def advise(self, draft: Draft, executed: Executed, effect: Effect) -> str:
        """Say how the module can do without."""
        if effect is Effect.CODE:
            return "Write the code itself, or import it; `ast.literal_eval` reads values."
        is_pip = any(isinstance(part, ast.Constant) and "pip" in str(part.value).split() for part in ast.walk(executed.node))
        return "Name the package in requirements.txt." if is_pip else f"Do it in Python, in a function of the recipe, or put it {_GUARD}."


class ImportTimeOutput(_ImportTimeRule):
    """Importing a recipe module prints, or starts a cluster of Dask.

    Both are left over from writing the recipe. What is printed gets between the lines of whoever lists or tests the recipes; a cluster
    of the module's own is started on each of these occasions, and stands in the way of the bakery's.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    print(days)
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))

    if __name__ == "__main__":
        print(days)
    ```
    """

    code = "PFR038"
    name = "import-time-output"
    level = Level.HINT
    groups = (frozenset({Effect.OUTPUT}), frozenset({Effect.CLUSTER}))

    def concerns(self, executed: Executed, effect: Effect) -> bool:
        """Leave out what is printed by functions, which may have reasons."""
        return executed.is_direct or effect is Effect.CLUSTER

    def level_of(self, effect: Effect) -> Level:
        """Say how bad it is: a cluster takes processes, ports and memory."""
        return Level.WARNING if effect is Effect.CLUSTER else self.level

    def advise(self, draft: Draft, executed: Executed, effect: Effect) -> str:
        """Say what to do about it."""
        if effect is Effect.CLUSTER:
            return f"Leave the cluster to the bakery; put your own {_GUARD}."
        return f"Delete it, or put it {_GUARD}."
