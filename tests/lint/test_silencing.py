"""Comments that ask to pass over a finding."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, codes, write_good

FAULT = "title: Sea surface temperature\ntitle: Sea ice"


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("", ["PFM003"]),
        ("  # noqa", []),
        ("  # NOQA", []),
        ("  # noqa: PFM003", []),
        ("  #noqa:PFM003", []),
        ("  # noqa: PFM001, PFM003", []),
        ("  # noqa: PFM001 PFM003", []),
        ("  # noqa: PFM001", ["PFM003"]),
        ("  # a word on noqa", ["PFM003"]),
    ],
)
def test_a_comment_on_the_line_passes_over_what_it_names(tmp_path, comment, found):
    meta = META.replace("title: Sea surface temperature", f"{FAULT}{comment}")
    assert codes(write_good(tmp_path, {"feedstock/meta.yaml": meta})) == found


def test_a_comment_on_another_line_does_not(tmp_path):
    meta = META.replace("title: Sea surface temperature", "title: Sea surface temperature  # noqa\ntitle: Sea ice")
    assert codes(write_good(tmp_path, {"feedstock/meta.yaml": meta})) == ["PFM003"]
