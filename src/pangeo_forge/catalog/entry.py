"""One baked version of a dataset, with all that a catalogue says of it: the one source that every face of the catalogue is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pangeo_forge.catalog.description import Description

#: What the asset of the public way is called.
PUBLIC = "public"

Format = Literal["zarr", "icechunk", "kerchunk-json", "kerchunk-parquet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to the data: a place that one may read them from.

    Parameters
    ----------
    key : str
        What the asset is called: ``"data"``, ``"public"``.
    href : str
        The URL or path of the store.
    format : str
        What lies there.
    zarr_format : int, optional
        2 or 3, of a Zarr group.
    consolidated : bool
        Whether its metadata is gathered in one place.
    storage_options : dict
        What fsspec must be told to read it. Never holds a secret: what a reader has to bring is named, with ``"…"`` for a value.
    snapshot : str, optional
        Which version of an Icechunk repository.
    leads_to : list of str
        What the URLs of the files begin with that an Icechunk repository leads to, where it has not all chunks itself.
    indexed : bool
        Whether it is opened with indexes of its coordinates: not if these are so long that they would fill a reader's memory.
    """

    key: str
    href: str
    format: Format
    zarr_format: int | None = None
    consolidated: bool = False
    storage_options: dict[str, Any] = field(default_factory=dict)
    snapshot: str | None = None
    leads_to: list[str] = field(default_factory=list)
    indexed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What people say of a dataset.

    Parameters
    ----------
    title, description : str
    keywords : list of str
    providers : list of dict
        ``{"name", "description", "roles", "url"}``, as STAC has them.
    license : str
        An SPDX identifier or expression, or ``"other"``.
    license_url, license_title : str, optional
        Where it can be read, and what it calls itself.
    citation, doi : str, optional
        How to cite the data.
    """

    title: str
    description: str
    keywords: list[str] = field(default_factory=list)
    providers: list[dict[str, Any]] = field(default_factory=list)
    license: str = "other"
    license_url: str | None = None
    license_title: str | None = None
    citation: str | None = None
    doi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """A list of all files that a run read, as Parquet.

    Parameters
    ----------
    href : str
        Where it is.
    count : int
        How many files it names.
    bytes : int
        Its own size.
    checksum : str
        Its own, as a multihash.
    sources : list of str
        The URLs of the files, where they are few and on the network.
    """

    href: str
    count: int
    bytes: int
    checksum: str
    sources: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The run that baked a dataset.

    Parameters
    ----------
    run : str
        Its id.
    feedstock, recipe : str
        What was baked.
    source, commit : str, optional
        Where the feedstock is, and its exact version.
    bakery : str
        Where it was baked.
    baked : str
        When the run ended, RFC 3339.
    software : dict of str to str
        The versions of the packages that it was baked with.
    environment : str, optional
        Where all these versions are listed in a file.
    execution : str, optional
        Where there is an account of the run.
    repository : str, optional
        The web address of the feedstock's repository, with ``#folder`` where the feedstock is a folder of it.
    file : str, optional
        The recipe's own file, relative to the feedstock's folder.
    inputs : Inputs, optional
        What was read.
    """

    run: str
    feedstock: str
    recipe: str
    bakery: str
    baked: str
    source: str | None = None
    commit: str | None = None
    software: dict[str, str] = field(default_factory=dict)
    environment: str | None = None
    execution: str | None = None
    repository: str | None = None
    file: str | None = None
    inputs: Inputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One baked version of one dataset.

    Parameters
    ----------
    id : str
        The dataset's, stable from version to version.
    version : str
        This version's; sorts as versions were made.
    created : str
        When this version was made or, if nobody knows, first seen; RFC 3339.
    """

    id: str
    version: str
    created: str
    description: Description
    about: About
    ways: list[Way]
    provenance: Provenance | None = None

    @property
    def item_id(self) -> str:
        """The id of the version's Item."""
        return f"{self.id}-{self.version}"

    def to_dict(self) -> dict[str, Any]:
        """Describe it with values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Entry:
        """Read what `to_dict` wrote."""
        provenance = record.get("provenance")
        return cls(
            **{
                **record,
                "description": Description.from_dict(record["description"]),
                "about": About(**record["about"]),
                "ways": [Way(**way) for way in record["ways"]],
                "provenance": _read_provenance(provenance) if provenance else None,
            }
        )


def _read_provenance(record: dict[str, Any]) -> Provenance:
    return Provenance(**{**record, "inputs": Inputs(**record["inputs"]) if record.get("inputs") else None})
