"""``pangeo-forge schema``: what editors complete and check the files of a feedstock by."""

from __future__ import annotations

from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.options import AsJson, Verbose
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.terminal import say_json

app = make_group("Print JSON schemas, by which editors complete, explain and check the files of a feedstock.")

_IN_EDITORS = """
Editors with the YAML language server (VS Code's extension YAML, Neovim, Emacs and others) look for the schema where the first line of
feedstock/meta.yaml says,

\b
  # yaml-language-server: $schema=../meta.schema.json

or, for all of a repository, where its .vscode/settings.json does:

\b
  {"yaml.schemas": {"./meta.schema.json": "**/meta.yaml"}}
"""


@app.command(
    "meta",
    epilog=examples(("pangeo-forge schema meta > meta.schema.json", "keep it in a file")) + "\n" + _IN_EDITORS,
)
def meta(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Print the JSON schema of meta.yaml: the keys there are, what they mean, and what may stand under them.

    It is always JSON, of the draft 2020-12. What a schema cannot say is for `pangeo-forge recipe lint`.
    """
    with speaking(as_json, verbose):
        from pangeo_forge.feedstocks.documents import meta_schema

        say_json(meta_schema())
