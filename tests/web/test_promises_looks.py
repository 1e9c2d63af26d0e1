"""Promises and the customer's checklist are clean for axe at the desk and in the panel, and fit the window."""

from datetime import timedelta

import pytest

from core.clock import now as read_clock
from customers.models import Account, Contact, ContactRole
from tests import cast
from tests.cast import ANNA
from tests.web.conftest import PASSWORD, sign_in_with
from tests.web.looking import UNBROKEN, looks
from tickets.models import Promise, Ticket
from tickets.services import conversation, promises
from tickets.services.promises import Promised
from users.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def owed(ticket: Ticket) -> Ticket:
    """One promise of each state, and a list with one of each kind."""
    contact = Contact.objects.get(given_name="Анна")
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=Account.objects.get(login="annahost"), contact=contact, role="owner")
    agent, now = cast.actor("agent1", "agent", "first-line"), read_clock() - timedelta(minutes=5)
    due_at = now + timedelta(hours=3)
    made = [
        promises.make(ticket.number, Promised(due_at, words), by=agent, now=now)
        for words in ("Заменим диск", "Позвоним", UNBROKEN[:280], "Вернём деньги", "")
    ]
    Promise.objects.filter(pk=made[3].pk).update(due_at=now - timedelta(hours=1))
    promises.withdraw(ticket.number, str(made[0].public_id), reason=UNBROKEN[:280], instead=due_at, by=agent, now=now)
    promises.keep(ticket.number, str(made[1].public_id), by=agent, now=now)
    asks = f"{UNBROKEN[:280]}\nСнимок экрана [файл]\nОтключите модуль [сделать]"
    conversation.reply(ticket.number, by=agent, text="Нужны данные", asks=asks, now=now)
    return ticket


@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_at_the_desk(browser, live_server, owed, language):
    page = browser.new_page(locale=language, reduced_motion="reduce")
    sign_in_with(page, live_server.url, "agent1")
    looks(page, LOOKS, f"list, {language}")
    page.goto(f"{live_server.url}/desk/tickets/{owed.number}/")
    for part in page.locator("#promises details.disc, #checklist details.disc, #reply .composer__bar details").all():
        part.evaluate("each => { each.open = true; }")
    looks(page, LOOKS, f"ticket, {language}")
    page.click("[data-pane-set=b]")
    looks(page, LOOKS, f"beside the ticket, {language}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}/desk/tickets/{owed.number}/")
    page.keyboard.press("b")
    page.wait_for_selector("#promise-due:focus")
    page.fill("#promise-words", "Now")
    page.press("#promise-words", "Enter")
    page.wait_for_selector("#promise-due-e")
    assert page.input_value("#promise-words") == "Now"
    looks(page, LOOKS, f"promise refused, {language}")
    page.goto(f"{live_server.url}/desk/tickets/{owed.number}/")
    page.keyboard.press("s")
    page.click("#head [name=status][value=resolved]")
    page.wait_for_selector("#closing")
    looks(page, LOOKS, f"done with promises, {language}")


@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_in_the_panel(browser, live_server, owed, language):
    page = browser.new_page(locale=language, reduced_motion="reduce")
    page.goto(f"{live_server.url}/panel/")
    page.fill("[name=login]", ANNA)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".need")
    looks(page, LOOKS, f"first page, {language}")
    page.goto(f"{live_server.url}/panel/tickets/{owed.public_id}/")
    looks(page, LOOKS, f"ticket, {language}")
    page.fill("#checklist textarea", "x" * 1999)
    page.evaluate("document.querySelector('#checklist textarea').maxLength = 9999")
    page.fill("#checklist textarea", "x" * 2001)
    page.click("#reply .btn--primary")
    page.wait_for_selector("#text-e")
    looks(page, LOOKS, f"refused, {language}")
