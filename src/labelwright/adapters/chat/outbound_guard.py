"""Where calls may go: each name is looked up, every address it has is checked, and exactly that address is called (S5).

Never called, whatever is configured: link-local addresses (169.254.169.254 and its like hand out a cloud machine's
credentials), other clouds' metadata addresses, multicast, reserved and unspecified ones; also when they hide inside
an IPv6 address. Private and loopback addresses are called only because somebody who may write `project.yaml` wrote the
`base_url` that leads there. A name that has led to public addresses alone may not lead to others later (DNS rebinding).
Proxies of the environment and redirects are not followed.

`local_only`: loopback and private networks alone.  `allowed_hosts`: these names alone; `*.example.org` is every name
below example.org, not example.org itself.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from labelwright.domain.project import Privacy
from labelwright.errors import InvalidValue
from labelwright.prompting.failures import ChatRefused

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

_UNRESTRICTED = Privacy()
_LOCAL = tuple(ipaddress.ip_network(n) for n in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_LOCAL_6 = tuple(ipaddress.ip_network(n) for n in ("::1/128", "fc00::/7"))
_METADATA = frozenset(
    ipaddress.ip_address(a)
    for a in ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
_INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".corp", ".home")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(ChatRefused):
    """The model's address leads where nothing may be sent: the run stops before a byte has left."""


class OutboundGuard:
    """What every connection to a model goes through. Keep one per run: it remembers which names were public.

    resolver: makes what looks names up; called inside the event loop.
    Raises: InvalidValue, when an entry of `allowed_hosts` can match nothing.
    """

    def __init__(
        self, privacy: Privacy = _UNRESTRICTED, *, resolver: Callable[[], AbstractResolver] = aiohttp.ThreadedResolver
    ) -> None:
        for place, entry in enumerate(privacy.allowed_hosts):
            _check_entry(place, entry)
        self._privacy = privacy
        self._resolver = resolver
        self._seen_public: set[str] = set()

    def check(self, base_url: str) -> None:
        """Check an address before anything is looked up. Raises InvalidValue."""
        host = (urlsplit(base_url).hostname or "").rstrip(".").lower()
        allowed = self._privacy.allowed_hosts
        if allowed and not any(_matches(host, entry) for entry in allowed):
            raise InvalidValue(
                "base_url",
                f"host {host!r} is not among privacy.allowed_hosts ({', '.join(allowed)})",
                "; add it there, if items may be sent to it",
            )
        literal = _literal(host)
        if literal is not None:
            problem = self._problem(literal)
            if problem is not None:
                raise InvalidValue("base_url", f"{host} {problem}")

    def check_link(self, link: str) -> None:
        """Check a picture's link before a provider is told to fetch it: we never do. Raises InvalidValue.

        Under `local_only` no link is sent, since a model server beside us would fetch it; nor is one into this machine
        or a private network, ever; under `allowed_hosts` it leads to one of those.
        """
        host = (urlsplit(link).hostname or "").rstrip(".").lower()
        if self._privacy.local_only:
            raise InvalidValue("", f"a picture's link to {host!r} would be fetched", "; privacy.local_only forbids it")
        literal = _literal(host)
        is_inside = host == "localhost" or host.endswith(_INSIDE) or "." not in host
        if literal is not None:
            is_inside = not _bare(literal).is_global
        elif host.rsplit(".", 1)[-1][:1].isdigit():
            is_inside = True  # 2130706433, 0x7f.1: other spellings of addresses
        if is_inside:
            raise InvalidValue("", f"a picture's link leads inside, to {host!r}", "; put the file into the workspace")
        allowed = self._privacy.allowed_hosts
        if allowed and not any(_matches(host, entry) for entry in allowed):
            raise InvalidValue("", f"a picture's host {host!r} is not among privacy.allowed_hosts", "; add it there")

    def check_addresses(self, host: str, addresses: Sequence[str]) -> None:
        """Check all that a name was found to lead to. One wrong address refuses all. Raises AddressRefused."""
        found = [ipaddress.ip_address(address) for address in addresses]
        for address in found:
            problem = self._problem(address)
            if problem is not None:
                raise AddressRefused(f"{host!r} leads to {address}, which {problem}")
        public = all(_bare(address).is_global for address in found)
        if not public and host in self._seen_public:
            raise AddressRefused(
                f"{host!r} was a public address and now leads into a private network ({addresses[0]}): its name server"
                f" may be misused; if this is meant, run the same command again"
            )
        if public:
            self._seen_public.add(host)

    def connector(self) -> aiohttp.TCPConnector:
        """Make what opens connections. Call inside the event loop."""
        return aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=30,
            resolver=_CheckedResolver(self._resolver(), self),
            socket_factory=self._socket,
        )

    def _socket(self, where: tuple[Any, ...]) -> socket.socket:
        """Open a socket for one address: the last look, at what is truly connected to (a literal is not looked up)."""
        family, kind, protocol, _, target = where
        problem = self._problem(ipaddress.ip_address(target[0]))
        if problem is not None:
            raise AddressRefused(f"{target[0]} {problem}")
        return socket.socket(family=family, type=kind, proto=protocol)

    def _problem(self, address: Address) -> str | None:
        """Say why an address may not be called; None when it may."""
        bare = _bare(address)
        if address in _METADATA or bare in _METADATA or bare.is_link_local:
            return "is link-local or a cloud's metadata service: nothing is ever sent there"
        if bare.is_multicast or bare.is_unspecified or (bare.is_reserved and not bare.is_loopback):
            return "is no address of one machine: nothing is ever sent there"
        if self._privacy.local_only and not _is_local(bare):
            return "is not on this machine or in a private network, and privacy.local_only is set in project.yaml"
        return None


class _CheckedResolver(AbstractResolver):
    """Looks a name up once, and hands on only what has been checked: it is connected to as it is."""

    def __init__(self, inner: AbstractResolver, guard: OutboundGuard) -> None:
        self._inner, self._guard = inner, guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        self._guard.check_addresses(host.rstrip(".").lower(), [one["host"] for one in found])
        return found

    async def close(self) -> None:
        await self._inner.close()


def _is_local(address: Address) -> bool:
    networks = _LOCAL if address.version == 4 else _LOCAL_6
    return any(address in network for network in networks)


def _bare(address: Address) -> Address:
    """Give the IPv4 address that an IPv6 one carries (mapped, NAT64, 6to4, Teredo), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(host: str, entry: str) -> bool:
    if entry.startswith("*."):
        return host.endswith(entry[1:]) and len(host) > len(entry) - 1
    return host == entry.strip("[]")


def _check_entry(place: int, entry: str) -> None:
    name = entry.removeprefix("*.")
    is_address = _literal(name.strip("[]")) is not None
    if not name or "*" in name or "/" in name or " " in name or (":" in name and not is_address):
        raise InvalidValue(
            f"privacy.allowed_hosts[{place}]",
            f"{entry!r} is no host name",
            "; write a name alone, such as api.openai.com or *.openai.azure.com",
        )
