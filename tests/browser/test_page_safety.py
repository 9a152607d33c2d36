"""Nothing hidden reaches the page, nothing on it runs, and nobody is shut out of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Response, expect

from labelwright.domain.canonical import Json
from tests.browser.layout import fits
from tests.browser.workplace import MODEL, REASONING, two_questions, workplace

HOSTILE = [
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "<svg onload='window.hit = 1'></svg>",
    "<iframe srcdoc='<script>parent.hit = 1</script>'></iframe>",
    "<a href='javascript:window.hit = 1'>click</a>",
    "<style>body { display: none }</style><base href='//example.org/'>",
    '"><script>window.hit = 1</script>',
    "javascript:window.hit=1//",
    "[go](javascript:window.hit=1) ![x](x onerror=window.hit=1)",
    "{{constructor.constructor('window.hit = 1')()}} ${window.hit = 1}",
    "</textarea></title><details open ontoggle='window.hit = 1'>",
    "<math><mtext><style><img src=x onerror='window.hit = 1'></style></mtext></math>",
]


def hostile_items() -> list[dict[str, Json]]:
    """Each attack as a text, as a value of a structure, as a key and as a turn of a conversation."""
    return [
        {
            "text": attack,
            "parts": {attack: [attack, {"deep": attack}]},
            "talk": [{"role": attack, "content": attack}, {"role": "assistant", "content": attack}],
        }
        for attack in HOSTILE
    ]


def test_S7_no_field_runs_a_script_and_the_policy_has_no_unsafe_word(tmp_path: Path, page: Page) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    attack = HOSTILE[1]
    items = hostile_items()
    config = two_questions(items, labels=("positive", attack), guideline="\n\n".join(HOSTILE))
    with workplace(tmp_path, items, config=config, suggested=attack) as place:
        policies: list[str] = []
        page.on("response", lambda answer: policies.append(answer.headers.get("content-security-policy", "")))
        place.enter(page)
        for number in range(1, len(HOSTILE) + 1):
            expect(page.get_by_role("article", name=f"Item item-{number}", exact=True)).to_be_visible()
            expect(page.get_by_role("article")).to_contain_text(HOSTILE[number - 1][:20])
            page.keyboard.press("m")
            page.keyboard.press("2")
            page.keyboard.press("w")
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="All done for now")).to_be_visible()
        assert page.evaluate("window.hit") is None
        assert page.locator("article img, article script, article iframe, article style, aside img").count() == 0
        assert policies
        assert not [policy for policy in policies if "unsafe" in policy or "default-src 'none'" not in policy]
        assert not [text for text in told if "Content Security Policy" in text]


def look_at(page: Page, key: str) -> None:
    """Press a key; where it opens or closes a dialog, which may have to be fetched first, wait for that."""
    page.keyboard.press(key)
    if key in {"?", "s", "Escape"}:
        expect(page.get_by_role("dialog")).to_have_count(0 if key == "Escape" else 1)


def test_S7_titles_reasons_and_names_run_no_script_either(tmp_path: Path, page: Page) -> None:
    attack, other = HOSTILE[1], HOSTILE[6]
    items: list[dict[str, Json]] = [{"text": "a lamp"}]
    plain = two_questions(items)
    sentiment, aspects = plain.schema.questions
    labels: list[Json] = [{"value": "a", "title": attack, "description": other}, {"value": other}]
    hostile = replace(sentiment, title=attack, help=other, settings={"labels": labels})
    config = replace(plain, schema=replace(plain.schema, questions=(hostile, aspects)), instruction=attack)
    with workplace(tmp_path, items, config=config, suggested=other, reason=attack) as place:
        place.enter(page, attack)
        expect(page.get_by_role("main")).to_contain_text("onerror")
        for key in ("h", "m", "m", "g", "g", "?", "Escape", "s", "Escape"):
            look_at(page, key)
        page.get_by_role("button", name="Menu of").click()
        assert page.evaluate("window.hit") is None
        assert page.locator("main img, main script, [onerror], [onload]").count() == 0
        assert attack in page.content().replace("&lt;", "<").replace("&gt;", ">")


def test_B1_a_blind_item_has_no_trace_of_a_suggestion_on_the_page_or_the_wire(tmp_path: Path, page: Page) -> None:
    heard: list[str] = []

    def hear(answer: Response) -> None:
        if "/api/" in answer.url:
            heard.append(json.dumps(answer.headers) + (answer.text() if answer.status != 204 else ""))

    page.on("response", hear)
    with workplace(tmp_path, [{"text": f"review {number}"} for number in range(4)], blind=True) as place:
        place.enter(page)
        page.wait_for_load_state("networkidle")
        for key in ("a", "h", "h", "m"):  # nothing to take over, to show, or to explain
            page.keyboard.press(key)
        html = page.content()
        for secret in (MODEL, REASONING, "suggested", "0.71", "71%", "unsure"):
            assert secret not in page.get_by_role("article").inner_text()
            assert secret not in "".join(heard)
        assert MODEL not in html
        assert REASONING not in html
        expect(page.get_by_role("radio", checked=True)).to_have_count(0)
        page.keyboard.press("1")
        page.keyboard.press("w")
        page.keyboard.press("Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert not any(one.suggestion_shown for one in place.annotations())


def test_nothing_serious_stands_in_the_way_of_a_screen_reader(
    tmp_path: Path,
    page: Page,
    new_context: Callable[..., BrowserContext],
    accessibility_problems: Callable[[Page], list[str]],
) -> None:
    talk: list[Json] = [{"role": "user", "content": "Is it bright?"}, {"role": "assistant", "content": "Very."}]
    contents: list[dict[str, Json]] = [
        {"text": "A lamp.", "talk": talk, "stars": {"light": 5, "price": None}},
        {"text": "שלום, a long one. " * 200, "talk": talk, "stars": {}},
    ]
    with workplace(tmp_path, contents, slots=2) as place:
        place.enter(page)
        for look in ("Enter", "m", "?", "Escape", "s", "Escape"):
            look_at(page, look)
            assert accessibility_problems(page) == [], look
        for key in ("1", "w", "Enter"):
            page.keyboard.press(key)
        expect(page.get_by_role("region", name="text, long text")).to_be_visible()
        assert accessibility_problems(page) == []
        for options in ({"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}):
            other = new_context(**options).new_page()
            place.enter(other, "ben")
            assert accessibility_problems(other) == [], options


def test_a_narrow_page_never_scrolls_sideways(tmp_path: Path, new_context: Callable[..., BrowserContext]) -> None:
    wide: list[dict[str, Json]] = [{"text": "x" * 900, "product": "y" * 59, "parts": {"k" * 80: "v" * 300}}]
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    with workplace(tmp_path, wide) as place:
        place.enter(page)
        fits(page)


def test_a_megabyte_of_text_is_shown_without_freezing(tmp_path: Path, page: Page) -> None:
    word = "lorem ipsum dolor "
    text = word * (1_000_000 // len(word))
    with workplace(tmp_path, [{"text": "short"}, {"text": text}, {"text": "after"}]) as place:
        place.enter(page)
        page.keyboard.press("1")
        page.keyboard.press("w")
        took = page.evaluate(
            """() => new Promise(done => {
              const began = performance.now();
              window.dispatchEvent(new KeyboardEvent('keydown', {code: 'Enter', key: 'Enter', bubbles: true}));
              requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
            })"""
        )
        expect(page.get_by_role("region", name="text, long text")).to_be_visible()
        assert took < 4_000  # about 100 ms on a quiet machine; a frozen page takes many seconds
        page.keyboard.press("2")
        expect(page.get_by_role("radio", name="negative")).to_be_checked(timeout=4_000)


def test_the_first_load_is_light(repository: Path) -> None:
    import gzip
    import re

    static = repository / "src" / "labelwright" / "server" / "static"
    index = (static / "index.html").read_text(encoding="utf-8")
    first = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', index)
    label_page = [str(path.relative_to(static)) for path in (static / "assets").glob("LabelPage-*.js")]
    assert first
    assert len(label_page) == 1
    n_bytes = {path: len(gzip.compress((static / path).read_bytes())) for path in {*first, *label_page}}
    assert sum(n_bytes.values()) <= 160_000
    # And all that these fetch before anything is drawn; widgets and contents come with the project that needs them.
    waiting = list(n_bytes)
    while waiting:
        code = (static / waiting.pop()).read_text(encoding="utf-8")
        for name in re.findall(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""", code):
            if (path := f"assets/{name}") not in n_bytes:
                n_bytes[path] = len(gzip.compress((static / path).read_bytes()))
                waiting.append(path)
    assert sum(n_bytes.values()) <= 170_000
    assert not [path for path in n_bytes if "FocusTrap" in path], "menus come after the first item"
    assert "<style" not in index
    assert not re.findall(r"<script(?![^>]*\bsrc=)", index)
