"""Which machines may be asked for what an address in a stranger's file names.

Recipes and catalogues come from people whom nobody knows, and the linter runs where they are not: on the machines of services, within
networks of institutes and clouds. So only addresses of the public internet are asked, and those of private networks that whoever runs
the linter names. The addresses by which clouds tell their machines secrets are never asked.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pangeo_forge.errors import UsageError

#: The variable that names networks, or addresses, that may be asked though they are private: ``10.1.0.0/16, 127.0.0.1``.
PRIVATE_NETWORKS = "PANGEO_FORGE_PRIVATE_NETWORKS"
#: Variables in which whoever runs the linter names servers, which may be asked wherever they are.
_SERVERS = ("GITHUB_API_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Link-local addresses, where AWS, Google and Azure answer their machines; Oracle's, Alibaba's and Azure's own; this machine's zero.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::/32",
        "192.0.0.0/24",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "0.0.0.0/8",
        "::/128",
    )
)
#: IPv6 addresses that stand for the IPv4 address in their last four bytes.
_STANDING_FOR = tuple(ipaddress.ip_network(network) for network in ("::ffff:0:0/96", "64:ff9b::/96", "::/96"))
_LOOPBACK = ipaddress.ip_address("::1")


class Refused(Exception):
    """A machine is not asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be asked beside the public internet.

    Parameters
    ----------
    networks : tuple of Network
        Private networks.
    servers : frozenset of tuple
        Servers, by host and port.
    """

    networks: tuple[Network, ...] = ()
    servers: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Allowed:
        """Read it from environment variables.

        Raises
        ------
        UsageError
            If a variable does not hold what it should.
        """
        words = environ.get(PRIVATE_NETWORKS, "").replace(",", " ").split()
        try:
            networks = tuple(ipaddress.ip_network(word, strict=False) for word in words)
        except ValueError as error:
            hint = "Write networks or addresses, separated by commas: 10.1.0.0/16, 127.0.0.1."
            raise UsageError(f"{PRIVATE_NETWORKS}: {error}", hint=hint) from None
        return cls(networks, frozenset(server for name in _SERVERS if (server := _server(environ.get(name, "")))))


def _server(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port or _port(parts.scheme)) if parts.hostname else None
    except ValueError:
        return None


def _port(scheme: str) -> int:
    return 80 if scheme == "http" else 443


def resolve(host: str, port: int, allowed: Allowed) -> list[str]:
    """Look up the addresses of a machine, as far as they may be asked.

    Raises
    ------
    Refused
        If none of them may.
    OSError
        If there is no such machine.
    """
    addresses = [host] if _is_address(host) else _look_up(host, port)
    reasons = [_refuse(address, (host, port) in allowed.servers, allowed) for address in addresses]
    usable = [address for address, reason in zip(addresses, reasons, strict=True) if not reason]
    if not usable:
        raise Refused(f"{host} is not asked: {reasons[0]}")
    return usable


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _refuse(text: str, is_named: bool, allowed: Allowed) -> str:
    """Say why an address is not asked; nothing where it may be."""
    for address in _meant(ipaddress.ip_address(text.partition("%")[0])):
        if address.is_multicast or any(address in network for network in _NEVER):
            return "its address is one that no archive has"
        is_public = address.is_global or is_named or any(address in network for network in allowed.networks)
        if not is_public:
            return f"it is in a private network, and {PRIVATE_NETWORKS} does not name that"
    return ""


def _meant(address: Address) -> Iterator[Address]:
    """Give the address that another stands for, or itself."""
    if isinstance(address, ipaddress.IPv6Address) and address != _LOOPBACK:
        if any(address in network for network in _STANDING_FOR):
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
            return
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield from address.teredo
    yield address
