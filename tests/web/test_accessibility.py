"""Every page of the desk for people with other eyes and hands: axe finds nothing, and nothing is wider than the window.

Each page is loaded once and looked at in both themes, wide and narrow; in all four pairs by `manage.py test --full`.
"""

from dataclasses import replace

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.live_server_helper import LiveServer

from channels_app import refusals
from events import worker
from events.models import Delivery
from ops.models import DemoMail
from staff.actor import Actor
from tests import cast
from tests.cast import ANNA, MALLORY, NOW, letter, origin, vouched
from tests.web.conftest import PASSWORD, sign_in_with
from tests.web.looking import UNBROKEN, looks
from tests.web.test_quarantine import quarantined
from tickets.contracts import Address, Attachment
from tickets.models import Message, OutboundCopy, Ticket
from tickets.services import assignment, conversation, drafts, side_letters
from tickets.services import search as index
from tickets.services.drafts import Basis, Writing
from tickets.services.intake import receive
from tickets.services.side_letters import SideEnvelope

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy_ticket(agent_actor: Actor) -> Ticket:
    """A conversation with one of everything that a page can show."""
    files = (
        Attachment("a.png", "image/png", b"\x89PNG\r\n\x1a\n0"),
        Attachment("счёт.pdf", "application/pdf", b"%PDF"),
    )
    opened = receive(
        letter(html="<p>Hello</p>", quoted_text="> earlier", attachments=files, text=UNBROKEN, facts=vouched(ANNA)),
        origin=origin(),
        now=NOW,
    )
    ticket = Ticket.objects.get(pk=opened.ticket_id)
    number = f"{ticket.number[:3]}-{ticket.number[3:6]}-{ticket.number[6:]}"
    stranger = letter(sender=MALLORY, subject=f"Re: [HD-{number}]", message_id="s@x")
    receive(stranger, origin=replace(origin(), raw_id=""), now=NOW)
    assignment.claim(ticket.number, by=agent_actor, now=NOW)
    conversation.add_note(ticket.number, by=agent_actor, text="Only us", upload_ids=[], now=NOW)
    conversation.reply(ticket.number, by=agent_actor, text="We are on it", upload_ids=[], now=NOW)
    OutboundCopy.objects.update(status="failed", code="550", detail="No such user")
    return ticket


def test_signing_in(page, live_server: LiveServer, views):
    page.goto(f"{live_server.url}/desk/login/")
    page.fill("#login", "nobody")
    page.fill("#password", "wrong")
    page.press("#password", "Enter")
    page.wait_for_selector("[role=alert]")
    looks(page, views(390, "dark"), "sign-in with an error")


def test_the_code(page, live_server: LiveServer, views, settings, agent_actor):
    settings.DEMO = False
    device = TOTPDevice.objects.create(user=cast.person("lead", "lead").user, name="phone", confirmed=True)
    page.goto(f"{live_server.url}/desk/login/")
    page.fill("#login", "lead")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.fill("#otp", "000000")
    page.press("#otp", "Enter")
    page.wait_for_selector("[role=alert]")
    looks(page, views(1024, "light"), "code with an error")
    device.refresh_from_db()
    device.throttle_reset()
    page.fill("#otp", f"{totp(device.bin_key):06d}")
    page.press("#otp", "Enter")
    page.wait_for_selector("#list")


def test_the_queue(page, live_server: LiveServer, views, busy_ticket):
    sign_in_with(page, live_server.url, "agent1")
    looks(page, views(1440, "light"), "queue")
    page.click(".filters summary")
    looks(page, views(390, "dark"), "queue, its filter")
    page.goto(f"{live_server.url}/desk/?view=mine&status=closed")
    looks(page, views(390, "dark"), "queue, empty")


def test_the_ticket(page, live_server: LiveServer, views, busy_ticket):
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/tickets/{busy_ticket.number}/")
    page.wait_for_load_state("networkidle")
    looks(page, views(390, "light"), "ticket")
    page.click("[data-pane-set=b]")
    looks(page, views(390, "dark"), "ticket, its customer and access")
    page.click("[data-pane-set=a]")
    page.keyboard.press("KeyN")
    page.click("details.menu[data-key=KeyS] summary")
    looks(page, views(1024, "light"), "ticket, note and menu")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.click("[data-open=keys]")
    looks(page, views(1440, "light"), "keys")


def test_colleagues_at_a_ticket(page, live_server: LiveServer, views, busy_ticket, agent_actor):
    lead = cast.actor("lead", "lead")
    cast.actor("agent2", "agent", "specialists")
    conversation.add_note(busy_ticket.number, by=lead, text="@Agent1, and @Agent2, and @Lead", now=NOW)
    sign_in_with(page, live_server.url, "agent1")
    glimpse = {
        "topic": f"ticket:{busy_ticket.pk}",
        "tab": "1",
        "who": lead.staff_id,
        "name": "Lead " * 20,
        "doing": "views",
    }
    page.evaluate("(detail) => { document.dispatchEvent(new CustomEvent('desk:glimpse', { detail })); }", glimpse)
    page.wait_for_selector("[data-row] [data-glimpse]")
    looks(page, views(1024, "light"), "queue with somebody at a ticket")
    page.goto(f"{live_server.url}/desk/tickets/{busy_ticket.number}/")
    page.evaluate(
        """() => { document.querySelector('template[data-assignee]').dataset.assignee = 'Lead';
        delete document.querySelector('template[data-assignee]').dataset.mine;
        document.dispatchEvent(new CustomEvent('desk:refreshed', { detail: new Set() })); }"""
    )
    page.wait_for_selector("[data-taken]:not([hidden])")
    page.click("details.menu:has(.followers) summary")
    looks(page, views(1440, "light"), "followers, and who has taken it")
    page.click("details.menu:has(.followers) summary")
    page.keyboard.press("Escape")
    page.keyboard.press("KeyN")
    page.keyboard.type("@")
    page.wait_for_selector("#calls [role=option]")
    looks(page, views(390, "dark"), "names to choose from")


def test_the_search(page, live_server: LiveServer, views, busy_ticket):
    index.index_all()
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/search/?q=earlier+HELLO+hello")
    looks(page, views(390, "dark"), "search, nothing found")
    page.goto(f"{live_server.url}/desk/search/?q=annahost")
    page.wait_for_selector(".found__rows")
    page.click(".filters summary")
    looks(page, views(1440, "light"), "search with its filter")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+KeyK")
    page.keyboard.type("annahost")
    page.wait_for_selector("#cmd-t1")
    looks(page, views(390, "light"), "palette")


def test_the_quarantine(page, live_server: LiveServer, views, agent_actor):
    quarantined("Счёт")
    quarantined(UNBROKEN, "dmarc_fail")
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/quarantine/")
    looks(page, views(390, "light"), "quarantine")


def test_the_saved_lists(page, live_server: LiveServer, views, busy_ticket):
    cast.person("lead", "lead")
    sign_in_with(page, live_server.url, "lead")
    page.goto(f"{live_server.url}/desk/?view=all&door=email")
    page.click(".filters summary:has-text('Сохранить список')")
    looks(page, views(1440, "dark"), "saving a list")
    page.fill("[name=name]", UNBROKEN[:60])
    page.check("[name=is_shared]")
    page.press("[name=name]", "Enter")
    page.wait_for_selector(".toast")
    looks(page, views(390, "light"), "a saved list")
    page.goto(f"{live_server.url}/desk/views/")
    looks(page, views(390, "dark"), "saved lists")


def test_the_notifications(page, live_server: LiveServer, views, busy_ticket):
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/notifications/")
    conversation.add_note(busy_ticket.number, by=cast.actor("lead", "lead"), text="Look", upload_ids=[], now=NOW)
    Delivery.objects.exclude(subscriber="notifications").delete()
    worker.drain()
    page.reload()
    page.wait_for_selector("[data-bell-count]:has-text('1')")
    looks(page, views(1440, "dark"), "notifications")
    page.click("text=Всё просмотрено")
    page.wait_for_selector(".told__one:not(.is-unseen)")


def test_the_mail_that_came(page, live_server: LiveServer, views, busy_ticket):
    quarantined(UNBROKEN, "dmarc_fail")
    raw = quarantined(busy_ticket.subject)
    raw.state, raw.repeats, raw.repeated_at = "filed", 2, NOW
    raw.save()
    Message.objects.filter(ticket=busy_ticket, author="requester").update(raw_id=str(raw.public_id))
    refusals.note("no_mailbox", sender=f"{'x' * 200}@y.example", recipient="a@b.example", client_ip="::1", now=NOW)
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/mail/")
    looks(page, views(390, "light"), "mail that came")
    page.goto(f"{live_server.url}/desk/mail/?sender=no")
    looks(page, views(1440, "dark"), "mail that came, with an error")


def test_the_demo_mailbox(page, live_server: LiveServer, views):
    mail = DemoMail.objects.create(
        mail_from="support@example.com",
        rcpt_to=ANNA,
        subject="Re: " + UNBROKEN,
        raw=f"From: support@example.com\r\nTo: {ANNA}\r\nSubject: hi\r\n\r\n{UNBROKEN}".encode(),
        received_at=NOW,
    )
    page.goto(f"{live_server.url}/demo/mailbox/")
    looks(page, views(390, "dark"), "demo mailbox")
    page.goto(f"{live_server.url}/demo/mailbox/{mail.pk}/")
    looks(page, views(390, "light"), "demo mail")


def test_writing(page, live_server: LiveServer, views, busy_ticket, agent_actor):
    envelope = SideEnvelope(Address("noc@upstream.example"), "Outage?")
    side_letters.send(busy_ticket.number, by=agent_actor, text=UNBROKEN, envelope=envelope, now=NOW)
    lead = cast.actor("lead", "lead", "first-line")
    drafts.save(busy_ticket.number, by=lead, mode="reply", writing=Writing(UNBROKEN), basis=Basis(), now=NOW)
    sign_in_with(page, live_server.url, "agent1")
    page.goto(f"{live_server.url}/desk/tickets/{busy_ticket.number}/?mode=side")
    looks(page, views(390, "dark"), "side letter")
    page.goto(f"{live_server.url}/desk/tickets/new/?to=annahost")
    looks(page, views(390, "light"), "new ticket")
