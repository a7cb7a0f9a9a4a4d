"""``pangeo-forge schema``."""

from __future__ import annotations

import json

import pytest

import pangeo_forge as pf


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_schema_of_meta_yaml_is_printed_as_json(forge, options):
    ended = forge("schema", "meta", *options)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == pf.meta_schema()


def test_help_shows_how_an_editor_finds_it(forge):
    text = forge("schema", "meta", "--help").stdout
    assert "# yaml-language-server: $schema=../meta.schema.json" in text
    assert '{"yaml.schemas": {"./meta.schema.json": "**/meta.yaml"}}' in text
