"""Whether passwords, tokens and keys are written into the files."""

from __future__ import annotations

from collections.abc import Iterable

from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule


class WrittenSecret(Rule):
    """A password, a token or a key is written into a file.

    Whoever can read the repository can use it, now and for as long as the repository's history is kept, and archives close accounts
    that are passed around. Let it be withdrawn where it was issued, and let the recipe read the new one from the environment of
    whoever runs it. Looked at are the arguments, variables and items that have the names of secrets, logins in addresses, signed
    addresses, and what has the form of a well-known service's keys, also in comments. Passed over are texts that only keep a place
    (`<ADD>`, `your-password`), the names of variables, and the mail addresses that some archives take for everybody's password.

    The secret itself is shown nowhere in the output, also not by other rules whose findings lie on the same line.

    Bad (`recipe.py`):

    ```python
    import aiohttp

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    login = {"auth": aiohttp.BasicAuth("ada", "engine-No.2")}
    days = ConcatDim("time", keys=[1, 2, 3])
    pattern = FilePattern(lambda time: f"https://data.example.org/{time}.nc", days, fsspec_open_kwargs={"client_kwargs": login})
    sst = ZarrRecipe(pattern)
    ```

    Good (`recipe.py`):

    ```python
    import os

    import aiohttp

    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    login = {"auth": aiohttp.BasicAuth("ada", os.environ["ARCHIVE_PASSWORD"])}
    days = ConcatDim("time", keys=[1, 2, 3])
    pattern = FilePattern(lambda time: f"https://data.example.org/{time}.nc", days, fsspec_open_kwargs={"client_kwargs": login})
    sst = ZarrRecipe(pattern)
    ```
    """

    code = "PFR030"
    name = "written-secret"
    level = Level.ERROR
    message = "a {what} is written into the file: whoever can read the repository can use it"
    help = "Withdraw it where it was issued, since the history keeps it, and read the new one from the environment{example}."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the modules, at ``meta.yaml``, at ``requirements.txt`` and at ``catalog.yaml``."""
        texts = [file.text for file in (draft.meta, draft.requirements, draft.catalog, *draft.modules.values()) if file]
        for text in texts:
            for secret in draft.secrets_of(text.shown):
                example = f': `os.environ["{secret.name}"]`' if text.path.endswith(".py") else ""
                yield self.found(text.at(*secret.start), end=secret.end, what=secret.what, example=example)
