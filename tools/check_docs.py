"""Check the documentation against the project: links lead somewhere, ``make`` targets exist, decision records are whole.

Given the folder of the built pages, checks as well that none of them fetches a style, a script or a picture from another host.
Prints each fault as ``file:line: what`` and ends with 1 if there is any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"(?<!!)\[[^]]*\]\(([^)\s]+)\)|!\[[^]]*\]\(([^)\s]+)\)")
MAKE = re.compile(r"`make ([a-z-]+)|^\s*(?:\$ )?make ([a-z-]+)")
DECISION = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
SECTIONS = ("Context", "Decision", "Consequences")
FETCHED = re.compile(
    r"<(?:link(?![^>]*rel=\"(?:canonical|index|search|next|prev)\")|script|img|iframe|source)\b[^>]*?(?:href|src)=\"((?:https?:)?//[^\"]+)"
)
FETCHED_BY_STYLE = re.compile(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^\"')]+)")


def main(built: list[str]) -> int:
    """Check every Markdown file that git knows of, and the pages in the folders that are named."""
    files = [ROOT / name for name in git("ls-files", "--cached", "--others", "--exclude-standard", "*.md") if (ROOT / name).exists()]
    faults = [*(fault for file in files for fault in check_file(file)), *check_decisions(ROOT / "docs" / "adr")]
    faults += [fault for folder in built for fault in check_pages(Path(folder))]
    print("\n".join(faults) or f"{len(files)} Markdown files are in order")
    return 1 if faults else 0


def git(*arguments: str) -> list[str]:
    """Ask git for lines."""
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()


def check_file(file: Path) -> Iterator[str]:
    """Check a file's links within the project, and the ``make`` targets that it tells people to use."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for number, line in enumerate(file.read_text().splitlines(), 1):
        where = f"{file.relative_to(ROOT)}:{number}"
        for link in LINK.finditer(line):
            if fault := check_link(file, link[1] or link[2]):
                yield f"{where}: {fault}"
        for command in MAKE.finditer(line):
            if (target := command[1] or command[2]) not in targets:
                yield f"{where}: the Makefile has no target {target!r}"


def check_link(file: Path, link: str) -> str | None:
    """Say what is wrong with a link, if it stays within the project and anything is."""
    path, _, anchor = link.partition("#")
    if re.match(r"[a-z]+:", link):
        return None
    target = (file.parent / path).resolve() if path else file
    if not target.exists():
        return f"there is no {path}"
    if anchor and target.suffix == ".md" and anchor not in anchors(target):
        return f"{path or file.name} has no heading #{anchor}"
    return None


def anchors(file: Path) -> set[str]:
    """List the anchors of a file's headings, as Markdown's usual renderers make them."""
    headings = re.findall(r"^#+ +(.*?) *$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_pages(folder: Path) -> Iterator[str]:
    """Check that built pages need nothing from other hosts."""
    pages = [*folder.rglob("*.html"), *folder.rglob("*.css")]
    if not pages:
        yield f"{folder}: there are no built pages"
    for page in pages:
        pattern = FETCHED if page.suffix == ".html" else FETCHED_BY_STYLE
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for match in pattern.finditer(line):
                yield f"{page}:{number}: it fetches {match[1]}"


def check_decisions(folder: Path) -> Iterator[str]:
    """Check that decision records are numbered without gaps or doubles, and say why as well as what."""
    numbers = []
    for file in sorted(folder.glob("*.md")):
        name = DECISION.fullmatch(file.name)
        if name is None:
            yield f"docs/adr/{file.name}: a decision record is named NNNN-words-with-hyphens.md"
            continue
        numbers.append(int(name[1]))
        missing = [section for section in SECTIONS if f"\n## {section}\n" not in file.read_text()]
        if missing:
            yield f"docs/adr/{file.name}: there is no section {', '.join(missing)}"
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"docs/adr: the records should be numbered from 1 on, each once, but are {numbers}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
