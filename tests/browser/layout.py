"""What a page looks like on a screen, as far as a test can tell, and when it has come to rest."""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, Page

# Three frames in which nothing moves: what is drawn in an effect, or when a size is known, comes a frame or two later.
_AT_REST = """async (one) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const box = () => JSON.stringify(one.getBoundingClientRect());
  for (let same = 0, before = ""; same < 3; before = box()) {
    await frame();
    same = box() === before ? same + 1 : 0;
  }
}"""
# What fades in or out has colours of its own. Some begins a frame after its cause; what never ends is not waited for.
_FADED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const ends = (one) => one.playState === "running" && one.effect.getComputedTiming().endTime < 20_000;
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await frame();
    if (document.getAnimations().some(ends)) {
      quiet = -1;
    }
  }
}"""


def fits(page: Page) -> None:
    """Wait until nothing sticks out sideways: after a new size the page is laid out anew a frame or two later.

    Raises playwright's TimeoutError where something does.
    """
    # Not innerWidth: on a phone that grows with what is too wide.
    page.wait_for_function(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth", timeout=10_000
    )


def at_rest(locator: Locator) -> FloatRect:
    """Wait until something stays where it is, and give its place and size."""
    locator.evaluate(_AT_REST)
    box = locator.bounding_box()
    assert box is not None
    return box


def faded(page: Page) -> None:
    """Wait until nothing on the page fades or moves by itself any more."""
    page.evaluate(_FADED)
