"""Whether the workflows of a feedstock's repository on GitHub work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.workflows import Job, Step, Workflow
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

#: The last versions that GitHub refuses to run, and the last that are written for a Node that is gone.
_REFUSED = {"actions/upload-artifact": 3, "actions/download-artifact": 3, "actions/cache": 2}
_OLD = {"actions/checkout": 3, "actions/setup-python": 4, "actions/cache": 3}
_COMMAND = re.compile(r"::(?P<name>set-output|save-state|set-env|add-path)\b(?: name=|::)")
_FILES = {"set-output": "GITHUB_OUTPUT", "save-state": "GITHUB_STATE", "set-env": "GITHUB_ENV", "add-path": "GITHUB_PATH"}


class Outdated(Rule):
    """A workflow uses what GitHub has taken away, or is about to.

    GitHub refuses to run `actions/upload-artifact` and `actions/download-artifact` before their version 4 and `actions/cache` before
    its version 3, and the commands `::set-env` and `::add-path`. It still runs, with a warning, `::set-output` and `::save-state`,
    and actions that were written for versions of Node that are gone.

    Bad (`/.github/workflows/test.yaml`):

    ```yaml
    on: push
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - run: echo "::set-output name=recipe::sst"
    ```

    Good (`/.github/workflows/test.yaml`):

    ```yaml
    on: push
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - run: echo "recipe=sst" >> "$GITHUB_OUTPUT"
    ```
    """

    code = "PFG002"
    name = "outdated-workflow"
    level = Level.WARNING
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the versions of actions, and at the commands in scripts."""
        for workflow in draft.workflows:
            for step in workflow.steps:
                yield from self._check_version(step)
                yield from self._check_commands(step, workflow)

    def _check_version(self, step: Step) -> Iterator[Finding]:
        version = re.fullmatch(r"v?([0-9]{1,3})(\.[0-9.]{1,20})?", step.version)
        if step.uses is None or version is None:
            return
        major, action = int(version[1]), step.action
        newer = f"Look which version is the newest at https://github.com/{action}, and name that."
        if major <= _REFUSED.get(action, -1):
            fault = f"GitHub refuses to run {action} before version {_REFUSED[action] + 1}"
            yield self.found(step.uses.where, end=step.uses.end, help=newer, fault=fault)
        elif major <= _OLD.get(action, -1):
            fault = f"version {major} of {action} is written for a Node that is gone"
            yield self.found(step.uses.where, end=step.uses.end, level=Level.HINT, help=newer, fault=fault)

    def _check_commands(self, step: Step, workflow: Workflow) -> Iterator[Finding]:
        for number, line in workflow.lines(step.script):
            command = _COMMAND.search(line)
            if command is None:
                continue
            name, file = command["name"], _FILES[command["name"]]
            is_gone = name in ("set-env", "add-path")
            fault = f"GitHub {'refuses' if is_gone else 'warns of'} the command `::{name}`"
            form = "folder" if name == "add-path" else "name=value"
            hint = f'Write `echo "{form}" >> "${file}"`.'
            level = self.level if is_gone else Level.HINT
            end = (number, command.start() + len(name) + 3)
            yield self.found(workflow.at(number, command.start() + 1), end=end, level=level, help=hint, fault=fault)


#: What workflows of feedstocks give to programs as their code, requirements or configuration.
_USED = (
    re.compile(r"\bpython3?(?: -\w{1,20})* (?P<path>[\w./-]{1,200}\.py)(?![\w/])", re.ASCII),
    re.compile(r"\bpip3? install (?:.{0,200} )?(?:-r|--requirement)[ =]?(?P<path>[\w./-]{1,200}\.txt)(?![\w/])", re.ASCII),
)
_RUNNER = "pangeo-forge-runner"
_CONFIGURATION = re.compile(r"(?: |^)(?:-f|--config)[ =](?P<path>[\w./-]{1,200}\.(?:py|json))(?![\w/])", re.ASCII)
#: What makes or brings files, goes to where others are, or asks whether there are any.
_BRINGS = re.compile(
    r"\b(?:cd|pushd|cp|mv|rm|tee|touch|curl|wget|unzip|tar|git(?!\+)|gh|gsutil|gcloud|aws|rclone|cookiecutter|if|test)\b|>(?!=)|\[ ",
    re.ASCII,
)
_RUNNER_ACTION = "pangeo-forge/deploy-recipe-action"


class MissingFile(Rule):
    """A workflow uses a file of the repository that is not there.

    Mostly the workflow was copied from another feedstock, or from a template, and the configuration or the scripts that it uses were
    not. Looked for are actions and workflows of the repository itself (`uses: ./…`), and modules, requirements and configurations
    that commands name; where other commands of a job may have made or brought the file, nothing is said.

    Bad (`/.github/workflows/bake.yaml`):

    ```yaml
    on: workflow_dispatch
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - run: pangeo-forge-runner bake --repo=. -f configs/config_dataflow.py
    ```

    Good (`/.github/workflows/bake.yaml`):

    ```yaml
    on: workflow_dispatch
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - run: pangeo-forge recipe run .
    ```
    """

    code = "PFG003"
    name = "missing-workflow-file"
    level = Level.WARNING
    message = "there is no {path} in the repository"
    help = "Copy it from where the workflow is from, or leave out what uses it."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for what the steps use."""
        for workflow in draft.workflows:
            for job in workflow.jobs:
                yield from self._check_use(job.whole, ("",), draft)
                if job.is_in_checkout and "defaults" not in workflow.fields:
                    yield from self._check_job(job, workflow, draft)

    def _check_job(self, job: Job, workflow: Workflow, draft: Draft) -> Iterator[Finding]:
        may_be_made = _may_bring_files(job)
        for step in job.steps:
            yield from self._check_use(step, ("/action.yml", "/action.yaml", "/Dockerfile"), draft)
            if not may_be_made and "working-directory" not in step.fields:
                yield from self._check_configuration(step, draft)
                yield from self._check_script(step, workflow, draft)

    def _check_use(self, step: Step, endings: tuple[str, ...], draft: Draft) -> Iterator[Finding]:
        path = step.uses.text.strip().rstrip("/") if step.uses else ""
        if step.uses and path.startswith("./") and not any(_has(path + ending, draft) for ending in endings):
            yield self.found(step.uses.where, end=step.uses.end, path=path.removeprefix("./"))

    def _check_configuration(self, step: Step, draft: Draft) -> Iterator[Finding]:
        value = step.input("pangeo_forge_runner_config") if step.action == _RUNNER_ACTION else None
        if value and re.fullmatch(r"[\w./-]{1,200}\.(?:json|py)", value.text, re.ASCII) and not _has(value.text, draft):
            yield self.found(value.where, end=value.end, path=value.text.removeprefix("./"))

    def _check_script(self, step: Step, workflow: Workflow, draft: Draft) -> Iterator[Finding]:
        if step.script is None:
            return
        patterns = (*_USED, _CONFIGURATION) if _RUNNER in step.script.text else _USED
        for number, line in workflow.lines(step.script):
            for pattern in patterns:
                used = pattern.search(line)
                if used and not _has(used["path"], draft):
                    end = (number, used.end("path") + 1)
                    yield self.found(workflow.at(number, used.start("path") + 1), end=end, path=used["path"].removeprefix("./"))


def _has(path: str, draft: Draft) -> bool:
    """Whether the repository has a file, or may have: of a path that leads elsewhere nothing is known."""
    return path.startswith("/") or ".." in path or draft.has_file(draft.from_root(path))


def _may_bring_files(job: Job) -> bool:
    """Whether the steps of a job may bring or make files."""
    scripts = (step.script.text for step in job.steps if step.script)
    return any(_BRINGS.search(text) for text in scripts) or any(re.search(r"download|restore|cache", step.action) for step in job.steps)


class AlwaysTrue(Rule):
    """`select_recipe_by_label` is set to false, which counts as true.

    The action `pangeo-forge/deploy-recipe-action` takes every text for true but the empty one, `false` too. It then bakes only
    recipes that a label of the pull request names, and fails where there is no pull request.

    Bad (`/.github/workflows/bake.yaml`):

    ```yaml
    on: push
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - uses: pangeo-forge/deploy-recipe-action@v0.3
            with:
              select_recipe_by_label: false
              pangeo_forge_runner_config: '{"Bake": {"prune": true}}'
    ```

    Good (`/.github/workflows/bake.yaml`):

    ```yaml
    on: push
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - uses: pangeo-forge/deploy-recipe-action@v0.3
            with:
              pangeo_forge_runner_config: '{"Bake": {"prune": true}}'
    ```
    """

    code = "PFG006"
    name = "always-true"
    level = Level.WARNING
    message = "`select_recipe_by_label: {value}` counts as true: the action takes every text for true but the empty one"
    help = "Leave the line out."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what is given to the action."""
        for workflow in draft.workflows:
            for step in workflow.steps:
                value = step.input("select_recipe_by_label") if step.action == _RUNNER_ACTION else None
                if value and value.text.strip().lower() in ("false", "no", "off", "0", "none"):
                    yield self.found(value.where, end=value.end, value=value.text.strip())


_BRANCHES = frozenset({"main", "master", "develop", "dev", "trunk", "head"})


class ActionVersion(Rule):
    """A workflow names a branch of an action, or no version of it.

    Whoever may push to the branch changes what runs here, with this repository's secrets, and what worked yesterday may not work
    today. A tag moves seldom; the id of a commit never does. Without anything after an `@`, or with an expression there, GitHub
    refuses the workflow.

    Bad (`/.github/workflows/test.yaml`):

    ```yaml
    on: push
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@main
    ```

    Good (`/.github/workflows/test.yaml`):

    ```yaml
    on: push
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
    ```
    """

    code = "PFG007"
    name = "action-version"
    level = Level.HINT
    message = "{fault}"
    help = "Name a tag or, better, the id of a commit: `{action}@…`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what stands behind the ``@``."""
        for step in (step for workflow in draft.workflows for step in workflow.steps):
            uses, action = step.uses, step.action
            if uses is None or not re.match(r"[\w-][\w.-]*/[\w.-]", action):
                continue
            if "${{" in uses.text:
                fault, level = "GitHub refuses expressions in `uses`", Level.WARNING
            elif not step.version:
                fault, level = f"GitHub refuses {action} without a version", Level.WARNING
            elif step.version.lower() in _BRANCHES:
                fault, level = f"`{step.version}` is a branch of {action}, which moves", self.level
            else:
                continue
            yield self.found(uses.where, end=uses.end, level=level, fault=fault, action=action)
