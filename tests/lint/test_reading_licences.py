"""What licences, as people write them, come down to."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression

from pangeo_forge.lint.vocabularies.licences.licence import Kind, spdx_ids
from pangeo_forge.lint.vocabularies.licences.reading import read_licence
from pangeo_forge.lint.vocabularies.licences.words import split_words

CERTAIN = {
    "CC-BY-4.0": [
        "CC BY 4.0",
        "cc_by 4",
        "CC-BY v.4.0",
        "CC BY 4.0 International",
        "CC-BY-4.0 Deed",
        "Creative Commons Attribution 4.0 (CC BY 4.0)",
        "Creative Commons Attribution 4.0 International Public License",
        "Attribution 4.0 International (CC BY 4.0)",
    ],
    "CC-BY-SA-4.0": ["Creative Commons Attribution ShareAlike 4.0 International License", "CC BY-SA 4.0", "CC Attribution-Share Alike 4.0"],
    "CC-BY-NC-4.0": ["CC-BY-NC v.4.0", "Creative Commons Attribution-Non Commercial 4.0"],
    "CC-BY-NC-ND-4.0": ["Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International (CC BY-NC-ND 4.0)", "CC BY ND NC 4.0"],
    "CC-BY-3.0-US": ["CC BY 3.0 US"],
    "CC-BY-SA-3.0-IGO": ["CC BY-SA 3.0 IGO"],
    "CC0-1.0": ["CC0", "cc-0", "CC0 1.0", "CC Zero", "Creative Commons Zero v1.0 Universal", "CC0 1.0 Universal Public Domain Dedication"],
    "CC-PDM-1.0": ["Public Domain Mark 1.0", "Creative Commons Public Domain Mark 1.0"],
    "Apache-2.0": ["Apache Version 2.0", "Apache License, Version 2.0", "apache 2", "Apache-2", "Apache Software License 2.0"],
    "MIT": ["MIT License", "The MIT License (MIT)", "Expat"],
    "BSD-3-Clause": ["BSD 3-Clause", "3-Clause BSD License", "New BSD"],
    "BSD-2-Clause": ["Simplified BSD License", "BSD-2"],
    "GPL-3.0-only": ["GPL v3 only"],
    "GPL-3.0-or-later": ["GPLv3+", "GNU General Public License v3.0 or later"],
    "LGPL-2.1-or-later": ["LGPL 2.1 or later", "GNU Lesser General Public License 2.1 or any later version"],
    "MPL-2.0": ["Mozilla Public License 2.0", "MPL 2.0"],
    "EUPL-1.2": ["EUPL v1.2", "European Union Public License 1.2"],
    "ODbL-1.0": ["ODbL", "odbl 1.0", "Open Database License", "Open Data Commons Open Database License (ODbL) v1.0"],
    "ODC-By-1.0": ["ODC-By", "Open Data Commons Attribution License"],
    "PDDL-1.0": ["PDDL", "Open Data Commons Public Domain Dedication and License (PDDL)"],
    "OGL-UK-3.0": ["Open Government Licence v3", "Open Government Licence v3.0", "OGL 3.0", "OGL UK 3", "UK Open Government Licence v3.0"],
    "OGL-UK-2.0": ["UK Open Government Licence 2.0"],
    "OGL-Canada-2.0": ["Open Government Licence - Canada", "Open Government Licence – Canada, version 2.0"],
    "NCGL-UK-2.0": ["UK Non-Commercial Government Licence v2.0"],
    "etalab-2.0": ["Etalab 2.0", "Licence Ouverte 2.0"],
    "DL-DE-BY-2.0": ["Datenlizenz Deutschland – Namensnennung – Version 2.0"],
    "NLOD-2.0": ["NLOD 2.0", "Norwegian Licence for Open Government Data (NLOD) 2.0"],
}


@pytest.mark.parametrize(("spdx_id", "text"), [(spdx_id, text) for spdx_id, texts in CERTAIN.items() for text in texts])
def test_a_name_that_belongs_to_one_identifier(spdx_id, text):
    found = read_licence(text)
    assert (found.kind, found.ids) == (Kind.NAMED, (spdx_id,))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("CC-BY", ("CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.0")),
        ("CC 4.0", ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0")),
        ("Creative Commons", ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0")),
        ("CC-NC-4.0", ("CC-BY-NC-4.0",)),
        ("CC BY 4.0?", ("CC-BY-4.0",)),
        ("GPL v3", ("GPL-3.0-only", "GPL-3.0-or-later")),
        ("BSD", ("BSD-3-Clause", "BSD-2-Clause")),
        ("Apache", ("Apache-2.0",)),
        ("Open Government License", ("OGL-UK-3.0", "OGL-UK-2.0", "OGL-Canada-2.0")),
        ("Open Government Licence 2.0", ("OGL-UK-3.0", "OGL-UK-2.0", "OGL-Canada-2.0")),
        ("CC-BY-40", ("CC-BY-4.0",)),
    ],
)
def test_a_name_that_may_belong_to_several(text, ids):
    found = read_licence(text)
    assert (found.kind, found.ids) == (Kind.UNCLEAR, ids)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CC BY 4.0 and CC BY-SA 4.0", Kind.PROSE),
        ("CC BY 4.0, CC BY-NC 4.0", Kind.PROSE),
        ("CC BY 3.0 / 4.0", Kind.PROSE),
        ("CC BY 4.0 for the data, MIT for the code", Kind.PROSE),
        ("CC BY 4.0 除外", Kind.PROSE),
        ("similar to CC-BY", Kind.PROSE),
        ("not CC0", Kind.PROSE),
        ("CC BY 9.9", Kind.PROSE),
        ("CC0 4.0", Kind.PROSE),
        ("CC BY 4.0 (public domain)", Kind.OPEN),
        ("Copernicus licence", Kind.PROSE),
        ("NASA", Kind.PROSE),
        ("free for research", Kind.PROSE),
        ("Open Data", Kind.OPEN),
        ("No constraints on data access or use.", Kind.OPEN),
        ("These data have no known usage restrictions", Kind.OPEN),
        ("Proprietary", Kind.UNLISTED),
        ("None", Kind.UNSTATED),
        ("", Kind.UNSTATED),
    ],
)
def test_other_words_name_nothing(text, kind):
    found = read_licence(text)
    assert (found.kind, found.ids) == (kind, ())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", ("CC-BY-4.0",)),
        ("http://www.creativecommons.org/licenses/by-nc-sa/3.0/igo/", ("CC-BY-NC-SA-3.0-IGO",)),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.en", ("CC-BY-4.0",)),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.de", ("CC0-1.0",)),
        ("https://creativecommons.org/licenses/by-xx/4.0/", ()),
        ("https://spdx.org/licenses/ODbL-1.0.html", ("ODbL-1.0",)),
        ("https://www.apache.org/licenses/LICENSE-2.0.txt", ("Apache-2.0",)),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", ("OGL-UK-3.0",)),
        ("https://opendatacommons.org/licenses/odbl/1-0/", ("ODbL-1.0",)),
        ("https://www.ecad.eu/documents/ECAD_datapolicy.pdf", ()),
        ("www.metoffice.gov.uk/terms", ()),
    ],
)
def test_addresses_of_texts(text, ids):
    found = read_licence(text)
    assert (found.kind, found.ids) == (Kind.ADDRESS, ids)


def test_every_identifier_is_read_as_itself_however_it_is_written():
    for spdx_id in spdx_ids().values():
        assert read_licence(spdx_id.lower()).ids == (spdx_id,)
        if spdx_id != "CC-SA-1.0":  # in words, it is more likely that `BY` was forgotten
            assert read_licence(spdx_id.replace("-", " ")).ids == (spdx_id,)


@given(st.lists(st.sampled_from(["cc", "by", "nc", "sa", "nd", "0", "4.0", "1.0", "zero", "public", "gpl", "v", "or", "later", "?", "+"])))
def test_what_is_certain_is_an_identifier(words):
    found = read_licence(" ".join(words))
    if found.kind in (Kind.NAMED, Kind.SPDX):
        assert [canonicalize_license_expression(one) for one in found.ids] == [*found.ids]
        assert len(found.ids) == 1


@given(st.text())
def test_any_text_is_read(text):
    assert isinstance(read_licence(text).kind, Kind)


@pytest.mark.parametrize(
    "text", ["(" * 500_000, "no " * 100_000, "cc " * 100_000, "open data commons " * 10_000, "v1" * 100_000, "(" * 299]
)
def test_long_texts_take_no_time(text):
    start = time.perf_counter()
    read_licence(text)
    assert time.perf_counter() - start < 1


def test_words_are_told_apart():
    assert split_words("GPLv3, CC-BY_4.0; École") == ("gpl", "v", "3", "cc", "by", "4.0", "école")
