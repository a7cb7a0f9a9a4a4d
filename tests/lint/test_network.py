"""Servers are asked within limits, and only those that a stranger's file may name."""

from __future__ import annotations

import pickle
import socket
import threading
import time

import pytest

from pangeo_forge.errors import UsageError
from pangeo_forge.lint.servers.hosts import PRIVATE_NETWORKS, Allowed, Refused, resolve
from pangeo_forge.lint.servers.network import Servers
from pangeo_forge.lint.servers.questions import Answer, NoAnswer, Request
from servers.faulty import reset, slow
from servers.scripted import Reply

LOOPBACK = Allowed.load({PRIVATE_NETWORKS: "127.0.0.0/8"})


@pytest.fixture
def loopback(monkeypatch):
    """Whoever runs the linter allows this machine to be asked."""
    monkeypatch.setenv(PRIVATE_NETWORKS, "127.0.0.0/8")
    for name in ("GITHUB_API_URL", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)


# Which machines.


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_public_internet_may_be_asked(address):
    assert resolve(address, 443, Allowed()) == [address]


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "::ffff:10.1.2.3"]
)
def test_private_networks_are_not_asked(address):
    with pytest.raises(Refused, match="it is in a private network, and PANGEO_FORGE_PRIVATE_NETWORKS does not name that"):
        resolve(address, 80, Allowed())


def test_those_that_are_named_are(monkeypatch):
    allowed = Allowed.load({PRIVATE_NETWORKS: "10.1.0.0/16, 127.0.0.1 ::1"})
    assert resolve("10.1.2.3", 80, allowed) == ["10.1.2.3"]
    assert resolve("127.0.0.1", 80, allowed) == ["127.0.0.1"]
    with pytest.raises(Refused):
        resolve("10.2.0.1", 80, allowed)
    with pytest.raises(Refused):
        resolve("127.0.0.2", 80, allowed)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",
        "::",
        "224.0.0.1",
    ],
)
def test_the_addresses_of_clouds_own_services_are_never_asked_whoever_names_them(address):
    allowed = Allowed.load(
        {PRIVATE_NETWORKS: "0.0.0.0/0 ::/0", "GITHUB_API_URL": f"http://[{address}]" if ":" in address else f"http://{address}"}
    )
    with pytest.raises(Refused, match="its address is one that no archive has"):
        resolve(address, 80, allowed)


def test_a_name_is_what_it_stands_for():
    with pytest.raises(Refused, match="localhost is not asked: it is in a private network"):
        resolve("localhost", 80, Allowed())
    assert "127.0.0.1" in resolve("localhost", 80, LOOPBACK)


def test_a_server_that_the_operator_names_may_be_anywhere():
    allowed = Allowed.load({"GITHUB_API_URL": "http://127.0.0.1:8000/api/v3", "AWS_ENDPOINT_URL": "https://10.0.0.1"})
    assert resolve("127.0.0.1", 8000, allowed) == ["127.0.0.1"]
    assert resolve("10.0.0.1", 443, allowed) == ["10.0.0.1"]
    with pytest.raises(Refused):
        resolve("127.0.0.1", 8001, allowed)


def test_what_is_no_network_is_used_wrongly():
    with pytest.raises(UsageError, match="PANGEO_FORGE_PRIVATE_NETWORKS: 'my-lab'"):
        Allowed.load({PRIVATE_NETWORKS: "my-lab"})


# What is asked and answered.


def ask(url: str, *, left_s: float = 5, **more) -> Answer | NoAnswer:
    (outcome,) = Servers(left_s).ask([Request(url, **more)])
    return outcome


def test_an_answer_has_status_headers_and_the_beginning_of_the_body(loopback, scripted_server):
    server = scripted_server()
    server.replies["/a b"] = server.replies["/a%20b"] = Reply(206, b"0123456789", {"X-Own": "1"})
    outcome = ask(f"{server.url}/a b?c=d e", most=4)
    assert (outcome.status, outcome.headers["x-own"], outcome.body) == (206, "1", b"0123")
    (asked,) = server.asked
    assert asked.path == "/a%20b?c=d%20e"
    assert asked.headers["user-agent"] == "pangeo-forge (recipe lint)"


def test_a_login_in_an_address_is_not_sent(loopback, scripted_server):
    server = scripted_server()
    ask(server.url.replace("://", "://ada:secret@") + "/a")
    assert "authorization" not in server.asked[0].headers
    assert "secret" not in repr(server.asked)


def test_a_private_server_is_not_asked_unless_it_is_named(scripted_server, monkeypatch):
    monkeypatch.delenv(PRIVATE_NETWORKS, raising=False)
    server = scripted_server()
    outcome = ask(f"{server.url}/a")
    assert outcome == NoAnswer("127.0.0.1 is not asked: it is in a private network, and PANGEO_FORGE_PRIVATE_NETWORKS does not name that")
    assert server.asked == []


def test_a_redirection_is_followed(loopback, scripted_server):
    server, other = scripted_server(), scripted_server()
    server.replies["/a"] = Reply(302, headers={"Location": "b"})
    server.replies["/b"] = Reply(301, headers={"Location": f"{other.url}/c"})
    other.replies["/c"] = Reply(200, b"here")
    assert ask(f"{server.url}/a").body == b"here"


def test_a_token_is_for_one_server_only(loopback, scripted_server):
    server, other = scripted_server(), scripted_server()
    server.replies["/a"] = Reply(302, headers={"Location": "/b"})
    server.replies["/b"] = Reply(302, headers={"Location": f"{other.url}/c"})
    ask(f"{server.url}/a", headers=(("Authorization", "Bearer t0ken"), ("Accept", "text/plain")))
    assert [asked.headers.get("authorization") for asked in server.asked] == ["Bearer t0ken", "Bearer t0ken"]
    assert (other.asked[0].headers.get("authorization"), other.asked[0].headers["accept"]) == (None, "text/plain")


def test_a_token_is_not_shown():
    assert "t0ken" not in repr(Request("https://example.org", (("Authorization", "Bearer t0ken"),)))


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/"])
def test_a_redirection_to_where_nobody_may_ask_is_not_followed(loopback, scripted_server, place):
    server = scripted_server()
    server.replies["/a"] = Reply(302, headers={"Location": place})
    outcome = ask(f"{server.url}/a")
    assert isinstance(outcome, NoAnswer)
    assert outcome.reason.endswith("its address is one that no archive has")


def test_a_redirection_to_another_protocol_is_not_followed(loopback, scripted_server):
    server = scripted_server()
    server.replies["/a"] = Reply(302, headers={"Location": "file:///etc/passwd"})
    assert ask(f"{server.url}/a") == NoAnswer("the address is not one of http or https")


def test_redirections_have_an_end(loopback, scripted_server):
    server = scripted_server()
    server.replies["/a"] = Reply(302, headers={"Location": "/a"})
    assert ask(f"{server.url}/a") == NoAnswer("127.0.0.1 points from one address to the next without end")
    assert len(server.asked) == 5


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_why_there_is_no_answer_is_said(loopback, faulty_server, tmp_path, scripted_server):
    assert ask(f"http://127.0.0.1:{unused_port()}/") == NoAnswer("127.0.0.1 refuses the connection")
    assert ask("https://no-such-host.example.org/") == NoAnswer("no-such-host.example.org cannot be found")
    assert ask("http://[::1/") == NoAnswer("the address cannot be read")
    assert ask("http://example.org:port/") == NoAnswer("the address cannot be read")
    assert ask("ftp://example.org/") == NoAnswer("the address is not one of http or https")
    (tmp_path / "a.bin").write_bytes(b"a" * 10_000)
    server = faulty_server(tmp_path)
    server.misbehave("/a.bin", reset(after=100))
    assert ask(f"{server.url}/a.bin", most=10_000).reason.startswith("127.0.0.1 cannot be reached: ")
    assert ask(scripted_server().url.replace("http:", "https:")).reason.startswith("127.0.0.1 cannot be reached: ")


def test_a_server_that_talks_nonsense_is_no_trouble(loopback):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"\x00\xff nonsense\r\n\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        outcome = ask(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()
    assert outcome == NoAnswer("127.0.0.1 does not answer as HTTP asks for")


def test_what_was_asked_before_is_not_asked_again(loopback, scripted_server):
    server = scripted_server()
    servers = Servers()
    first, second = servers.ask([Request(f"{server.url}/a"), Request(f"{server.url}/a")])
    assert servers.ask([Request(f"{server.url}/a")]) == [first] == [second]
    assert len(server.asked) == 1


def test_answers_come_in_the_order_of_the_requests(loopback, scripted_server):
    server = scripted_server()
    for number in range(20):
        server.replies[f"/{number}"] = Reply(200, str(number).encode(), after_s=0.02 * (number % 3))
    outcomes = Servers().ask([Request(f"{server.url}/{number}") for number in range(20)])
    assert [outcome.body for outcome in outcomes] == [str(number).encode() for number in range(20)]


# Time.

NO_TIME = NoAnswer("there was no answer within 10 s in all")


def test_the_time_is_for_all_questions_together(loopback, scripted_server):
    server = scripted_server()
    server.replies["/slow"] = Reply(200, after_s=1.5)
    server.replies["/fast"] = Reply(200, b"here")
    servers = Servers(0.5)
    began = time.monotonic()
    slow_one, fast_one = servers.ask([Request(f"{server.url}/slow"), Request(f"{server.url}/fast")])
    assert time.monotonic() - began < 1.2
    assert isinstance(slow_one, NoAnswer)
    assert fast_one.body == b"here"
    assert servers.ask([Request(f"{server.url}/other")]) == [NO_TIME]
    assert servers.left_s == 0


def test_a_body_that_drips_does_not_take_longer(loopback, faulty_server, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"a" * 10_000)
    server = faulty_server(tmp_path)
    server.misbehave("/a.bin", slow(100))
    began = time.monotonic()
    assert isinstance(ask(f"{server.url}/a.bin", left_s=0.5, most=10_000), NoAnswer)
    assert time.monotonic() - began < 1.2


def test_many_servers_that_are_silent_do_not_take_longer(loopback):
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        outcomes = Servers(0.5).ask([Request(f"{url}/{number}") for number in range(50)])
        assert time.monotonic() - began < 1.2
    assert all(isinstance(outcome, NoAnswer) for outcome in outcomes)


def test_what_is_known_of_servers_goes_from_one_process_to_another():
    assert pickle.loads(pickle.dumps(Servers(3))).left_s == 3
