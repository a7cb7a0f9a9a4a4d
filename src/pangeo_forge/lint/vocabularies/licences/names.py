"""The names of licences other than those of Creative Commons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from pangeo_forge.lint.vocabularies.licences.licence import Licence, choose_among, identify, spdx_ids
from pangeo_forge.lint.vocabularies.licences.words import join_words, split_words

#: Words that tell no licence from another.
_NOISE = frozenset({"the", "license", "licenses", "licence", "licences", "version", "v", "ver"})
_JOINED = {("non", "commercial"): "noncommercial", ("united", "kingdom"): "uk"}
_ONE, _TWO, _THREE = r"(?: 1(?:\.0)?)?", r" 2(?:\.0)?", r" 3(?:\.0)?"
_OGL = r"(?:open government|ogl)(?: for public sector information)?(?: ogl)?"
_NCGL = r"(?:uk )?noncommercial government(?: uk)?"

#: What names one licence, without noise.
_CERTAIN = (
    (rf"apache(?: software)?(?: foundation)?{_TWO}", "Apache-2.0"),
    (r"(?:mit|expat)(?: mit| expat)?", "MIT"),
    (r"(?:new|modified|revised|3 clause) bsd(?: 3 clause)?|bsd 3(?: clause)?(?: new| revised)?", "BSD-3-Clause"),
    (r"(?:simplified|2 clause) bsd(?: 2 clause)?|bsd 2(?: clause)?(?: simplified)?", "BSD-2-Clause"),
    (rf"(?:odc )?(?:open data commons )?(?:open database|odbl)(?: odbl)?{_ONE}", "ODbL-1.0"),
    (rf"odc by{_ONE}|open data commons attribution(?: odc by)?{_ONE}", "ODC-By-1.0"),
    (rf"(?:odc )?(?:open data commons )?(?:public domain dedication and(?: pddl)?|pddl){_ONE}", "PDDL-1.0"),
    (rf"(?:uk )?{_OGL}(?: uk)?{_THREE}(?: uk)?", "OGL-UK-3.0"),
    (rf"(?:uk {_OGL}|{_OGL} uk){_TWO}|{_OGL}{_TWO} uk", "OGL-UK-2.0"),
    (rf"canada {_OGL}(?:{_TWO})?|{_OGL} canada(?:{_TWO})?|{_OGL}{_TWO} canada", "OGL-Canada-2.0"),
    (rf"{_NCGL}{_TWO}", "NCGL-UK-2.0"),
    (rf"(?:ouverte|etalab|(?:open|ouverte) etalab|etalab (?:open|ouverte)){_TWO}", "etalab-2.0"),
    (rf"(?:datenlizenz deutschland|dl de) (?:namensnennung|attribution|by){_TWO}", "DL-DE-BY-2.0"),
    (rf"(?:datenlizenz deutschland|dl de) zero{_TWO}", "DL-DE-ZERO-2.0"),
    (rf"norwegian for open government data(?: nlod)?{_TWO}", "NLOD-2.0"),
    (rf"mozilla public(?: mpl)?{_TWO}", "MPL-2.0"),
    (r"european union public(?: eupl)? 1\.2", "EUPL-1.2"),
    (rf"(?:creative commons |cc )?public domain mark{_ONE}", "CC-PDM-1.0"),
)
#: What several licences are called, the likeliest first.
_SHARED = (
    (r"apache(?: software)?(?: foundation)?", ("Apache-2.0",)),
    (r"bsd", ("BSD-3-Clause", "BSD-2-Clause")),
    (rf"uk {_OGL}|{_OGL} uk", ("OGL-UK-3.0", "OGL-UK-2.0", "OGL-UK-1.0")),
    (rf"{_OGL}(?:{_TWO})?", ("OGL-UK-3.0", "OGL-UK-2.0", "OGL-Canada-2.0")),
    (_NCGL, ("NCGL-UK-2.0",)),
    (r"ouverte|etalab|(?:open|ouverte) etalab|etalab (?:open|ouverte)", ("etalab-2.0",)),
    (r"mozilla public(?: mpl)?|mpl", ("MPL-2.0",)),
)
_GPL = re.compile(
    r"(?:gnu )?(?:(?P<kind>affero |lesser )?general public(?: [al]?gpl)?|(?P<letter>[al])?gpl)"
    r"(?: (?P<version>[123](?:\.[01])?))?(?: (?P<more>or later|or newer|or any later|only))?"
)


def read_name(words: Sequence[str], *, has_plus: bool) -> Licence | None:
    """Read a licence by its name; None where the words are none.

    Parameters
    ----------
    words : sequence of str
        The words of the text.
    has_plus : bool
        Whether there is a ``+`` in it, which stands for later versions.
    """
    phrase = " ".join(join_words([word for word in words if word not in _NOISE], _JOINED))
    gpl = _GPL.fullmatch(phrase)
    if gpl:
        return _find_gpl(gpl, has_plus)
    certain = next((name for pattern, name in _certain() if pattern.fullmatch(phrase)), None) or _by_words().get(phrase)
    if certain:
        return identify(certain)
    return next((choose_among(names) for pattern, names in _shared() if pattern.fullmatch(phrase)), None)


@cache
def _certain() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), name) for pattern, name in _CERTAIN)


@cache
def _shared() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(pattern), names) for pattern, names in _SHARED)


@cache
def _by_words() -> Mapping[str, str]:
    """Give the identifiers by the words that they consist of, as ``eupl 1.2``."""
    return {" ".join(word for word in split_words(name) if word not in _NOISE): name for name in spdx_ids().values()}


def _find_gpl(found: re.Match[str], has_plus: bool) -> Licence | None:
    """Find the identifiers of a GNU licence: SPDX wants to know whether a later version may be taken as well."""
    letter = {"affero ": "a", "lesser ": "l"}.get(found["kind"] or "", found["letter"] or "")
    more = found["more"] or ("or later" if has_plus else "")
    endings = ("only",) if more == "only" else ("or-later",) if more else ("only", "or-later")
    version = found["version"] or ""
    if version and len(endings) == 1:
        return identify(f"{letter}gpl-{version if '.' in version else f'{version}.0'}-{endings[0]}")
    versions = [version if "." in version else f"{version}.0"] if version else ["3.0", "2.1", "2.0"]
    return choose_among(f"{letter}gpl-{one}-{ending}" for one in versions for ending in endings)
