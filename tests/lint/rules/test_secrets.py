"""Passwords, tokens and keys in the files: PFR030."""

from __future__ import annotations

import json

import pytest

from lint.feedstocks import lint, write_good
from lint.recipe_modules import at, draft_with, find
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.reports import concise, github, markdown, sarif, text
from pangeo_forge.lint.reports import json as json_report

PASSWORD = "w7-Qx.Babbage"
TOKEN = "a8f5f167f44f4964e6c998dee827110c"
#: Of the form of a web token, and of nobody.
WEB_TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEtMTgxNSJ9.c2lnbmF0dXJlLW9mLW5vYm9keQ"

WRITTEN = {
    "argument": (f'f(password="{PASSWORD}")', (1, 12), "password"),
    "variable": (f'ED_PASSWORD = "{PASSWORD}"', (1, 15), "password"),
    "annotated variable": (f'password: str = "{PASSWORD}"', (1, 17), "password"),
    "item of a dictionary": (f'options = {{"username": "ada", "password": "{PASSWORD}"}}', (1, 43), "password"),
    "item that is assigned": (f'import os\nos.environ["EARTHDATA_PASSWORD"] = "{PASSWORD}"', (2, 36), "password"),
    "attribute": (f'self.password = "{PASSWORD}"', (1, 17), "password"),
    "name in camel case": (f'userPassword = "{PASSWORD}"', (1, 16), "password"),
    "default": (f'def f(user, password="{PASSWORD}"): pass', (1, 22), "password"),
    "keyword's default": (f'def f(*, passwd="{PASSWORD}"): pass', (1, 17), "password"),
    "login of aiohttp": (f'import aiohttp\naiohttp.BasicAuth("ada", "{PASSWORD}")', (2, 26), "password"),
    "login of requests": (f'from requests.auth import HTTPBasicAuth as Basic\nBasic("ada", "{PASSWORD}")', (2, 14), "password"),
    "pair": (f'requests.get("https://x", auth=("ada", "{PASSWORD}"))', (1, 40), "password"),
    "variable with another name": (f'import aiohttp\np = "{PASSWORD}"\naiohttp.BasicAuth("ada", p)', (2, 5), "password"),
    "login of an FTP server": (f'ftp.login("ada", "{PASSWORD}")', (1, 18), "password"),
    "address": (f'url = "ftp://ada:{PASSWORD}@example.org/a.nc"', (1, 18), "password"),
    "address with fields": (f'url = f"ftp://ada:{PASSWORD}@example.org/{{time}}.nc"', (1, 19), "password"),
    "secret of S3": (f'fs = S3FileSystem(key="AB", secret="{TOKEN}")', (1, 36), "secret"),
    "client secret": (f'f(client_secret="{TOKEN}")', (1, 17), "secret"),
    "token": (f'TOKEN = "{TOKEN}"', (1, 9), "token"),
    "header": (f'headers = {{"Authorization": "Bearer {TOKEN}"}}', (1, 29), "token"),
    "token in an address": (f'url = "https://example.org/a.nc?token={TOKEN}"', (1, 39), "token"),
    "signed address": (f'url = "https://example.org/a.nc?sp=r&sig={TOKEN}"', (1, 42), "signature"),
    "web token": (f'x = "{WEB_TOKEN}"', (1, 6), "token"),
    "key of AWS in a comment": ("# AKIA" + "QYLPMN5HABCDEFGH" + "\nx = 1", (1, 3), "key of AWS"),
    "token of GitHub": ('x = "ghp_' + "a1" * 18 + '"', (1, 6), "token of GitHub"),
    "private key": ('x = """-----BEGIN ' + 'RSA PRIVATE KEY-----\nabc"""', (1, 8), "private key"),
    "assignment in a comment": (f'# f(user="ada", password="{PASSWORD}")\nx = 1', (1, 27), "password"),
    "module that is no Python": (f'modis-lai = 1\npassword = "{PASSWORD}"', (2, 13), "password"),
}


@pytest.mark.parametrize(("code", "place", "what"), WRITTEN.values(), ids=WRITTEN)
def test_a_secret_is_found_and_not_shown(tmp_path, code, place, what):
    (found,) = find(tmp_path, "PFR030", code)
    assert at(found) == place
    assert found.message == f"a {what} is written into the file: whoever can read the repository can use it"
    assert found.level == "error"
    shown = repr(found)
    assert PASSWORD not in shown
    assert TOKEN not in shown
    assert WEB_TOKEN not in shown


def test_the_line_is_shown_with_asterisks_in_the_secret_s_place(tmp_path):
    (found,) = find(tmp_path, "PFR030", f'f(user="ada", password="{PASSWORD}")\n')
    assert found.source == 'f(user="ada", password="*************")'
    assert found.help == (
        'Withdraw it where it was issued, since the history keeps it, and read the new one from the environment: `os.environ["PASSWORD"]`.'
    )


def test_a_secret_over_several_lines_is_covered(tmp_path):
    (found,) = find(tmp_path, "PFR030", 'password = ("w7-"\n            "Qx.Babbage")\n')
    assert found.source == "password = (*****"


@pytest.mark.parametrize("select", [("PFR032",), ("PFR001",)])
def test_other_rules_do_not_show_it_either(tmp_path, select):
    fault = "" if select == ("PFR032",) else "modis-lai = 1; "
    code = f'import fsspec\n{fault}fs = fsspec.filesystem("sftp", host="example.org", password="{PASSWORD}")\n'
    (found,) = find(tmp_path, select[0], code)
    assert PASSWORD not in repr(found)
    assert 'password="*************"' in found.source


def test_neither_silencing_nor_ignoring_the_rule_shows_it(tmp_path):
    code = f'import fsspec\nfs = fsspec.filesystem("sftp", host="example.org", password="{PASSWORD}")  # noqa: PFR030\n'
    linted = lint_draft(draft_with(tmp_path, code), Options(ignore=("PFR030",)))
    assert "PFR032" in [found.code for found in linted.findings]
    assert PASSWORD not in repr(linted)


def test_a_message_that_quotes_it_is_cut(tmp_path):
    code = f'"""A recipe."""\nx = "file:///home/ada/{TOKEN}/"\ntoken = "{TOKEN}"\n'
    (found,) = find(tmp_path, "PFR036", code)
    assert TOKEN not in found.message
    assert TOKEN not in found.source


def test_no_report_shows_it(tmp_path):
    linted = lint_draft(draft_with(tmp_path, f'password = "{PASSWORD}"\n'), Options())
    assert "PFR030" in [found.code for found in linted.findings]
    reports = [
        text.render(linted),
        concise.render(linted),
        github.render(linted),
        markdown.render([linted]),
        json.dumps(json_report.render([linted])),
        json.dumps(sarif.render([linted])),
    ]
    assert not [report for report in reports if PASSWORD in report]


NONE = [
    'username = password = "ada@example.org"',
    'f(password="")',
    "f(password=None)",
    'f(password="<ADD>")',
    'f(secret_access_key="<INSERT>", access_key_id="<INSERT>")',
    'f(password="your_password")',
    'f(password="my password here")',
    'f(password="********")',
    'f(password="xxxxxxxx")',
    'f(password="changeme")',
    'f(password="EARTHDATA_PASSWORD")',
    'f(password="$PASSWORD")',
    'f(password="{password}")',
    'f(password="%s")',
    'f(password="anonymous")',
    'f(token="anon")',
    'f(token="google_default")',
    'f(token="/home/ada/token.json")',
    'import os\nf(password=os.environ["PASSWORD"])',
    'f(name="projects/x/secrets/BUCKET_KEY_SECRET/versions/latest")',
    'secret_name = "projects/x/secrets/y2020010112345"',
    'login_url = "https://example.org/api/users/token"',
    'pw = "precipitable_water"',
    'low_pass = "butterworth"',
    'pass_number = "0123456789abcdef0"',
    'next_token = "page2"',
    'standard_name_token = "sea_surface_temperature_at_2m"',
    'keyword = "temperature"',
    'PASSWORD_FILE = "pw-9x.dat"',
    'url = f"https://example.org/a?user={username}:{password}"',
    'url = f"ftp://{user}:{password}@example.org/a.nc"',
    'url = "ftp://anonymous:ada@example.org/a.nc"',
    'url = "ftp://ftp:ftp@example.org/a.nc"',
    'url = "https://user:password@example.org/a.nc"',
    'url = "http://example.org:8080/a@b.nc"',
    'url = "https://example.org/a?key=precipitation_2020_v07"',
    'headers = {"Authorization": f"Bearer {token}"}',
    'key = "AKIAIOSFODNN7EXAMPLE"',
    '"""Give `password="w7-Qx.Babbage"` to the file system."""',
]


@pytest.mark.parametrize("code", NONE)
def test_what_only_keeps_a_place_is_no_secret(tmp_path, code):
    assert find(tmp_path, "PFR030", code) == ()


def test_requirements_and_meta_are_looked_at(tmp_path):
    login = f"ada:{PASSWORD}"
    root = write_good(
        tmp_path,
        {"feedstock/requirements.txt": f"pangeo-forge==0.1.0\nsst @ git+https://{login}@github.com/ada/sst@1.0\n"},
    )
    found = [finding for finding in lint(root) if finding.code == "PFR030"]
    assert [at(finding) for finding in found] == [(2, 23)]
    assert "os.environ" not in (found[0].help or "")
    assert not [finding for finding in lint(root) if PASSWORD in repr(finding)]


def test_the_name_of_a_variable_in_requirements_is_no_secret(tmp_path):
    root = write_good(tmp_path, {"feedstock/requirements.txt": "sst @ git+https://${TOKEN}:x@github.com/ada/sst@1.0\n"})
    assert "PFR030" not in [finding.code for finding in lint(root)]
