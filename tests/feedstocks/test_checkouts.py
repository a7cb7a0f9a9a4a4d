"""Real git repositories are fetched once per commit, safely, and without asking anybody."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pangeo_forge.errors import SourceError, SourceUnavailable
from pangeo_forge.feedstocks.addresses import Repository
from pangeo_forge.feedstocks.checkouts import get_checkout
from pangeo_forge.feedstocks.git import find_state, without_credentials


@pytest.fixture
def url(repository: Path) -> str:
    return f"file://{repository}"


def add_commit(git, repository: Path, text: str) -> str:
    (repository / "feedstock" / "recipe.py").write_text(text)
    git(repository, "commit", "--quiet", "--all", "--message=More")
    return git(repository, "rev-parse", "HEAD")


def test_the_default_branch_is_checked_out(url, repository, checkouts, git):
    folder = get_checkout(Repository(url), checkouts)
    assert (folder / "feedstock" / "recipe.py").read_text() == "recipe = 1\n"
    assert folder.name == git(repository, "rev-parse", "HEAD")
    assert find_state(folder) == (folder.name, False)


@pytest.mark.parametrize("ref", ["v1", "main", "side/branch", "refs/heads/main", "refs/pull/7/head", "HEAD"])
def test_a_branch_or_tag_or_full_name_is_checked_out(ref, url, repository, checkouts, git):
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "branch", "side/branch")
    git(repository, "update-ref", "refs/pull/7/head", first)
    assert get_checkout(Repository(url, ref), checkouts).name == first


@pytest.mark.parametrize("length", [40, 10])
def test_a_commit_is_checked_out_also_by_a_part_of_its_id(length, url, repository, checkouts, git):
    first = git(repository, "rev-parse", "HEAD")
    second = add_commit(git, repository, "recipe = 2\n")
    folder = get_checkout(Repository(url, first[:length]), checkouts)
    assert folder.name == first
    assert (folder / "feedstock" / "recipe.py").read_text() == "recipe = 1\n"
    assert get_checkout(Repository(url), checkouts).name == second


def test_a_branch_is_looked_up_anew_and_older_checkouts_stay(url, repository, checkouts, git):
    first = get_checkout(Repository(url, "main"), checkouts)
    add_commit(git, repository, "recipe = 2\n")
    second = get_checkout(Repository(url, "main"), checkouts)
    assert first != second
    assert (first / "feedstock" / "recipe.py").read_text() == "recipe = 1\n"
    assert (second / "feedstock" / "recipe.py").read_text() == "recipe = 2\n"


def test_what_is_there_already_is_not_fetched_again(url, checkouts):
    folder = get_checkout(Repository(url), checkouts)
    (folder / "mark").touch()
    assert (get_checkout(Repository(url), checkouts) / "mark").exists()


def test_a_commit_that_is_there_already_needs_no_repository(url, repository, checkouts):
    commit = get_checkout(Repository(url), checkouts).name
    repository.rename(repository.with_name("away"))
    assert get_checkout(Repository(url, commit), checkouts).name == commit


def test_nothing_is_left_beside_the_checkouts(url, checkouts):
    folder = get_checkout(Repository(url), checkouts)
    assert list(folder.parent.iterdir()) == [folder]


def test_processes_that_ask_at_once_get_the_same_complete_checkout(url, checkouts):
    code = (
        "import sys, pathlib\n"
        "from pangeo_forge.feedstocks.checkouts import get_checkout\n"
        "from pangeo_forge.feedstocks.addresses import Repository\n"
        "folder = get_checkout(Repository(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "print(folder, (folder / 'feedstock' / 'recipe.py').read_text())\n"
    )
    command = [sys.executable, "-c", code, url, str(checkouts)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate(timeout=60) for process in processes]
    assert {error for _, error in told} == {""}
    assert len({output for output, _ in told}) == 1
    assert len(list(next(checkouts.iterdir()).iterdir())) == 1


def test_git_variables_of_a_hook_that_we_run_in_do_not_reach_our_git(url, checkouts, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert (get_checkout(Repository(url), checkouts) / "feedstock" / "meta.yaml").is_file()


def test_a_transport_that_runs_a_program_is_not_run(tmp_path, checkouts):
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(f"ext::sh -c touch% {tmp_path}/ran"), checkouts)
    assert "transport 'ext' not allowed" in str(caught.value)
    assert not (tmp_path / "ran").exists()


# What git cannot give.

CREDENTIALS = "Check the address. A private repository needs credentials that git finds by itself: a credential helper, or an SSH key."


def test_a_repository_that_is_not_there_is_refused_with_gits_reason(tmp_path, checkouts):
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(f"file://{tmp_path}/none"), checkouts)
    assert str(caught.value) == (
        f"git cannot read the repository file://{tmp_path}/none: '{tmp_path}/none' does not appear to be a git repository"
    )
    assert caught.value.hint == CREDENTIALS
    assert "Could not read from remote repository" in (caught.value.detail or "")
    assert not caught.value.transient


def test_a_ref_that_is_not_there_is_refused_with_those_that_are(url, repository, checkouts, git):
    git(repository, "branch", "develop")
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(url, "devlop"), checkouts)
    assert str(caught.value) == f"the repository {url} has no branch, tag or commit 'devlop'"
    assert caught.value.hint == "Did you mean 'develop'? Its branches and tags: develop, main, v1."


@pytest.mark.parametrize("commit", ["0" * 40, "abcdef0"])
def test_a_commit_that_is_not_there_is_refused(commit, url, checkouts):
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(url, commit), checkouts)
    assert str(caught.value) == f"the repository {url} has no branch, tag or commit '{commit}'"
    assert caught.value.hint == "Its branches and tags: main, v1."


def test_a_repository_without_a_commit_is_refused(tmp_path, checkouts, git):
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(f"file://{tmp_path}/empty"), checkouts)
    assert str(caught.value) == f"the repository file://{tmp_path}/empty holds no commit"
    assert caught.value.hint == "Commit and push the feedstock first."


def test_a_network_that_fails_may_be_tried_again_and_no_password_is_told(checkouts):
    with pytest.raises(SourceUnavailable) as caught:
        get_checkout(Repository("http://me:hunter22@127.0.0.1:1/o/r"), checkouts)
    assert str(caught.value).startswith(
        "git cannot read the repository http://127.0.0.1:1/o/r: unable to access 'http://127.0.0.1:1/o/r/': Failed to connect"
    )
    assert caught.value.hint == "Look at the network, and try again."
    assert caught.value.transient
    assert "hunter22" not in repr(caught.value.to_dict())


class _Private(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="private"')
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Keep the terminal clean."""


@pytest.fixture
def private_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Private)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.server
@pytest.mark.parametrize("login", ["", "me:hunter22@"])
def test_a_private_repository_is_refused_without_a_question(login, private_server, checkouts):
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(f"http://{login}{private_server}/o/r"), checkouts)
    assert str(caught.value).startswith(f"git cannot read the repository http://{private_server}/o/r: ")
    assert caught.value.hint == CREDENTIALS
    assert "hunter22" not in repr(caught.value.to_dict())


def test_a_place_for_checkouts_that_cannot_be_written_is_refused(url, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SourceError) as caught:
        get_checkout(Repository(url), tmp_path / "file")
    assert str(caught.value).startswith(f"the files of {url} cannot be kept in {tmp_path}/file/rain-feedstock-")
    assert str(caught.value).endswith(": Not a directory")
    assert caught.value.hint == "Make room there, or set PANGEO_FORGE_HOME to another folder."


def test_credentials_are_taken_out_of_gits_words():
    url = "https://me:p%40ss@host/r"
    assert without_credentials("access https://me:p%40ss@host/r with p@ss denied", url) == "access https://host/r with … denied"
    assert without_credentials("access https://token@host/r", "https://token@host/r") == "access https://host/r"
    assert without_credentials("as git", "git@host:o/r") == "as git"


# The state of a folder.


def test_a_folder_outside_of_git_has_no_commit(tmp_path):
    assert find_state(tmp_path) == (None, False)


def test_a_repository_without_commits_has_no_commit(tmp_path, git):
    git(tmp_path, "init", "--quiet")
    assert find_state(tmp_path) == (None, False)


@pytest.mark.parametrize(
    ("path", "dirty"),
    [
        ("feedstock/recipe.py", True),
        ("feedstock/new.py", True),
        ("feedstock/__pycache__/recipe.cpython-311.pyc", False),
        ("feedstock/sub/__pycache__/recipe.cpython-311.pyc", False),
        ("elsewhere.txt", False),
    ],
)
def test_a_folder_is_dirty_if_its_own_files_are_changed_or_new(path, dirty, repository, git):
    commit = git(repository, "rev-parse", "HEAD")
    assert find_state(repository / "feedstock") == (commit, False)
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text("changed\n")
    assert find_state(repository / "feedstock") == (commit, dirty)
