"""S8: an item's files reach the person who has the item on the desk, and nobody and nothing else reaches anything."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.storage import open_storage
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ItemId
from labelwright.domain.item import NewItem
from labelwright.domain.project import Policy, Project
from labelwright.events import ItemsImported
from labelwright.server.media_type import media_type_of
from labelwright.testing.chat_suite import PICTURE as PICTURE_URL
from tests.contract.serving import Setting, a_config, answer_entry, sign_in, take

SECRET = b"zwk-secret"
PICTURE = b64decode(PICTURE_URL.partition(",")[2])


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    storage = open_storage(tmp_path / "labelwright.db")
    (tmp_path / "media").mkdir()
    yield Setting(storage)
    storage.close()


def put(tmp_path: Path, name: str, content: bytes) -> str:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return name


def showing(setting: Setting, *contents: dict[str, Json], name: str = "reviews") -> Project:
    """Make a project whose items show `scan` and `pages`, and have `hidden` besides."""
    project = setting.project(name, n_items=0, predicted={})
    config = replace(a_config(Policy()), content_fields=("scan", "pages"), version=2)
    setting.configure(project, config)
    items = tuple(
        NewItem(ItemId(f"pic-{place}"), content, {}, digest(content), bytes(16))
        for place, content in enumerate(contents)
    )
    event = ItemsImported(project.id, "import-2", "more.jsonl", digest(name + "2"), 1, len(items), items, 0)
    setting.storage.write(lambda tx: tx.append([event], setting.world.provenance()))
    with setting.storage.reading() as views:
        found = views.project(project.id)
    assert found is not None
    setting.enqueue(found, blind=True)
    return found


async def one_entry(person: httpx.AsyncClient, project: str = "reviews") -> dict[str, Any]:
    [entry] = await take(person, project)
    return entry


async def test_a_file_is_named_beside_the_content_and_served_to_who_holds_the_item(
    setting: Setting, tmp_path: Path
) -> None:
    scan, page = put(tmp_path, "media/a b/scän.png", PICTURE), put(tmp_path, "media/p.pdf", b"%PDF-1.7 pages")
    project = showing(setting, {"scan": scan, "pages": ["no file", page], "hidden": "media/hidden.png"})
    put(tmp_path, "media/hidden.png", PICTURE + SECRET)
    app = setting.app(workspace=tmp_path)
    async with await sign_in(app, setting.invite(project, "ann")) as ann:
        item = (await one_entry(ann))["item"]
        assert item["content"] == {"scan": scan, "pages": ["no file", page]}
        assert set(item["media"]) == {"scan", "pages"}
        assert item["media"]["scan"][0]["type"] == "image/png"
        assert item["media"]["pages"][0] is None
        picture = await ann.get(item["media"]["scan"][0]["url"])
        assert (picture.status_code, picture.content) == (200, PICTURE)
        assert picture.headers["content-type"] == "image/png"
        assert picture.headers["content-disposition"] == "inline"
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert picture.headers["cache-control"].startswith("private")
        assert picture.headers["cross-origin-resource-policy"] == "same-origin"
        pdf = await ann.get(item["media"]["pages"][1]["url"])
        assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
        url = item["media"]["scan"][0]["url"]
        for other in (url.replace("scan", "hidden"), url.replace("place=0", "place=1"), url.replace("scan", "media")):
            assert (await ann.get(other)).status_code == 404
        again = await ann.get(url, headers={"If-None-Match": picture.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "media/../labelwright.db",
        "media/../../outside.png",
        "media/link-out.png",
        "media/folder-out/outside.png",
        "media/..",
        "media/sub",
        "media/missing.png",
        "media/pipe",
        "media/a/../../media/../outside.png",
        "media//etc/passwd",
    ],
)
async def test_S8_no_path_leads_out_of_the_media_folder(setting: Setting, tmp_path: Path, path: str) -> None:
    workspace = tmp_path
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    put(outside, "outside.png", PICTURE + SECRET)
    put(workspace, "outside.png", PICTURE + SECRET)
    (workspace / "media" / "sub").mkdir()
    (workspace / "media" / "link-out.png").symlink_to(workspace / "outside.png")
    (workspace / "media" / "folder-out").symlink_to(outside)
    os.mkfifo(workspace / "media" / "pipe")
    project = showing(setting, {"scan": path})
    async with await sign_in(setting.app(workspace=workspace), setting.invite(project, "ann")) as ann:
        item = (await one_entry(ann))["item"]
        answer = await ann.get(item["media"]["scan"][0]["url"])
        assert answer.status_code == 404
        assert SECRET not in answer.content
        assert str(tmp_path) not in answer.text


async def test_the_media_folder_itself_may_lie_on_another_disk(setting: Setting, tmp_path: Path) -> None:
    disk = tmp_path.parent / f"{tmp_path.name}-disk"
    put(disk, "scan.png", PICTURE)
    (tmp_path / "media").rmdir()
    (tmp_path / "media").symlink_to(disk)
    project = showing(setting, {"scan": "media/scan.png"})
    async with await sign_in(setting.app(workspace=tmp_path), setting.invite(project, "ann")) as ann:
        answer = await ann.get((await one_entry(ann))["item"]["media"]["scan"][0]["url"])
        assert answer.content == PICTURE


@pytest.mark.parametrize(
    "value", ["outside.png", "/etc/passwd", "https://example.org/media/a.png", "media/\n", 7, None]
)
async def test_what_is_no_path_of_the_media_folder_gets_no_address(
    setting: Setting, tmp_path: Path, value: Json
) -> None:
    put(tmp_path, "outside.png", PICTURE)
    project = showing(setting, {"scan": value})
    async with await sign_in(setting.app(workspace=tmp_path), setting.invite(project, "ann")) as ann:
        entry = await one_entry(ann)
        assert entry["item"]["media"] == {}
        asked = await ann.get(f"/api/v1/projects/reviews/media/{entry['lease']}?field=scan")
        assert asked.status_code == 404


async def test_S2_another_projects_and_another_persons_items_are_not_found(setting: Setting, tmp_path: Path) -> None:
    scan = put(tmp_path, "media/scan.png", PICTURE)
    ours, theirs = showing(setting, {"scan": scan}), showing(setting, {"scan": scan}, name="theirs")
    app = setting.app(workspace=tmp_path)
    async with (
        await sign_in(app, setting.invite(ours, "ann")) as ann,
        await sign_in(app, setting.invite(ours, "bob", "manager")) as bob,
        await sign_in(app, setting.invite(theirs, "eve", "manager")) as eve,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as stranger,
    ):
        url = (await one_entry(ann))["item"]["media"]["scan"][0]["url"]
        assert (await ann.get(url)).status_code == 200
        for other in (bob, eve):
            assert (await other.get(url)).status_code == 404
            assert (await other.get(url.replace("reviews", "theirs"))).status_code == 404
        assert (await stranger.get(url)).status_code == 401
        assert (await ann.get(url.replace("/media/", "/media/A"))).status_code == 404


async def test_a_file_is_seen_later_by_a_manager_and_by_who_has_answered_and_by_nobody_else(
    setting: Setting, tmp_path: Path
) -> None:
    scan = put(tmp_path, "media/scan.png", PICTURE)
    project = showing(setting, {"scan": scan}, {"scan": scan})
    app = setting.app(workspace=tmp_path)
    async with (
        await sign_in(app, setting.invite(project, "ann")) as ann,
        await sign_in(app, setting.invite(project, "bob")) as bob,
        await sign_in(app, setting.invite(project, "mia", "manager")) as mia,
    ):
        entry = await one_entry(ann)
        assert (await answer_entry(ann, entry["lease"])).status_code == 201
        history = await ann.get(f"/api/v1/projects/reviews/items/{entry['item']['id']}/history")
        [shown] = history.json()["item"]["media"]["scan"]
        for person, status in ((ann, 200), (mia, 200), (bob, 404)):
            assert (await person.get(shown["url"])).status_code == status
        other = shown["url"].replace("pic-0", "pic-1")
        assert other != shown["url"]
        assert [(await person.get(other)).status_code for person in (mia, ann)] == [200, 404]
        assert (await mia.get(shown["url"].replace("field=scan", "field=hidden"))).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", b"<html><script>alert(1)</script>"),
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("drawing.png", b"<?xml version='1.0'?><svg onload='alert(1)'/>"),
        ("program.txt", b"\x7fELF\0\0"),
        ("latin.txt", b"caf\xe9 au lait"),
        ("empty.png", b""),
        ("photo.heic", b"\0\0\0\x18ftypheic"),
    ],
)
async def test_what_could_run_or_is_unknown_is_not_sent(
    setting: Setting, tmp_path: Path, name: str, content: bytes
) -> None:
    project = showing(setting, {"scan": put(tmp_path, f"media/{name}", content)})
    async with await sign_in(setting.app(workspace=tmp_path), setting.invite(project, "ann")) as ann:
        answer = await ann.get((await one_entry(ann))["item"]["media"]["scan"][0]["url"])
        assert (answer.status_code, answer.json()["type"]) == (415, "labelwright:UnshownKind")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_text_is_text_whatever_stands_in_it(setting: Setting, tmp_path: Path) -> None:
    project = showing(setting, {"scan": put(tmp_path, "media/talk.txt", b"<script>alert(1)</script>")})
    async with await sign_in(setting.app(workspace=tmp_path), setting.invite(project, "ann")) as ann:
        answer = await ann.get((await one_entry(ann))["item"]["media"]["scan"][0]["url"])
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"


SOUND = b"fLaC" + bytes(range(256)) * 3_000


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-0", 206, (0, 0)),
        ("bytes=100-", 206, (100, len(SOUND) - 1)),
        ("bytes=-5", 206, (len(SOUND) - 5, len(SOUND) - 1)),
        ("bytes=7-99999999", 206, (7, len(SOUND) - 1)),
        ("bytes=300000-700000", 206, (300_000, 700_000)),
        ("bytes=0-1,4-5", 200, (0, len(SOUND) - 1)),
        ("bytes=9-3", 200, (0, len(SOUND) - 1)),
        ("bites=0-1", 200, (0, len(SOUND) - 1)),
        ("bytes=-", 200, (0, len(SOUND) - 1)),
        (f"bytes={len(SOUND)}-", 416, (0, 0)),
        ("bytes=-0", 416, (0, 0)),
    ],
)
async def test_a_part_is_sent_where_a_part_is_asked_for(
    setting: Setting, tmp_path: Path, asked: str, status: int, part: tuple[int, int]
) -> None:
    first, last = part
    project = showing(setting, {"scan": put(tmp_path, "media/sound.flac", SOUND)})
    async with await sign_in(setting.app(workspace=tmp_path), setting.invite(project, "ann")) as ann:
        url = (await one_entry(ann))["item"]["media"]["scan"][0]["url"]
        answer = await ann.get(url, headers={"Range": asked})
        assert answer.status_code == status
        if status == 416:
            assert answer.headers["content-range"] == f"bytes */{len(SOUND)}"
            return
        assert answer.content == SOUND[first : last + 1]
        assert int(answer.headers["content-length"]) == last - first + 1
        if status == 206:
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(SOUND)}"
        changed = await ann.get(url, headers={"Range": asked, "If-Range": '"another"'})
        assert (changed.status_code, changed.content) == (200, SOUND)


def test_kinds_are_told_by_the_first_bytes() -> None:
    told = {
        b"\0\0\0\x1cftypavif": "image/avif",
        b"\0\0\0\x1cftypM4A ": "audio/mp4",
        b"\0\0\0\x1cftypisom": "video/mp4",
        b"RIFF\0\0\0\0WAVEfmt ": "audio/wav",
        b"OggS\0\2" + bytes(20) + b"\1\x1eOpusHead": "audio/ogg",
        b"OggS\0\2" + bytes(20) + b"\x80theora": "video/ogg",
        b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\x82\x84webm": "video/webm",
        b"\xff\xfb\x90\0": "audio/mpeg",
        b"\xff\xf1\x50\x80": "audio/aac",
        b"BM\x36\0\0\0\0\0\0\0\x36": "image/bmp",
    }
    assert {head: media_type_of(head, "name") for head in told} == told


@given(st.binary(max_size=64), st.sampled_from(["a.png", "a.html", "a.svg", "a.txt", "a"]))
def test_S7_no_bytes_make_a_kind_that_runs(head: bytes, name: str) -> None:
    kind = media_type_of(head, name)
    assert kind is None or kind.startswith(("image/", "audio/", "video/", "application/pdf", "text/plain"))
    assert kind is None or "svg" not in kind
