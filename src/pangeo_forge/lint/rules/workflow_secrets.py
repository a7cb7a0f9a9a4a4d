"""Whether the workflows of a feedstock's repository on GitHub keep its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.workflows import Job, Step, Workflow
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

#: What is written in another branch than the repository's own, by a stranger perhaps.
_OF_A_PULL_REQUEST = re.compile(r"github\.head_ref|github\.event\.pull_request\.(?:head|number)|github\.event\.number|refs/pull/")
_CHECKOUT_IN_SCRIPT = re.compile(r"\bgh pr checkout\b|\bgit fetch\b.{0,200}\bpull/", re.ASCII)


class UntrustedCode(Rule):
    """A workflow with the repository's secrets checks out what a stranger wrote.

    A workflow that is started by `pull_request_target` has the secrets and may write to the repository, also when the pull request
    is a stranger's. If it checks out the pull request's files, whatever runs after that (a setup, an installation, a recipe) is the
    stranger's. On `pull_request`, workflows run without secrets. It is a hint where a condition asks for a label or for who the
    author is.

    Bad (`/.github/workflows/test.yaml`):

    ```yaml
    on: pull_request_target
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
            with:
              ref: ${{ github.event.pull_request.head.sha }}
          - run: pip install -r feedstock/requirements.txt
    ```

    Good (`/.github/workflows/test.yaml`):

    ```yaml
    on: pull_request
    jobs:
      test:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v5
          - run: pip install -r feedstock/requirements.txt
    ```
    """

    code = "PFG001"
    name = "untrusted-code"
    level = Level.WARNING
    message = "what a stranger wrote is checked out by a workflow that has the repository's secrets (`pull_request_target`)"
    help = "Start it by `pull_request`, which has none, or do not check out the pull request."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what is checked out, in workflows that are started so."""
        for workflow in draft.workflows:
            for job in workflow.jobs if "pull_request_target" in workflow.triggers else ():
                yield from self._check_job(job, workflow)

    def _check_job(self, job: Job, workflow: Workflow) -> Iterator[Finding]:
        for step in job.steps:
            value, condition = _checks_out(step, workflow), f"{job.whole.condition} {step.condition}"
            if value and "event_name" not in condition:
                is_guarded = re.search(r"label|author_association|actor|user\.login", condition)
                yield self.found(value.where, end=value.end, level=Level.HINT if is_guarded else self.level)


def _checks_out(step: Step, workflow: Workflow) -> Scalar | None:
    """Give what says that a step checks out the files of a pull request."""
    if step.action == "actions/checkout":
        values = (step.input(name) for name in ("ref", "repository"))
        return next((value for value in values if value and _OF_A_PULL_REQUEST.search(value.text)), None)
    return step.script if any(_CHECKOUT_IN_SCRIPT.search(line) for _, line in workflow.lines(step.script)) else None


_ALL = r"toJSON\(\s{0,5}secrets\s{0,5}\)"
_ALL_SECRETS = re.compile(r"\$\{\{\s{0,5}" + _ALL + r"\s{0,5}\}\}", re.IGNORECASE)
_PRINTED = re.compile(
    r"(?<![\w$(`-])(?:echo|printf)\s(?P<before>[^|>;&]{0,500})\$\{\{\s{0,5}"
    r"(?P<secret>" + _ALL + r"|secrets\.(?P<name>\w{1,100}))\s{0,5}\}\}(?P<after>.{0,500})",
    re.IGNORECASE,
)


class PrintedSecrets(Rule):
    """A workflow prints secrets, or hands all of them over.

    GitHub hides secrets in the logs, but only where they stand as they are: not in JSON, where quotes and ends of lines are
    written otherwise. Logs of public repositories are public. To print all secrets is an error, to print one a warning; to hand over
    all of them to a step is a hint, since a step should have those that it needs.

    Bad (`/.github/workflows/bake.yaml`):

    ```yaml
    on: workflow_dispatch
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - run: echo '${{ toJSON(secrets) }}'
    ```

    Good (`/.github/workflows/bake.yaml`):

    ```yaml
    on: workflow_dispatch
    jobs:
      bake:
        runs-on: ubuntu-latest
        steps:
          - run: pangeo-forge recipe run .
            env:
              ARCHIVE_TOKEN: ${{ secrets.ARCHIVE_TOKEN }}
    ```
    """

    code = "PFG004"
    name = "printed-secrets"
    level = Level.ERROR
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the scripts, then at whatever else names all secrets."""
        for workflow in draft.workflows:
            printed = [found for step in workflow.steps for found in self._check_script(step, workflow)]
            yield from printed
            known = {found.where for found in printed}
            yield from (found for value in workflow.texts() for found in self._check_text(value, workflow) if found.where not in known)

    def _check_script(self, step: Step, workflow: Workflow) -> Iterator[Finding]:
        for number, line in workflow.lines(step.script):
            found = _PRINTED.search(line)
            if found is None or not _is_shown(found):
                continue
            name = found["name"]
            fault = f"the secret {name} is printed; GitHub hides it only as it is" if name else "all secrets are printed"
            level = Level.WARNING if name else Level.ERROR
            where, end = workflow.at(number, found.end("before") + 1), (number, found.start("after") + 1)
            yield self.found(where, end=end, level=level, help="Give it to the program that needs it, by `env:`.", fault=fault)

    def _check_text(self, value: Scalar, workflow: Workflow) -> Iterator[Finding]:
        for number, line in workflow.lines(value) if "secrets" in value.text else ():
            for found in _ALL_SECRETS.finditer(line):
                where, end = workflow.at(number, found.start() + 1), (number, found.end() + 1)
                hint = "Name those that are needed, each as `${{ secrets.NAME }}`."
                fault = "all secrets of the repository are handed over, whoever needs them"
                yield self.found(where, end=end, level=Level.HINT, help=hint, fault=fault)


def _is_shown(found: re.Match[str]) -> bool:
    """Whether what is printed goes to the log, and not to a file or a program."""
    if "::add-mask::" in found["before"]:
        return False
    return not re.search(r"[|>]", found["after"]) and not found["after"].rstrip().endswith("\\")
