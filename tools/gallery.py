"""The pictures of docs/reference/gallery.md: one for each kind of question, with made-up items, on the real page.

    python tools/gallery.py [NAME ...]

`PICTURES` lists them; one more is one entry more. What is answered in a picture is what a model has suggested, taken
over by its key. Images are drawn, sounds computed and films recorded here.
"""

import base64
import io
import math
import os
import struct
import sys
import tempfile
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from labelwright.domain.canonical import Json  # noqa: E402
from labelwright.domain.contents import ShownField  # noqa: E402
from labelwright.domain.ids import QuestionName  # noqa: E402
from labelwright.domain.project import Question  # noqa: E402
from labelwright.tasks.run_lengths import encode_counts  # noqa: E402
from tests.browser.chromium import FLAGS, find  # noqa: E402
from tests.browser.workplace import two_questions, workplace  # noqa: E402 - the tests' way to a served project

IMAGES = ROOT / "docs" / "images"
VIEWPORT: ViewportSize = {"width": 1500, "height": 1400}


@dataclass(frozen=True)
class Shown:
    """One picture: an item, the questions asked about it, and what is answered."""

    name: str
    item: Mapping[str, Json]
    asked: Sequence[Question]
    answers: Mapping[str, Json]
    contents: Sequence[ShownField] = ()
    guideline: str = ""
    keys: Sequence[str] = ("a",)
    """What is pressed before the picture is taken; by default, what is suggested is taken over."""


def ask(name: str, kind: str, title: str = "", **settings: Json) -> Question:
    """Make a question."""
    return Question(QuestionName(name), f"labelwright/{kind}", settings, title)


# ---------------------------------------------------------------- media made here

CELLS = [(220, 190, 92), (470, 150, 70), (650, 330, 105), (360, 410, 84), (130, 430, 60)]
WIDE, HIGH = 800, 560


def image() -> str:
    """Some round cells under a microscope."""
    drawn = "".join(
        f"<circle cx='{x}' cy='{y}' r='{r}' fill='url(%23cell)' stroke='rgb(150,60,80)' stroke-width='3'/>"
        f"<circle cx='{x + r / 6}' cy='{y - r / 8}' r='{r / 3}' fill='rgb(122,60,120)' opacity='.8'/>"
        for x, y, r in CELLS
    )
    return (
        f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='{WIDE}' height='{HIGH}'><defs>"
        "<radialGradient id='cell'><stop offset='0' stop-color='rgb(244,190,196)'/>"
        "<stop offset='1' stop-color='rgb(214,128,140)'/></radialGradient></defs>"
        f"<rect width='{WIDE}' height='{HIGH}' fill='rgb(250,238,226)'/>{drawn}</svg>"
    )


def boxes() -> list[Json]:
    """Give a box around each cell."""
    labels = ("red cell", "white cell")
    return [
        {
            "x": round((x - r) / WIDE, 4),
            "y": round((y - r) / HIGH, 4),
            "width": round(2 * r / WIDE, 4),
            "height": round(2 * r / HIGH, 4),
            "label": labels[at == 1],
        }
        for at, (x, y, r) in enumerate(CELLS)
    ]


def polygons() -> list[Json]:
    """Give an outline of nine corners around each cell."""
    turns = [2 * math.pi * corner / 9 for corner in range(9)]
    return [
        {
            "points": [[round((x + r * math.cos(a)) / WIDE, 4), round((y + r * math.sin(a)) / HIGH, 4)] for a in turns],
            "label": "red cell" if at != 1 else "white cell",
        }
        for at, (x, y, r) in enumerate(CELLS)
    ]


def masks() -> list[Json]:
    """Give each cell's pixels."""
    found: list[Json] = []
    for at, (x, y, r) in enumerate(CELLS):
        flags = [(column - x) ** 2 + (row - y) ** 2 <= r * r for column in range(WIDE) for row in range(HIGH)]
        counts, before = [0], False
        for flag in flags:
            if flag != before:
                counts.append(0)
                before = flag
            counts[-1] += 1
        found.append(
            {"label": "white cell" if at == 1 else "red cell", "size": [HIGH, WIDE], "counts": encode_counts(counts)}
        )
    return found


def sound(seconds: float = 8.0, rate: int = 8_000) -> str:
    """Three swells of a tone with silence between, as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        loud = (
            max(0.0, math.sin(n / rate * 1.9)) * math.sin(n / 9) * (0.6 + 0.4 * math.sin(n / 700))
            for n in range(int(seconds * rate))
        )
        file.writeframes(b"".join(struct.pack("<h", int(24_000 * one)) for one in loud))
    return "data:audio/wav;base64," + base64.b64encode(made.getvalue()).decode()


FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 270 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let n = 0; n < 50; n += 1) {
    pen.fillStyle = "#9db4c0"; pen.fillRect(0, 0, 480, 150);
    pen.fillStyle = "#5c6b73"; pen.fillRect(0, 150, 480, 120);
    pen.fillStyle = "#e0e0d8"; for (let x = 0; x < 480; x += 60) pen.fillRect(x, 205, 30, 5);
    pen.fillStyle = "#c8553d"; pen.fillRect(40 + n * 5, 150, 90, 36);
    pen.fillStyle = "#2d2d2d"; pen.fillRect(52 + n * 5, 180, 18, 14); pen.fillRect(100 + n * 5, 180, 18, 14);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return "data:video/webm;base64," + btoa(String.fromCharCode(...bytes));
}"""


def film(browser: Browser) -> str:
    """Two seconds in which a car goes to the right, recorded by the browser itself."""
    page = browser.new_page()
    made: str = page.evaluate(FILM)
    page.close()
    return made


def spans(text: str, *marks: tuple[str, str]) -> list[Json]:
    """Give marks of (words, label) in a text, each at its first place."""
    return [
        {"start": text.index(words), "end": text.index(words) + len(words), "label": label} for words, label in marks
    ]


# ---------------------------------------------------------------- the pictures

NEWS = (
    "Ada Lovelace of the University of London met Charles Babbage in June 1833. "
    "Twenty years later her notes on his Analytical Engine were printed again in Turin."
)
LETTER = "Maria Kern works for the Zuse Institute. She moved from Graz to Berlin in 2019."
REVIEW = "The lamp is bright and cheap, and the switch broke after two days. The shop replaced it at once."
ANSWERS: dict[str, Json] = {
    "conversation": [
        {"role": "user", "content": "How long may cooked rice stay in the fridge?"},
        {"role": "assistant", "content": "Up to three or four days, if it was cooled down within two hours."},
        {"role": "user", "content": "And can I freeze it?"},
    ],
    "answer_a": "Yes. Freeze it **flat in a bag** on the day it is cooked; it keeps for about a month.",
    "answer_b": "Rice can be frozen. Freezing is a way of keeping food that has been known for a long time.",
}
ANIMALS: list[Json] = [
    {"value": "mammal", "children": [{"value": "dog", "children": ["pug", "poodle", "husky"]}, "cat", "whale"]},
    {"value": "bird", "children": ["owl", "heron", "wren"]},
    {"value": "fish", "children": ["perch", "pike"]},
]
PATIENT: Json = {"y": {"pulse": [70 + 18 * math.sin(n / 9) + 6 * math.sin(n / 2) for n in range(240)]}, "rate": 10}
PEOPLE: list[Json] = ["person", "organisation", "place", "time", "work"]


def pictures(film_of: Callable[[], str]) -> list[Shown]:
    """Give all pictures."""
    cells = {"labels": ["red cell", "white cell"], "field": "image"}
    return [
        Shown(
            "choice",
            {"text": REVIEW},
            [
                ask("tone", "classification", "How does the writer feel?", labels=["pleased", "mixed", "cross"]),
                ask("about", "multilabel", "What is it about?", labels=["price", "quality", "delivery", "service"]),
                ask("sure", "rating", "How sure are you?", min=0, max=100, display="slider"),
            ],
            {"tone": "mixed", "about": ["price", "quality", "service"], "sure": 80},
        ),
        Shown(
            "card",
            {"text": REVIEW},
            [ask("spam", "classification", labels=["genuine", "spam"], display="cards")],
            {"spam": "genuine"},
            keys=(),
        ),
        Shown(
            "taxonomy",
            {"text": "It has a flat face, snores on every sofa and is afraid of the cat next door."},
            [ask("animal", "taxonomy", "Which animal is it?", tree=ANIMALS)],
            {"animal": ["mammal", "dog", "pug"]},
        ),
        Shown(
            "spans",
            {"text": NEWS},
            [ask("names", "spans", "Who, where, when?", labels=PEOPLE)],
            {
                "names": spans(
                    NEWS,
                    ("Ada Lovelace", "person"),
                    ("Ada Lovelace of the University of London", "person"),
                    ("University of London", "organisation"),
                    ("London", "place"),
                    ("Charles Babbage", "person"),
                    ("June 1833", "time"),
                    ("Analytical Engine", "work"),
                    ("Turin", "place"),
                )
            },
        ),
        Shown(
            "relations",
            {"text": LETTER},
            [ask("facts", "relations", labels=PEOPLE[:4], types=["works for", "moved to"])],
            {
                "facts": {
                    "spans": spans(
                        LETTER,
                        ("Maria Kern", "person"),
                        ("Zuse Institute", "organisation"),
                        ("Graz", "place"),
                        ("Berlin", "place"),
                    ),
                    "relations": [
                        {"head": 0, "tail": 1, "type": "works for"},
                        {"head": 0, "tail": 3, "type": "moved to"},
                    ],
                }
            },
        ),
        Shown(
            "preference",
            ANSWERS,
            [
                ask(
                    "better",
                    "preference",
                    "Which answer is better?",
                    tie="equal",
                    strengths=["slightly", "much"],
                    criteria=["helpful", "harmless", "overall"],
                )
            ],
            {
                "better": {
                    "helpful": {"choice": "A", "strength": "much"},
                    "harmless": {"choice": "equal", "strength": None},
                    "overall": {"choice": "A", "strength": "slightly"},
                }
            },
            contents=(
                ShownField("conversation", "conversation"),
                ShownField("answer_a", "markdown", beside="answer_b"),
            ),
        ),
        Shown(
            "ranking",
            {"text": "A gift for somebody who reads at night."},
            [ask("order", "ranking", labels=["reading lamp", "bookmark", "torch", "candle"])],
            {"order": ["reading lamp", "torch", "bookmark", "candle"]},
        ),
        Shown(
            "fields",
            {"text": "RECEIPT 14 May 2024. Two desk lamps 39.80, one bulb 4.20. Total 44.00, paid by card."},
            [
                ask(
                    "receipt",
                    "fields",
                    fields=[
                        {"name": "total", "type": "number", "required": True, "description": "with tax"},
                        {"name": "day", "type": "date", "title": "Day of purchase"},
                        {"name": "paid_by", "type": "choice", "labels": ["cash", "card"]},
                    ],
                )
            ],
            {"receipt": {"total": 44, "day": "2024-05-14", "paid_by": "card"}},
        ),
        Shown(
            "correction",
            {"heard": "The lamp it's bride and cheep, but the switch brock after to days."},
            [ask("written", "text", "What was said", correct="heard")],
            {"written": "The lamp is bright and cheap, but the switch broke after two days."},
        ),
        Shown("boxes", {"image": image()}, [ask("cells", "boxes", **cells)], {"cells": boxes()}),
        Shown("polygons", {"image": image()}, [ask("cells", "polygons", **cells)], {"cells": polygons()}),
        Shown("masks", {"image": image()}, [ask("cells", "masks", **cells)], {"cells": masks()}),
        Shown(
            "ranges",
            {"clip": sound()},
            [ask("heard", "ranges", labels=["speech", "noise"], field="clip")],
            {
                "heard": [
                    {"start": 0.1, "end": 1.6, "label": "speech"},
                    {"start": 1.2, "end": 3.4, "label": "noise"},
                    {"start": 3.5, "end": 4.9, "label": "speech"},
                ]
            },
            contents=(ShownField("clip", "audio"),),
        ),
        Shown(
            "series",
            {"body": PATIENT},
            [ask("phases", "ranges", labels=["rest", "effort"], field="body")],
            {"phases": [{"start": 1, "end": 6.5, "label": "effort"}, {"start": 7, "end": 12, "label": "rest"}]},
            contents=(ShownField("body", "series"),),
        ),
        Shown(
            "tracks",
            {"film": film_of()},
            [ask("cars", "tracks", labels=["car", "person"], fps=25, field="film")],
            {
                "cars": [
                    {
                        "label": "car",
                        "keyframes": [
                            {"frame": 0, "x": 0.08, "y": 0.54, "width": 0.19, "height": 0.18},
                            {"frame": 49, "x": 0.59, "y": 0.54, "width": 0.19, "height": 0.18},
                        ],
                    }
                ]
            },
            contents=(ShownField("film", "video"),),
        ),
    ]


def photograph_gallery(browser: Browser, folder: Path, *, images: Path, only: Sequence[str] = ()) -> None:
    """Write widget-NAME.png for each picture, or for those named."""
    for shown in pictures(lambda: film(browser)):
        if only and shown.name not in only:
            continue
        plain = two_questions([shown.item], guideline=shown.guideline or "# How to label\n\nWhat the text itself says.")
        config = replace(
            plain, schema=replace(plain.schema, questions=tuple(shown.asked)), contents=tuple(shown.contents)
        )
        place_of = workplace(folder / shown.name, [shown.item], config=config, suggestions=shown.answers)
        with place_of as place:
            context = browser.new_context(locale="en-GB", viewport=VIEWPORT, color_scheme="light")
            page = context.new_page()
            place.enter(page)
            settle(page)
            for key in shown.keys:
                page.keyboard.press(key)
            settle(page)
            page.get_by_role("article").screenshot(path=images / f"widget-{shown.name}.png")
            context.close()


def settle(page: Page) -> None:
    """Wait until nothing is loaded or drawn any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => [...document.images].every((one) => one.complete)")
    page.wait_for_timeout(500)


def main(names: Sequence[str]) -> int:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(os.environ), args=list(FLAGS))
        photograph_gallery(browser, Path(folder), images=IMAGES, only=names)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
