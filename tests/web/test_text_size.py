"""Letters of twice the size, as set in a browser: nothing is cut off, and nothing lies on its neighbour."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import chromium_with, enter, person, signed_in
from tests.web.looking import HEIGHTS
from tickets.models import Ticket

OVERLAPPING = """
    () => [...document.querySelectorAll("#list tr[data-row]")].flatMap((row) => {
      const leaves = [...row.querySelectorAll("td :not(:has(*), .vh)")].filter((el) => el.innerText);
      const boxes = leaves.map((el) => [el.innerText, el.getBoundingClientRect()]).filter(([, box]) => box.width);
      return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)
        .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([other]) => `${one} and ${other}`));
    })"""  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_with("--blink-settings=defaultFontSize=32") as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
def test_the_desk_reads_in_letters_of_twice_the_size(
    live_server: LiveServer, browser: Browser, ticket: Ticket, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": HEIGHTS[width]})
    enter(page, live_server.url, signed_in(person("admin", "admin"), language="ru"))
    for place in ("/desk/", f"/desk/tickets/{ticket.number}/", "/setup/people/", "/setup/privacy/"):
        page.goto(live_server.url + place)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{place}: wider than the window by {over} px"
        assert page.evaluate(OVERLAPPING) == []
    page.context.clear_cookies()
    for place in ("/", "/request/", "/status/", "/desk/login/", "/panel/login/"):
        page.goto(live_server.url + place)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, f"{place}: wider than the window by {over} px"


def test_where_a_page_changes_its_columns_is_measured_in_letters() -> None:
    """With pixels a window full of large letters would keep the columns that were made for small ones."""
    for sheet in Path(settings.BASE_DIR, "static").rglob("*.css"):
        conditions = re.findall(r"@(?:media|container)[^{]*", sheet.read_text())
        assert not [each for each in conditions if "px" in each], sheet.name
