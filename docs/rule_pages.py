"""A page for each lint rule, and their table, made of what the rules say of themselves whenever the documentation is built."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pangeo_forge.lint.documentation import document
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.rule import Need, Rule

#: Where the pages are written, which git does not keep.
FOLDER = "reference/rules"

#: What the rules of a family, the letter after ``PF``, look at.
FAMILIES = {
    "S": "The folder",
    "M": "`meta.yaml`",
    "R": "Recipe modules",
    "D": "`requirements.txt`",
    "C": "The catalog",
    "G": "Workflows and pull requests",
}

NEEDS = {
    Need.NOTHING: "",
    Need.HISTORY: "looked for with `--base REF` only",
    Need.NETWORK: "looked for with `--online` only",
    Need.EXECUTION: "found by `pangeo-forge recipe test`, which runs the recipe",
}

_FENCED = re.compile(r"^(?P<fence>```+)(?P<language>\w+)\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)
_AT_THE_TOP = re.compile(r"^(Bad|Good) \(`/([^`]+)`\):$", re.M)
_CODE = re.compile(r"`[^`]*`|\b(PF[A-Z][0-9]{3})\b")


def render_page(rule: Rule, codes: Iterable[str]) -> str:
    """Write a rule's page; `codes` are those of all rules, which the text may name."""
    facts = [f"{rule.level}", f"since version {rule.since}", "`--fix` can mend it" if rule.fixable else "", NEEDS[rule.needs]]
    parts = [
        f"# {rule.code}: {rule.name}",
        f"*{', '.join(fact for fact in facts if fact)}*",
        _render_text(document(rule).text, frozenset(codes) - {rule.code}),
    ]
    if rule.needs is not Need.EXECUTION:
        parts.append(_render_silencing(rule.code))
    return "\n\n".join(parts) + "\n"


def _render_text(text: str, codes: frozenset[str]) -> str:
    """Mark blocks to be highlighted whatever is wrong in them, and make links of other rules' codes."""
    text = _AT_THE_TOP.sub(r"\1 (`\2`, at the top of the repository):", text)
    parts, place = [], 0
    for block in _FENCED.finditer(text):
        parts += [_link(text[place : block.start()], codes), _render_block(**block.groupdict())]
        place = block.end()
    return "".join([*parts, _link(text[place:], codes)])


def _render_block(fence: str, language: str, text: str) -> str:
    return f"{fence}{{code-block}} {language}\n:force:\n\n{text}{fence}"


def _link(text: str, codes: frozenset[str]) -> str:
    return _CODE.sub(lambda found: f"[{found[1]}]({found[1]}.md)" if found[1] in codes else found[0], text)


def _render_silencing(code: str) -> str:
    return f"""## To pass over it

In one line, by a comment at its end: `# noqa: {code}`. In all of a repository, by its `pangeo-forge.toml`:

```toml
[lint]
ignore = ["{code}"]
```"""


def render_table(rules: Iterable[Rule]) -> str:
    """Write the list of rules, by families; rules of other packages may have families of their own."""
    order = [*FAMILIES]
    letters = sorted({rule.code[2] for rule in rules}, key=lambda letter: (order.index(letter) if letter in order else len(order), letter))
    families = {letter: [*group] for letter, group in groupby(sorted(rules, key=lambda rule: rule.code), lambda rule: rule.code[2])}
    return "\n\n".join(_render_family(letter, families[letter]) for letter in letters)


def _render_family(letter: str, rules: Iterable[Rule]) -> str:
    rows = [f"| {' | '.join(_render_row(rule))} |" for rule in rules]
    title = FAMILIES.get(letter, "Others")
    return "\n".join([f"## PF{letter}: {title}", "", "| rule | name | level | `--fix` | finds |", "| --- | --- | --- | --- | --- |", *rows])


def _render_row(rule: Rule) -> Iterator[str]:
    needs = NEEDS[rule.needs]
    yield f"[{rule.code}](rules/{rule.code}.md)"
    yield rule.name
    yield str(rule.level)
    yield "yes" if rule.fixable else ""
    yield document(rule).summary.replace("|", "\\|") + (f" ({needs})" if needs else "")


def write_pages(folder: Path, rules: Iterable[Rule]) -> None:
    """Write the pages of rules, and remove those of rules that are gone."""
    pages = {f"{rule.code}.md": rule for rule in rules}
    codes = [rule.code for rule in pages.values()]
    folder.mkdir(exist_ok=True)
    for name, rule in pages.items():
        text = render_page(rule, codes)
        page = folder / name
        if not page.exists() or page.read_text() != text:
            page.write_text(text)
    for page in folder.glob("*.md"):
        if page.name not in pages:
            page.unlink()


class RuleTable(SphinxDirective):
    """The table of all rules."""

    def run(self) -> list[nodes.Node]:
        """Write it as Markdown, and let that be read."""
        self.env.note_reread()
        return self.parse_text_to_nodes(render_table(find_rules()), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for pages."""
    app.add_directive("rules", RuleTable)
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir, FOLDER), find_rules()))
    return {"parallel_read_safe": True}
