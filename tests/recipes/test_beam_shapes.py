"""Every shape of pipeline that published recipes have, on made-up files, compared with what xarray makes of these by hand."""

from __future__ import annotations

import gzip
import shutil

import numpy as np
import pytest
import xarray as xr

from baking import bake
from pangeo_forge.errors import ForgeError, RecipeFailed
from pangeo_forge.recipes.lifting import LiftedRecipe, UnliftedPipeline
from pangeo_forge.recipes.loading import check_portable
from peer.recipes import FOUR, OPEN, STORE

INDEX = "from pangeo_forge_recipes.patterns import CombineOp, Dimension, Index, Position\n"
URLS = 'URLS = [f"{ARCHIVE}/four_{n}.nc" for n in range(3)]\nTIME = Dimension("time", CombineOp.CONCAT)\n'
PLACE = "PLACE = beam.MapTuple(lambda n, url: (Index({TIME: Position(n)}), url))\n"
LISTED = INDEX + URLS + PLACE
OPENED = "OpenURLWithFSSpec() | OpenWithXarray()"
STORED = "StoreToZarr(store_name='out.zarr', combine_dims=[TIME])"


def by_hand(folder, *names: str, **options) -> xr.Dataset:
    """Combine files as an author would without any recipe."""
    parts = []
    for name in names:
        with xr.open_dataset(folder / f"{name}.nc", **options) as opened:
            parts.append(opened.load())
    return xr.concat(
        parts, "time", data_vars="minimal", coords="minimal", compat="override", join="override", combine_attrs="drop_conflicts"
    )


@pytest.fixture
def days(beam_archive) -> xr.Dataset:
    """The twelve days of the three files, as one dataset."""
    return by_hand(beam_archive, "four_0", "four_1", "four_2")


class TestBeginnings:
    """Which inputs a pipeline begins with."""

    @pytest.mark.parametrize(
        "beginning",
        [
            "beam.Create([(Index({TIME: Position(n)}), url) for n, url in enumerate(URLS)])",
            "beam.Create({Index({TIME: Position(n)}): url for n, url in enumerate(URLS)})",
            "beam.Create((Index({TIME: Position(n)}), URLS[n]) for n in (2, 0, 1))",
            "beam.Create(URLS) | beam.Map(lambda url: (Index({TIME: Position(URLS.index(url))}), url))",
            "beam.Create({'a': 0, 'b': 1, 'c': 2}.values()) | beam.Map(lambda n: (Index({TIME: Position(n)}), URLS[n]))",
            "beam.Create(dict(enumerate(URLS)).keys()) | beam.Map(lambda n: (Index({TIME: Position(n)}), URLS[n]))",
            "beam.Create(enumerate(URLS)) | PLACE",
            "beam.Create([URLS]) | beam.FlatMap(enumerate) | PLACE",
            "'all' >> beam.Create([*enumerate(URLS), (3, 'no such file')]) | PLACE"
            " | 'not the last' >> beam.Filter(lambda item: item[1].endswith('.nc')) | beam.Reshuffle()",
        ],
    )
    def test_inputs_may_be_created_one_by_one(self, load_beam, tmp_path, days, beginning):
        recipe = load_beam(f"{LISTED}\nrecipe = {beginning} | {OPENED} | {STORED}")
        made, _, _ = bake(recipe, tmp_path)
        xr.testing.assert_identical(made, days)

    def test_a_list_of_a_patterns_items_is_as_the_pattern(self, load_beam, tmp_path, days):
        recipe = load_beam(f"{FOUR}\nrecipe = beam.Create(list(pattern.items())) | {OPENED} | {STORE})")
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_the_first_of_a_patterns_items_may_be_taken(self, load_beam, tmp_path, beam_archive):
        recipe = load_beam(f"{FOUR}\nrecipe = beam.Create(list(pattern.items())[:2]) | {OPENED} | {STORE})")
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], by_hand(beam_archive, "four_0", "four_1"))

    def test_inputs_of_a_pattern_may_be_filtered_before_they_are_opened(self, load_beam, tmp_path, beam_archive):
        keep = "beam.Filter(lambda item: item[0].find_position('time') < 2)"
        recipe = load_beam(f"{FOUR}\nrecipe = beam.Create(pattern.items()) | {keep} | {OPENED} | {STORE})")
        assert len(recipe.pattern) == 2
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], by_hand(beam_archive, "four_0", "four_1"))

    def test_a_dofn_may_make_several_inputs_of_one_element(self, load_beam, tmp_path, days):
        recipe = load_beam(
            f"{LISTED}"
            + """
class Number(beam.DoFn):
    def setup(self):
        self.url = URLS.__getitem__

    def process(self, element, offset):
        for n in (element, element + offset):
            if n < len(URLS):
                yield Index({TIME: Position(n)}), self.url(n)


"""
            + f"recipe = beam.Create([0, 2]) | beam.ParDo(Number(), 1) | {OPENED} | {STORED}"
        )
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_one_by_one_pruning_keeps_two_inputs(self, load_beam):
        recipe = load_beam(
            f"{LISTED}\nrecipe = beam.Create((Index({{TIME: Position(n)}}), URLS[n]) for n in range(3)) | {OPENED} | {STORED}"
        )
        assert len(recipe.prune().pattern) == 2

    def test_a_grid_of_two_dimensions_may_be_created_one_by_one(self, load_beam, tmp_path, beam_archive):
        recipe = load_beam(
            INDEX
            + """
TIME, VARIABLE = Dimension("time", CombineOp.CONCAT), Dimension("variable", CombineOp.MERGE)
items = [
    (Index({VARIABLE: Position(v), TIME: Position(n)}), f"{ARCHIVE}/{name}_{n}.nc")
    for n in range(3)
    for v, name in enumerate(["tas", "pr"])
]
"""
            + f"recipe = beam.Create(items) | {OPENED} | StoreToZarr(store_name='o.zarr', combine_dims=[TIME, VARIABLE])"
        )
        made = bake(recipe, tmp_path)[0]
        for name in ("tas", "pr"):
            xr.testing.assert_equal(
                made[name].drop_vars("cell_area", errors="ignore"),
                by_hand(beam_archive, *[f"{name}_{n}" for n in range(3)])[name].drop_vars("cell_area", errors="ignore"),
            )

    def test_variables_may_be_merged_without_a_dimension_to_concatenate(self, load_beam, tmp_path, beam_archive):
        recipe = load_beam(
            "pattern = FilePattern(lambda variable: f'{ARCHIVE}/{variable}_0.nc', MergeDim('variable', ['tas', 'pr']))\n"
            f"recipe = {OPEN} | {STORE}, target_chunks={{'time': 2}})"
        )
        made = bake(recipe, tmp_path)[0]
        xr.testing.assert_equal(made.pr.drop_vars("cell_area"), by_hand(beam_archive, "pr_0").pr)
        assert made.tas.encoding["chunks"] == (2, 5, 6)

    @pytest.mark.parametrize(
        ("beginning", "reason"),
        [
            ("beam.Create([]) ", "it begins with no inputs"),
            ("beam.Create([(Index({TIME: Position(0)}), 'a'), (Index({TIME: Position(2)}), 'b')])", "it has no input at time 1"),
            (
                "beam.Create([(Index({TIME: Position(0)}), 'a'), (Index({TIME: Position(0)}), 'b')])",
                "two of its inputs have the place time 0",
            ),
            ("beam.Create([(Index({TIME: Position(0)}), 'a'), (Index({}), 'b')])", "have different dimensions"),
            ("beam.Create([(Index({}), 'a')])", "have no dimension"),
            ("beam.Create(URLS) | beam.Map(lambda url: 1 / 0)", "choosing its inputs fails: ZeroDivisionError"),
            ("beam.Create(FilePattern(lambda: 'a').items())", "its pattern has no dimension"),
        ],
    )
    def test_inputs_that_fill_no_grid_are_left_to_beam(self, load_beam, beginning, reason):
        recipe = load_beam(f"{LISTED}\nrecipe = {beginning} | {OPENED} | {STORED}")
        assert isinstance(recipe, UnliftedPipeline)
        assert reason in recipe.reason

    def test_dimensions_that_are_not_those_of_the_inputs_are_left_to_beam(self, load_beam):
        other = "StoreToZarr(store_name='out.zarr', combine_dims=[Dimension('step', CombineOp.CONCAT)])"
        assert "it combines along step, but its inputs lie along time" in load_beam(f"{INDEX}{FOUR}\nrecipe = {OPEN} | {other}").reason

    def test_a_function_that_opens_files_is_not_called_to_list_them(self, load_beam):
        recipe = load_beam(f"{FOUR}\nrecipe = beam.Create(pattern.items()) | beam.MapTuple(lambda k, v: 1 / 0) | {STORE})")
        assert len(recipe.pattern) == 3


class TestOpening:
    """How inputs become datasets."""

    def test_urls_may_be_changed_before_files_are_opened(self, load_beam, tmp_path, days):
        recipe = load_beam(
            'pattern = FilePattern(lambda time: f"four_{time}", ConcatDim("time", range(3)))\n'
            'place = beam.MapTuple(lambda index, name: (index, f"{ARCHIVE}/{name}.nc"))\n'
            f"recipe = beam.Create(pattern.items()) | place | {OPENED} | {STORE})"
        )
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_a_function_may_fetch_the_file_and_give_its_path(self, load_beam, tmp_path, days):
        fetched = tmp_path / "fetched"
        fetched.mkdir()
        recipe = load_beam(
            FOUR
            + f"""
import pathlib
import shutil


class Fetch(beam.PTransform):
    @staticmethod
    def _fetch(url: str) -> str:
        return shutil.copy(url, {str(fetched)!r})

    def expand(self, pcoll: beam.PCollection) -> beam.PCollection:
        return pcoll | "fetch" >> beam.MapTuple(lambda k, v: (k, self._fetch(v)))


recipe = beam.Create(pattern.items()) | Fetch() | OpenWithXarray() | beam.MapTuple(lambda k, ds: (k, ds)) | {STORE})
"""
        )
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)
        assert len(list(fetched.iterdir())) == 3

    @pytest.mark.parametrize(
        "function",
        [
            "lambda index, file: (index, io.BytesIO(gzip.decompress(file.open().read())))",
            "lambda index, file: (index, gzip.open(file.open()))",
        ],
    )
    def test_files_may_be_changed_before_they_are_read(self, load_beam, tmp_path, days, packed_files, function):
        opened = f"OpenURLWithFSSpec() | beam.MapTuple({function}) | OpenWithXarray()"
        recipe = load_beam(f"{packed_files}import gzip\nimport io\n\nrecipe = beam.Create(pattern.items()) | {opened} | {STORE})")
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_files_may_be_compressed(self, load_beam, tmp_path, days, packed_files):
        opened = "OpenURLWithFSSpec(open_kwargs={'compression': 'gzip'}) | OpenWithXarray(load=True)"
        recipe = load_beam(f"{packed_files}recipe = beam.Create(pattern.items()) | {opened} | {STORE})")
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    @pytest.fixture
    def packed_files(self, beam_archive, tmp_path) -> str:
        for number in range(3):
            with (beam_archive / f"four_{number}.nc").open("rb") as source, gzip.open(tmp_path / f"four_{number}.nc.gz", "wb") as target:
                shutil.copyfileobj(source, target)
        return f'pattern = FilePattern(lambda time: f"{tmp_path}/four_{{time}}.nc.gz", ConcatDim("time", range(3)))\n'

    def test_a_pipeline_may_open_files_by_itself(self, load_beam, tmp_path, beam_archive):
        tree = tmp_path / "trees"
        tree.mkdir()
        for number in range(3):
            part = xr.open_dataset(beam_archive / f"four_{number}.nc")
            xr.DataTree.from_dict({"/warm": part[["tas"]], "/cold": part[["tas"]] - 10}).to_netcdf(tree / f"{number}.nc")
        recipe = load_beam(f"""
            pattern = pattern_from_file_sequence([f"{tree}/{{n}}.nc" for n in range(3)], concat_dim="time")


            def gather(tree):
                return xr.merge([node.to_dataset().rename(tas=f"tas_{{name}}") for name, node in tree.children.items()], compat="override")


            opened = beam.MapTuple(lambda k, v: (k, xr.open_datatree(v)))
            gathered = beam.MapTuple(lambda k, v: (k, gather(v)))
            recipe = beam.Create(pattern.items()) | opened | gathered | {STORE}, target_chunks={{"time": 3}})
        """)
        made = bake(recipe, tmp_path)[0]
        days = by_hand(beam_archive, "four_0", "four_1", "four_2")
        np.testing.assert_array_equal(made.tas_warm, days.tas)
        np.testing.assert_array_equal(made.tas_cold, days.tas - 10)
        assert made.tas_warm.encoding["chunks"] == (3, 5, 6)

    def test_a_file_that_is_missing_is_named_where_the_pipeline_opens_it(self, load_beam, tmp_path):
        recipe = load_beam(
            'pattern = FilePattern(lambda time: f"{ARCHIVE}/none_{time}.nc", ConcatDim("time", range(2)))\n'
            f"recipe = beam.Create(pattern.items()) | beam.Map(lambda item: item) | {OPENED} | {STORE})"
        )
        with pytest.raises(ForgeError, match=r"none_0.nc: there is no such file"):
            bake(recipe, tmp_path)

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"drop_variables": ["cell_area"]}, {"drop_variables": ["cell_area"]}),
            ({"engine": "netcdf4"}, {}),
            ({"engine": "h5netcdf", "decode_coords": "all"}, {}),
            ({"chunks": {}}, {}),
            ({"chunks": "auto", "decode_times": True}, {}),
        ],
    )
    def test_options_of_xarray_mean_what_they_mean(self, load_beam, tmp_path, beam_archive, options, expected):
        opened = f"OpenURLWithFSSpec(max_concurrency=2, cache='x') | OpenWithXarray(copy_to_local=True, xarray_open_kwargs={options!r})"
        recipe = load_beam(f"{FOUR}\nrecipe = beam.Create(pattern.items()) | {opened} | {STORE})")
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], by_hand(beam_archive, "four_0", "four_1", "four_2", **expected))

    def test_a_group_of_each_file_may_be_read(self, load_beam, tmp_path, days, beam_archive):
        for number in range(3):
            with xr.open_dataset(beam_archive / f"four_{number}.nc") as part:
                part.to_netcdf(tmp_path / f"grouped_{number}.nc", group="inner")
        recipe = load_beam(
            f'pattern = FilePattern(lambda time: f"{tmp_path}/grouped_{{time}}.nc", ConcatDim("time", range(3)))\n'
            "opened = OpenWithXarray(xarray_open_kwargs={'group': 'inner'}, load=True)\n"
            f"recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec() | opened | {STORE})"
        )
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_dates_of_other_calendars_are_kept(self, load_beam, tmp_path):
        for number in range(2):
            dates = xr.date_range("1999-02-27", periods=4, calendar="noleap", use_cftime=True).shift(4 * number, "D")
            xr.Dataset({"tas": ("time", np.arange(4.0) + number)}, {"time": dates}).to_netcdf(tmp_path / f"noleap_{number}.nc")
        recipe = load_beam(
            f'pattern = FilePattern(lambda time: f"{tmp_path}/noleap_{{time}}.nc", ConcatDim("time", range(2)))\n'
            f"opened = OpenWithXarray(xarray_open_kwargs={{'use_cftime': True}})\n"
            f"recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec() | opened | beam.Map(lambda item: item) | {STORE})"
        )
        made = bake(recipe, tmp_path)[0]
        assert [str(date)[:10] for date in made.time.values] == [
            "1999-02-27",
            "1999-02-28",
            "1999-03-01",
            "1999-03-02",
            "1999-03-03",
            "1999-03-04",
            "1999-03-05",
            "1999-03-06",
        ]
        assert made.time.encoding["calendar"] == "noleap"

    def test_stores_are_read_by_their_urls(self, load_beam, tmp_path, days):
        days.drop_encoding().to_zarr(tmp_path / "before.zarr")
        recipe = load_beam(
            "from pangeo_forge_recipes.patterns import FileType\n"
            f'pattern = pattern_from_file_sequence(["{tmp_path}/before.zarr"], concat_dim="time")\n'
            "opened = OpenWithXarray(file_type=FileType('zarr'), xarray_open_kwargs={'chunks': {}})\n"
            f"recipe = beam.Create(pattern.items()) | opened | {STORE}, target_chunks={{'time': 5}})"
        )
        made = bake(recipe, tmp_path)[0]
        xr.testing.assert_identical(made, days.drop_encoding())
        assert made.tas.encoding["chunks"] == (5, 5, 6)


class TestFunctions:
    """What is done with each dataset."""

    @pytest.mark.parametrize(
        "steps",
        [
            "beam.Map(warm)",
            "beam.Map(lambda item: warm(item))",
            "'warm it' >> beam.Map(warm).with_output_types(tuple)",
            "beam.MapTuple(lambda index, ds: warm((index, ds)))",
            "beam.FlatMap(lambda item: [warm(item)])",
            "beam.FlatMapTuple(lambda index, ds: [warm((index, ds))])",
            "beam.ParDo(Warm())",
            "beam.ParDo(Warm)",
            "beam.ParDo(lambda item: [warm(item)])",
            "AsTransform()",
            "Configured('tas', amount=1)",
            "Hinted()",
            "beam.Reshuffle() | beam.Map(warm) | beam.Reshuffle()",
            "as_function(1)",
            "MapWithConcurrencyLimit(one_warmer, kwargs={'by': 1}, max_concurrency=3)",
            "beam.Map(functools.partial(add, name='tas'), amount=1)",
            "beam.Filter(lambda item: len(item[1].time) == 4) | beam.Map(warm)",
        ],
    )
    def test_functions_of_any_form_are_called_with_each_dataset(self, load_beam, tmp_path, days, steps):
        recipe = load_beam(
            FOUR
            + f"""
import functools
from dataclasses import dataclass
from pangeo_forge_recipes.transforms import MapWithConcurrencyLimit

BY = 1


def add(item, name, amount):
    index, ds = item
    ds[name] = ds[name] + amount
    return index, ds


def warm(item: Indexed[T]) -> Indexed[xr.Dataset]:
    return add(item, "tas", BY)


def one_warmer(ds, by):
    return ds.assign(tas=ds.tas + by)


class Warm(beam.DoFn):
    def process(self, element: Indexed[xr.Dataset]):
        yield warm(element)


class AsTransform(beam.PTransform):
    amount = BY

    @classmethod
    def _one(cls, item):
        return add(item, "tas", cls.amount)

    def expand(self, pcoll: beam.PCollection[Indexed[xr.Dataset]]) -> beam.PCollection:
        return pcoll | "add" >> beam.Map(self._one)


@dataclass
class Configured(beam.PTransform):
    name: str
    amount: float = 0.0

    def _one(self, ds: xr.Dataset) -> xr.Dataset:
        return ds.assign({{self.name: ds[self.name] + self.amount}})

    def expand(self, pcoll):
        return pcoll | "half" >> beam.MapTuple(lambda k, v: (k, self._one(v)))


@beam.typehints.with_input_types(Indexed[xr.Dataset])
@beam.typehints.with_output_types(Indexed[xr.Dataset])
class Hinted(AsTransform):
    pass


@beam.ptransform_fn
def as_function(pcoll, amount):
    return pcoll | beam.Map(add, "tas", amount=amount)


recipe = {OPEN} | {steps} | {STORE})
"""
        )
        assert isinstance(recipe, LiftedRecipe)
        check_portable(recipe, "one")
        days["tas"] = days.tas + 1
        made = bake(recipe, tmp_path)[0]
        xr.testing.assert_equal(made, days)

    def test_a_function_may_give_a_dask_dataset_and_is_given_one_where_it_asked(self, load_beam, tmp_path, days):
        recipe = load_beam(f"""
            {FOUR}

            def change(item):
                index, ds = item
                assert ds.tas.chunks[0] == (1, 1, 1, 1)
                return index, ds.assign(tas=ds.tas.chunk(lat=2).map_blocks(lambda block: block * 2, template=ds.tas.chunk(lat=2)))


            opened = OpenWithXarray(xarray_open_kwargs={{"chunks": {{"time": 1}}}})
            recipe = beam.Create(pattern.items()) | OpenURLWithFSSpec() | opened | beam.Map(change) | {STORE})
        """)
        np.testing.assert_array_equal(bake(recipe, tmp_path)[0].tas, days.tas * 2)

    def test_a_function_may_add_the_dimension_by_the_place_of_its_input(self, load_beam, tmp_path, beam_archive):
        recipe = load_beam(
            INDEX
            + f"""
STEPS = [10, 20, 30, 40]
pattern = FilePattern(lambda step: f"{{ARCHIVE}}/bare_{{step}}.nc", ConcatDim("step", range(4)))


def place(item):
    index, ds = item
    position = index[Dimension("step", CombineOp.CONCAT)].value
    assert index.find_position("step") == position
    assert index[index.find_concat_dim("step")] == Position(position)
    return index, ds.expand_dims(step=np.array([STEPS[position]]))


recipe = {OPEN} | beam.Map(place) | {STORE})
"""
        )
        made = bake(recipe, tmp_path)[0]
        assert made.step.values.tolist() == [10, 20, 30, 40]
        for number in range(4):
            np.testing.assert_array_equal(made.tas[number], xr.open_dataset(beam_archive / f"bare_{number}.nc").tas)

    def test_a_time_made_by_a_function_is_counted_as_it_says(self, load_beam, tmp_path):
        recipe = load_beam(
            f"""
            import cftime

            pattern = FilePattern(lambda time: f"{{ARCHIVE}}/bare_{{time}}.nc", ConcatDim("time", range(4)))


            def date(item):
                index, ds = item
                day = cftime.datetime(1, 2, 1 + index.find_position("time"), calendar="noleap")
                ds = ds.expand_dims(time=np.array([day]))
                ds.time.encoding = {{"units": "minutes since 0001-02-01 00:00:00", "calendar": "noleap"}}
                return index, ds


            recipe = {OPEN} | beam.Map(date) | {STORE}, target_chunks={{"time": 3}})
            """
        )
        made = bake(recipe, tmp_path)[0]
        assert made.time.encoding["units"] == "minutes since 0001-02-01"
        assert [str(date)[:10] for date in made.time.values] == ["0001-02-01", "0001-02-02", "0001-02-03", "0001-02-04"]

    def test_variables_that_are_dropped_or_made_coordinates_stay_so(self, load_beam, tmp_path, days):
        recipe = load_beam(f"""
            {FOUR}

            def change(item):
                index, ds = item
                ds = ds.assign(extra=ds.tas * 2).set_coords("extra")
                return index, ds.drop_vars("cell_area")


            recipe = {OPEN} | beam.Map(change) | {STORE})
        """)
        made = bake(recipe, tmp_path)[0]
        assert (set(made.coords), set(made.data_vars)) == ({"time", "lat", "lon", "extra"}, {"tas"})
        np.testing.assert_array_equal(made.extra, days.tas * 2)

    @pytest.mark.parametrize("dropped", [0, 1, 2])
    def test_a_dataset_that_a_filter_leaves_out_is_not_in_the_store(self, load_beam, tmp_path, beam_archive, dropped):
        keep = f"beam.Filter(lambda item: item[1].time.dt.dayofyear[0] != {4 * dropped + 1})"
        recipe = load_beam(f"{FOUR.replace(', nitems_per_file=4', '')}\nrecipe = {OPEN} | {keep} | {STORE})")
        rest = [f"four_{number}" for number in range(3) if number != dropped]
        made = bake(recipe, tmp_path)[0]
        xr.testing.assert_equal(made, by_hand(beam_archive, *rest))
        assert made.tas.encoding["chunks"] == (4, 5, 6)

    def test_a_function_that_makes_two_datasets_of_one_is_told_who_can_run_it(self, load_beam, tmp_path):
        twice = "beam.FlatMap(lambda item: [item, item])"
        with pytest.raises(RecipeFailed, match="made 2 elements of one input") as caught:
            bake(load_beam(f"{FOUR}\nrecipe = {OPEN} | {twice} | {STORE})"), tmp_path)
        assert "--engine beam" in caught.value.hint

    @pytest.mark.parametrize(
        ("definition", "reason"),
        [
            ("def finish_bundle(self):\n        yield 1", "the DoFn Own does something at the end of a bundle"),
            (
                "def process(self, element, window=beam.DoFn.WindowParam):\n        yield element",
                "the DoFn Own asks for more than its element",
            ),
        ],
    )
    def test_a_dofn_that_asks_for_more_than_elements_is_left_to_beam(self, load_beam, definition, reason):
        recipe = load_beam(f"{FOUR}\nclass Own(beam.DoFn):\n    {definition}\n\n\nrecipe = {OPEN} | beam.ParDo(Own()) | {STORE})")
        assert recipe.reason == reason


class TestStoring:
    """How the store is written, and what follows."""

    def test_chunks_that_a_function_does_not_name_are_as_long_as_the_first_file(self, load_beam, tmp_path):
        recipe = load_beam(
            f"{FOUR}\ndivide = lambda ds, lon: {{'lon': lon}}\n"
            f"recipe = {OPEN} | {STORE}, dynamic_chunking_fn=divide, dynamic_chunking_fn_kwargs={{'lon': 2}})"
        )
        assert bake(recipe, tmp_path)[0].tas.encoding["chunks"] == (4, 5, 2)

    def test_the_outline_that_a_chunking_function_is_given_is_that_of_the_decoded_dataset(self, load_beam, tmp_path):
        recipe = load_beam(f"""
            pattern = FilePattern(lambda time: f"{{ARCHIVE}}/packed_{{time}}.nc", ConcatDim("time", range(3)))


            def divide(ds):
                assert dict(ds.sizes) == {{"time": 12, "lat": 5, "lon": 6}}, ds.sizes
                assert set(ds.data_vars) == {{"tas"}}, ds
                assert set(ds.coords) == {{"time", "lat", "lon", "cell_area"}}, ds
                assert ds.tas.dtype == "f8", ds.tas.dtype
                assert ds.time.dtype.kind == "M", ds.time.dtype
                assert ds.tas.attrs["long_name"] == "tas"
                assert ds.attrs["title"] == "made up"
                return {{dim: len(ds[dim]) for dim in ds.dims}} | {{"time": ds.tas.nbytes // 480}}


            recipe = {OPEN} | {STORE}, dynamic_chunking_fn=divide)
        """)
        assert bake(recipe, tmp_path)[0].tas.encoding["chunks"] == (6, 5, 6)

    def test_attributes_may_be_of_any_kind(self, load_beam, tmp_path):
        recipe = load_beam(f"{FOUR}\nrecipe = {OPEN} | {STORE}, attrs={{'meta': {{'id': 'a', 'list': [1, 2]}}, 'url': 'u'}})")
        made = bake(recipe, tmp_path)[0]
        assert (made.attrs["pangeo-forge:meta"], made.attrs["pangeo-forge:url"]) == ({"id": "a", "list": [1, 2]}, "u")

    def test_where_the_author_says_that_the_store_is_does_not_matter(self, load_beam, tmp_path, days):
        recipe = load_beam(
            "from pangeo_forge_recipes.storage import CacheFSSpecTarget, FSSpecTarget\n"
            "from pangeo_forge_recipes.transforms import CheckpointFileTransfer\n"
            f"{FOUR}\n"
            "import fsspec\n"
            "fs = fsspec.filesystem('file')\n"
            "cache = CheckpointFileTransfer(transfer_target=CacheFSSpecTarget(fs=fs, root_path='/nowhere/cache'), max_executors=3)\n"
            f"recipe = beam.Create(pattern.items()) | cache | {OPENED} | {STORE}, target_root=FSSpecTarget(fs, '/nowhere'))"
        )
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)

    def test_a_store_of_the_recipes_own_kind_is_asked_what_it_is_made_of(self, load_beam, tmp_path, days):
        recipe = load_beam(f"""
            from dataclasses import dataclass

            {FOUR}

            @dataclass
            class QuietStore(StoreToZarr):
                def expand(self, pcoll):
                    return pcoll | StoreToZarr(store_name=self.store_name, combine_dims=self.combine_dims, target_chunks={{"time": 6}})


            class Login(OpenURLWithFSSpec):
                def expand(self, *args, **kwargs):
                    self.open_kwargs = {{"auto_mkdir": False}}
                    return super().expand(*args, **kwargs)


            stored = QuietStore(store_name="o", combine_dims=pattern.combine_dim_keys)
            recipe = beam.Create(pattern.items()) | Login() | OpenWithXarray() | stored
        """)
        assert recipe.pattern.fsspec_open_kwargs == {"auto_mkdir": False}
        made = bake(recipe, tmp_path)[0]
        xr.testing.assert_identical(made, days)
        assert made.tas.encoding["chunks"] == (6, 5, 6)

    def test_what_is_changed_in_the_finished_store_is_consolidated(self, load_beam, tmp_path):
        recipe = load_beam(f"""
            import zarr
            from dataclasses import dataclass

            {FOUR}

            @dataclass
            class InjectAttrs(beam.PTransform):
                attrs: dict

                def _update(self, store):
                    group = zarr.open(store, mode="a")
                    group.attrs.update(self.attrs)
                    group["tas"].attrs["note"] = "changed"
                    return store

                def expand(self, pcoll):
                    return pcoll | "inject" >> beam.Map(self._update)


            def look(store):
                assert xr.open_dataset(store, engine="zarr", consolidated=True).tas.attrs["note"] == "changed"
                return store


            injected = InjectAttrs({{"by": "me"}}) | ConsolidateDimensionCoordinates() | ConsolidateMetadata()
            recipe = {OPEN} | {STORE}) | injected | beam.Map(look)
        """)
        made = bake(recipe, tmp_path)[0]
        assert (made.attrs["by"], made.tas.attrs["note"]) == ("me", "changed")


class TestScripts:
    """Modules that run their pipeline by themselves: they are loaded, and run when they are asked to."""

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("recipe = CHAIN\nwith beam.Pipeline() as p:\n    p | recipe", "recipe"),
            ("recipe = CHAIN\nif __name__ == '__main__':\n    beam.Pipeline().run()", "recipe"),
            ("with beam.Pipeline(options=PipelineOptions(['--runner=DirectRunner'])) as p:\n    done = p | CHAIN", "done"),
            ("with beam.Pipeline(runner='DirectRunner') as p:\n    p | CHAIN", "p"),
            ("p = beam.Pipeline(argv=[])\np | 'all' >> CHAIN\np.run().wait_until_finish()", "p"),
            ("p = beam.Pipeline()\nopened = p | OPENED_CHAIN\nrecipe = opened | KEPT\n", "recipe"),
            (
                "options = PipelineOptions(flags=[], project='x')\noptions.view_as(SetupOptions).save_main_session = True\nrecipe = CHAIN",
                "recipe",
            ),
        ],
    )
    def test_a_pipeline_is_loaded_and_not_run(self, load_beam, tmp_path, days, text, name):
        chain = {"OPENED_CHAIN": OPEN, "CHAIN": f"({OPEN} | {STORE}))", "KEPT": f"{STORE})"}
        for word, meaning in chain.items():
            text = text.replace(word, meaning)
        options = "from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions\n"
        recipe = load_beam(options + FOUR + text, name)
        xr.testing.assert_identical(bake(recipe, tmp_path)[0], days)


class TestLeftToBeam:
    """What no plan does is loaded all the same, and says why Beam must run it."""

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (
                "class Both(beam.PTransform):\n"
                "    def expand(self, pcoll):\n"
                f"        pcoll | 'first' >> {STORE})\n"
                f"        return pcoll | {STORE})\n\n\n"
                f"recipe = {OPEN} | Both()",
                "Both has a branch beside the one that is followed, which ends with StoreToZarr",
            ),
            (
                f"p = beam.Pipeline()\nopened = p | {OPEN}\nopened | {STORE})\nopened | beam.Map(print)\nrecipe = p",
                "it is a pipeline with 2 ends",
            ),
            (
                f"p = beam.Pipeline()\nopened = p | {OPEN}\nrecipe = opened | {STORE})\nopened | beam.Map(print)",
                "it has a branch beside the one that is followed, which ends with Map",
            ),
            (
                "from pangeo_forge_recipes.aggregation import XarraySchema, dataset_to_schema\n"
                "from pangeo_forge_recipes.transforms import DetermineSchema, IndexItems, PrepareZarrTarget, StoreDatasetFragments\n"
                "from pangeo_forge_recipes.writers import ZarrWriterMixin\n\n\n"
                "class ByHand(beam.PTransform, ZarrWriterMixin):\n"
                "    def expand(self, pcoll):\n"
                "        schema = pcoll | DetermineSchema(combine_dims=pattern.combine_dim_keys)\n"
                "        return pcoll | IndexItems(schema=schema) | StoreDatasetFragments(target_store=schema | PrepareZarrTarget())\n\n\n"
                f"recipe = {OPEN} | ByHand()",
                "ByHand has a branch beside the one that is followed, which ends with PrepareZarrTarget",
            ),
            (
                "class Broken(beam.PTransform):\n    def expand(self, pcoll):\n        return pcoll | self.nothing\n\n\n"
                f"recipe = {OPEN} | Broken() | {STORE})",
                "the expand of Broken fails: AttributeError",
            ),
            (
                f"recipe = {OPEN} | beam.CombineGlobally(beam.combiners.CountCombineFn()) | {STORE})",
                "apache_beam.CombineGlobally is not among",
            ),
            (
                f"recipe = {OPEN} | beam.Map(max, beam.pvalue.AsSingleton(beam.Create([1]))) | {STORE})",
                "Map takes the elements of another pipeline",
            ),
            (f"recipe = {OPEN} | {STORE}, encoding={{'tas': {{'chunks': (1, 2, 3)}}}})", "gives 'chunks'"),
            ("recipe = OpenURLWithFSSpec() | OpenWithXarray()", "it begins with OpenURLWithFSSpec, not with Create"),
        ],
    )
    def test_the_reason_is_said(self, load_beam, text, reason):
        recipe = load_beam(FOUR + "\n" + text)
        assert isinstance(recipe, UnliftedPipeline)
        assert reason in recipe.reason
