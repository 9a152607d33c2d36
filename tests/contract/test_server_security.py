"""Who may come in, what leaves, and what every answer carries (S1, S2, S3, S6, S7, S9, S10, S12)."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from labelwright.adapters.storage import open_storage
from labelwright.errors import StorageFailure
from labelwright.server import openapi
from labelwright.server.guard import COOKIE, is_public
from tests.contract.serving import Setting, answer_entry, client, sign_in, take

PUBLIC = {
    ("GET", "/health"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/"),
    ("GET", "/join"),
    ("GET", "/p/{rest:path}"),
    ("GET", "/assets/{name:path}"),
    ("GET", "/openapi.json"),
    ("HEAD", "/openapi.json"),
    ("GET", "/favicon.svg"),
}
MANAGERS_ONLY = {
    ("GET", "/api/v1/projects/{project}/report"),
    ("GET", "/api/v1/projects/{project}/people"),
    ("POST", "/api/v1/projects/{project}/people"),
    ("POST", "/api/v1/projects/{project}/jobs"),
    ("GET", "/api/v1/projects/{project}/jobs"),
    ("GET", "/api/v1/projects/{project}/jobs/{job}"),
    ("POST", "/api/v1/projects/{project}/jobs/{job}/pause"),
    ("POST", "/api/v1/projects/{project}/jobs/{job}/resume"),
    ("POST", "/api/v1/projects/{project}/jobs/{job}/cancel"),
    ("GET", "/api/v1/projects/{project}/recalls"),
    ("POST", "/api/v1/projects/{project}/recalls"),
    ("POST", "/api/v1/projects/{project}/recalls/preview"),
    ("POST", "/api/v1/projects/{project}/recalls/{recall}/undo"),
    ("GET", "/api/v1/projects/{project}/items"),
    ("GET", "/api/v1/projects/{project}/items.csv"),
    ("GET", "/api/v1/projects/{project}/items/{item:path}/similar"),
    ("POST", "/api/v1/projects/{project}/items/{item:path}/restore"),
    ("DELETE", "/api/v1/projects/{project}/items/{item:path}/restore/{annotation}"),
}


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    yield Setting(storage)
    storage.close()


def routes(app: FastAPI) -> list[tuple[str, str]]:
    found: set[tuple[str, str]] = set()

    def collect(among: list[Any]) -> None:
        for route in among:
            router = getattr(route, "original_router", None)
            if router is not None:
                collect(router.routes)
            else:
                found.update((method, route.path) for method in route.methods)

    collect(app.routes)
    described = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert described <= {(method, path.replace(":path}", "}")) for method, path in found}  # nothing was overlooked
    return sorted(found)


def addressed(path: str, project: str = "reviews") -> str:
    filled = path.replace("{project}", project).replace("{lease}", "x").replace("{submission}", "x")
    filled = filled.replace("{job}", "x").replace("{recall}", "x")
    filled = filled.replace("{remark}", "x").replace("{annotation}", "x")
    return re.sub(r"\{\w+:path\}", "x", filled)


async def ask(person: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    return await person.request(method, path, json={}, headers={"Idempotency-Key": "k"})


async def test_S1_every_route_but_the_public_ones_wants_credentials(setting: Setting) -> None:
    setting.project()
    app = setting.app()
    listed = routes(app)
    assert len([route for route in listed if route not in PUBLIC]) >= 15
    assert set(listed) >= PUBLIC
    async with client(app) as stranger:
        for method, path in listed:
            answer = await ask(stranger, method, addressed(path))
            if (method, path) in PUBLIC:
                assert is_public(method, addressed(path)), (method, path)
            else:
                assert answer.status_code == 401, (method, path, answer.status_code)
                assert answer.json()["type"] == "labelwright:NotSignedIn"
        for method, path in [("GET", "/api/v1/nothing"), ("GET", "/metrics"), ("PUT", "/"), ("TRACE", "/health")]:
            assert (await stranger.request(method, path)).status_code == 401, (method, path)


async def test_S1_a_route_added_without_a_thought_is_closed(setting: Setting) -> None:
    setting.project()
    app = setting.app()
    app.router.routes.append(APIRoute("/secrets", lambda: "open"))
    async with client(app) as stranger:
        assert (await stranger.get("/secrets")).status_code == 401


async def test_S2_another_projects_name_and_ids_are_not_found(setting: Setting) -> None:
    ours, theirs = setting.project("ours"), setting.project("theirs")
    setting.enqueue(ours)
    setting.enqueue(theirs)
    app = setting.app()
    async with (
        await sign_in(app, setting.invite(ours, "ann", "manager")) as ann,
        await sign_in(app, setting.invite(theirs, "eve", "manager")) as eve,
    ):
        for method, path in routes(app):
            if "{project}" in path:
                missing = await ask(eve, method, addressed(path, "nowhere"))
                foreign = await ask(eve, method, addressed(path, "ours"))
                assert foreign.status_code == missing.status_code == 404, (method, path, foreign.text)
                assert foreign.text.replace("ours", "nowhere") == missing.text
        (entry,) = await take(ann, "ours")
        done = (await answer_entry(ann, entry["lease"], project="ours")).json()
        (held,) = await take(ann, "ours")
        assert (await answer_entry(eve, held["lease"], project="theirs")).status_code == 404
        for method, address in [("PUT", f"leases/{held['lease']}"), ("DELETE", f"submissions/{done['submission']}")]:
            assert (await ask(eve, method, f"/api/v1/projects/theirs/{address}")).status_code == 404
        assert [p["name"] for p in (await eve.get("/api/v1/projects")).json()["projects"]] == ["theirs"]


async def test_S1_what_merely_begins_like_a_public_address_is_closed(setting: Setting) -> None:
    """Mutant: authorisation by the beginning of an address."""
    setting.project()
    async with client(setting.app()) as stranger:
        for path in (
            "/healthy",
            "/health/",
            "/join/x",
            "/joined",
            "/openapi.json.gz",
            "/favicon.svg/x",
            "/assets",
            "/p",
        ):
            assert (await stranger.get(path)).status_code == 401, path
        for path in ("/api/v1/sessions/x", "/api/v1/sessions/"):
            assert (await stranger.post(path, json={"invite": "x"})).status_code == 401, path


async def test_S2_a_name_that_begins_like_ones_own_project_is_not_found(setting: Setting) -> None:
    """Mutant: authorisation by the beginning of an address."""
    ours = setting.project("reviews")
    setting.project("reviews-2")
    setting.project("review")
    app = setting.app()
    async with await sign_in(app, setting.invite(ours, "ann", "manager")) as ann:
        assert (await ann.get("/api/v1/projects/reviews")).status_code == 200
        for name in ("reviews-2", "review", "reviews-9", "Reviews", "reviews%00", "reviews%20"):
            for path in ("", "/progress", "/people", "/report"):
                assert (await ann.get(f"/api/v1/projects/{name}{path}")).status_code == 404, (name, path)


async def test_only_managers_see_reports_and_people(setting: Setting) -> None:
    project = setting.project()
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        for method, path in MANAGERS_ONLY:
            assert (await ask(ann, method, addressed(path))).status_code == 403, path


async def test_a_manager_invites_somebody_who_then_comes_in(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "max", "manager")) as boss:
        made = await boss.post("/api/v1/projects/reviews/people", json={"name": "ann"})
        assert made.status_code == 201
        base, _, token = made.json()["invite_url"].partition("/join#")
        assert base == "http://127.0.0.1:8000"
        async with await sign_in(app, token) as ann:
            assert (await ann.get("/api/v1/session")).json()["annotator"]["name"] == "ann"
        people = (await boss.get("/api/v1/projects/reviews/people")).json()["people"]
        assert {(one["name"], one["role"]) for one in people} == {("max", "manager"), ("ann", "annotator")}
        for bad in ("", " ann", "a\u0000b", "x" * 101):
            assert (await boss.post("/api/v1/projects/reviews/people", json={"name": bad})).status_code == 422


async def test_S6_an_invite_works_once_and_not_for_ever(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    token, late = setting.invite(project, "ann"), setting.invite(project, "bob")
    async with client(app) as stranger:
        assert (await stranger.post("/api/v1/sessions", json={"invite": token})).status_code == 201
        assert (await stranger.post("/api/v1/sessions", json={"invite": token})).status_code == 401
        setting.clock.at += 8 * 86_400
        assert (await stranger.post("/api/v1/sessions", json={"invite": late})).status_code == 401
        assert (await stranger.post("/api/v1/sessions", json={"invite": "guess"})).status_code == 401


async def test_S9_a_session_ends_at_once_and_after_thirty_days(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "ann")) as ann:
        assert (await ann.get("/api/v1/session")).status_code == 200
        assert (await ann.delete("/api/v1/session")).status_code == 204
        assert (await ann.get("/api/v1/session")).status_code == 401
    async with await sign_in(app, setting.invite(project, "ann")) as ann:
        setting.clock.at += 31 * 86_400
        assert (await ann.get("/api/v1/session")).status_code == 401


async def test_S10_a_cookie_alone_cannot_write_and_no_script_can_read_it(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with client(app) as browser:
        started = await browser.post("/api/v1/sessions", json={"invite": setting.invite(project, "ann")})
        cookie = started.headers["set-cookie"].lower()
        assert cookie.startswith(f"{COOKIE}=")
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "path=/" in cookie
        assert (await browser.get("/api/v1/session")).status_code == 200
        leases = "/api/v1/projects/reviews/leases"
        marked = {"X-Labelwright": "1"}
        assert (await browser.post(leases, json={})).status_code == 403
        assert (await browser.post(leases, json={}, headers=marked)).status_code == 200
        own = marked | {"Origin": "http://127.0.0.1:8000"}
        assert (await browser.post(leases, json={}, headers=own)).status_code == 200
        for origin in ("http://evil.example", "null", "http://127.0.0.1:9000", "http://[::1", "https://", "x"):
            foreign = await browser.post(leases, json={}, headers=marked | {"Origin": origin})
            assert foreign.status_code == 403, origin
        left = await browser.delete("/api/v1/session", headers=marked)
        assert "max-age=0" in left.headers["set-cookie"].lower()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "", "[::2]:8000"])
async def test_S10_an_unknown_host_name_is_not_served(setting: Setting, host: str) -> None:
    setting.project()
    async with client(setting.app()) as stranger:
        assert (await stranger.get("/health", headers={"Host": host})).status_code == 421


async def test_S10_a_request_that_names_two_hosts_is_refused(setting: Setting) -> None:
    setting.project()
    async with client(setting.app()) as stranger:
        twice = await stranger.get("/health", headers=[("Host", "localhost"), ("Host", "evil.example")])
        assert twice.status_code == 400


async def test_S10_behind_a_proxy_with_tls_the_cookie_is_for_https_alone_and_links_say_https(setting: Setting) -> None:
    project = setting.project()
    app = setting.app(hosts=("labels.example",))
    tls = {"Host": "labels.example", "Origin": "https://labels.example"}
    async with client(app) as browser:
        invite = {"invite": setting.invite(project, "max", "manager")}
        started = await browser.post("/api/v1/sessions", json=invite, headers=tls)
        assert "secure" in started.headers["set-cookie"].lower()
        bearer = {"Authorization": f"Bearer {started.json()['token']}"}
        made = await browser.post("/api/v1/projects/reviews/people", json={"name": "ann"}, headers=tls | bearer)
        assert made.json()["invite_url"].startswith("https://labels.example/join#")
        plain = {"invite": setting.invite(project, "bob")}
        assert "secure" not in (await browser.post("/api/v1/sessions", json=plain)).headers["set-cookie"].lower()


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "[::1]:8000", "LABELS.example:80"])
async def test_S10_known_host_names_are_served(setting: Setting, host: str) -> None:
    setting.project()
    async with client(setting.app(hosts=("labels.example",))) as stranger:
        assert (await stranger.get("/health", headers={"Host": host})).status_code == 200


async def test_the_token_may_also_come_as_token(setting: Setting) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "ann")) as ann:
        token = ann.headers["Authorization"].removeprefix("Bearer ")
    async with client(app) as plain:
        answer = await plain.get("/api/v1/session", headers={"Authorization": f"Token {token}"})
        assert answer.status_code == 200
        assert (await plain.get("/api/v1/session", headers={"Authorization": "Bearer "})).status_code == 401
        assert (await plain.get("/api/v1/session", headers={"Authorization": f"Basic {token}"})).status_code == 401


async def test_S7_every_answer_carries_the_policy(setting: Setting) -> None:
    project = setting.project()
    setting.enqueue(project)
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "ann")) as ann, client(app) as stranger:
        answers = [
            await stranger.get("/health"),
            await stranger.get("/"),
            await stranger.get("/assets/none.js"),
            await stranger.get("/api/v1/session"),
            await stranger.get("/health", headers={"Host": "evil.example"}),
            await ann.get("/api/v1/nothing"),
            await ann.get("/api/v1/projects/reviews"),
            await ann.post("/api/v1/projects/reviews/leases", json={"count": 99}),
        ]
    assert [answer.status_code for answer in answers][2:] == [404, 401, 421, 404, 200, 422]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


async def test_S7_the_page_gets_a_fresh_nonce_each_time(setting: Setting, tmp_path: Path) -> None:
    setting.project()
    bundle = tmp_path / "static"
    (bundle / "assets").mkdir(parents=True)
    (bundle / "index.html").write_text('<meta name="csp-nonce" content="__CSP_NONCE__">')
    (bundle / "assets" / "index-abc.js").write_text("1")
    (tmp_path / "secret.txt").write_text("no")
    async with client(setting.app(static=bundle)) as stranger:
        pages = [await stranger.get(path, headers={"Accept": "text/html"}) for path in ("/", "/join", "/p/r", "/typo")]
        nonces = [re.findall(r'content="([\w-]{20,})"', page.text)[0] for page in pages]
        assert len(set(nonces)) == 4
        for page, nonce in zip(pages, nonces, strict=True):
            assert f"'nonce-{nonce}'" in page.headers["content-security-policy"]
            assert page.headers["cache-control"] == "no-store"
        script = await stranger.get("/assets/index-abc.js")
        assert "immutable" in script.headers["cache-control"]
        places = ("/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/assets/%00", "/assets/")
        for outside in (*places, "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/assets//etc/passwd"):
            assert (await stranger.get(outside)).status_code in {401, 404}, outside


async def test_a_missing_bundle_says_how_to_build_it(setting: Setting, tmp_path: Path) -> None:
    setting.project()
    async with client(setting.app(static=tmp_path / "none")) as stranger:
        page = await stranger.get("/")
    assert page.status_code == 503
    assert "make web" in page.text


async def test_S12_a_body_over_the_limit_is_refused_announced_or_not(setting: Setting) -> None:
    project = setting.project()
    async with await sign_in(setting.app(body_bytes=1000), setting.invite(project, "ann")) as ann:

        async def drip() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b" " * 100

        leases = "/api/v1/projects/reviews/leases"
        for body in (b" " * 2000, drip()):
            answer = await ann.post(leases, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 413
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await ann.post(leases, content=b'{"count":1}', headers={"Content-Type": "application/json"})).is_success


async def test_S3_an_unforeseen_error_tells_nothing(
    setting: Setting, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = setting.project()
    app = setting.app()
    async with await sign_in(app, setting.invite(project, "ann")) as ann:
        token = ann.headers["Authorization"].removeprefix("Bearer ")

        def fail(work: object) -> Future[Any]:
            raise RuntimeError(f"secret label and {token}")

        monkeypatch.setattr(setting.storage, "submit", fail)
        with caplog.at_level(logging.DEBUG):
            answer = await ann.post("/api/v1/projects/reviews/leases", json={})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    number = answer.json()["detail"].rpartition(" ")[2]
    said = answer.text + str(answer.headers) + caplog.text
    assert "secret" not in said
    assert token not in said
    assert f"error {number}: RuntimeError in POST /api/v1/projects/{{project}}/leases" in caplog.text


async def test_R15_a_storage_that_fails_acknowledges_nothing_and_says_when_to_retry(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = setting.project()
    setting.enqueue(project)
    async with await sign_in(setting.app(), setting.invite(project, "ann")) as ann:
        (entry,) = await take(ann)
        with monkeypatch.context() as broken:

            def fail(work: object) -> Future[Any]:
                failed: Future[Any] = Future()
                failed.set_exception(StorageFailure("the disk is full; free some space"))
                return failed

            broken.setattr(setting.storage, "submit", fail)
            answer = await answer_entry(ann, entry["lease"], key="k")
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
        assert (await answer_entry(ann, entry["lease"], key="k")).status_code == 201


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("labelwright.db*"))


async def test_tokens_are_kept_as_hashes_alone(setting: Setting, tmp_path: Path) -> None:
    project = setting.project()
    invite = setting.invite(project, "ann")
    async with await sign_in(setting.app(), invite) as ann:
        token = ann.headers["Authorization"].removeprefix("Bearer ")
    setting.storage.close()
    kept = all_bytes(tmp_path)
    assert invite.encode() not in kept
    assert token.encode() not in kept


def test_openapi_json_is_fresh() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.document(), "run: python -m labelwright.server.openapi"
