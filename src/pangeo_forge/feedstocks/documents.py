"""``meta.yaml`` as it is written: the keys that mean something, and the shapes that their values may have.

The reader takes the keys that it knows from these models, and editors take what they offer from the JSON schema that is made of
them. `pangeo_forge.feedstocks.meta` has what comes of reading. Where nothing is written after a key, it is as if it were not there.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

#: Separators of paths, and what fsspec or a URL gives a meaning: wildcards, chains, queries, fragments, templates.
UNSAFE_IN_ID = r"""["/\\:*?\[\]{}#%<>|]"""
LONGEST_ID = 200

_NAME = r"[A-Za-z_\u0080-\uffff][0-9A-Za-z_\u0080-\uffff]*"
_MODULE = rf"{_NAME}(\.{_NAME})*"
_ID = rf"^(?!\s|.*\s$|.*\.\.|\.$|.*{UNSAFE_IN_ID}).+$"

#: What is read as its author wrote it: ``0.10`` needs no quotes, though other readers of YAML take it for a number.
Text = Annotated[str | float | None, WithJsonSchema({"type": ["string", "number", "null"]})]
Id = Annotated[
    str | float,
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": _ID,
            "maxLength": LONGEST_ID,
            "patternErrorMessage": 'An id holds no / \\ : * ? [ ] { } # % < > | " and no "..", and no blank at its ends.',
        }
    ),
]
Object = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^(?!.*\.py:){_MODULE}:{_NAME}$",
            "patternErrorMessage": 'Write "module:name": a file beside meta.yaml without its .py, and a variable in it.',
        }
    ),
]
Role = Literal["producer", "licensor", "processor", "host"]

_OF_A_RECIPE = "Names the dataset, and becomes a part of its address: letters, digits, `-`, `_` and `.`."
_OF_AN_OBJECT = 'Where the recipe is: `"module:name"`, a file beside `meta.yaml` without its `.py`, and a variable in it.'


class Document(BaseModel):
    """A mapping of `meta.yaml`; keys that mean nothing here may stand in it as well."""

    model_config = ConfigDict(extra="allow", defer_build=True)


def keys_of(*documents: type[Document]) -> frozenset[str]:
    """Name the keys that mean something in any of these mappings."""
    return frozenset(key for document in documents for key in document.model_fields)


def _without(*keys: str) -> ConfigDict:
    """Let none of the keys stand in a mapping."""
    return ConfigDict(json_schema_extra={"not": {"anyOf": [{"required": [key]} for key in keys]}})


def _former(description: str) -> Any:
    """Describe a key that was written once: it is read, but no editor offers it, and those that can warn do."""
    return Field(
        None, description=description, deprecated=True, json_schema_extra={"doNotSuggest": True, "deprecationMessage": description}
    )


class ObjectDocument(Document):
    """A recipe, and the object of a module that it is."""

    model_config = _without("dict_object") | ConfigDict(title="A recipe")

    id: Id = Field(description=_OF_A_RECIPE, examples=["sst-daily"])
    object: Object = Field(description=_OF_AN_OBJECT, examples=["recipe:recipe"])


class DictObjectDocument(Document):
    """A dictionary of recipes in a module, whose keys become the ids."""

    model_config = _without("id", "object") | ConfigDict(title="A dictionary of recipes")

    dict_object: Object = Field(
        description='Where the dictionary is: `"module:name"`, a file beside `meta.yaml` without its `.py`, and a variable in it.',
        examples=["recipe:recipes"],
    )


class ModuleDocument(Document):
    """A recipe in the spelling of 2021; write `object: "module:name"` instead of `module` and `name`."""

    model_config = _without("dict_object", "object") | ConfigDict(title="A recipe, as of 2021")

    id: Id = Field(description=_OF_A_RECIPE, examples=["sst-daily"])
    module: Annotated[str, Field(pattern=rf"^{_MODULE}$")] = Field(
        description="The file beside `meta.yaml`.", examples=["recipe.py"], deprecated=True
    )
    name: Annotated[str, Field(pattern=rf"^{_NAME}$")] = Field(
        description="The variable in the module.", examples=["recipe"], deprecated=True
    )


class DatasetDocument(Document):
    """A dataset that exists already; `catalog.yaml` beside `meta.yaml` says where. Beside recipes that have an object it is a mistake."""

    model_config = _without("dict_object", "object", "module") | ConfigDict(title="A dataset that exists already")

    id: Id = Field(description="The dataset's id in `catalog.yaml`.", examples=["sst-daily"])


Recipe = ObjectDocument | DictObjectDocument | ModuleDocument


class ProviderDocument(Document):
    """Who made, licensed, processed or hosts the data, as in STAC."""

    model_config = ConfigDict(title="A provider")

    name: Text = Field(None, description="The organization or person.", examples=["NOAA NCEI"])
    description: Text = Field(None, description="Who that is, in a sentence.", examples=["National Centers for Environmental Information"])
    roles: list[Role | Text] | Role | Text = Field(
        None,
        description="What it did, in STAC's words: `producer` made the data, `licensor` gives the licence, `processor` made these data "
        "of others, `host` keeps them where they are read.",
        examples=[["producer", "licensor"]],
    )
    url: Text = Field(None, description="Its page.", examples=["https://www.ncei.noaa.gov"])


class LicenseLinkDocument(Document):
    """Where the text of a licence can be read."""

    model_config = ConfigDict(title="The text of a licence")

    title: Text = Field(None, description="What the text is called.", examples=["Terms of use"])
    url: Text = Field(None, description="Where it can be read.", examples=["https://example.org/terms"])


class ProvenanceDocument(Document):
    """Where the data come from, and what one may do with them."""

    model_config = ConfigDict(title="Provenance")

    providers: list[ProviderDocument | None] | ProviderDocument | None = Field(
        None, description="Who made, licensed, processed or hosts the data."
    )
    license: Text = Field(
        None,
        description="The licence of the data: an identifier of https://spdx.org/licenses, or `other`, with a `license_link`.",
        examples=["CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "OGL-UK-3.0", "other"],
    )
    license_link: LicenseLinkDocument | None = Field(None, description="Where the licence can be read, if SPDX has no identifier for it.")
    url: Text = _former("Where the licence can be read. Write `license_link` instead.")


class MaintainerDocument(Document):
    """Who looks after the feedstock. The first is taken for the author."""

    model_config = ConfigDict(title="A maintainer")

    name: Text = Field(None, description="As it should be printed.", examples=["Ada Lovelace"])
    orcid: Text = Field(None, description="The ORCID iD, without `https://orcid.org/`.", examples=["0000-0002-1825-0097"])
    github: Text = Field(None, description="The login on GitHub, without `@`: who is asked to review changes.", examples=["ada"])
    email: Text = Field(None, description="Where to write to; anybody can read it.", examples=["ada@example.org"])


class ResourcesDocument(Document):
    """What a worker of the bakery needs for the recipes."""

    model_config = ConfigDict(title="Resources")

    memory: str | float | None = Field(None, description="In MB, or with a unit.", examples=[4096, "10 GB"])
    cpu: str | float | None = Field(None, description="Cores, or, from 2021 to 2023, 1024ths of one.", examples=[1024])


class BakeryDocument(Document):
    """Where the recipes should run. It is read, and does not choose where a run takes place: the option `--bakery` does."""

    model_config = ConfigDict(title="A bakery")

    id: Text = Field(description="The bakery, as `pangeo-forge bakeries list` names it.", examples=["local"])
    target: Text = Field(None, description="Which of the bakery's places to write to.")
    resources: ResourcesDocument | None = Field(None, description="What a worker needs.")


class PlainDocument(Document):
    """What is written since 2023."""

    title: Text = Field(None, description="What the dataset is, in a few words.", examples=["Sea surface temperature"])
    description: Text = Field(
        None, description="What the dataset is, in a sentence or a few.", examples=["Daily means on a grid of a quarter degree"]
    )
    recipes: list[Recipe] | list[DatasetDocument] | Recipe | DatasetDocument | None = Field(
        None, description="What can be baked: for each dataset its id, and the object in a module that is its recipe."
    )
    provenance: ProvenanceDocument | None = Field(None, description="Where the data come from, and what one may do with them.")
    maintainers: list[MaintainerDocument | None] | MaintainerDocument | None = Field(
        None, description="Who looks after the feedstock. The first is taken for the author."
    )


class ServiceDocument(PlainDocument):
    """What the service of 2021 to 2023 read as well."""

    bakery: list[BakeryDocument | None] | BakeryDocument | None = Field(None, description="Where the recipes should run.")
    pangeo_forge_version: Text = Field(
        None, description="The version of `pangeo_forge_recipes` that the recipes were written for.", examples=["0.9.2"]
    )
    pangeo_notebook_version: Text = _former("The tag of a container image, which nothing reads since 2022. Remove it.")


class MetaDocument(ServiceDocument):
    """What a feedstock is, for people and for programs: the recipes that it has, and what they make datasets of."""

    model_config = ConfigDict(
        title="A feedstock's meta.yaml",
        json_schema_extra={
            "minProperties": 1,
            "examples": [
                {
                    "title": "Sea surface temperature",
                    "description": "Daily means on a grid of a quarter degree",
                    "recipes": [{"id": "sst-daily", "object": "recipe:recipe"}],
                    "provenance": {
                        "providers": [{"name": "NOAA", "roles": ["producer", "licensor"], "url": "https://www.noaa.gov"}],
                        "license": "CC0-1.0",
                    },
                    "maintainers": [{"name": "Josiah Carberry", "orcid": "0000-0002-1825-0097", "github": "octocat"}],
                },
                {"recipes": [{"dict_object": "recipe:recipes"}]},
            ],
        },
    )

    bakeries: list[BakeryDocument | None] | BakeryDocument | None = _former(
        "What the first format of 2021 had for `bakery`. Write that instead."
    )
    id: Text = _former("The feedstock's own name, in the first format of 2021. Nothing needs it.")
    version: Text = _former("The feedstock's own version, in the first format of 2021. Nothing needs it.")
    pangeo_forge_recipes_version: Text = _former("What the first format of 2021 had for `pangeo_forge_version`. Write that instead.")
    pangeo_forge_recipe_version: Text = _former("Another spelling of `pangeo_forge_version`. Write that instead.")
    pangeo_forge_metadata_spec_version: Text = _former(
        "The version of the format that the file follows, in the first format of 2021. Nothing needs it."
    )


class _Plainly(GenerateJsonSchema):
    """Makes schemas without the titles and the defaults that pydantic thinks up, which say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave the title of a field to its author."""
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        """Leave out that what is not written is null."""
        return self.generate_inner(schema["schema"])


def meta_schema() -> dict[str, Any]:
    """Make the JSON schema of ``meta.yaml``, by which an editor completes, explains and checks the file.

    It is of the file as it is written, in all the shapes that are read. What a schema cannot say (two recipes with one id, an object
    that the module does not have) is for the linter.

    Returns
    -------
    dict
        The schema, of the draft 2020-12.
    """
    return {"$schema": _Plainly.schema_dialect, **MetaDocument.model_json_schema(schema_generator=_Plainly)}
