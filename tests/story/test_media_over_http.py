"""A film larger than the server's memory should be, seen by a person over a real connection."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.workplace import Workplace, workplace

MEGABYTE = 1_000_000
SIZE = 600 * MEGABYTE


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    (tmp_path / "media").mkdir()
    with (tmp_path / "media" / "film.mp4").open("wb") as film:
        film.write(b"\0\0\0\x18ftypisom")
        film.truncate(SIZE)  # the rest takes no room
    with workplace(tmp_path, [{"film": "media/film.mp4"}], blind=True) as opened:
        yield opened


def signed_in(place: Workplace) -> httpx.Client:
    with httpx.Client(base_url=place.url, trust_env=False) as stranger:
        answer = stranger.post("/api/v1/sessions", json={"invite": place.link().partition("#")[2]})
    assert answer.status_code == 201, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    return httpx.Client(base_url=place.url, trust_env=False, timeout=60, headers=headers)


def peak_memory(pid: int) -> int:
    """Give the most memory that a process has taken so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads a process's memory from /proc")
def test_a_huge_file_streams_through_little_memory_and_seeks_anywhere(place: Workplace) -> None:
    with signed_in(place) as person:
        [entry] = person.post("/api/v1/projects/reviews/leases", json={"count": 1}).json()["entries"]
        [film] = entry["item"]["media"]["film"]
        before = peak_memory(place.pid)
        with person.stream("GET", film["url"]) as answer:
            assert answer.headers["content-type"] == "video/mp4"
            assert int(answer.headers["content-length"]) == SIZE
            received = sum(len(piece) for piece in answer.iter_raw())
        assert received == SIZE
        end = person.get(film["url"], headers={"Range": f"bytes={SIZE - 10}-"})
        assert (end.status_code, len(end.content)) == (206, 10)
        with person.stream("GET", film["url"]) as left:  # somebody goes on to the next item meanwhile
            next(left.iter_raw())
        assert person.get("/health").status_code == 200
        assert peak_memory(place.pid) - before < 40 * MEGABYTE
