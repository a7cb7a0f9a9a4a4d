"""References that strangers wrote: no file of this machine is read for them but those of the target, and those that its keeper allows."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pangeo_forge as pf
from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.api.picturing import illustrate_catalog
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.pictures.illustrating import find_picture
from pangeo_forge.catalog.sources.manifest import make_manifest
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run, make_run_id
from pangeo_forge.settings import Settings
from pangeo_forge.web.app import make_app
from servers.asgi import serve_app
from strangers import SECRET, make_references, write_icechunk, write_json, write_parquet, write_secret

Write = Callable[[Path, str], Path]

WRITERS: dict[str, Write] = {
    "json": lambda folder, url: write_json(folder / "evil.json", make_references(sst=url)),
    "parquet": lambda folder, url: write_parquet(folder / "evil.parquet", make_references(sst=url)),
    "icechunk": lambda folder, url: write_icechunk(folder / "evil.icechunk", Path(url), f"file://{Path(url).parent}/"),
}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return write_secret(tmp_path / "private")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def tells(content: bytes) -> bool:
    """Whether something of the secret is in a content, as it is or as the numbers of its bytes."""
    numbers = [", ".join(map(str, SECRET[:8])), ",".join(map(str, SECRET[:8])), " ".join(map(str, SECRET[:8]))]
    return SECRET[:12] in content or any(text.encode() in content for text in numbers)


def read_all(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


# Describing.


@pytest.mark.parametrize(
    "spelling", ["{}", "file://{}", "local://{}", "{target}/../private/secret", "{target}/link", "file://{target}/link"]
)
def test_a_coordinate_that_lies_in_a_file_outside_of_the_target_is_not_read(target: Path, secret: Path, spelling: str) -> None:
    (target / "link").symlink_to(secret)
    write_json(target / "evil.json", make_references(lat=spelling.format(secret, target=target)))
    outcome = create_catalog(target)
    ((place, why),) = outcome.problems
    assert place == f"{target}/evil.json"
    assert "a file of this machine that references may not lead to" in why
    assert "--references-to" in why
    assert outcome.described == 0
    assert not tells(read_all(target / "catalog"))


def test_attributes_that_lie_in_a_file_outside_of_the_target_are_not_read(target: Path, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"title": "the-key-is-4711"}))
    write_json(target / "evil.json", make_references() | {".zattrs": [str(tmp_path / "keys.json")]})
    assert [place for place, _ in create_catalog(target).problems] == [f"{target}/evil.json"]
    assert b"4711" not in read_all(target / "catalog")


def test_a_pipe_that_references_lead_to_is_not_waited_for(target: Path) -> None:
    os.mkfifo(target / "pipe")
    write_json(target / "evil.json", make_references(lat=str(target / "pipe")))
    ((_, why),) = create_catalog(target).problems
    assert "which is no file" in why


def test_a_repository_that_asks_for_the_leave_to_read_other_folders_is_not_opened(target: Path, secret: Path) -> None:
    WRITERS["icechunk"](target, str(secret))
    ((_, why),) = create_catalog(target).problems
    assert f"it leads to file://{secret.parent}/" in why


@pytest.mark.parametrize("form", WRITERS)
def test_references_into_the_target_are_followed(target: Path, form: str) -> None:
    WRITERS[form](target / "deep", str(write_secret(target / "files")))
    assert create_catalog(target).problems == ()
    (health,) = check_catalog(target).datasets.values()
    assert (health.state, health.findings) == ("healthy", ())


@pytest.mark.parametrize("form", WRITERS)
def test_the_keeper_may_let_references_lead_elsewhere(target: Path, secret: Path, form: str) -> None:
    WRITERS[form](target, str(secret))
    allowed = [str(secret.parent)]
    assert create_catalog(target, references_to=allowed).problems == ()
    (health,) = check_catalog(target, references_to=allowed).datasets.values()
    assert (health.state, health.findings) == ("healthy", ())


def test_the_environment_says_where_references_may_lead(target: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANGEO_FORGE_REFERENCES_TO", f"/nowhere, {secret.parent}")
    write_json(target / "evil.json", make_references(lat=str(secret)))
    assert create_catalog(target).problems == ()


# Checking, drawing and serving what was described, with the values of a variable in a file outside.


@pytest.fixture(params=WRITERS)
def described(request: pytest.FixtureRequest, target: Path, secret: Path) -> Path:
    """A target with a catalogue that has the dataset, as it was allowed when it was described."""
    WRITERS[request.param](target, str(secret))
    assert create_catalog(target, references_to=[str(secret.parent)]).problems == ()
    return target


@pytest.fixture
def refusal(described: Path, secret: Path) -> str:
    """What is said of it: Icechunk asks for the leave to read a folder."""
    leads_to = f"file://{secret.parent}/" if (described / "evil.icechunk").exists() else str(secret)
    return f"it leads to {leads_to}, a file of this machine that references may not lead to"


def test_a_check_does_not_read_it_and_says_why(described: Path, refusal: str) -> None:
    (health,) = check_catalog(described).datasets.values()
    assert health.state == "unknown"
    assert [finding.message for finding in health.findings] == [refusal]
    assert not tells(read_all(described / "catalog"))


@pytest.mark.slow
def test_no_picture_is_drawn_of_it(described: Path, secret: Path, refusal: str) -> None:
    outcome = illustrate_catalog(described)
    assert outcome.drawn == 0
    assert [why for _, why in outcome.without] == [refusal]
    assert illustrate_catalog(described, references_to=[str(secret.parent)]).drawn == 1


@pytest.mark.slow
@pytest.mark.server
def test_no_page_shows_it(described: Path, refusal: str) -> None:
    with serve_app(make_app(Library(open_tree(described)))) as address:
        pages = (
            "",
            "/",
            "/repr",
            "/thumbnail.png",
            "/plot.png",
            "/plot.json",
            "/plot.png?variable=sst&kind=series",
            "/plot.json?variable=lat",
        )
        answers = {page: get(f"{address}/datasets/evil{page}") for page in pages} | {
            "list": get(address),
            "stac": get(f"{address}/stac/search"),
        }
    assert not [page for page, (_, content) in answers.items() if tells(content)]
    assert answers["/plot.png"][0] == 422
    told = json.loads(answers["/plot.json"][1])
    assert told["fault"] == refusal
    assert "--references-to" in told["hint"]


@pytest.mark.slow
@pytest.mark.server
def test_a_page_shows_what_the_keeper_allows(described: Path, secret: Path) -> None:
    tree = open_tree(described)
    with serve_app(make_app(Library(tree), trust=make_trust(tree, [str(secret.parent)]))) as address:
        status, content = get(f"{address}/datasets/evil/plot.json?variable=sst")
    assert (status, json.loads(content)["variable"]) == (200, "sst")


def test_a_catalogue_that_claims_a_larger_target_is_not_believed(described: Path) -> None:
    root = described / "catalog" / "catalog.json"
    root.write_text(json.dumps(json.loads(root.read_text()) | {"pangeo_forge:target": str(described.parent)}))
    assert make_trust(open_tree(described)).target == str(described)
    (health,) = check_catalog(described).datasets.values()
    assert health.state == "unknown"


def test_a_catalogue_that_is_kept_elsewhere_knows_its_target(target: Path, tmp_path: Path) -> None:
    WRITERS["json"](target, str(write_secret(target / "files")))
    create_catalog(target, tmp_path / "catalog")
    (health,) = check_catalog(tmp_path / "catalog").datasets.values()
    assert health.state == "healthy"


@pytest.mark.parametrize(("collection", "href"), [("evil", "./../../private/secret"), ("..", "./secret"), ("a/../../private", "./secret")])
def test_no_picture_of_a_catalogue_is_a_file_outside_of_it(collection: str, href: str) -> None:
    item = {"collection": collection, "assets": {"thumbnail": {"href": href, "roles": ["thumbnail"]}}}
    assert find_picture(item, "thumbnail") is None


# What our own runs have read.


@pytest.fixture
def run(tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of ours that has read the file which is private otherwise; it is remembered as runs are."""
    monkeypatch.setenv("PANGEO_FORGE_HOME", str(tmp_path / "home"))
    folder, now = tmp_path / "home" / "run", datetime.now(UTC)
    folder.mkdir(parents=True)
    (folder / "inputs.parquet").write_bytes(make_manifest([InputFile(0, str(secret), {"time": 0}, {"time": 0})], {}))
    made = Run(
        id=make_run_id("evil"),
        recipe_id="evil",
        feedstock="stranger",
        bakery="local",
        engine="local",
        pruned=False,
        target=str(tmp_path / "target" / "evil.json"),
        folder=str(folder),
        created=now,
        ended=now,
        state="succeeded",
    )
    RunRecords(Settings.load().database).add(made)
    return made


def test_references_at_the_place_of_a_run_lead_to_what_that_has_read(run: Run, target: Path, secret: Path) -> None:
    write_json(Path(run.target), make_references(lat=str(secret)))
    assert create_catalog(target).problems == ()


def test_references_at_the_place_of_a_run_lead_no_further(run: Run, target: Path, tmp_path: Path) -> None:
    write_json(Path(run.target), make_references(lat=str(write_secret(tmp_path / "other"))))
    ((place, _),) = create_catalog(target).problems
    assert place == run.target


def test_references_at_another_place_do_not_lead_to_what_a_run_has_read(run: Run, target: Path, secret: Path) -> None:
    write_json(target / "other.json", make_references(lat=str(secret)))
    ((place, _),) = create_catalog(target).problems
    assert place == f"{target}/other.json"


# Opening.


def test_references_of_this_machine_open_for_their_reader_wherever_they_lead(target: Path, secret: Path) -> None:
    path = WRITERS["json"](target, str(secret))
    assert pf.open(path).sst.values.tobytes() == SECRET


@pytest.mark.server
@pytest.mark.parametrize("form", ["json", "parquet"])
def test_references_of_a_server_lead_to_no_files_of_this_machine(target: Path, secret: Path, form: str, http_server: Any) -> None:
    path = WRITERS[form](target, str(secret))
    opened = pf.open(f"{http_server(target).url}/{path.name}")
    with pytest.raises(Exception, match="failed to fetch") as caught:
        opened.sst.load()
    assert not tells(str(caught.value).encode())


@pytest.mark.server
def test_references_of_a_server_lead_to_what_the_reader_allows(
    target: Path, secret: Path, http_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = WRITERS["json"](target, str(secret))
    monkeypatch.setenv("PANGEO_FORGE_REFERENCES_TO", str(secret.parent))
    assert pf.open(f"{http_server(target).url}/{path.name}").sst.values.tobytes() == SECRET


@pytest.mark.server
def test_references_of_a_server_lead_to_other_files_of_it(target: Path, http_server: Any) -> None:
    served = http_server(target).url
    write_secret(target / "files")
    path = write_json(target / "good.json", make_references(sst=f"{served}/files/secret"))
    assert np.array_equal(pf.open(f"{served}/{path.name}").sst.values.tobytes(), SECRET)


@pytest.mark.server
def test_a_catalogue_of_a_server_leads_to_no_stores_of_this_machine(target: Path, http_server: Any) -> None:
    write_json(target / "mine.json", make_references())
    create_catalog(target)
    url = http_server(target).url
    (health,) = check_catalog(f"{url}/catalog").datasets.values()
    assert [finding.message for finding in health.findings] == [
        f"the catalogue is elsewhere, and leads to {target}/mine.json on this machine"
    ]
    (health,) = check_catalog(f"{url}/catalog", references_to=[str(target)]).datasets.values()
    assert health.state == "healthy"
