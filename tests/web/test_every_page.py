"""Every page there is, walked by somebody who may see it: axe finds nothing, and nothing is wider than the window.

At 320 px, which is a window of 1280 px at four times its size, only the width is looked at (WCAG 1.4.10).

What a page looks like after a mistake, or with a menu open, is for the test of that page.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from channels_app.models import Channel, Visit
from core.clock import now as read_clock
from customers.models import Account, Contact, ContactRole
from customers.services.confidential import Confidential, write
from customers.services.signing_in import link_to_begin
from ops.models import DemoMail
from privacy.models import Destruction
from staff.services import people
from tests import cast, visitors
from tests.cast import ANNA, NOW, letter, origin, vouched
from tests.proofs import a_decision
from tests.tickets.trust import ADMINISTRATIVE, mailed
from tests.web.conftest import PASSWORD, enter, signed_in
from tests.web.looking import UNBROKEN, looks
from tests.web.test_quarantine import quarantined
from tests.web.walking import pages
from tickets.enums import Direction, NumberSource
from tickets.models import AskList, CustomField, Message, Tag, Ticket
from tickets.services import calls, drafts
from tickets.services.critical import acting, proving
from tickets.services.drafts import Basis, Writing
from tickets.services.intake import receive
from users.models import User

JUDGED_BY_BROWSER = """[...document.forms].filter((form) => !form.noValidate && [...form.elements].some((field) =>
    field.matches("select, textarea, input:not([type=hidden])"))).map((form) => form.outerHTML.slice(0, 200))"""
VIEWS = [(390, "dark"), (1440, "light")]
VISITORS = {
    "start", "request", "request_sent", "request_terms", "request_link", "status", "status_visit", "confirm",
    "desk:login", "desk:code", "desk:invitation", "panel:login", "panel:code", "panel:beginning", "panel:sso",
    "too_large", "api:docs", "demo-mailbox", "demo-mail",
}  # fmt: skip
CUSTOMERS = {"home", "people", "me", "decision", "new", "ticket"}
AGENTS = {
    "queue", "merging", "views", "mail", "search", "notifications", "lists", "quarantine", "secret", "me", "calls",
    "new_call", "call", "new_ticket", "ticket", "trust", "evidence", "sorting", "colleague_draft",
}  # fmt: skip
FACTORS = {"factors", "proof"}
ADMINISTRATORS = {
    "index", "look", "people", "people_invitation", "people_person", "people_recovery", "people_code_app", "import",
    "import_run", "export", "privacy", "privacy_destruction", "mailboxes", "mailboxes_new", "mailboxes_edit", "relay",
    "teams", "teams_new", "teams_team", "teams_queue_new", "teams_queue", "actions", "actions_action", "tags",
    "tags_new", "tags_tag", "fields", "fields_new", "fields_field", "mail", "api", "api_new", "api_key_new", "texts",
    "texts_edit", "ask_lists", "ask_lists_new", "ask_lists_list",
}  # fmt: skip
NOT_WALKED = {
    "alive": "a word for machines", "deep": "JSON", "ready": "JSON", "metrics": "figures for machines",
    "api:schema": "JSON", "request_work": "JSON", "look_colours": "a style sheet", "look_logo": "a picture",
    "desk:file": "a download", "desk:inline_image": "a picture", "desk:letter": "mail as it came, in a frame",
    "desk:news": "JSON", "desk:colleagues": "JSON",
    "demo-mail-html": "mail as it came, in a frame", "panel:file": "a download", "status_file": "a download",
    "setup:import_report": "a download",
}  # fmt: skip


NOT_WALKED |= {
    f"{realm}:{name}": "behind a proof by a factor: walked by tests/web/test_passkeys_looks.py"
    for realm in ("desk", "panel")
    for name in ("app", "passkey", "codes", "factor_removal", "door")
}


def named(prefix: str, names: set[str]) -> set[str]:
    return {f"{prefix}:{name}" for name in names}


WALKED = {
    "visitor": VISITORS,
    "customer": named("panel", CUSTOMERS | FACTORS),
    "agent": named("desk", AGENTS | FACTORS),
    "administrator": named("setup", ADMINISTRATORS),
}


def test_no_page_is_forgotten():
    found = {
        name for name in pages(get_resolver()) if not name.startswith("api:") or name in ("api:schema", "api:docs")
    }
    assert found == set.union(*WALKED.values()) | NOT_WALKED.keys()


@dataclass
class Walk:
    """Where somebody goes: what stands in the address, and whose browser it is where it is another's."""

    whose: Client
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    others: dict[str, Client] = field(default_factory=dict)


@pytest.fixture
def _anna(_desk: None) -> None:
    """The owner of an account with an administrative address, who signs in to the panel."""
    contact, one = Contact.objects.get(given_name="Анна"), Account.objects.get()
    contact.user = User.objects.create_user(ANNA, PASSWORD)
    contact.save()
    ContactRole.objects.create(account=one, contact=contact, role="owner")
    write({one.pk: Confidential("", ADMINISTRATIVE, NOW - timedelta(days=60))})


def heard(text: str = "Помогите") -> Ticket:
    done = receive(letter(subject=UNBROKEN, text=text, facts=vouched(ANNA)), origin=origin(text[:30]), now=NOW)
    return Ticket.objects.get(pk=done.ticket_id)


def half_in(realm: str, user: User) -> Client:
    """Before the second factor."""
    TOTPDevice.objects.create(user=user, name="phone", confirmed=True)
    client = Client()
    client.post(f"/{realm}/login/", {"login": user.email, "password": PASSWORD})
    return client


def visitor(settings: Any) -> Walk:
    agent, newcomer = cast.person("agent1", "agent", "first-line"), cast.person("newcomer", "agent").user
    action = acting.request(heard().number, "password_reset", {"login": "annahost"}, by=agent.actor(), now=read_clock())
    proving.ask_by_mail(action.public_id, by=agent.actor(), now=read_clock())
    visitors.door()
    client = visitors.visitor()
    assert client.post(visitors.FORM, visitors.form()).status_code == 302
    client.post(visitors.STATUS, {"number": Ticket.objects.latest("id").number, "email": visitors.MALLORY})
    raw = f"From: {ANNA}\r\nSubject: hi\r\n\r\nhi".encode()
    mail = DemoMail.objects.create(mail_from=ANNA, rcpt_to=ANNA, subject="hi", raw=raw, received_at=NOW)
    settings.DEMO = False
    owner = User.objects.get(email=ANNA)
    User.objects.filter(pk=owner.pk).update(shows_factor=True)
    links = {"desk:invitation": people.invitation_link(newcomer), "panel:beginning": link_to_begin(owner)}
    return Walk(
        client,
        {
            "request_link": {"token": "A" * 43},
            "status_visit": {"visit": Visit.objects.get().public_id},
            "confirm": {"token": mailed()[0]},
            "demo-mail": {"pk": mail.pk},
            **{name: resolve(urlsplit(link).path).kwargs for name, link in links.items()},
        },
        {"panel:sso": "token=x"},
        {"desk:code": half_in("desk", agent.user), "panel:code": half_in("panel", owner)},
    )


def customer(settings: Any) -> Walk:
    client = Client()
    client.post("/panel/login/", {"login": ANNA, "password": PASSWORD})
    return Walk(
        client,
        {
            "panel:ticket": {"public_id": heard().public_id},
            "panel:decision": resolve(a_decision()).kwargs,
        },
        {"panel:proof": "next=/panel/me/factors/app/"},
    )


def agent(settings: Any) -> Walk:
    profile, lead = cast.person("agent1", "agent", "first-line"), cast.actor("lead", "lead", "first-line")
    ticket = heard("Логин annahost, пароль: Qw3rty-Анна!7")
    proving.ask_by_mail(
        acting.request(ticket.number, "password_reset", {"login": "annahost"}, by=lead, now=read_clock()).public_id,
        by=lead,
        now=read_clock(),
    )
    draft = drafts.save(ticket.number, by=lead, mode="reply", writing=Writing("Hello"), basis=Basis(), now=NOW)
    said = calls.NewCall(
        request_id=uuid4(), direction=Direction.INBOUND, number="+7 921 555-01-38", number_source=NumberSource.SHOWN,
        caller=None, caller_name="Anna", subject="Help", words="Help", language="ru",
    )  # fmt: skip
    call = calls.register(said, by=profile.actor(), now=NOW)
    quarantined("Счёт")
    number = {"number": ticket.number}
    return Walk(
        signed_in(profile.user.email),
        {
            **dict.fromkeys(("desk:ticket", "desk:trust", "desk:evidence", "desk:sorting"), number),
            "desk:secret": {"public_id": Message.objects.get(ticket=ticket, author="requester").public_id, "place": 1},
            "desk:colleague_draft": number | {"draft_id": draft},
            "desk:call": {"number": call.number},
        },
        {
            "desk:proof": "next=/desk/me/factors/app/",
            "desk:merging": f"ticket={ticket.number}&ticket={heard('2').number}",
        },
    )


def administrator(settings: Any) -> Walk:
    colleague = {"staff_id": cast.person("agent1", "agent", "first-line").pk}
    user = cast.person("admin", "admin").user
    client = signed_in(user.email)
    TOTPDevice.objects.create(user=user, name="phone", confirmed=True)
    Channel.objects.create(slug="support", address="support@example.com", queue_slug="hosting", name="Support")
    file = SimpleUploadedFile("clients.csv", b"login;name\nboris;Boris\n")
    run = client.post("/setup/import/files", {"kind": "accounts", "file": file})
    act = Destruction.objects.create(
        at=NOW, by="staff:1", by_name="Lead", reason="Asked", counts={"tickets": 1}, tickets=["1"]
    )
    fields = CustomField.objects.create(name_ru="ОС", name_en="System", kind="text")
    asks = AskList.objects.create(name_ru="Сайт", name_en="Site", lines_ru="Адрес", lines_en="Address")
    return Walk(
        client,
        {
            **dict.fromkeys(("setup:people_person", "setup:people_recovery", "setup:people_code_app"), colleague),
            "setup:import_run": resolve(run["Location"]).kwargs,
            "setup:privacy_destruction": {"number": act.pk},
            "setup:mailboxes_edit": {"slug": "support"},
            "setup:teams_team": {"slug": "first-line"},
            "setup:teams_queue": {"slug": "hosting"},
            "setup:actions_action": {"code": "password_reset"},
            "setup:tags_tag": {"tag_id": Tag.objects.create(name="Urgent", colour="a").pk},
            "setup:fields_field": {"field_id": fields.pk},
            "setup:ask_lists_list": {"list_id": asks.pk},
            "setup:texts_edit": {"name": "auto_reply", "language": "ru"},
        },
    )


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("who", "language"), [(visitor, "en"), (customer, "ru"), (agent, "ru"), (administrator, "en")])
def test_walked(browser: Browser, live_server: LiveServer, settings: Any, _anna: None, who: Any, language: str):
    settings.SITE_URL = live_server.url
    walk, faults, entered = who(settings), [], None
    page = browser.new_page(locale=language, reduced_motion="reduce")
    for name in sorted(WALKED[who.__name__]):
        if (whose := walk.others.get(name, walk.whose)) is not entered:  # a proof on the way changes the cookie
            enter(page, live_server.url, whose)
            entered = whose
        page.goto(f"{live_server.url}{reverse(name, kwargs=walk.places.get(name))}?{walk.queries.get(name, '')}")
        if (stands := name_of(page)).endswith(":proof") and stands != name:
            TOTPDevice.objects.update(last_t=-1)
            page.fill("#code", f"{totp(TOTPDevice.objects.get().bin_key):06d}")
            page.press("#code", "Enter")
            page.wait_for_url(lambda url: "/proof/" not in url)
        assert name_of(page) == name
        try:
            looks(page, VIEWS, name)
            page.set_viewport_size({"width": 320, "height": 568})
            assert page.evaluate(JUDGED_BY_BROWSER) == [], f"{name}: the browser would complain in its own words"
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{name}: {over} px are out of a window of 320 px"
        except AssertionError as fault:
            faults.append(str(fault))
    assert not faults, "\n".join(faults)


def name_of(page: Page) -> str:
    return resolve(urlsplit(page.url).path).view_name


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_refusals(browser: Browser, live_server: LiveServer):
    """Pages that stand at no address of their own."""
    forbidden = signed_in(cast.person("agent1", "agent", "first-line").user.email).get("/setup/")
    forged = Client(enforce_csrf_checks=True).post("/desk/login/", {})
    missing = Client().get("/nowhere/")
    assert [answer.status_code for answer in (forbidden, forged, missing)] == [403, 403, 404]
    page = browser.new_page(reduced_motion="reduce")
    bodies = [*(answer.content.decode() for answer in (forbidden, forged, missing)), render_to_string("500.html")]
    page.route("**/shown/", lambda route: route.fulfill(body=bodies[0], content_type="text/html"))
    while bodies:
        page.goto(f"{live_server.url}/shown/")
        looks(page, VIEWS, bodies.pop(0)[:300])
