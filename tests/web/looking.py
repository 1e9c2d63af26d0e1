"""Axe over a page, and whether it is wider than the window, in the views it is looked at."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HEIGHTS = {1440: 900, 1024: 768, 390: 844}
ALL = [(width, theme) for width in HEIGHTS for theme in ("light", "dark")]
UNBROKEN = "https://example.com/" + "a" * 300
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAULTS = "(options) => axe.run(options).then(({ violations }) => violations)"


def opposite(width: int, theme: str) -> tuple[int, str]:
    return (1440 if width == 390 else 390), ("light" if theme == "dark" else "dark")


def check(page: Page, what: str) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over <= 0, f"{what}: wider than the window by {over} px"
    if not page.evaluate("'axe' in window"):  # half a megabyte, read once a page
        page.evaluate(Axe().axe_script)
    faults = [
        f"{fault['id']}: {fault['help']}\n    " + "\n    ".join(node["html"][:200] for node in fault["nodes"])
        for fault in page.evaluate(FAULTS, {"resultTypes": ["violations"], "runOnly": RULES})
    ]
    assert not faults, "\n".join([what, *faults])


def looks(page: Page, views: list[tuple[int, str]], what: str) -> None:
    for width, theme in views:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        check(page, f"{what}, {width} px, {theme}")
