"""Load one feedstock where there is no network, and say how far it gets: ``survey_feedstock.py FOLDER RESULT``, run by ``survey.py``.

What is found is written to the file RESULT, as JSON, since a recipe prints what it likes. The hosts that are asked for are written to
RESULT.network when they are asked for, so that they are known of a module that never ends as well.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pangeo_forge.errors import ForgeError, InvalidFeedstock
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.plans.plan import PlanContext, Recipe, Target
from pangeo_forge.recipes.importing.credentials import find_lack
from pangeo_forge.recipes.importing.explaining import find_place
from pangeo_forge.recipes.lifting import UnliftedPipeline
from pangeo_forge.recipes.loading import load_recipes
from pangeo_forge.recipes.standins.modules import PACKAGES

#: Of a dictionary of recipes so many are looked at.
MOST = 3
#: A module gives up by itself after so many seconds; who runs this ends it later.
LOAD_S = float(os.environ.get("SURVEY_LOAD_S", "60"))

#: What Python says of a name that a library does not have: ``zarr.Blosc``, ``from numpy import product``.
MISSED = re.compile(r"module '(?P<module>[\w.]+)' has no attribute|cannot import name '\w+' from '(?P<package>[\w.]+)'")
NOT_ANSWERED = ("that pangeo-forge answers for", "for which pangeo-forge does not answer")


class NoNetworkHere(OSError):
    """Somebody asked for another machine."""


class Network:
    """The network that there is not: every request is refused, and remembered."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def refuse(self, host: object) -> None:
        """Refuse a request."""
        with self.log.open("a") as log:
            log.write(f"{host}\n")
        raise NoNetworkHere(f"no network here: {host} was asked for")

    def asked(self) -> list[str]:
        """Give the hosts that were asked for."""
        return list(dict.fromkeys(self.log.read_text().splitlines())) if self.log.exists() else []

    def block(self) -> None:
        """Block the ways out of this process that Python has."""

        def look_up(host: object, *_: object, **__: object) -> Any:
            name = host[0] if isinstance(host, tuple) else host
            self.refuse(name.decode() if isinstance(name, bytes) else name)

        connect = socket.socket.connect

        def connect_unless_away(this: socket.socket, address: Any) -> Any:
            if this.family == getattr(socket, "AF_UNIX", None):
                return connect(this, address)
            return self.refuse(address[0])

        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
            setattr(socket, name, look_up)
        blocked: dict[str, Callable[..., Any]] = {"connect": connect_unless_away, "connect_ex": connect_unless_away}
        for name, function in blocked.items():
            setattr(socket.socket, name, function)


def survey(folder: Path, network: Network) -> dict[str, Any]:
    """Say how far a feedstock gets: read, loaded, lifted, planned."""
    try:
        with tempfile.TemporaryDirectory() as checkouts:
            feedstock = Feedstock.load(folder, checkouts=Path(checkouts))
    except InvalidFeedstock as error:
        return {"loaded": False, **explain_invalid(error), "recipes": []}
    except ForgeError as error:
        return {"loaded": False, "category": "meta.yaml", "reason": str(error), "recipes": []}
    entries = [(None if entry.is_dict else entry.id, entry.object) for entry in feedstock.meta.recipes]
    if not entries:
        return {"loaded": False, "category": "no recipes", "reason": "meta.yaml names no recipe with an object", "recipes": []}
    recipes = []
    try:
        for recipe_id, recipe in load_recipes(feedstock.folder, entries, LOAD_S):
            recipes.append(look_at(recipe_id, recipe, network, whole=len(recipes) < MOST))
    except Exception as error:  # whatever it is, it is to be counted
        return {"loaded": False, **explain(error, feedstock.folder, network), "recipes": recipes}
    return {"loaded": True, "category": None, "reason": None, "recipes": recipes}


def look_at(recipe_id: str, recipe: Recipe, network: Network, *, whole: bool) -> dict[str, Any]:
    """Say what a recipe is, and whether it can be planned, if `whole`."""
    record: dict[str, Any] = {
        "id": recipe_id,
        "dialect": getattr(recipe, "dialect", "native"),
        "kind": getattr(recipe, "kind", type(recipe).__name__),
        "lifted": not isinstance(recipe, UnliftedPipeline),
        "planned": None,
        "category": None,
        "reason": getattr(recipe, "reason", None),
    }
    if not record["lifted"]:
        return record | {"category": "left to Beam"}
    if not whole:
        return record | {"category": "not looked at"}
    try:
        with tempfile.TemporaryDirectory() as target:
            plan = recipe.plan(PlanContext(Target(f"{target}/store"), Target(f"{target}/scratch")))
            plan.outline(plan.sample())
    except Exception as error:  # whatever it is, it is to be counted
        return record | {"planned": False, **explain(error, None, network)}
    return record | {"planned": True}


def explain_invalid(error: InvalidFeedstock) -> dict[str, Any]:
    """Say what is wrong with a feedstock that is not even read."""
    codes = {problem.code for problem in error.problems}
    return {"category": "not python" if codes & {"PFR001"} else "meta.yaml", "reason": str(error)}


def explain(error: Exception, folder: Path | None, network: Network) -> dict[str, Any]:
    """Put a failure into a category; `folder` is that of the modules while they are loaded."""
    return {"category": find_category(error, folder, network), "reason": describe(error, network)}


def describe(error: Exception, network: Network) -> str:
    """Say what failed, in one line."""
    asked = network.asked()
    text = " ".join(str(error).split())[:300]
    return f"{text} (asked for {', '.join(asked[:3])})" if asked else text


def find_category(error: Exception, folder: Path | None, network: Network) -> str:
    """Name the category of a failure: who would have to do something."""
    chain = list(walk(error))
    root = chain[-1]
    text = " ".join(str(link) for link in chain)
    code = error.code if isinstance(error, ForgeError) else None
    if network.asked() or any(isinstance(link, NoNetworkHere) for link in chain):
        return "network"
    if any(find_lack(link, find_place(folder, link) if folder else None) for link in chain):
        return "credentials"
    if any(words in text for words in NOT_ANSWERED):
        return "our fault"
    if code in ("PFR001", "PFR034"):
        return {"PFR001": "not python", "PFR034": "missing package"}[code]
    if "takes longer than" in text:
        return "time limit"
    if not isinstance(error, ForgeError):
        return "our fault"
    return blame(root, folder) if folder else "inputs"


def walk(error: BaseException) -> Iterator[BaseException]:
    """Give an exception, and what it was raised from, one after the other."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def blame(error: BaseException, folder: Path) -> str:
    """Say whose fault an exception of a module is: by what it misses, and by where it was raised."""
    missed = MISSED.search(str(error)) if isinstance(error, AttributeError | ImportError) else None
    if missed:
        return "our fault" if (missed["module"] or missed["package"]).startswith(PACKAGES) else "drift of the stack"
    frames = traceback.extract_tb(error.__traceback__)
    last = Path(frames[-1].filename) if frames else folder
    if isinstance(error, ForgeError) or last.is_relative_to(folder):
        return "author's fault"
    return "our fault" if "pangeo_forge" in last.parts else "drift of the stack"


def main(folder: str, result: str) -> None:
    """Survey a feedstock."""
    network = Network(Path(f"{result}.network"))
    network.block()
    Path(result).write_text(json.dumps(survey(Path(folder).resolve(), network)))
    sys.stdout.flush()
    os._exit(0)  # whatever threads a module has left running


if __name__ == "__main__":
    main(*sys.argv[1:])
