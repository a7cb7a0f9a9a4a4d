"""SARIF 2.1.0 (OASIS standard), which code hosts and editors read."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pangeo_forge.lint.documentation import document
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.linter import Linted
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.reports.paths import as_uri
from pangeo_forge.lint.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://github.com/pangeo-forge/pangeo-forge-orchestrator"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.HINT: "note"}


def render(linted: Sequence[Linted]) -> dict[str, Any]:
    """Describe all findings as one run of the tool, with the documentation of the rules that found something."""
    used = {finding.code for one in linted for finding in one.findings}
    rules = [rule for rule in find_rules() if rule.code in used]
    indices = {rule.code: number for number, rule in enumerate(rules)}
    driver = {
        "name": "pangeo-forge",
        "version": version("pangeo-forge"),
        "informationUri": _HOME,
        "rules": [_describe_rule(rule) for rule in rules],
    }
    results = [_describe(finding, one, indices[finding.code]) for one in linted for finding in one.findings]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _describe_rule(rule: Rule) -> dict[str, Any]:
    documentation = document(rule)
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": documentation.summary},
        "help": {"text": documentation.text, "markdown": documentation.text},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
    }


def _describe(finding: Finding, linted: Linted, index: int) -> dict[str, Any]:
    message = f"{finding.message}. {finding.help}" if finding.help else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.level],
        "message": {"text": message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": as_uri(finding.where.path)}, "region": _region(finding)}}],
    }
    edits = [change for change in finding.fix if isinstance(change, Edit)]
    if edits and len(edits) == len(finding.fix):
        result["fixes"] = [{"description": {"text": finding.help or finding.message}, "artifactChanges": _changes(edits, linted)}]
    return result


def _region(finding: Finding) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": finding.where.line or 1}
    if finding.where.column:
        region["startColumn"] = finding.where.column
    if finding.end:
        region |= {"endLine": finding.end[0], "endColumn": finding.end[1]}
    if finding.source.strip():
        region["snippet"] = {"text": finding.source}
    return region


def _changes(edits: Sequence[Edit], linted: Linted) -> list[dict[str, Any]]:
    def describe(edit: Edit) -> dict[str, Any]:
        (line, column), (end_line, end_column) = edit.start, edit.end
        region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
        return {"deletedRegion": region, "insertedContent": {"text": edit.text}}

    paths = dict.fromkeys(edit.path for edit in edits)
    shown = {path: path if linted.shown in ("", ".") else f"{linted.shown}/{path}" for path in paths}
    return [
        {"artifactLocation": {"uri": as_uri(shown[path])}, "replacements": [describe(edit) for edit in edits if edit.path == path]}
        for path in paths
    ]
