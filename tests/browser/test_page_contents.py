"""Every content is seen, answered beside, reached by the keyboard, and runs and fetches nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Request, expect

from labelwright.domain.canonical import Json
from labelwright.domain.contents import CONTENTS, ShownField
from labelwright.domain.project import ProjectConfig
from labelwright.testing.chat_suite import PICTURE
from tests.browser.layout import at_rest, fits
from tests.browser.test_page_safety import HOSTILE
from tests.browser.workplace import Workplace, two_questions, workplace

FAR = "far.example"
LETTER = f"""# A letter

Dear **shop**, the *lamp* is `broken`:

| part | works |
|------|-------|
| bulb | no    |

- [x] unpacked
- [see the photo](https://{FAR}/photo) ![photo](https://{FAR}/spy.png) [run](javascript:window.hit=1)
"""
TALK: list[Json] = [
    {"role": "system", "content": "You are a helpful shop assistant."},
    {"role": "user", "content": "The lamp gives no light. " * 80},
    {"role": "assistant", "content": "Let me **look**.", "tool_calls": [{"name": "find_order", "order": 7}]},
    {"role": "tool", "content": {"found": 1, "state": "sent"}},
    *[{"role": ("user", "assistant")[place % 2], "content": f"And then? {place}"} for place in range(6)],
]
ANSWER_A = "Please unplug the lamp, wait a minute, and plug it in again. It will work."
ANSWER_B = "Please unplug the lamp, wait an hour, and send it back. It will be replaced."
ROWS: list[Json] = [{"name": f"part {place}", "price": place, "notes": {"in stock": True}} for place in range(2_000)]
MAIL = f"""<style>.red {{ color: rgb(200, 0, 0) }}</style>
<h1 class="red">Your order</h1><p style="font-weight: 700">It is on its way. <a href="https://{FAR}/t">Track it</a></p>
<img src="https://{FAR}/pixel.gif"><script>parent.hit = 1</script>"""
FONT = "<< /Font << /F1 3 0 R >> >>"


def pdf(*pages: str) -> bytes:
    """Write a PDF file with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for place, text in enumerate(pages):
        stream = f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * place} 0 R /Resources {FONT} >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    return f"{body}{end}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n".encode()


def wav() -> bytes:
    """Write a tenth of a second of silence."""
    sound = bytes(1_600)
    head = b"fmt " + (16).to_bytes(4, "little") + bytes.fromhex("01000100803e0000007d000002001000")
    body = b"WAVE" + head + b"data" + len(sound).to_bytes(4, "little") + sound
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def shown(items: list[dict[str, Json]], *contents: ShownField) -> ProjectConfig:
    return replace(two_questions(items), contents=contents)


def next_item(page: Page, number: int) -> None:
    for key in ("1", "q", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("article", name=f"Item item-{number}", exact=True)).to_be_visible()


def listen(page: Page, place: Workplace) -> list[str]:
    """Note every address that is asked for elsewhere than from this server."""
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((place.url, "data:", "blob:", "about:")):
            elsewhere.append(request.url)

    page.context.on("request", note)
    return elsewhere


def test_texts_conversations_pairs_and_tables_are_read_and_answered_by_the_keyboard(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    names = ["letter", "talk", "answer_a", "answer_b", "rows", "mail"]
    item: dict[str, Json] = dict(zip(names, [LETTER, TALK, ANSWER_A, ANSWER_B, ROWS, MAIL], strict=True))
    config = shown(
        [item],
        ShownField("letter", "markdown", title="The letter"),
        ShownField("talk", "conversation", settings={"markdown": True}),
        ShownField("answer_a", beside="answer_b"),
        ShownField("rows", "table", settings={"columns": ["name", "price"]}),
        ShownField("mail", "html"),
    )
    with workplace(tmp_path, [item, item], config=config, blind=True) as place:
        elsewhere = listen(page, place)
        place.enter(page)
        article = page.get_by_role("article")
        expect(article.get_by_role("heading", name="The letter")).to_be_visible()
        expect(article.get_by_role("heading", name="A letter")).to_be_visible()
        expect(article.get_by_role("cell", name="bulb")).to_be_visible()
        link = article.get_by_role("link", name="see the photo")
        expect(link).to_have_attribute("rel", "noreferrer noopener nofollow")
        expect(article).to_contain_text(f"({FAR})")
        expect(article.get_by_role("link", name="run")).to_have_count(0)
        expect(article.locator("img")).to_have_count(0)

        turns = article.get_by_role("list", name="talk").get_by_role("listitem")
        expect(turns.first).to_be_visible()
        folded = article.get_by_role("button", name="Show all of turn 2")
        folded.focus()
        page.keyboard.press("Enter")
        expect(article.get_by_role("button", name="Fold")).to_be_focused()
        page.get_by_label("Go to turn").select_option("9")
        expect(page.locator("[data-turn='9']")).to_be_focused()
        expect(page.locator("[data-turn='3'] strong")).to_have_text("look")
        expect(page.locator("[data-turn='3']")).to_contain_text("find_order")

        article.get_by_role("button", name="Show differences").click()
        expect(article.get_by_role("region", name="answer a").locator("mark")).to_contain_text(["a", "minute"])
        page.get_by_role("button", name="Show differences").focus()
        page.keyboard.press("Enter")
        expect(article.locator("mark")).to_have_count(0)

        table = article.get_by_role("region", name="rows")
        expect(table.get_by_role("columnheader")).to_have_text(["name", "price"])
        assert table.locator("tbody tr").count() < 100
        table.focus()
        page.keyboard.press("End")
        expect(table.get_by_role("cell", name="part 1999")).to_be_visible()
        expect(table.get_by_role("columnheader", name="price")).to_be_in_viewport()

        frame = article.frame_locator("iframe[title=mail]")
        expect(frame.get_by_role("heading", name="Your order")).to_have_css("color", "rgb(200, 0, 0)")
        expect(frame.get_by_text("It is on its way.")).to_have_css("font-weight", "700")
        assert accessibility_problems(page) == []
        article.focus()
        next_item(page, 2)
        assert page.evaluate("window.hit") is None
        assert elsewhere == []


def test_the_sides_of_a_pair_scroll_together_and_stand_below_each_other_on_a_phone(tmp_path: Path, page: Page) -> None:
    item: dict[str, Json] = {"a": "left " * 3_000, "b": "right " * 6_000}
    config = shown([item], ShownField("a", beside="b"))
    with workplace(tmp_path, [item], config=config, blind=True) as place:
        place.enter(page)
        left, right = (page.get_by_role("region", name=name, exact=True).locator("> div") for name in "ab")
        left.focus()
        left.evaluate("one => { one.scrollTop = one.scrollHeight }")
        page.wait_for_function(
            "one => one.scrollTop > 0 && one.scrollTop + one.clientHeight > one.scrollHeight - 3",
            arg=right.element_handle(),
        )
        page.set_viewport_size({"width": 390, "height": 800})
        fits(page)
        boxes = at_rest(left), at_rest(right)
        assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]


def test_files_of_the_workspace_are_seen_heard_and_leafed_through(
    tmp_path: Path, page: Page, accessibility_problems: Callable[[Page], list[str]]
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "scan.png").write_bytes(base64.b64decode(PICTURE.partition(",")[2]))
    (media / "call.wav").write_bytes(wav())
    (media / "report.pdf").write_bytes(pdf("First page", "Second page"))
    item: dict[str, Json] = {
        "text": "What the papers say",
        "scan": "media/scan.png",
        "call": "media/call.wav",
        "report": "media/report.pdf",
        "lost": "media/lost.png",
        "gone": "media/gone.pdf",
        "link": f"https://{FAR}/a.png",
        "locked": "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4 nothing").decode(),
    }
    config = shown([item], ShownField("link", "image"), ShownField("locked", "pdf"), ShownField("gone", "pdf"))
    with workplace(tmp_path, [item, item], config=config, blind=True) as place:
        elsewhere = listen(page, place)
        place.enter(page)
        report = page.get_by_role("region", name="report")
        expect(report.get_by_text("First page")).to_be_visible()
        drawn = "one => [...one.getContext('2d').getImageData(0, 0, one.width, one.height).data].some((x) => x < 128)"
        page.wait_for_function(drawn, arg=report.locator("canvas").element_handle())
        report.get_by_role("button", name="Next page").focus()
        page.keyboard.press("Enter")
        expect(report.get_by_text("Second page")).to_be_visible()
        report.get_by_role("button", name="Larger").click()
        expect(report.get_by_text("125 %")).to_be_visible()
        expect(page.get_by_text("is not in the workspace")).to_have_count(3)
        expect(page.get_by_text(f"https://{FAR}/a.png")).to_be_visible()
        assert accessibility_problems(page) == []
        assert page.evaluate("window.hit") is None
        assert elsewhere == []


def test_S7_no_content_runs_or_fetches_what_stands_in_it(tmp_path: Path, page: Page) -> None:
    """Each attack in each content: as its text, as a record, as a turn, as a file's name, as a side of a pair."""
    fetching = [
        *HOSTILE,
        f"<img src=https://{FAR}/1><link rel=stylesheet href=https://{FAR}/2><style>@import 'https://{FAR}/3'</style>",
        f"<p style='background: url(https://{FAR}/4)'>x</p><object data=https://{FAR}/5></object>",
        f"<meta http-equiv=refresh content='0; url=https://{FAR}/6'><a href=https://{FAR}/7 ping=https://{FAR}/8>x</a>",
        f"![x](https://{FAR}/9) [x]: https://{FAR}/10 <https://{FAR}/11> https://{FAR}/a.png",
        f"<svg><image href=https://{FAR}/12 /><use href=https://{FAR}/13 /></svg><video src=https://{FAR}/14 autoplay>",
        "media/../../../etc/passwd",
        "media/<img src=x onerror=window.hit=1>.png",
        "data:text/html,<script>parent.hit=1</script>",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='parent.hit=1'/>",
    ]
    together = "\n\n".join(fetching)
    shapes: list[Json] = [
        together,
        list(fetching),
        [{"role": attack, "content": attack, attack: attack} for attack in fetching],
        {attack: attack for attack in fetching[:2]},
        {"deep": [{attack: [attack]} for attack in fetching]},
    ]
    sides: dict[str, Json] = {"left": together, "right": together[::-1]}
    items: list[dict[str, Json]] = [{**dict.fromkeys(CONTENTS, shape), **sides} for shape in shapes]
    settings: dict[str, dict[str, Json]] = {"table": {"columns": list(fetching)}, "conversation": {"markdown": True}}
    stated = [ShownField(kind, kind, title=HOSTILE[1], settings=settings.get(kind, {})) for kind in CONTENTS]
    stated.append(ShownField("left", "markdown", beside="right"))
    with workplace(tmp_path, items, config=shown(items, *stated), blind=True) as place:
        elsewhere = listen(page, place)
        place.enter(page)
        for number in range(1, len(items) + 1):
            expect(page.get_by_role("article", name=f"Item item-{number}", exact=True)).to_be_visible()
            page.wait_for_timeout(400)
            # An origin of the page's own is harmless as long as nothing can run in it: never both.
            assert page.locator("iframe:not([sandbox='allow-same-origin'])").count() == 0
            for button in page.get_by_role("button", name="Show differences").all():
                button.click()
            page.get_by_role("article").focus()
            for key in ("1", "q", "Enter"):
                page.keyboard.press(key)
        expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
        assert page.evaluate("window.hit") is None
        assert [address for address in elsewhere if "example" in address] == []
        assert elsewhere == []


def test_a_framed_page_is_as_high_as_what_it_shows_and_cannot_run_by_its_origin(tmp_path: Path, page: Page) -> None:
    pages = [
        "<p>short</p>",
        "<h1>tall</h1>" + "<p>one more</p>" * 10,
        "<p>long</p>" * 300,
        "<div style='height: 300vh'>grows</div>",
    ]
    items: list[dict[str, Json]] = [{"page": text} for text in pages]
    heights: list[float] = []
    with workplace(tmp_path, items, config=shown(items, ShownField("page", "html")), blind=True) as place:
        place.enter(page)
        for number in range(1, len(items) + 1):
            expect(page.get_by_role("article", name=f"Item item-{number}", exact=True)).to_be_visible()
            frame = page.locator("iframe")
            expect(
                page.frame_locator("iframe").get_by_text(["short", "tall", "long", "grows"][number - 1]).first
            ).to_be_visible()
            expect(frame).to_have_attribute("style", re.compile("height"))
            at_rest(frame)
            inside = page.frame_locator("iframe").locator("html")
            height, content = (float(one.evaluate("one => one.offsetHeight")) for one in (frame, inside))
            heights.append(height)
            if number <= 2:
                assert content <= height <= max(content, 60) + 20
                assert inside.evaluate("one => one.scrollHeight <= one.clientHeight")
            if number == 3:
                page.get_by_role("button", name="Larger frame").click()
                assert frame.evaluate("one => one.offsetHeight") >= content
            page.get_by_role("article").focus()
            for key in ("1", "q", "Enter"):
                page.keyboard.press(key)
        short, tall, long, grown = heights
        window = page.evaluate("innerHeight")
        assert short < tall < long <= 0.62 * window + 2
        assert grown <= 0.62 * window + 2
        # Each wall by itself: what the reading would have left out does not run in such a frame either.
        page.evaluate(
            """() => {
                const frame = document.createElement("iframe");
                frame.setAttribute("sandbox", "allow-same-origin");
                frame.srcdoc = "<script>parent.hit = 1</script><img src=x onerror='parent.hit = 1'>" +
                    "<svg onload='parent.hit = 1'></svg><a id=a href='javascript:parent.hit = 1'>x</a>";
                document.body.append(frame);
                return new Promise((done) => {
                    frame.onload = () => { frame.contentDocument.links[0].click(); done(); };
                });
            }"""
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.hit") is None


def test_every_content_fits_a_phone(tmp_path: Path, new_context: Callable[..., BrowserContext]) -> None:
    media = tmp_path / "media"
    media.mkdir()
    (media / "report.pdf").write_bytes(pdf("First page"))
    wide = "word" * 60
    values: dict[str, Json] = {
        "markdown": f"{LETTER}\n\n`{wide}`",
        "conversation": [*TALK, {"role": wide, "content": wide}],
        "pair": [wide, "b"],
        "table": [{f"column {place}": wide for place in range(12)}],
        "json": {wide: {wide: wide}},
        "html": f"<table width=2000><tr><td>{wide}</td></tr></table>",
        "pdf": "media/report.pdf",
    }
    config = shown([values], *(ShownField(kind, kind) for kind in values))
    with workplace(tmp_path, [values], config=config, blind=True) as place:
        phone = new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        page = phone.new_page()
        place.enter(page)
        expect(page.get_by_role("region", name="pdf").get_by_text("First page")).to_be_visible()
        fits(page)
        for button in page.get_by_role("article").get_by_role("button").all():
            box = button.bounding_box()
            assert box is None or box["height"] >= 44 or button.inner_text() == "Submit"
