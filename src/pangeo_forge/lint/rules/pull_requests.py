"""Whether a pull request changes what belongs together, and says so: compared with the commit that ``--base`` names."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from pangeo_forge.errors import InvalidFeedstock, Where
from pangeo_forge.feedstocks.authors import find_login
from pangeo_forge.feedstocks.nodes import read_fields
from pangeo_forge.feedstocks.problems import listing
from pangeo_forge.feedstocks.yaml import Pairs, Scalar, parse_yaml
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.drafts import METAS, Draft, Layout
from pangeo_forge.lint.files.changes import Changes, Committer
from pangeo_forge.lint.files.texts import Text
from pangeo_forge.lint.files.workflows import FOLDER as WORKFLOWS
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Need, Rule


def _changes_of(draft: Draft, layout: Layout) -> Changes | None:
    """Give what a pull request changes, where a draft lies in this way at the top of the repository."""
    changes = draft.changes
    is_at_top = changes is not None and draft.layout is layout and changes.path_of(draft.root, "") == "."
    return changes if is_at_top and not draft.is_outside else None


class ChangesBesideRecipes(Rule):
    """A pull request changes drafts in `recipes/`, and other files of the repository as well.

    A draft is all in its own folder. What else changes with it affects everybody's, and is easily overlooked by who reviews a draft.
    Said once for the repository, whatever number of drafts it has.
    """

    code = "PFS004"
    name = "changes-beside-recipes"
    level = Level.WARNING
    message = "the pull request changes drafts in recipes/, and beside them {paths}"
    help = "Leave these files as they are, or change them in a pull request of their own."
    needs = Need.HISTORY

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the first parts of the paths that differ."""
        changes = _changes_of(draft, Layout.STAGED)
        if changes and "recipes" in changes.folders:
            others = [path for name, paths in changes.folders.items() if name != "recipes" for path in paths]
            if others:
                yield self.found(Where(draft.show(draft.from_root(others[0]))), paths=listing(others, 3))


class ChangesOfTwoKinds(Rule):
    """A pull request changes the feedstock and the workflows of its repository at once.

    Workflows have the repository's secrets. A change of them should not pass along with one of the recipe, and when the pull request
    is merged, the recipe is baked by workflows that nobody has seen at work. A pull request that begins a feedstock brings both.
    """

    code = "PFS007"
    name = "changes-of-two-kinds"
    level = Level.WARNING
    message = "the pull request changes {path}, and the feedstock as well"
    help = "Change the workflows in a pull request of their own."
    needs = Need.HISTORY

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the folders that the files that differ are in."""
        changes = _changes_of(draft, Layout.FEEDSTOCK)
        if changes and "feedstock" in changes.folders and not _is_new(draft, changes):
            workflow = next((path for path in changes.folders.get(".github", ()) if path.startswith(f"{WORKFLOWS}/")), None)
            if workflow:
                yield self.found(Where(draft.show(draft.from_root(workflow))), path=workflow)


class ForeignAuthor(Rule):
    """Whoever adds a feedstock is none of its maintainers.

    The maintainers are asked when the recipe no longer works. Looked at are the commits since the base: who made them by GitHub's
    own e-mail addresses (`login@users.noreply.github.com`) is known by the name there. Of other addresses nothing is said, nor
    of feedstocks that were there before.
    """

    code = "PFM045"
    name = "foreign-author"
    level = Level.HINT
    message = "{login} adds this feedstock, but is none of its maintainers"
    help = "Add yourself, with `github: {login}`, if you will look after it."
    needs = Need.HISTORY

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the maintainers with who made the commits."""
        field = draft.meta.field("maintainers") if draft.meta else None
        if draft.changes is None or field is None or draft.is_outside or not _is_new(draft, draft.changes):
            return
        people = [person for person in draft.changes.committers if not person.name.endswith("[bot]")]
        logins = [person.login for person in people if person.login]
        if logins and len(logins) == len(people) and not any(_is_maintainer(person, draft) for person in people):
            yield self.found(field.key_where, end=field.key_end, login=logins[0])


def _is_maintainer(person: Committer, draft: Draft) -> bool:
    known = draft.meta.model.maintainers if draft.meta and draft.meta.model else ()
    names = {name.casefold() for maintainer in known for name in (maintainer.name, maintainer.email, find_login(maintainer)) if name}
    return any(name.casefold() in names for name in (person.name, person.email, person.login or ""))


class SameVersion(Rule):
    """The recipe has changed, but not the `version` of `meta.yaml`.

    Who uses the dataset sees by the version that it was made in another way. Only feedstocks are meant that have a `version`. What
    changes only comments or the layout of a module does not count.
    """

    code = "PFM061"
    name = "same-version"
    level = Level.WARNING
    message = "{changed} changed, but the version is still {version}"
    help = "Write a higher one: another MAJOR where variables are gone or mean something else, another MINOR otherwise."
    needs = Need.HISTORY

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the version and the modules with those at the base."""
        meta, changes = draft.meta, draft.changes
        value = meta.fields["version"].value if meta and "version" in meta.fields else None
        if meta is None or changes is None or not isinstance(value, Scalar) or draft.is_outside:
            return
        if value.text == _version_before(changes.path_of(draft.folder, meta.text.path), changes):
            changed = [module.text.path for module in draft.modules.values() if _has_changed(module, draft, changes)]
            if changed:
                yield self.found(value.where, end=value.end, changed=listing(changed, 3), version=value.text)


def _is_new(draft: Draft, changes: Changes) -> bool:
    """Whether there was no feedstock before."""
    paths = {name: changes.path_of(draft.folder, name) for name in METAS}
    is_unchanged = any(draft.has_file(name) and path not in changes.paths for name, path in paths.items())
    return not is_unchanged and not changes.had_any(paths.values())


def _version_before(path: str, changes: Changes) -> str | None:
    text = changes.before(path)
    try:
        root = parse_yaml(text.encode(), path) if text else None
    except InvalidFeedstock:
        return None
    field = read_fields(root, []).get("version") if isinstance(root, Pairs) else None
    return field.value.text if field and isinstance(field.value, Scalar) else None


def _has_changed(module: Module, draft: Draft, changes: Changes) -> bool:
    """Whether a module says something else than before."""
    path = changes.path_of(draft.folder, module.text.path)
    if path not in changes.paths or module.tree is None:
        return False
    text = changes.before(path)
    before = Module.parse(module.name, Text(module.text.path, path, text)) if text is not None else None
    return before is None or before.tree is None or ast.dump(before.tree) != ast.dump(module.tree)
