"""Pictures in a catalogue: drawn of every dataset whose newest Item has none, and entered as assets of the Item and its Collection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import Any

from pangeo_forge.catalog.index.table import make_index, read_index
from pangeo_forge.catalog.pictures.sources import find_source
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Kind, Picture, Source, Wanted
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.stac.extensions import URIS
from pangeo_forge.catalog.storage.files import as_json
from pangeo_forge.catalog.storage.tree import INDEX, Tree

#: The assets, by what is drawn for each; the keys are the roles that STAC's best practices name.
KINDS: dict[str, Kind] = {"thumbnail": "thumbnail", "overview": "plot"}

Draw = Callable[[Source, Sequence[Wanted]], Sequence[Picture]]
Progress = Callable[[int, int], None]
FindOptions = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Illustrated:
    """What drawing a catalogue's pictures came to.

    Parameters
    ----------
    drawn : int
        How many datasets got pictures.
    without : tuple of (str, str)
        The datasets that have none, and why.
    """

    drawn: int
    without: tuple[tuple[str, str], ...]


def illustrate(tree: Tree, draw: Draw, *, trust: Trust, find_options: FindOptions, workers: int, progress: Progress) -> Illustrated:
    """Draw the pictures of all datasets of a catalogue that have none.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    draw : callable
        Draws some pictures of a dataset.
    trust : Trust
        How far the references of datasets are followed.
    find_options : callable
        Gives fsspec's options for the URL of a dataset.
    workers : int
        How many datasets are drawn at once.
    progress : callable
        Is told how many of how many are done.
    """
    content = tree.read(INDEX)
    items = [json.loads(row["item"]) for row in read_index(content, ["latest", "item"]) if row["latest"]] if content else []
    bare = [item for item in items if not find_picture(item, "thumbnail")]
    drawn: dict[str, dict[str, Any]] = {}
    without: list[tuple[str, str]] = []
    for number, (item, pictures) in enumerate(
        _draw_all(bare, draw, partial(find_source, trust=trust, find=find_options), workers), start=1
    ):
        progress(number, len(bare))
        if isinstance(pictures, CannotDraw):
            without.append((item["collection"], pictures.message))
        else:
            drawn[item["id"]] = _enter(tree, item, pictures)
    if drawn:
        _enter_in_index(tree, drawn)
    return Illustrated(len(drawn), tuple(sorted(without)))


def find_picture(item: Mapping[str, Any], role: str) -> str | None:
    """Find the path of a picture in the catalogue, relative to its root; None if an Item has none in its own folder."""
    for asset in item["assets"].values():
        folder, name = str(item["collection"]), str(asset["href"]).removeprefix("./")
        if role in asset.get("roles", ()) and str(asset["href"]).startswith("./") and not {"/", "\\"} & {*folder, *name} and folder != "..":
            return f"{folder}/{name}"
    return None


def find_pictures(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Find the paths of all pictures of some Items."""
    return [path for item in items for role in KINDS if (path := find_picture(item, role))]


def _draw_all(
    items: list[dict[str, Any]], draw: Draw, find: Callable[..., Source], workers: int
) -> Iterator[tuple[dict[str, Any], dict[str, Picture] | CannotDraw]]:
    """Draw pictures of several Items at once, and yield each as it is done; one that cannot be drawn gives the reason."""
    with ThreadPoolExecutor(workers) as pool:  # each thread waits for a process that draws
        waiting = {pool.submit(_draw, item, draw, find): item for item in items}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def _draw(item: Mapping[str, Any], draw: Draw, find: Callable[..., Source]) -> dict[str, Picture] | CannotDraw:
    try:
        source = find(item)
        return dict(zip(KINDS, draw(source, [Wanted(kind) for kind in KINDS.values()]), strict=True))
    except CannotDraw as error:
        return error


def _enter(tree: Tree, item: Mapping[str, Any], pictures: Mapping[str, Picture]) -> dict[str, Any]:
    """Write the pictures of an Item, and what leads to them; give the fields that Items and Collections have of them."""
    collection, name = str(item["collection"]), str(item["id"])
    for role, picture in pictures.items():
        tree.write(f"{collection}/{name}-{role}.png", picture.png)
    data = next(key for key, asset in item["assets"].items() if "data" in asset.get("roles", ()))
    added = {"assets": _make_assets(name, pictures), "renders": _make_renders(data, pictures["thumbnail"])}
    with tree.locked():
        if content := tree.read(tree.item_path(collection, name)):
            record = json.loads(content)
            tree.write(tree.item_path(collection, name), as_json(_add(record, record["properties"], added)))
        record = json.loads(tree.read(tree.collection_path(collection)) or b"{}")
        if record.get("version") == item["properties"].get("version"):  # unless there is a newer one meanwhile
            tree.write(tree.collection_path(collection), as_json(_add(record, record, added)))
    return added


def _add(record: dict[str, Any], fields: dict[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """Add pictures to an Item or a Collection, whose `fields` are its properties or it itself."""
    record["assets"] = {**record["assets"], **added["assets"]}
    if added["renders"]:
        fields["renders"] = added["renders"]
        record["stac_extensions"] = [*dict.fromkeys([*record["stac_extensions"], URIS["renders"]])]
    return record


def _enter_in_index(tree: Tree, drawn: Mapping[str, Mapping[str, Any]]) -> None:
    with tree.locked():
        rows = read_index(tree.read(INDEX) or b"")
        for row in rows:
            if row["id"] in drawn:
                item = json.loads(row["item"])
                row["item"] = as_json(_add(item, item["properties"], drawn[row["id"]])).decode()
        tree.write(INDEX, make_index(rows))


def _make_assets(name: str, pictures: Mapping[str, Picture]) -> dict[str, dict[str, Any]]:
    return {
        role: {
            "href": f"./{name}-{role}.png",
            "type": "image/png",
            "title": role.capitalize(),
            "description": picture.shown.text,
            "roles": [role],
        }
        for role, picture in pictures.items()
    }


def _make_renders(data: str, picture: Picture) -> dict[str, Any]:
    """Say how the values were made colours, as the render extension has it; nothing of a curve, which has none."""
    shown = picture.shown
    if not shown.colormap:
        return {}
    described = {
        "assets": [data],
        "title": shown.label,
        "rescale": [list(shown.colours)],
        "colormap_name": shown.colormap.lower(),
        "pangeo_forge:variable": shown.variable,
        "pangeo_forge:steps": shown.steps,
    }
    return {"thumbnail": described}
