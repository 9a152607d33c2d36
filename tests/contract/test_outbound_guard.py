"""S5: where calls to models may go, tried over real sockets with name servers that lie."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence

import orjson
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from labelwright.adapters.chat.endpoint import Endpoint
from labelwright.adapters.chat.outbound_guard import AddressRefused, OutboundGuard
from labelwright.adapters.chat.outbound_watch import Sent, watching
from labelwright.adapters.chat.registry import provider_of, providers
from labelwright.domain.project import ModelSource, Privacy
from labelwright.errors import InvalidValue
from labelwright.prompting.chat import ChatRequest, Message
from labelwright.prompting.failures import ChatRefused, ConnectionFailed
from labelwright.testing.scripted_server import Reply, scripted_server

NEVER = (
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
)
LOCAL = ("127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd12::1", "::ffff:10.0.0.1")
NOT_LOCAL = ("93.184.216.34", "2606:2800:220:1::1", "100.64.0.1", "172.32.0.1", "::ffff:8.8.8.8", "192.0.2.1")


class NameServer(AbstractResolver):
    """Gives, look-up by look-up, what it is told to; the last repeats. Counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = answers, 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=a, port=port, family=_family(a), proto=0, flags=socket.AI_NUMERICHOST)
            for a in found
        ]

    async def close(self) -> None:
        pass


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def endpoint(base_url: str, guard: OutboundGuard | None = None) -> Endpoint:
    return Endpoint(base_url, "/chat/completions", api_key=None, headers={}, seconds=3, guard=guard)


def url(address: str) -> str:
    return f"http://[{address}]/v1" if ":" in address else f"http://{address}/v1"


@pytest.mark.parametrize("address", NEVER)
def test_S5_some_addresses_are_never_called_whatever_is_configured(address: str) -> None:
    with pytest.raises(InvalidValue, match="nothing is ever sent there"):
        OutboundGuard(Privacy(allowed_hosts=(address,))).check(url(address))
    with pytest.raises(AddressRefused, match="nothing is ever sent there"):
        OutboundGuard().check_addresses("models.example.org", [address])


@pytest.mark.parametrize("address", LOCAL)
def test_S5_local_only_lets_this_machine_and_private_networks_through(address: str) -> None:
    guard = OutboundGuard(Privacy(local_only=True))
    guard.check(url(address))
    guard.check_addresses("box", [address])


@pytest.mark.parametrize("address", NOT_LOCAL)
def test_S5_local_only_lets_nothing_else_through(address: str) -> None:
    guard = OutboundGuard(Privacy(local_only=True))
    with pytest.raises(InvalidValue, match="local_only"):
        guard.check(url(address))
    with pytest.raises(AddressRefused, match="local_only"):
        guard.check_addresses("box", [address])
    OutboundGuard().check(url(address))


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("api.openai.com", True),
        ("API.OpenAI.com.", True),
        ("api.openai.com.evil.example", False),
        ("evil-api.openai.com", False),
        ("team.openai.azure.com", True),
        ("a.b.openai.azure.com", True),
        ("openai.azure.com", False),
        ("evilopenai.azure.com", False),
        ("127.0.0.1", True),
        ("127.0.0.2", False),
    ],
)
def test_S5_only_allowed_hosts_are_called(host: str, allowed: bool) -> None:
    guard = OutboundGuard(Privacy(allowed_hosts=("api.openai.com", "*.openai.azure.com", "127.0.0.1")))
    if allowed:
        guard.check(f"https://{host}/v1")
    else:
        with pytest.raises(InvalidValue, match="is not among"):
            guard.check(f"https://{host}/v1")


@pytest.mark.parametrize("entry", ["https://api.openai.com", "*", "*.", "api.openai.com:443", "a*.example.org", ""])
def test_an_entry_that_can_match_nothing_is_refused(entry: str) -> None:
    with pytest.raises(InvalidValue, match=r"privacy\.allowed_hosts\[0\]"):
        OutboundGuard(Privacy(allowed_hosts=(entry,)))


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://10.0.0.1/a.png",
        "https://169.254.169.254/latest",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://localhost/a.png",
        "https://vault.internal/a.png",
        "https://intranet/a.png",
    ],
)
def test_S5_M7_no_provider_is_told_to_fetch_from_inside(link: str) -> None:
    with pytest.raises(InvalidValue, match="leads inside"):
        OutboundGuard().check_link(link)


def test_S5_M7_pictures_links_keep_to_the_projects_rules() -> None:
    OutboundGuard().check_link("https://images.example.org/a.png")
    with pytest.raises(InvalidValue, match="local_only"):
        OutboundGuard(Privacy(local_only=True)).check_link("https://images.example.org/a.png")
    some = OutboundGuard(Privacy(allowed_hosts=("api.example.org", "*.images.example.org")))
    some.check_link("https://a.images.example.org/a.png")
    with pytest.raises(InvalidValue, match="allowed_hosts"):
        some.check_link("https://elsewhere.example/a.png")


async def test_S5_one_wrong_address_among_right_ones_refuses_all() -> None:
    async with scripted_server() as server:
        port = server.base_url.rsplit(":", 1)[1]
        names = NameServer(["127.0.0.1", "169.254.169.254"])
        there = endpoint(f"http://models.example.org:{port}", OutboundGuard(resolver=lambda: names))
        with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
            await there.post({})
        await there.close()
        assert server.requests == []


async def test_S5_what_was_checked_is_what_is_called() -> None:
    """The name is looked up once per connection; the system's own resolver, which knows no such name, is not asked."""
    async with scripted_server() as server:
        port = server.base_url.rsplit(":", 1)[1]
        names = NameServer(["127.0.0.1"], ["169.254.169.254"])
        there = endpoint(f"http://models.invalid:{port}", OutboundGuard(resolver=lambda: names))
        assert (await there.post({"a": 1})).status == 200
        assert (await there.post({"a": 2})).status == 200
        await there.close()
        assert (names.asked, server.requests) == (1, [{"a": 1}, {"a": 2}])
        assert server.headers[0]["Host"].startswith("models.invalid")


async def test_S5_a_public_name_that_turns_private_is_refused() -> None:
    """DNS rebinding: the first look-up is harmless, the second leads to a server beside us."""
    async with scripted_server() as server:
        port = server.base_url.rsplit(":", 1)[1]
        names = NameServer(["93.184.216.34"], ["127.0.0.1"])
        guard = OutboundGuard(resolver=lambda: names)
        guard.check_addresses("models.example.org", ["93.184.216.34"])
        names.asked = 1
        there = endpoint(f"http://models.example.org:{port}", guard)
        with pytest.raises(AddressRefused, match="private network"):
            await there.post({})
        await there.close()
        assert server.requests == []


def test_an_internal_name_may_have_internal_and_public_addresses_from_the_start() -> None:
    guard = OutboundGuard()
    guard.check_addresses("gpu.corp.example", ["10.0.0.9", "2606:2800:220:1::9"])
    guard.check_addresses("gpu.corp.example", ["10.0.0.9"])


async def test_S5_the_socket_itself_is_checked_too() -> None:
    guard = OutboundGuard(Privacy(local_only=True))
    where = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))
    with pytest.raises(AddressRefused):
        guard._socket(where)


async def test_S5_other_spellings_of_an_address_lead_nowhere_else() -> None:
    """2852039166 is 169.254.169.254 as one number, 0xa9fea9fe the same in hex."""
    for host in ("2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376"):
        there = endpoint(f"http://{host}/v1")
        with pytest.raises((AddressRefused, ConnectionFailed)):
            await there.post({})
        await there.close()


async def test_S5_a_redirect_is_not_followed() -> None:
    async with scripted_server() as inside:
        moved = Reply(status=307, headers={"Location": inside.base_url + "/chat/completions"})
        for name in providers():
            path = {"anthropic": "/messages", "openai-decisions": "/decisions"}.get(name, "/chat/completions")
            async with scripted_server(moved, path=path) as server:
                model = provider_of(name).connect(ModelSource("m", server.base_url, provider=name), environment={})
                question = {"type": "string", "enum": ["a", "b"]}
                schema = {"type": "object", "properties": {"q": question}, "required": ["q"]}
                with pytest.raises(ChatRefused, match="redirects"):
                    await model.complete(ChatRequest("m", (Message("user", "x"),), answer_schema=schema))
                await model.close()
                assert len(server.requests) == 1
        assert inside.requests == []


async def test_S5_a_proxy_of_the_environment_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted_server() as server:
        seen: list[str] = []

        async def proxy(request: web.BaseRequest) -> web.Response:
            seen.append(str(request.url))
            return web.Response(text="{}")

        runner = web.ServerRunner(web.Server(proxy))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        there = endpoint(server.base_url)
        assert (await there.post({})).status == 200
        await there.close()
        await runner.cleanup()
        assert (seen, len(server.requests)) == ([], 1)


def test_S5_every_provider_takes_the_guard() -> None:
    guard = OutboundGuard(Privacy(local_only=True))
    for name in providers():
        source = ModelSource("m", "https://93.184.216.34/v1", provider=name)
        with pytest.raises(InvalidValue, match="local_only"):
            provider_of(name).connect(source, environment={}, guard=guard)


async def test_what_left_is_told_by_its_exact_bytes() -> None:
    async with scripted_server(Reply(status=500), Reply(b"{}")) as server:
        there = endpoint(server.base_url)
        sent: list[Sent] = []
        await there.post({"unseen": 1})
        with watching(sent.append):
            await there.post({"text": "Zoë 🙂"})
        await there.post({"unseen": 2})
        await there.close()
        body = orjson.dumps({"text": "Zoë 🙂"})
        assert sent == [Sent(server.base_url.split("/")[2], len(body), hashlib.sha256(body).hexdigest())]


async def test_what_never_left_is_not_told() -> None:
    names = NameServer(["169.254.169.254"])
    refused = endpoint("http://models.example.org/v1", OutboundGuard(resolver=lambda: names))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        absent = endpoint(f"http://127.0.0.1:{unused.getsockname()[1]}/v1")
        sent: list[Sent] = []
        with watching(sent.append):
            with pytest.raises(AddressRefused):
                await refused.post({"a": 1})
            with pytest.raises(ConnectionFailed):
                await absent.post({"a": 1})
        await refused.close()
        await absent.close()
    assert sent == []


async def test_what_broke_on_the_way_counts_as_having_left() -> None:
    async with scripted_server(Reply(cut=True)) as server:
        there = endpoint(server.base_url)
        sent: list[Sent] = []
        with watching(sent.append), pytest.raises(ConnectionFailed):
            await there.post({"a": 1})
        await there.close()
        assert len(sent) == 1
