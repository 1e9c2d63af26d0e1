"""The pages of sorting and of the lists of senders are clean for axe, in both languages and themes."""

import pytest

from tests import cast
from tests.cast import ANNA, BORIS, MALLORY, NOW, letter, origin, vouched
from tests.web.conftest import sign_in_with
from tests.web.looking import looks
from tickets.enums import SenderList
from tickets.models import Ticket
from tickets.services import sender_lists
from tickets.services.intake import receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(1440, "light"), (390, "dark")]


def opened(sender: str, subject: str) -> str:
    done = receive(letter(sender, subject=subject, facts=vouched(sender)), origin=origin(subject[:30]), now=NOW)
    return Ticket.objects.get(pk=done.ticket_id).number


@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_sorting_and_lists(browser, live_server, language):
    numbers = [opened(ANNA, "Site down"), opened(ANNA, "Сайт лежит"), opened(BORIS, "https://example.com/" + "a" * 300)]
    lead = cast.actor("lead", "lead", "first-line")
    for which, sender in ((SenderList.BLOCK, MALLORY), (SenderList.ALLOW, "пример.рф")):
        sender_lists.add(which, sender, reason="шум " * 20, days=30, by=lead, now=NOW)
    page = browser.new_page(locale=language, reduced_motion="reduce")
    sign_in_with(page, live_server.url, "lead")
    for path in (
        "/desk/lists/",
        f"/desk/tickets/{numbers[0]}/sorting/",
        f"/desk/tickets/{numbers[0]}/sorting/?into={numbers[2]}",
        f"/desk/merging/?ticket={'&ticket='.join(numbers)}",
    ):
        page.goto(live_server.url + path)
        looks(page, LOOKS, f"{path}, {language}")
    page.goto(f"{live_server.url}/desk/lists/")
    page.fill("[name=sender]", "nobody")
    page.press("[name=sender]", "Enter")
    looks(page, LOOKS, f"lists, refused, {language}")
