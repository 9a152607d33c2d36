"""Recordings, films and series are marked by keys alone and by mouse; nothing in them runs."""

from __future__ import annotations

import base64
import io
import math
import re
import struct
import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from labelwright.domain.contents import ShownField
from tests.browser.answering import by_keyboard, by_mouse
from tests.browser.layout import at_rest, fits
from tests.browser.test_page_safety import HOSTILE
from tests.browser.test_page_task_types import config_of
from tests.browser.workplace import press, workplace


def tone(seconds: float, rate: int = 8_000) -> bytes:
    """A sound that swells and fades, as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = range(int(seconds * rate))
        loud = (math.sin(n / 9) * math.sin(n / rate * 2) ** 2 for n in samples)
        file.writeframes(b"".join(struct.pack("<h", int(20_000 * one)) for one in loud))
    return made.getvalue()


def sound(seconds: float = 4.0) -> str:
    """The same as a data URL."""
    return "data:audio/wav;base64," + base64.b64encode(tone(seconds)).decode()


FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let n = 0; n < 50; n += 1) {
    pen.fillStyle = "#234";
    pen.fillRect(0, 0, 160, 120);
    pen.fillStyle = "#fd4";
    pen.fillRect(n * 2, 40, 30, 30);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return "data:video/webm;base64," + btoa(String.fromCharCode(...bytes));
}"""


@pytest.fixture(scope="module")
def film(browser: Browser) -> str:
    """Two seconds in which a square goes to the right, recorded by the browser itself."""
    page = browser.new_page()
    made: str = page.evaluate(FILM)
    page.close()
    return made


RANGES: dict[str, Any] = {"labels": ["speech", "noise"], "field": "clip"}


def stage_of(page: Page) -> Locator:
    """Give the timeline, once its player is ready."""
    stage = page.get_by_role("application", name="the timeline to mark ranges in")
    expect(stage.get_by_role("button", name="Whole", exact=True)).to_be_visible()
    return stage


def focus(page: Page, stage: Locator) -> None:
    """Go there as people without a mouse do."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if stage.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("no way by Tab to the timeline")


def told(page: Page) -> list[str]:
    """Collect what the console says."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    return heard


@by_keyboard("ranges")
def test_ranges_of_a_sound_are_marked_by_keys_alone(page: Page, tmp_path: Path) -> None:
    heard = told(page)
    config = config_of(("who", "ranges", {**RANGES, "transcript": "optional"}), content_fields=("clip",))
    with workplace(tmp_path, [{"clip": sound()}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(stage.get_by_role("button", name="Play")).to_be_enabled()
        focus(page, stage)
        # A hundredth of four seconds, as a round figure: steps of 0.02 s. 10 steps on, begin; 20 more, end.
        press(page, *["ArrowRight"] * 10, "i", *["ArrowRight"] * 20, "o")
        press(page, "2")  # it is noise
        press(page, "Shift+ArrowRight", "Alt+ArrowLeft")
        press(page, "Home", "1", "ArrowUp")
        listed = page.get_by_role("list", name="Marked ranges")
        expect(listed.get_by_role("button", name="Range 1: speech")).to_be_visible()
        press(page, "2")
        expect(listed.get_by_role("button", name="Range 1: noise")).to_be_visible()
        said = page.get_by_role("textbox", name="What is said in range 1")
        said.focus()
        page.keyboard.type("a fan")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        assert value == [{"start": 0.18, "end": 0.62, "label": "noise", "text": "a fan"}]
    assert not [text for text in heard if "Content Security Policy" in text]


@by_mouse("ranges")
def test_ranges_are_drawn_moved_chosen_and_removed_by_mouse(page: Page, tmp_path: Path) -> None:
    config = config_of(("who", "ranges", {**RANGES, "overlap": "none"}), content_fields=("clip",))
    with workplace(tmp_path, [{"clip": sound()}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(stage.get_by_role("button", name="Play")).to_be_enabled()
        area = stage.locator("[data-draws]")

        def drag(start: float, end: float, down: float = 0.5) -> None:
            area.scroll_into_view_if_needed()
            box = at_rest(area)
            y = box["y"] + box["height"] * down
            page.mouse.move(box["x"] + box["width"] * start, y)
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] * (start + end) / 2, y)
            page.mouse.move(box["x"] + box["width"] * end, y)
            page.mouse.up()

        drag(0.25, 0.5)
        page.get_by_role("button", name="noise").last.click()
        drag(0.4, 0.6)
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_role("alert")).to_contain_text("Two ranges overlap")
        drag(0.4, 0.55, 0.75)  # the second is chosen, in the lane below: its edge moves
        expect(page.get_by_role("alert")).not_to_be_visible()
        drag(0.8, 0.9)
        page.get_by_role("button", name="Remove range 3").click()
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        found = cast("list[dict[str, Any]]", value)
        assert [one["label"] for one in found] == ["noise", "noise"]
        edges = [edge for one in found for edge in (one["start"], one["end"])]
        assert edges == pytest.approx([1.0, 2.0, 2.2, 2.4], abs=0.02)


def test_S7_nothing_in_ranges_runs_and_axe_finds_nothing(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    heard = told(page)
    labels = [{"value": attack, "title": attack, "description": attack} for attack in HOSTILE[:4]]
    settings: dict[str, Any] = {"labels": labels, "field": "clip", "transcript": "optional"}
    config = config_of(("who", "ranges", settings), content_fields=("clip", "title"))
    with workplace(tmp_path, [{"clip": sound(1), "title": HOSTILE[1]}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(stage.get_by_role("button", name="Play")).to_be_enabled()
        focus(page, stage)
        press(page, "ArrowRight", "i", *["ArrowRight"] * 30, "o", "2")
        page.get_by_role("textbox", name="What is said in range 1").fill(HOSTILE[1])
        assert page.evaluate("window.hit") is None
        assert not [text for text in heard if "Content Security Policy" in text]
        assert accessibility_problems(page) == []  # axe itself tries styles that the policy refuses
        page.set_viewport_size({"width": 390, "height": 844})
        assert accessibility_problems(page) == []
        fits(page)
        sizes = stage.get_by_role("button").evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
        assert min(sizes) >= 44
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert page.evaluate("window.hit") is None


def test_a_sound_that_is_none_is_told_and_the_item_can_be_skipped(page: Page, tmp_path: Path) -> None:
    config = config_of(("who", "ranges", RANGES), content_fields=("clip",))
    broken = "data:audio/wav;base64,AAAA"
    with workplace(tmp_path, [{"clip": broken}, {"clip": "no sound"}], config=config, blind=True) as place:
        place.enter(page)
        expect(page.get_by_role("alert")).to_contain_text("cannot be played here")
        page.keyboard.press("s")
        page.get_by_role("dialog").get_by_role("button").last.click()
        expect(page.get_by_role("article", name="Item item-2")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("There is nothing to play")


def test_ranges_of_a_series_are_marked_by_keys_and_by_mouse(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    heard = told(page)
    wave_of = [math.sin(n / 50) for n in range(20_000)]
    body: Any = {
        "t": [n / 100 for n in range(20_000)],
        "y": {HOSTILE[1]: wave_of, "steps": [n % 7 for n in range(20_000)]},
    }
    settings: dict[str, Any] = {"labels": ["run", "rest"], "field": "body"}
    config = config_of(("what", "ranges", settings), content_fields=("body", "other"))
    with workplace(tmp_path, [{"body": body, "other": wave_of[:60]}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(page.locator("canvas")).to_have_count(2)  # the other series is shown beside, to be looked at
        expect(stage).to_contain_text("onerror")
        focus(page, stage)
        press(page, "End", *["ArrowLeft"] * 10, "i", "End", "o", "Home", "+", "+", "PageDown")
        area = stage.locator("[data-draws]")
        area.scroll_into_view_if_needed()
        box = at_rest(area)
        # A quarter of 200 s is in sight, 0.8 of it further on: from 40 to 90.
        for at in (0.2, 0.4, 0.6):
            page.mouse.move(box["x"] + box["width"] * at, box["y"] + 20)
            if at == 0.2:
                page.mouse.down()
        page.mouse.up()
        press(page, "2")
        assert not [text for text in heard if "Content Security Policy" in text]
        assert page.evaluate("window.hit") is None
        assert accessibility_problems(page) == []
        press(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        rest, run = cast("list[dict[str, Any]]", value)
        assert (rest["label"], run["label"]) == ("rest", "run")
        assert [rest["start"], rest["end"]] == pytest.approx([50, 70], abs=0.5)
        assert (run["start"], run["end"]) == (pytest.approx(189.99), 199.99)


def test_a_film_is_gone_through_picture_by_picture_and_its_ranges_are_marked(
    page: Page, tmp_path: Path, film: str, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    heard = told(page)
    settings: dict[str, Any] = {"labels": ["near", "far"], "field": "film", "fps": 10}
    config = config_of(("where", "ranges", settings), content_fields=("film",))
    with workplace(tmp_path, [{"film": film}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(stage.get_by_role("button", name="Play")).to_be_enabled()
        focus(page, stage)
        press(page, *"ffffd", ".", ",", "f")
        expect(stage).to_contain_text("frame 4")
        press(page, "i", *"fffff", "o")
        listed = page.get_by_role("list", name="Marked ranges")
        expect(listed.get_by_role("textbox", name="Range 1 ends")).to_have_value("1")
        page.wait_for_function("Math.abs(document.querySelector('video').currentTime - 0.95) < 0.01")
        press(page, "Home", " ")
        expect(stage.get_by_role("button", name="Pause")).to_be_visible()
        expect(stage.get_by_role("button", name="Play")).to_be_visible()  # it has ended
        page.wait_for_function("document.querySelector('video').ended")
        assert not [text for text in heard if "Content Security Policy" in text]
        assert accessibility_problems(page) == []
        press(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("where", [{"start": 0.4, "end": 1.0, "label": "near"}])]  # frames 4 to 9


TRACKS: dict[str, Any] = {"labels": ["square", HOSTILE[1]], "field": "film", "fps": 10}


def film_of(page: Page) -> Locator:
    """Give the film, once it is ready."""
    stage = page.get_by_role("application", name="the film to follow things in")
    expect(stage.get_by_role("button", name="Play")).to_be_enabled()
    return stage


@by_keyboard("tracks")
def test_a_thing_is_followed_through_a_film_by_keys_alone(
    page: Page, tmp_path: Path, film: str, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    heard = told(page)
    config = config_of(("things", "tracks", TRACKS), content_fields=("film",))
    with workplace(tmp_path, [{"film": film}], config=config, blind=True) as place:
        place.enter(page)
        stage = film_of(page)
        focus(page, stage)
        press(page, "n", "2", *"ffffffffff", *["Shift+ArrowRight"] * 10, *["Alt+ArrowDown"] * 5, *"fff", "o", *"ddd")
        listed = page.get_by_role("list", name="Tracks")
        expect(listed.get_by_role("button", name="Track 1: out of sight from frame 13")).to_be_visible()
        press(page, *"ddddd")  # half way: the box is interpolated
        box = page.locator("[data-testid=picture] [data-chosen]")
        expect(box).to_have_attribute("style", re.compile(r"left: 35%"))
        assert page.evaluate("window.hit") is None
        assert not [text for text in heard if "Content Security Policy" in text]
        assert accessibility_problems(page) == []
        press(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        start = {"x": 0.3, "y": 0.3, "width": 0.4, "height": 0.4}
        there = {**start, "x": 0.4, "height": 0.45}
        keyframes = [{"frame": 0, **start}, {"frame": 10, **there}, {"frame": 13, **there, "outside": True}]
        assert place.answers() == [("things", [{"label": HOSTILE[1], "keyframes": keyframes}])]


@by_mouse("tracks")
def test_a_thing_is_followed_through_a_film_by_mouse(page: Page, tmp_path: Path, film: str) -> None:
    config = config_of(("things", "tracks", TRACKS), content_fields=("film",))
    with workplace(tmp_path, [{"film": film}], config=config, blind=True) as place:
        place.enter(page)
        stage = film_of(page)
        picture = page.get_by_test_id("picture")

        def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
            picture.scroll_into_view_if_needed()
            area = at_rest(picture)
            for step, (x, y) in enumerate((start, end)):
                page.mouse.move(area["x"] + area["width"] * x, area["y"] + area["height"] * y)
                if step == 0:
                    page.mouse.down()
            page.mouse.up()

        drag((0.1, 0.3), (0.3, 0.6))
        for _ in range(5):
            stage.get_by_role("button", name="One picture on").click()
        drag((0.2, 0.4), (0.5, 0.5))  # inside the dashed box: it goes along
        page.get_by_role("list", name="Tracks").get_by_role("button", name="Track 1: key frame 0").click()
        expect(stage).to_contain_text("frame 0")
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        (track,) = cast("list[dict[str, Any]]", value)
        first, second = track["keyframes"]
        assert (track["label"], first["frame"], second["frame"]) == ("square", 0, 5)
        assert [first[side] for side in ("x", "y", "width", "height")] == pytest.approx([0.1, 0.3, 0.2, 0.3], abs=0.02)
        assert [second[side] for side in ("x", "y", "width", "height")] == pytest.approx([0.4, 0.4, 0.2, 0.3], abs=0.02)


def test_a_sound_of_the_media_folder_is_played_from_there(page: Page, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "talk.wav").write_bytes(tone(3))
    config = config_of(("who", "ranges", RANGES), content_fields=("clip",))
    with workplace(tmp_path, [{"clip": "media/talk.wav"}], config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(stage).to_contain_text("0:03.00")
        focus(page, stage)
        press(page, "i", "End", "o", "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("who", [{"start": 0.0, "end": 3.0, "label": "speech"}])]


def test_a_series_is_drawn_from_a_file_with_the_rows_that_cannot_be_read_named(
    page: Page, tmp_path: Path, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    heard = told(page)
    rows = [f"{n / 10},{math.sin(n / 9):.4f},{n % 11},words {n}" for n in range(600)]
    rows[3] = f"0.3,{HOSTILE[0]},1,x"
    rows[7] = "0.7,1"
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "run.csv").write_text("\n".join(["when,pulse,steps,note", *rows]))
    (tmp_path / "media" / "words.csv").write_text("a,b\nx,y\n")
    config = replace(
        config_of(("what", "ranges", {"labels": ["run", "rest"], "field": "body"}), content_fields=("body",)),
        contents=(ShownField("body", "series", settings={"time": "when", "columns": ["pulse", "steps"]}),),
    )
    items = [{"body": "media/run.csv"}, {"body": "media/words.csv"}]
    with workplace(tmp_path, items, config=config, blind=True) as place:
        place.enter(page)
        stage = stage_of(page)
        expect(page.locator("canvas")).to_have_count(1)
        expect(stage).to_contain_text("pulse")
        page.get_by_text("2 rows cannot be read and are left out").click()
        expect(page.get_by_text("line 5: ")).to_contain_text("is no number")
        expect(page.get_by_text("line 9: another number of cells than in the first line (2)")).to_be_visible()
        focus(page, stage)
        press(page, "Home", *["ArrowRight"] * 10, "i", *["ArrowRight"] * 10, "o", "1")
        assert not [text for text in heard if "Content Security Policy" in text]
        assert page.evaluate("window.hit") is None
        assert accessibility_problems(page) == []
        press(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        ((_, value),) = place.answers()
        (marked,) = cast("list[dict[str, Any]]", value)
        assert 0 < marked["start"] < marked["end"] < 60
        assert marked["label"] == "run"
        expect(page.get_by_role("alert")).to_contain_text("The file has no column pulse; it has a, b.")
