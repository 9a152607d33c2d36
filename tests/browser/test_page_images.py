"""Images are looked at closely and drawn on, by mouse, by touch and by the keyboard alone."""

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from labelwright.domain.canonical import Json
from labelwright.domain.project import ProjectConfig
from labelwright.tasks.run_lengths import decode_counts
from tests.browser.answering import by_keyboard, by_mouse
from tests.browser.layout import at_rest
from tests.browser.test_page_task_types import config_of
from tests.browser.workplace import Workplace, workplace

SQUARE = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400'>"
    "<rect x='80' y='80' width='160' height='120' fill='teal'/></svg>"
)
HOSTILE = "<img src=x onerror='window.hit = 1'>"
LABELS = ["cat", HOSTILE]
# What every page shows has its own tests; here it is what is drawn on.
CANVAS = "application"


def images(*addresses: str) -> list[dict[str, Json]]:
    return [{"image": address} for address in addresses]


def asking(kind: str, **settings: Json) -> ProjectConfig:
    return config_of(("things", kind, {"labels": LABELS, **settings}), content_fields=("image",))


def canvas_of(page: Page) -> Locator:
    canvas = page.get_by_role(CANVAS)
    canvas.scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Whole image").last).to_be_visible()
    page.wait_for_function("() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    at_rest(canvas)
    return canvas


class Hand:
    """A mouse on an image; places are shares of it."""

    def __init__(self, page: Page, canvas: Locator) -> None:
        self.page, self.canvas = page, canvas

    def at(self, x: float, y: float) -> tuple[float, float]:
        # The bar with the page's keys lies over what is merely in view.
        self.canvas.evaluate("one => one.scrollIntoView({ block: 'center', behavior: 'instant' })")
        area = self.canvas.bounding_box()
        assert area is not None
        return area["x"] + area["width"] * x, area["y"] + area["height"] * y

    def drag(self, *places: tuple[float, float], steps: int = 4) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=steps)
        self.page.mouse.up()

    def click(self, *places: tuple[float, float]) -> None:
        for place in places:
            self.page.mouse.click(*self.at(*place))


def tab_to_canvas(page: Page, canvas: Locator) -> None:
    """Go to the image as people without a mouse do."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if canvas.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("no way by Tab to the image")


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def is_serious(problem: str) -> bool:
    # Where it stands: what the whole page has to answer for is asked of it elsewhere.
    return "region" not in problem.split(":", maxsplit=1)[0]


def only_value(place: Workplace) -> list[dict[str, Any]]:
    ((_, value),) = place.answers()
    return cast("list[dict[str, Any]]", value)


# ---------------------------------------------------------------- looking


def test_an_image_is_zoomed_panned_and_lit_by_keys_by_wheel_and_by_buttons(page: Page, tmp_path: Path) -> None:
    config = config_of(("kind", "classification", {"labels": ["cat", "dog"]}), content_fields=("image",))
    with workplace(tmp_path, images(SQUARE), config=config, blind=True) as place:
        place.enter(page)
        viewer = page.get_by_role("group", name="image, image")
        picture = viewer.get_by_role("img", name="image")
        expect(picture).to_be_visible()
        zoom = page.get_by_label("Zoom", exact=True)
        viewer.focus()
        keys(page, "PageUp", "PageUp")
        expect(zoom).to_have_text("156 %")
        before = picture.evaluate("one => one.style.transform")
        keys(page, "ArrowRight")
        assert picture.evaluate("one => one.style.transform") != before
        keys(page, "Home")
        expect(zoom).to_have_text("100 %")
        viewer.hover()
        page.mouse.wheel(0, -300)
        expect(zoom).not_to_have_text("100 %")
        page.get_by_role("button", name="Whole image").click()
        expect(zoom).to_have_text("100 %")
        page.get_by_text("Light, contrast", exact=True).click()
        page.get_by_label("Brightness").focus()
        keys(page, "ArrowRight", "ArrowRight")
        assert "brightness(120%)" in picture.evaluate("one => one.style.filter")
        # The keys of the answers are still the page's.
        viewer.focus()
        keys(page, "1", "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert place.answers() == [("kind", "cat")]


def exif_rotated(page: Page) -> str:
    """A JPEG of 200 × 100 pixels whose camera was held upright: people see 100 × 200, red above and blue below."""
    made: str = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas");
          canvas.width = 200; canvas.height = 100;
          const pen = canvas.getContext("2d");
          pen.fillStyle = "#f00"; pen.fillRect(0, 0, 100, 100);
          pen.fillStyle = "#00f"; pen.fillRect(100, 0, 100, 100);
          return canvas.toDataURL("image/jpeg", 0.95);
        }"""
    )
    jpeg = base64.b64decode(made.split(",", 1)[1])
    # TIFF, big endian, one entry: 0x0112 orientation = 6, "turn right to see it".
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    body = b"Exif\x00\x00" + tiff
    segment = b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return "data:image/jpeg;base64," + base64.b64encode(jpeg[:2] + segment + jpeg[2:]).decode()


def test_places_are_those_of_the_upright_image_whatever_the_camera_wrote(page: Page, tmp_path: Path) -> None:
    photo = exif_rotated(page)
    with workplace(tmp_path, images(photo), config=asking("boxes"), blind=True) as place:
        place.enter(page)
        canvas = canvas_of(page)
        area = canvas.bounding_box()
        assert area is not None
        assert area["height"] == pytest.approx(2 * area["width"], rel=0.02), "it is shown as people see it"
        Hand(page, canvas).drag((0.2, 0.1), (0.8, 0.4))
        keys(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (box,) = only_value(place)
        assert [box[side] for side in ("x", "y", "width", "height")] == pytest.approx([0.2, 0.1, 0.6, 0.3], abs=0.02)


# ---------------------------------------------------------------- boxes


@by_keyboard("boxes")
def test_a_box_is_drawn_by_the_keyboard_alone_even_zoomed(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("boxes"), blind=True) as place:
        place.enter(page)
        canvas = canvas_of(page)
        tab_to_canvas(page, canvas)
        keys(page, "PageUp", "PageUp", "PageUp")
        # From the middle: 20 steps left and up, a corner, 10 right and 5 down, the other.
        keys(page, *["ArrowLeft"] * 20, *["ArrowUp"] * 20, "Space", *["ArrowRight"] * 10, *["ArrowDown"] * 5, "Space")
        keys(page, "Alt+ArrowRight", "Shift+ArrowRight", "Escape")
        keys(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        assert only_value(place) == [{"x": 0.301, "y": 0.3, "width": 0.11, "height": 0.05, "label": "cat"}]


def test_boxes_of_two_clicks_are_reshaped_by_their_sides_copied_and_listed(page: Page, tmp_path: Path) -> None:
    config = asking("boxes")
    with workplace(tmp_path, images(SQUARE, SQUARE + "<!-- -->"), config=config, blind=True) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        hand.click((0.1, 0.1), (0.3, 0.4))
        hand.drag((0.3, 0.25), (0.5, 0.25))  # its right side
        hand.drag((0.3, 0.3), (0.4, 0.3))  # the box itself
        listed = page.get_by_role("list", name="What is drawn")
        expect(listed.get_by_role("button", name="1. cat", exact=True)).to_be_visible()
        keys(page, "Escape", "2")
        hand.click((0.7, 0.7), (0.9, 0.9))
        expect(listed.get_by_role("button", name=f"2. {HOSTILE}", exact=True)).to_be_visible()
        listed.get_by_role("button", name="Remove 2.").click()
        expect(listed.get_by_role("listitem")).to_have_count(1)
        page.get_by_role("button", name="Hide all").click()
        page.get_by_role("button", name="Hide all").click()
        page.get_by_role("button", name="No fill").click()
        keys(page, "Escape")
        page.get_by_role("button", name="Submit", exact=False).last.click()
        expect(page.get_by_role("article", name="Item item-2")).to_be_visible()
        canvas = canvas_of(page)
        canvas.focus()
        keys(page, "Control+v", "Enter")
        expect(page.get_by_text("2 done")).to_be_visible()
        (_, first), (_, second) = place.answers()
        assert first == second
        (box,) = cast("list[dict[str, Any]]", first)
        assert [box[side] for side in ("x", "y", "width", "height")] == pytest.approx([0.2, 0.1, 0.4, 0.3], abs=0.015)
        assert page.evaluate("window.hit") is None


def test_a_box_is_turned_by_its_handle_and_by_keys(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("boxes", rotation=True), blind=True) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        hand.drag((0.3, 0.4), (0.7, 0.6))
        hand.drag((0.5, 0.35), (0.8, 0.5))  # from above the box to its right: a right angle
        keys(page, "8")  # 5 degrees more: labels have 1 and 2, then add, next, remove, nothing, left, right
        keys(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (box,) = only_value(place)
        assert box["rotation"] == pytest.approx(95, abs=2)
        assert box["aspect"] == 1.0


def test_two_fingers_zoom_and_do_not_draw(new_context: Callable[..., BrowserContext], tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("boxes"), blind=True) as place:
        page = new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True).new_page()
        place.enter(page)
        canvas = canvas_of(page)
        x, y = Hand(page, canvas).at(0.5, 0.5)
        fingers = page.context.new_cdp_session(page)

        def touch(kind: str, *places: tuple[float, float]) -> None:
            points = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(places)]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", (x - 20, y))
        touch("touchStart", (x - 20, y), (x + 20, y))
        for step in range(1, 6):
            touch("touchMove", (x - 20 - step * 8, y), (x + 20 + step * 8, y))
        touch("touchEnd")
        expect(page.get_by_label("Zoom", exact=True).last).not_to_have_text("100 %")
        expect(page.get_by_text("Nothing is drawn yet.")).to_be_visible()
        for button in page.get_by_role("article").get_by_role("button").all()[:4]:
            area = button.bounding_box()
            assert area is not None
            assert area["height"] >= 44


# ---------------------------------------------------------------- polygons


@by_keyboard("polygons")
def test_a_polygon_is_drawn_and_mended_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("polygons"), blind=True) as place:
        place.enter(page)
        canvas = canvas_of(page)
        tab_to_canvas(page, canvas)
        # From the middle: a corner, 10 right, a corner, 10 down, a corner; Enter closes and does not submit.
        keys(page, "Space", *["ArrowRight"] * 10, "Space", *["ArrowDown"] * 10, "Space")
        keys(page, "Space", "Backspace", "Enter")  # the same place twice is no corner; Backspace takes the third back
        expect(page.get_by_role("article").get_by_role("alert")).to_contain_text("at least three corners")
        keys(page, "Space", "Enter")
        # 1 and 2 are the labels, 3 the next polygon, 4 its next corner.
        keys(page, "4", "ArrowLeft", "Escape", "2", "Escape", "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (polygon,) = only_value(place)
        assert polygon == {"points": [[0.49, 0.5], [0.6, 0.5], [0.6, 0.6]], "label": HOSTILE}


@by_mouse("polygons")
def test_a_polygon_is_drawn_by_mouse_and_gets_one_corner_more(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("polygons"), blind=True) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        hand.click((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6), (0.2, 0.2))
        hand.drag((0.4, 0.2), (0.4, 0.1))  # the middle of the upper side
        hand.drag((0.6, 0.6), (0.1, 0.3))  # over the other sides: refused
        expect(page.get_by_role("article").get_by_role("alert")).to_contain_text("meets the side")
        hand.drag((0.6, 0.6), (0.7, 0.6))
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (polygon,) = only_value(place)
        drawn = [(0.2, 0.2), (0.4, 0.1), (0.6, 0.2), (0.7, 0.6), (0.2, 0.6)]
        assert [side for point in polygon["points"] for side in point] == pytest.approx(
            [side for point in drawn for side in point], abs=0.02
        )


# ---------------------------------------------------------------- keypoints

HANDS: dict[str, Json] = {"points": ["head", "left hand", HOSTILE], "skeleton": [["head", "left hand"]]}


@by_keyboard("keypoints")
def test_points_are_marked_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("keypoints", **HANDS), blind=True) as place:
        place.enter(page)
        canvas = canvas_of(page)
        tab_to_canvas(page, canvas)
        keys(page, "ArrowUp", "Space", *["ArrowLeft"] * 10, "Space")
        # 3 goes to the next point: from the third to the first, to the second; 4 says it is covered.
        keys(page, "3", "3", "4", "Shift+ArrowDown", "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (figure,) = only_value(place)
        assert figure == {
            "label": "cat",
            "points": {
                "head": {"x": 0.5, "y": 0.49, "visibility": 2},
                "left hand": {"x": 0.4, "y": 0.5, "visibility": 1},
                HOSTILE: {"x": 0, "y": 0, "visibility": 0},
            },
        }


@by_mouse("keypoints")
def test_points_are_marked_and_moved_by_mouse(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(SQUARE), config=asking("keypoints", **HANDS), blind=True) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        hand.click((0.5, 0.2), (0.3, 0.5), (0.7, 0.5))
        hand.drag((0.7, 0.5), (0.8, 0.6))
        page.get_by_role("button", name="begin another object").click()
        page.get_by_role("button", name=HOSTILE).first.click()
        page.get_by_role("combobox", name="Point").select_option("left hand")
        hand.click((0.9, 0.1))
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        first, second = sorted(only_value(place), key=lambda one: one["label"], reverse=True)
        assert [first["points"][HOSTILE][side] for side in "xy"] == pytest.approx([0.8, 0.6], abs=0.01)
        assert second["label"] == HOSTILE
        assert [point["visibility"] for point in second["points"].values()] == [0, 2, 0]


# ---------------------------------------------------------------- masks

PHOTO = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='200' height='100'/>"


def painted(region: dict[str, Any]) -> list[tuple[int, int]]:
    """Give the pixels that a region paints, as (x, y)."""
    height = region["size"][0]
    pixels: list[tuple[int, int]] = []
    at = 0
    for place, count in enumerate(decode_counts(region["counts"])):
        pixels += [divmod(pixel, height) for pixel in range(at, at + count)] if place % 2 else []
        at += count
    return pixels


@by_mouse("masks")
def test_regions_are_painted_erased_and_taken_back_by_mouse(page: Page, tmp_path: Path) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    with workplace(tmp_path, images(PHOTO), config=asking("masks"), blind=True) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        hand.drag((0.2, 0.5), (0.6, 0.5), steps=8)
        listed = page.get_by_role("list", name="What is drawn").get_by_role("listitem")
        expect(listed).to_have_count(1)
        hand.drag((0.4, 0.1), (0.4, 0.9))
        page.get_by_role("button", name="take back the last stroke").click()
        page.get_by_role("button", name="begin another region").click()
        page.get_by_role("button", name=HOSTILE).first.click()
        hand.drag((0.8, 0.2), (0.8, 0.8))
        expect(listed).to_have_count(2)
        page.get_by_role("button", name="brush or eraser").click()
        hand.drag((0.7, 0.6), (0.9, 0.6))
        expect(page.get_by_text("draft kept")).to_be_visible()
        page.reload()  # the regions come back from their text
        expect(listed).to_have_count(2)
        canvas_of(page)
        page.get_by_role("button", name="Submit").last.click()
        expect(page.get_by_text("✓ saved")).to_be_visible()
        cat, other = sorted(only_value(place), key=lambda one: one["label"] == HOSTILE)
        assert cat["size"] == other["size"] == [100, 200]
        xs, ys = zip(*painted(cat), strict=True)
        # A stroke of 40 to 120 at the height of 50, with a brush of 6.
        assert (min(xs), max(xs), min(ys), max(ys)) == pytest.approx((37, 122, 47, 52), abs=2)
        assert len(xs) == pytest.approx(80 * 6 + 28, rel=0.1)
        assert not [y for x, y in painted(other) if 59 < y < 61], "the eraser went across it"
        assert not [text for text in told if "Content Security Policy" in text]


@by_keyboard("masks")
def test_a_region_is_painted_by_the_keyboard_alone(page: Page, tmp_path: Path) -> None:
    with workplace(tmp_path, images(PHOTO), config=asking("masks"), blind=True) as place:
        place.enter(page)
        canvas = canvas_of(page)
        tab_to_canvas(page, canvas)
        keys(page, "2", "]", "ArrowLeft", *["Shift+ArrowRight"] * 10, "Space")
        expect(page.get_by_role("list", name="What is drawn").get_by_role("listitem")).to_have_count(1)
        page.wait_for_timeout(300)
        keys(page, "Enter")
        expect(page.get_by_text("✓ saved")).to_be_visible()
        (region,) = only_value(place)
        assert region["label"] == HOSTILE
        xs, ys = zip(*painted(region), strict=True)
        # From 98 to 118 at 50, with a brush of 7.5.
        assert (min(xs), max(xs), min(ys), max(ys)) == pytest.approx((94, 121, 46, 53), abs=1)


@pytest.mark.parametrize("kind", ["boxes", "polygons", "keypoints", "masks"])
def test_nothing_serious_stands_in_the_way_and_no_label_runs(
    kind: str,
    page: Page,
    tmp_path: Path,
    accessibility_problems: Callable[[Page], Sequence[str]],
) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    with workplace(
        tmp_path, images(SQUARE), config=asking(kind, **(HANDS if kind == "keypoints" else {})), blind=True
    ) as place:
        place.enter(page)
        hand = Hand(page, canvas_of(page))
        keys(page, "2")
        if kind in ("boxes", "masks"):
            hand.drag((0.2, 0.2), (0.5, 0.5))
        else:
            hand.click((0.2, 0.2), (0.6, 0.2), (0.6, 0.6))
            if kind == "polygons":
                keys(page, "Enter")
        expect(page.get_by_role("article")).to_contain_text("onerror")
        assert [one for one in accessibility_problems(page) if is_serious(one)] == []
        assert page.evaluate("window.hit") is None
        assert not [text for text in told if "Content Security Policy" in text]
