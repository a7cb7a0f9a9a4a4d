"""What catalog.yaml says of the stores that exist, and what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint.feedstocks import META, draft_of, lint, write_good
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options

PFC = Options(select=("PFC",))

OWN_URL = "https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml"
CATALOG = f"""\
# All that a catalogue needs to know.
"ncviewjs:meta_yaml_url": "{OWN_URL}" # of this repository
tags:
  - ocean
  - zarr
links:
  - label: Description
    url: https://data.example.org/
stores:
  - id: "sst"
    name: "Sea surface temperature"
    url: "gs://bucket/sst.zarr"
    "ncviewjs:rechunking":
      - path: "gs://bucket/sst-pyramid.zarr"
        use_case: "multiscales"
"""

CONFIG = """\
[core]
\tbare = false
[remote "fork"]
\turl = https://github.com/somebody/other.git
[remote "origin"]
\tfetch = +refs/heads/*:refs/remotes/origin/*
\turl = {url}
[branch "main"]
\tremote = origin
"""


def find(root: Path, catalog: str, files: dict[str, str | None] | None = None) -> list[Finding]:
    return list(lint(write_good(root, {"feedstock/catalog.yaml": catalog, **(files or {})}), PFC))


def shown(findings: list[Finding]) -> list[str]:
    return [f"{finding.code} {finding.where.line}:{finding.where.column} {finding.message}" for finding in findings]


def test_a_file_as_the_template_wants_it_gives_no_findings(tmp_path):
    assert find(tmp_path, CATALOG) == []


def test_no_file_gives_no_findings(tmp_path):
    assert lint(write_good(tmp_path), PFC) == ()


# PFC001.


@pytest.mark.parametrize(
    ("catalog", "message"),
    [
        ("stores:\n\t- id: a\n", "PFC001 2:1 this is not valid YAML: there is a tab where only spaces can be"),
        ("- id: a\n", "PFC001 1:1 the file must hold a mapping, not a list"),
        ("", "PFC001 1:1 the file must hold a mapping, not nothing"),
        (CATALOG.replace("  - ocean\n  - zarr\n", "  ocean\n"), "PFC001 4:3 `tags` must be a list, not the text 'ocean'"),
        (CATALOG.replace("- ocean", "- ocean: 1"), "PFC001 4:5 each tag must be a text, but this is a mapping"),
        (CATALOG.replace('"gs://bucket/sst.zarr"', "[a, b]"), "PFC001 12:10 `url` must be a text, not a list"),
        (f"{CATALOG}tags: [a]\n", "PFC001 16:1 the key 'tags' stands twice in one mapping, first in line 3"),
        (
            f'{CATALOG}  - "gs://bucket/b.zarr"\n',
            "PFC001 16:5 each item of `stores` must be a mapping, but this is the text 'gs://bucket/b.zarr'",
        ),
        (f"meta_yaml_url: {OWN_URL}\ntags: [a]\nstores: gs://b\n", "PFC001 3:9 `stores` must be a list of mappings, not the text 'gs://b'"),
    ],
)
def test_what_cannot_be_read_is_an_error_at_its_place(tmp_path, catalog, message):
    found = find(tmp_path, catalog)
    assert shown(found) == [message]
    assert found[0].level is Level.ERROR


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    root = write_good(tmp_path, {"feedstock/catalog.yaml": b"tags: \xff\n"})
    assert [finding.message for finding in lint(root, PFC)] == ["the byte 0xFF is not UTF-8 text"]


def test_aliases_without_end_are_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20))]
    (found,) = find(tmp_path, "\n".join(lines))
    assert found.message == "there are more than 20,000 values here, which no catalog.yaml needs"


# PFC002.


@pytest.mark.parametrize(
    "url", ["UPDATE", "https://github.com/leap-stc/<FEEDSTOCK_NAME>/blob/main/feedstock/meta.yaml", "https://github.com/a/b"]
)
def test_what_is_no_address_of_a_meta_yaml_is_an_error(tmp_path, url):
    (found,) = find(tmp_path, CATALOG.replace(OWN_URL, url))
    assert (found.code, found.level) == ("PFC002", Level.ERROR)
    assert str(found.where).endswith("catalog.yaml:2:27")
    assert found.message.endswith(" is not the address of a meta.yaml, so that no catalogue can list the dataset")
    assert found.help == "Write `meta_yaml_url: https://github.com/owner/name/blob/main/feedstock/meta.yaml`."


def test_the_template_s_own_address_is_told(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace("example/sst-feedstock", "leap-stc/proto_feedstock"))
    assert shown([found]) == ["PFC002 2:27 this is the template's meta.yaml (proto_feedstock), not that of this feedstock"]
    assert found.level is Level.WARNING
    assert found.end == (2, 27 + len(OWN_URL.replace("example/sst-feedstock", "leap-stc/proto_feedstock")) + 2)


@pytest.mark.parametrize(
    "remote",
    ["https://github.com/me/ice.git", "git@github.com:me/ice.git", "https://user:secret@github.com/me/ice", "ssh://git@github.com/me/ice/"],
)
def test_the_address_of_another_repository_is_told(tmp_path, remote):
    (found,) = find(tmp_path, CATALOG, {".git/config": CONFIG.format(url=remote)})
    assert shown([found]) == ["PFC002 2:27 this is the meta.yaml of sst-feedstock, but this feedstock is in ice"]
    assert found.help == "Write `meta_yaml_url: https://github.com/me/ice/blob/main/feedstock/meta.yaml`."


@pytest.mark.parametrize(
    ("remote", "files"),
    [
        ("https://github.com/a-fork/sst-feedstock.git", {}),
        ("https://github.com/example/SST_feedstock.git", {}),
        ("https://github.com/example/ice.git", {"feedstock/meta.yaml": None}),
        ("../somewhere", {}),
        ("/srv/git/ice.git", {}),
    ],
)
def test_forks_and_feedstocks_without_a_meta_yaml_of_their_own_may_name_another(tmp_path, remote, files):
    assert find(tmp_path, CATALOG, {".git/config": CONFIG.format(url=remote), **files}) == []


def test_a_raw_address_will_do(tmp_path):
    url = "https://raw.githubusercontent.com/example/sst-feedstock/main/feedstock/meta.yaml"
    assert (
        find(tmp_path, CATALOG.replace(OWN_URL, url), {".git/config": CONFIG.format(url="https://github.com/example/sst-feedstock")}) == []
    )


def test_no_address_is_told_unless_the_file_says_it_all_itself(tmp_path):
    without = "\n".join(line for line in CATALOG.splitlines() if "meta_yaml_url" not in line)
    assert shown(find(tmp_path, without)) == ["PFC002 2:1 nothing says where meta.yaml is, from which a catalogue takes title and licence"]
    assert find(tmp_path, f"title: SST\n{without}") == []


# PFC003.


def test_an_id_that_is_nearly_that_of_a_recipe_is_a_warning(tmp_path):
    meta = META.replace("id: sst", "id: climsim-lowres-mli")
    (found,) = find(tmp_path, CATALOG.replace('id: "sst"', 'id: "climsim_lowres_mli"'), {"feedstock/meta.yaml": meta})
    assert shown([found]) == ["PFC003 10:9 no recipe in meta.yaml has the id 'climsim_lowres_mli'"]
    assert (found.level, found.help, found.end) == (Level.WARNING, "Did you mean `climsim-lowres-mli`?", (10, 29))


def test_a_store_made_of_another_is_not_taken_for_it(tmp_path):
    more = "  - id: sst-pyramid\n    url: gs://bucket/sst-pyramid.zarr\n"
    (found,) = find(tmp_path, CATALOG + more)
    assert (found.level, found.help) == (Level.HINT, "Give the store the id of the recipe that makes it, if one does.")


def test_an_id_that_is_like_none_is_a_hint(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace('id: "sst"', 'id: "agulhas"'))
    assert (found.code, found.level) == ("PFC003", Level.HINT)


@pytest.mark.parametrize(
    "recipes",
    ['recipes:\n  - dict_object: "recipe:recipes"\n', "", "recipes:\n  - id: other\n"],
)
def test_ids_that_are_not_known_are_not_compared(tmp_path, recipes):
    meta = META.replace('recipes:\n  - id: sst\n    object: "recipe:sst"\n', recipes)
    expected = ["PFC003"] if "other" in recipes else []
    assert [finding.code for finding in find(tmp_path, CATALOG, {"feedstock/meta.yaml": meta})] == expected


# PFC007.


@pytest.mark.parametrize(
    ("tags", "place"),
    [("", "PFC007 2:1"), ("tags:\n", "PFC007 3:1"), ("tags: []\n", "PFC007 3:1")],
)
def test_no_tags_are_a_hint(tmp_path, tags, place):
    (found,) = find(tmp_path, CATALOG.replace("tags:\n  - ocean\n  - zarr\n", tags))
    assert shown([found]) == [f"{place} the dataset has no tags to be found by"]
    assert found.level is Level.HINT


def test_the_template_s_tag_is_a_hint(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace("ocean", "my-custom-tag"))
    assert shown([found]) == ["PFC007 4:5 `my-custom-tag` is what the template says"]


# PFC008.


def mend(root: Path, catalog: str) -> str:
    fixed = fix(draft_of(write_good(root, {"feedstock/catalog.yaml": catalog})), PFC)
    assert fixed.left.findings == ()
    return fixed.draft.overlay["catalog.yaml"].decode()


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("\"'gs://bucket/sst.zarr'\"", '"gs://bucket/sst.zarr"'),
        ('"gs://bucket/sst.zarr\'"', '"gs://bucket/sst.zarr"'),
        ("'''gs://bucket/sst.zarr'''", "'gs://bucket/sst.zarr'"),
        ("'\"gs://bucket/sst.zarr\"'", "'gs://bucket/sst.zarr'"),
        ('" gs://bucket/sst.zarr "', '"gs://bucket/sst.zarr"'),
        ("gs://bucket/sst.zarr'", "gs://bucket/sst.zarr"),
    ],
)
def test_quotes_within_quotes_are_mended_in_the_author_s_own(tmp_path, written, right):
    spoilt = CATALOG.replace('"gs://bucket/sst.zarr"', f"{written}  # where it is")
    (found,) = find(tmp_path, spoilt)
    assert (found.code, found.level) == ("PFC008", Level.WARNING)
    assert str(found.where).endswith("catalog.yaml:12:10")
    assert mend(tmp_path / "again", spoilt) == CATALOG.replace('"gs://bucket/sst.zarr"', f"{right}  # where it is")


def test_an_address_with_an_anchor_is_left_to_its_author(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace('"gs://bucket/sst.zarr"', "&a \"'gs://bucket/sst.zarr'\""))
    assert found.fix == ()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("gs://bucket/GLEAM-{variable}.zarr", "has {variable} in it, which nothing fills in"),
        ("gs://leap-scratch/feedstocks/proto_feedstock/small.zarr", "is what the template says"),
        ("/home/ada/sst.zarr", "is on one computer only"),
        ("file:///home/ada/sst.zarr", "is on one computer only"),
        ("bucket/sst.zarr", "has no protocol"),
    ],
)
def test_addresses_that_are_none_are_told(tmp_path, url, fault):
    assert shown(find(tmp_path, CATALOG.replace("gs://bucket/sst.zarr", url))) == [f"PFC008 12:10 the address '{url}' {fault}"]


def test_the_copies_of_a_store_are_looked_at_too(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace("gs://bucket/sst-pyramid.zarr", "gs://some-bucket/small.zarr"))
    assert shown([found]) == ["PFC008 14:15 the address 'gs://some-bucket/small.zarr' is what the template says"]


@pytest.mark.parametrize(
    "url",
    [
        "https://ncsa.osn.xsede.org/Pangeo/pangeo-cmems-duacs",
        "s3://bucket/sst.zarr/",
        "gs://bucket/full_37-1h-0p25deg-chunk-1.zarr-v3",
        "https://data.example.org/sst.nc",
        "simplecache::s3://bucket/a.json",
        "https://u@data.example.org/a.zarr",
    ],
)
def test_addresses_as_real_files_have_them_are_fine(tmp_path, url):
    assert find(tmp_path, CATALOG.replace("gs://bucket/sst.zarr", url)) == []


# PFC010 and PFC011.


def test_a_store_without_an_address_is_an_error(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace('    url: "gs://bucket/sst.zarr"\n', ""))
    assert shown([found]) == ["PFC010 10:5 a store has no `url`, so that nobody can read it"]
    assert found.level is Level.ERROR


def test_a_store_without_an_id_is_a_warning(tmp_path):
    (found,) = find(tmp_path, CATALOG.replace('- id: "sst"\n    name', "- name"))
    assert shown([found]) == ["PFC010 10:5 a store has no `id`, so that no catalogue can list it"]
    assert found.level is Level.WARNING


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("tags:", "ags:", "PFC011 3:1 the key 'ags' means nothing, so that what stands under it is lost"),
        ("stores:", "store:", "PFC011 9:1 the key 'store' means nothing, so that what stands under it is lost"),
        ("    url: ", "    urls: ", "PFC011 12:5 the key 'urls' means nothing, so that what stands under it is lost"),
        (
            '"ncviewjs:meta_yaml_url"',
            "meta_yml_url",
            "PFC011 2:1 the key 'meta_yml_url' means nothing, so that what stands under it is lost",
        ),
    ],
)
def test_a_misspelt_key_is_one_finding(tmp_path, right, wrong, message):
    changed = CATALOG.replace("    url: https://data", "    link: https://data").replace(right, wrong, 1)
    assert shown(find(tmp_path, changed)) == [message]


@pytest.mark.parametrize("line", ["variables:\n  - name: sst\n", "source: somebody\n", "recipes: {}\n", "extra: 1\n"])
def test_keys_of_one_s_own_are_nobody_else_s_business(tmp_path, line):
    assert find(tmp_path, f"{CATALOG}{line}") == []


def test_a_password_in_an_address_is_found_and_shown_by_no_rule(tmp_path):
    url = "https://ada:w7-Qx.Babbage@data.example.org/sst.zarr'"
    findings = lint(write_good(tmp_path, {"feedstock/catalog.yaml": CATALOG.replace("gs://bucket/sst.zarr", url)}))
    assert [finding.code for finding in findings] == ["PFC008", "PFR030"]
    assert "Babbage" not in repr(findings)
