"""Addresses that are not secure, hard to reach, or on one computer: PFR036."""

from __future__ import annotations

import pytest

from lint.recipe_modules import at, find

FTP = "come by FTP, which many networks of clouds do not let through, and which nothing protects"


@pytest.mark.parametrize(
    ("code", "place", "level", "message"),
    [
        (
            "def f(t):\n    return f'http://example.com/{t}.nc'",
            (2, 12),
            "hint",
            "`http://example.com` is not secure: what is read can be changed on its way",
        ),
        (
            "base_url = 'http://example.com/data'",
            (1, 12),
            "hint",
            "`http://example.com` is not secure: what is read can be changed on its way",
        ),
        ("x = ['http://example.com/a.nc']", (1, 6), "hint", "`http://example.com` is not secure: what is read can be changed on its way"),
        (
            "x = 'http://example.com/{year}.nc'.format(year=1)",
            (1, 5),
            "hint",
            "`http://example.com` is not secure: what is read can be changed on its way",
        ),
        ("def f(t):\n    return 'ftp://example.com/' + t + '.nc'", (2, 12), "hint", f"the files of example.com {FTP}"),
        ("x = f'ftp://{host}/a.nc'", (1, 5), "hint", f"the files {FTP}"),
        ("x = '{mock}ftp://example.com/a.nc'", (1, 5), "hint", f"the files of example.com {FTP}"),
        (
            "x = f(['/Users/ada/a.nc', '/Users/ada/b.nc'])",
            (1, 8),
            "warning",
            "the path '/Users/ada/a.nc' leads somewhere on one computer only",
        ),
        ("x = '~/data/a.nc'", (1, 5), "warning", "the path '~/data/a.nc' leads somewhere on one computer only"),
        ("x = 'file:///data/a.nc'", (1, 5), "warning", "the path 'file:///data/a.nc' leads somewhere on one computer only"),
        ("x = '/glade/scratch/ada/a.nc'", (1, 5), "warning", "the path '/glade/scratch/ada/a.nc' leads somewhere on one computer only"),
    ],
)
def test_a_poor_address_is_told_once_for_each_archive(tmp_path, code, place, level, message):
    (found,) = find(tmp_path, "PFR036", f"{code}\n")
    assert (at(found), found.level, found.message) == (place, level, message)


def test_https_is_advised_for_the_same_host(tmp_path):
    (found,) = find(tmp_path, "PFR036", "x = 'http://data.example.com/a.nc'\n")
    assert found.help == "Write `https://data.example.com`, if the archive answers there."


@pytest.mark.parametrize(
    "code",
    [
        "x = 'https://example.com/a.nc'",
        "REL = 'http://esipfed.org/ns/fedsearch/1.1/data#'",
        "if element['rel'] == 'http://example.com/ns/a.nc':\n    pass",
        "x = url.replace('http://', 'https://')",
        "x = url.startswith('ftp://example.com/')",
        "def f():\n    '''Read http://example.com/a.nc'''",
        "# http://example.com/a.nc",
        "ds.attrs['source'] = 'http://example.com/a.nc'",
        "raise ValueError('http://example.com/a.nc')",
        "licence = 'http://creativecommons.org/licenses/by/4.0/'",
        "url = 'http://localhost:8080/a.nc'",
        "x = {'documentation': 'http://example.com/about'}",
        "if __name__ == '__main__':\n    f('/home/ada/a.nc')",
        "x = '/data/home/a.nc'",
        "x = 'sftp://example.com/a.nc'",
        "print('http://example.com/a.nc')",
    ],
)
def test_what_is_no_poor_address_of_an_input_is_none(tmp_path, code):
    assert find(tmp_path, "PFR036", f"{code}\n") == ()
