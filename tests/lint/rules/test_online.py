"""What only servers know is found by asking them; what they do not answer is said and is nobody's fault."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lint.feedstocks import META, draft_of, lint, write, write_good
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.servers.hosts import PRIVATE_NETWORKS
from servers.faulty import LOGIN_PAGE, Fault
from servers.scripted import bad_credentials, limit_exceeded, not_found, repository, secondary_limit, user

TOKEN = "ghs_" + "0a1B" * 9


def online(*codes: str) -> Options:
    return Options(select=codes, online=True)


def shown(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    return [f"{finding.code} {finding.level} {finding.where.line}:{finding.where.column} {finding.message}" for finding in findings]


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    """Whoever runs the linter allows this machine to be asked, and has no token."""
    monkeypatch.setenv(PRIVATE_NETWORKS, "127.0.0.0/8")
    for name in ("GITHUB_API_URL", "GITHUB_TOKEN", "GH_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def github(monkeypatch, scripted_server):
    """GitHub's API, which knows the user ada; it may be asked since it is named, wherever it is."""
    server = scripted_server()
    server.otherwise = not_found()
    server.replies["/users/ada"] = user("ada")
    monkeypatch.setenv("GITHUB_API_URL", server.url)
    monkeypatch.delenv(PRIVATE_NETWORKS)
    return server


def test_nothing_is_asked_unless_it_is_wanted(tmp_path, github):
    assert lint(write_good(tmp_path)) == ()
    assert github.asked == []


# PFM044.


def test_a_maintainer_who_is_there_is_no_finding(tmp_path, github):
    assert lint(write_good(tmp_path), online("PFM044")) == ()
    assert [asked.path for asked in github.asked] == ["/users/ada"]


def test_a_maintainer_who_is_not_is_told_at_the_name(tmp_path, github):
    root = write_good(tmp_path, {"feedstock/meta.yaml": META.replace("github: ada", 'github: "ada-l"')})
    (found,) = lint(root, online("PFM044"))
    assert shown([found]) == ["PFM044 warning 18:13 there is no user ada-l on GitHub"]
    assert found.end == (18, 20)


@pytest.mark.parametrize("login", ["'@ada'", "https://github.com/ada", "", "ada lovelace", "~", "a" * 60, "{a: b}"])
def test_what_is_no_name_on_github_is_not_asked_for(tmp_path, github, login):
    lint(write_good(tmp_path, {"feedstock/meta.yaml": META.replace("github: ada", f"github: {login}")}), online("PFM044"))
    assert github.asked == []


def test_each_maintainer_is_asked_for_once_and_together(tmp_path, github):
    more = "".join(f"  - github: {name}\n" for name in ("bob", "bob", "carol"))
    root = write_good(tmp_path, {"feedstock/meta.yaml": META.replace("bakery:", f"{more}bakery:")})
    assert len(lint(root, online("PFM044"))) == 2
    assert sorted(asked.path for asked in github.asked) == ["/users/ada", "/users/bob", "/users/carol"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (limit_exceeded(), "GitHub answers no more questions for now; with a token in GITHUB_TOKEN it answers more"),
        (limit_exceeded(429), "GitHub answers no more questions for now; with a token in GITHUB_TOKEN it answers more"),
        (secondary_limit(), "GitHub answers no more questions for now; with a token in GITHUB_TOKEN it answers more"),
        (secondary_limit(429), "GitHub answers no more questions for now; with a token in GITHUB_TOKEN it answers more"),
        (bad_credentials(), "GitHub does not accept the token in GITHUB_TOKEN"),
    ],
)
def test_what_github_does_not_tell_is_a_hint_once(tmp_path, github, reply, reason):
    github.otherwise = github.replies["/users/ada"] = reply
    root = write_good(tmp_path, {"feedstock/meta.yaml": META.replace("bakery:", "  - github: bob\nbakery:")})
    (found,) = lint(root, online("PFM044"))
    assert shown([found]) == [f"PFM044 hint 18:13 whether there is a user ada on GitHub was not checked: {reason}"]


def test_no_network_is_a_hint(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", "https://api.github.example.org")
    (found,) = lint(write_good(tmp_path), online("PFM044"))
    assert found.level is Level.HINT
    assert found.message.endswith("was not checked: api.github.example.org cannot be found")


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_a_token_is_sent_to_github_and_shown_to_nobody(tmp_path, github, monkeypatch, name):
    monkeypatch.setenv(name, TOKEN)
    github.otherwise = github.replies["/users/ada"] = limit_exceeded()
    draft = draft_of(write_good(tmp_path))
    findings = lint(tmp_path, online("PFM044"))
    assert github.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert findings[0].message.endswith("GitHub answers no more questions for now")
    assert TOKEN not in repr(findings) + repr(draft)


# PFS011.


def staged(root: Path, name: str = "oisst") -> Path:
    files = {path.removeprefix("feedstock/"): text for path, text in {"feedstock/meta.yaml": META}.items()}
    write(root / "recipes" / name, files)
    return root / "recipes" / name


def test_a_name_that_is_taken_is_an_error(tmp_path, github):
    github.replies["/repos/pangeo-forge/oisst-feedstock"] = repository("pangeo-forge", "oisst-feedstock")
    (found,) = lint(staged(tmp_path), online("PFS011"))
    assert (found.level, found.message) == (Level.ERROR, "there is a repository pangeo-forge/oisst-feedstock already")
    assert found.where.path.endswith("recipes/oisst")


def test_a_name_that_is_free_is_no_finding(tmp_path, github):
    assert lint(staged(tmp_path), online("PFS011")) == ()
    assert [asked.path for asked in github.asked] == ["/repos/pangeo-forge/oisst-feedstock"]


def test_whether_a_name_is_taken_may_be_unknown(tmp_path, github):
    github.otherwise = limit_exceeded()
    (found,) = lint(staged(tmp_path), online("PFS011"))
    assert found.level is Level.HINT
    assert found.message.startswith("whether there is pangeo-forge/oisst-feedstock already was not checked: ")


def test_a_feedstock_has_its_name_already(tmp_path, github):
    assert lint(write_good(tmp_path), online("PFS011")) == ()
    assert github.asked == []


# PFM052.


def test_a_bakery_that_is_not_known_here_is_a_warning(tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": META.replace("id: local", "id: locall")})
    (found,) = lint(root, online("PFM052"))
    assert shown([found]) == ["PFM052 warning 20:7 there is no bakery 'locall' on this machine; there is: local"]
    assert (found.end, found.help) == ((20, 13), "Did you mean `local`?")


def test_a_bakery_that_is_known_is_no_finding(tmp_path):
    assert lint(write_good(tmp_path), online("PFM052")) == ()
    assert lint(write_good(tmp_path, {"feedstock/meta.yaml": META.replace("bakery:\n  id: local\n", "")}), online("PFM052")) == ()


# PFR039.

RECIPE = """\
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

FILES = [
{files}
]
sst = ZarrRecipe(FilePattern(lambda time: FILES[time], ConcatDim("time", keys=range(3))))
"""


def reading(*urls: str) -> str:
    return RECIPE.replace("{files}", "\n".join(f'    "{url}",' for url in urls))


def inputs(root: Path, *urls: str) -> list[str]:
    return shown(lint(write_good(root, {"feedstock/recipe.py": reading(*urls)}), online("PFR039")))


@pytest.fixture
def archive(tmp_path, faulty_server):
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(9):
        (folder / f"{number}.nc").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 5000)
    return faulty_server(folder)


def test_inputs_that_are_there_are_no_findings_and_few_are_asked_for(tmp_path, archive):
    assert inputs(tmp_path / "a", *(f"{archive.url}/{number}.nc" for number in range(9))) == []
    assert sorted((request.path, request.range) for request in archive.requests()) == [
        ("/0.nc", "bytes=0-999"),
        ("/4.nc", "bytes=0-999"),
        ("/8.nc", "bytes=0-999"),
    ]


def test_an_input_that_is_gone_is_told_where_it_stands(tmp_path, archive):
    assert inputs(tmp_path / "a", f"{archive.url}/0.nc", f"{archive.url}/gone.nc") == [
        f"PFR039 warning 5:5 127.0.0.1 has no file '{archive.url}/gone.nc' (status 404)"
    ]


def test_a_page_instead_of_data_is_told_once(tmp_path, archive):
    for path in ("/0.nc", "/1.nc"):
        archive.misbehave(path, LOGIN_PAGE)
    assert inputs(tmp_path / "a", f"{archive.url}/0.nc", f"{archive.url}/1.nc") == [
        "PFR039 warning 4:5 127.0.0.1 answers with a page of HTML where data should be, as one that wants a login"
    ]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "127.0.0.1 wants a login (status 401)"),
        (403, "127.0.0.1 wants a login (status 403)"),
        (429, "127.0.0.1 answered with the status 429"),
        (503, "127.0.0.1 answered with the status 503"),
    ],
)
def test_a_server_that_does_not_answer_now_is_a_hint(tmp_path, archive, status, reason):
    archive.misbehave("/0.nc", Fault(status=status))
    assert inputs(tmp_path / "a", f"{archive.url}/0.nc") == [f"PFR039 hint 4:5 the input was not checked: {reason}"]


def test_a_server_that_cannot_be_found_is_a_hint(tmp_path):
    assert inputs(tmp_path, "https://data.example.org/0.nc", "https://data.example.org/1.nc") == [
        "PFR039 hint 4:5 the input was not checked: data.example.org cannot be found"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "{url}/dodsC/0.nc",
        "{url}/thredds/dodsC/a/0.nc",
        "{url}/0.nc?time=1",
        "{url}/*.nc",
        "{url}/%Y.nc",
        "{url}/{time}.nc",
        "{url}/",
        "{url}/catalog.html",
        "ftp://127.0.0.1/0.nc",
        "s3://bucket/0.nc",
    ],
)
def test_what_is_no_address_of_one_file_is_not_asked_for(tmp_path, archive, url):
    assert inputs(tmp_path / "a", url.replace("{url}", archive.url)) == []
    assert archive.count() == 0


def test_addresses_that_are_put_together_are_not_asked_for(tmp_path, archive):
    recipe = reading("x").replace("FILES[time]", f'f"{archive.url}/{{time}}.nc"')
    assert lint(write_good(tmp_path / "a", {"feedstock/recipe.py": recipe}), online("PFR039")) == ()
    assert archive.count() == 0


def test_a_recipe_cannot_make_the_linter_ask_a_cloud_for_its_secrets(tmp_path):
    assert inputs(tmp_path, "http://169.254.169.254/latest/meta-data/a.nc") == [
        "PFR039 hint 4:5 the input was not checked: 169.254.169.254 is not asked: its address is one that no archive has"
    ]


def test_nor_a_private_network(tmp_path, archive, monkeypatch):
    monkeypatch.delenv(PRIVATE_NETWORKS)
    (found,) = inputs(tmp_path / "a", f"{archive.url}/0.nc")
    assert found.startswith("PFR039 hint 4:5 the input was not checked: 127.0.0.1 is not asked: it is in a private network")
    assert archive.count() == 0


# PFD006, online.


def git(*arguments: str, folder: Path) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repositories(tmp_path, http_server):
    """A repository b.git with the branches main and patch-1 and the tag one-more, served over HTTP: its commit, and the address."""
    work, served = tmp_path / "work", tmp_path / "served"
    work.mkdir()
    served.mkdir()
    git("init", folder=work)
    git("commit", "--allow-empty", "-m", "first", folder=work)
    git("branch", "patch-1", folder=work)
    git("tag", "-a", "-m", "tagged", "one-more", folder=work)
    git("clone", "--bare", str(work), str(served / "b.git"), folder=tmp_path)
    git("update-server-info", folder=served / "b.git")
    return git("rev-parse", "HEAD", folder=work), http_server(served).url


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("git+{url}/b.git@main  # why\n", "git+{url}/b.git@{commit}  # why\n"),
        ("git+{url}/b.git@patch-1#egg=c\n", "git+{url}/b.git@{commit}#egg=c\n"),
        ("git+{url}/b.git@one-more\n", "git+{url}/b.git@{commit}\n"),
        ("git+{url}/b.git\r\n", "git+{url}/b.git@{commit}\r\n"),
        ("c @ git+{url}/b.git ; python_version > '3'\n", "c @ git+{url}/b.git@{commit} ; python_version > '3'\n"),
    ],
)
def test_a_branch_is_replaced_by_the_commit_that_it_is_at(tmp_path, repositories, written, right):
    commit, url = repositories
    root = write_good(tmp_path / "a", {"feedstock/requirements.txt": written.replace("{url}", url).encode()})
    (found,) = lint(root, online("PFD006"))
    assert found.help == f"Write `b@{commit}`, the commit that it is at."
    fixed = fix(draft_of(root), online("PFD006"))
    assert fixed.draft.overlay["requirements.txt"].decode() == right.replace("{url}", url).replace("{commit}", commit)
    assert fixed.left.findings == ()


def test_a_branch_that_is_gone_is_an_error(tmp_path, repositories):
    _, url = repositories
    root = write_good(tmp_path / "a", {"feedstock/requirements.txt": f"git+{url}/b.git@gone\n"})
    (found,) = lint(root, online("PFD006"))
    assert (found.level, found.message) == (Level.ERROR, f"b comes from `gone` of {url}/b.git, which is not there")


def test_a_repository_that_cannot_be_asked_is_told_as_without_asking(tmp_path, repositories):
    _, url = repositories
    root = write_good(tmp_path / "a", {"feedstock/requirements.txt": f"git+{url}/no-such.git@main\ngit+ssh://git@example.org/a/b@main\n"})
    first, second = lint(root, online("PFD006"))
    assert (first.level, first.fix, second.fix) == (Level.WARNING, (), ())
    assert "(It was not asked: " in first.help
    assert second.help.endswith("(It was not asked: only repositories at http and https are asked.)")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/a", "169.254.169.254 is not asked: its address is one that no archive has"),
        ("http://10.0.0.1/a", "10.0.0.1 is not asked: it is in a private network, and PANGEO_FORGE_PRIVATE_NETWORKS does not name that"),
        ("https://example.org/a", "the server cannot be found"),
    ],
)
def test_git_asks_no_other_servers_than_the_linter_does(tmp_path, url, reason):
    root = write_good(tmp_path, {"feedstock/requirements.txt": f"git+{url}@main\n"})
    (found,) = lint(root, online("PFD006"))
    assert found.help.endswith(f"(It was not asked: {reason}.)")


def test_git_is_given_no_password_of_a_stranger(tmp_path, repositories):
    commit, url = repositories
    line = f"git+{url.replace('://', '://ada:w7-Qx.Babbage@')}/b.git@main\n"
    findings = lint(write_good(tmp_path / "a", {"feedstock/requirements.txt": line}), online("PFD006"))
    assert commit in findings[0].help
    assert "Babbage" not in repr(findings)
