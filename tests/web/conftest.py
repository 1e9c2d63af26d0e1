import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from staff.actor import Actor
from tests import cast
from tests.cast import ANNA, NOW, anna, desk, letter, origin, vouched
from tests.ops.running import until
from tests.web.looking import ALL, opposite
from tickets.models import Ticket
from tickets.services.intake import receive

PASSWORD = "demo-helpdesk"


def person(login: str, role: str, *teams: str) -> str:
    """The address somebody of the cast signs in with."""
    return cast.person(login, role, *teams).user.email


def signed_in(email: str, *, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    answer = client.post("/desk/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    cache.clear()
    desk()
    anna()


@pytest.fixture
def agent() -> Client:
    return signed_in(person("agent1", "agent", "first-line"))


@pytest.fixture
def ticket() -> Ticket:
    result = receive(letter(facts=vouched(ANNA)), origin=origin(), now=NOW)
    return Ticket.objects.get(pk=result.ticket_id)


def shows(answer: object, *texts: str) -> None:
    page = answer.content.decode()  # type: ignore[attr-defined]
    for text in texts:
        assert text in page, f"{text!r} is not on the page"


@contextmanager
def chromium_with(*switches: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs a loop in this thread
        args = ["--no-sandbox", *switches]
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM_PATH"], args=args)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with chromium_with() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Without any page or cookie of the story before."""
    yield chromium
    leave(chromium)


def leave(browser: Browser) -> None:
    for context in browser.contexts:
        context.close()


_AT_WORK = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
       AND pid <> pg_backend_pid() AND state <> 'idle' LIMIT 1"""


@pytest.fixture
def live_server(live_server: LiveServer, browser: Browser) -> Iterator[LiveServer]:
    """Left in peace before the tables are emptied: with a request still under way that may end in a deadlock."""
    yield live_server
    leave(browser)
    until(lambda: not _rows(_AT_WORK))


def _rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def enter(page: Page, url: str, client: Client) -> None:
    """The browser goes on as this client, whoever it was before."""
    page.context.clear_cookies()
    page.context.add_cookies([{"name": each.key, "value": each.value, "url": url} for each in client.cookies.values()])


def sign_in_with(page: Page, desk_url: str, login: str) -> None:
    enter(page, desk_url, signed_in(login))
    page.goto(f"{desk_url}/desk/")
    page.wait_for_selector("#list")


@pytest.fixture
def closed() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def agent_actor() -> Actor:
    return cast.actor("agent1", "agent", "first-line")


@pytest.fixture
def views(request: pytest.FixtureRequest) -> Callable[..., list[tuple[int, str]]]:
    """The view in which the test goes on comes last."""
    full = request.config.getoption("--full")
    return lambda width, theme: [*(ALL if full else [opposite(width, theme)]), (width, theme)]


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_page(locale="ru-RU", reduced_motion="reduce")


@pytest.fixture
def admin_page(page: Page, live_server: LiveServer) -> Page:
    enter(page, live_server.url, signed_in(person("admin", "admin"), language="ru"))
    page.goto(f"{live_server.url}/setup/mailboxes/new/")
    return page
