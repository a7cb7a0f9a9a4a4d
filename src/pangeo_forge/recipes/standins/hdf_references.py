"""``HDFReferenceRecipe``: references to the chunks of HDF5 and NetCDF 3 files, as the class API asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar

from pangeo_forge.errors import UsageError
from pangeo_forge.plans.kerchunk.merging import Merge
from pangeo_forge.plans.plan import Plan, PlanContext
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.kerchunk import KerchunkRecipe
from pangeo_forge.recipes.standins.base import BaseRecipe, FilePatternMixin, StorageMixin
from pangeo_forge.recipes.standins.indexing import Index
from pangeo_forge.recipes.standins.patterns import FileType
from pangeo_forge.recipes.standins.scope import answering

#: Parameters that say where things are put, which is the bakery's business, or what earlier ways to combine needed.
WITHOUT_MEANING = (
    "output_json_fname",
    "output_intake_yaml_fname",
    "target_options",
    "output_storage_options",
    "template_count",
    "xarray_open_kwargs",
    "xarray_concat_args",
    "target",
    "metadata_cache",
)


@dataclass
class HDFReferenceRecipe(BaseRecipe, StorageMixin, FilePatternMixin):
    """References to the chunks of files; the parameters are those of ``pangeo_forge_recipes`` 0.5 to 0.9."""

    dataset_type: ClassVar[str] = "kerchunk"
    dialect: ClassVar[str] = "class API"

    output_json_fname: str = "reference.json"
    output_intake_yaml_fname: str = "reference.yaml"
    netcdf_storage_options: dict[str, Any] = field(default_factory=dict, repr=False)
    target_options: dict[str, Any] | None = field(default_factory=dict, repr=False)
    inline_threshold: int = 500
    output_storage_options: dict[str, Any] | None = field(default_factory=dict, repr=False)
    concat_dims: list[str] = field(default_factory=list)
    identical_dims: list[str] | None = field(default_factory=list)
    coo_map: dict[str, Any] | None = field(default_factory=dict)
    coo_dtypes: dict[str, Any] | None = field(default_factory=dict)
    preprocess: Callable[..., Any] | None = None
    postprocess: Callable[..., Any] | None = None
    # What was there in some versions only.
    template_count: int | None = field(default=20, repr=False, kw_only=True)
    xarray_open_kwargs: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)
    xarray_concat_args: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)
    target: Any = field(default=None, repr=False, kw_only=True)
    metadata_cache: Any = field(default=None, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        if self.file_pattern.file_type not in (FileType.netcdf4, FileType.netcdf3, FileType.unknown):
            raise UsageError(f"HDFReferenceRecipe reads NetCDF 3 and 4, but the pattern is of {self.file_pattern.file_type.value}")
        if len(self.file_pattern.merge_dims) > 1:
            raise UsageError("HDFReferenceRecipe has at most one merge dimension")
        if len(self.file_pattern.concat_dims) > 1:
            raise UsageError("HDFReferenceRecipe has at most one concat dimension")

    @property
    def pattern(self) -> native.FilePattern:
        """The native pattern of the files."""
        made = self.file_pattern.to_native()
        options = {**made.fsspec_open_kwargs, **self.netcdf_storage_options}
        return native.FilePattern(made.format_function, *made.combine_dims, fsspec_open_kwargs=options)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said once: which parameters are set that have no meaning any more."""
        idle = [known.name for known in fields(HDFReferenceRecipe) if known.name in WITHOUT_MEANING and self._is_set(known)]
        if not idle:
            return ()
        return (f"{', '.join(idle)}: no meaning any more, passed over (see the guide, Recipes of the older APIs)",)

    def _is_set(self, known: Field[Any]) -> bool:
        default = known.default if known.default_factory is MISSING else known.default_factory()
        return bool(getattr(self, known.name) != default)

    def iter_inputs(self) -> Iterator[Index]:
        """Iterate over the places of all inputs."""
        return iter(self.file_pattern)

    def prune(self) -> HDFReferenceRecipe:
        """Make the recipe of the first two keys of the concat dimension."""
        pruned: HDFReferenceRecipe = self.copy_pruned()
        return pruned

    def plan(self, context: PlanContext) -> Plan:
        """Say how the references are made: see `Plan`."""
        return self.to_native().plan(context)

    def to_native(self) -> KerchunkRecipe:
        """Make the native recipe with the same meaning."""
        dims = tuple(self.file_pattern.concat_dims) or tuple(self.concat_dims)
        if not dims:
            raise UsageError("the pattern of an HDFReferenceRecipe has no concat dimension", hint="Give it one by ConcatDim.")
        named = ("coo_map", "coo_dtypes", "preprocess", "postprocess")
        options = answer_functions({name: getattr(self, name) for name in named if getattr(self, name) is not None})
        merge = Merge(dims, tuple(self.identical_dims or ()), **options)
        return KerchunkRecipe(self.pattern, merge, inline_threshold=self.inline_threshold)


@dataclass(frozen=True)
class Answered:
    """A function of the recipe, whose imports are answered as those of its module were."""

    function: Callable[..., Any]

    @property
    def __name__(self) -> str:
        """What messages call it."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, *args: Any) -> Any:
        """Call it."""
        with answering():
            return self.function(*args)


def answer_functions(options: Mapping[str, Any]) -> dict[str, Any]:
    """Have the functions among a recipe's options answered for, those within dictionaries as well."""
    answered = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            value = answer_functions(value)
        answered[name] = Answered(value) if callable(value) and not isinstance(value, type) else value
    return answered
