"""What a person wrote goes for good, and all that is counted and proved stays."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from channels_app.models import Channel, Door, RawMessage, RawState
from channels_app.queries import mail_nowhere
from core import blobs
from customers.models import Account, Contact, ContactPoint, ContactRole
from customers.models.confidential import AccountConfidential
from events.bookkeeping import journals_broken
from events.models import Event
from events.verification import verify
from ops.recount import missing_files
from privacy.models import Destruction
from tests import cast
from tests.cast import NOW, letter, origin, vouched
from tests.web.conftest import person, shows, signed_in
from tests.web.looking import looks
from tickets.models import Attachment, Message, Note, SearchWord, SideConversation, SideLetter, Ticket
from tickets.queries import books
from tickets.services import search
from tickets.services.intake import receive
from users.models import User

WORD = "кракозябра"
PERSON = "mallow@somewhere.example"
OTHER = "other@elsewhere.example"
SHARED, OWN = b"the same picture", b"only hers"
REASON = "Request no. 7 of 25.11.2026"


def told(sender: str, word: str, content: bytes) -> Ticket:
    bytes_of_mail = f"From: {sender}\r\n\r\n{word}\r\n".encode() + content
    raw = RawMessage.objects.create(
        channel=Channel.objects.order_by("id").first(),
        door=Door.SMTP,
        envelope_from=sender,
        received_at=NOW,
        size_bytes=len(bytes_of_mail),
        digest=blobs.put(bytes_of_mail).digest,
        dedupe_key=uuid4().hex,
        sender=sender,
        subject=word,
    )
    heard = letter(
        sender, f"Тема {word}", f"Текст {word}, пароль: {word}1Aa!", html=f"<p>{word}</p>", facts=vouched(sender)
    )
    filed = receive(heard, origin=origin(str(raw.public_id)), now=NOW)
    ticket = Ticket.objects.get(pk=filed.ticket_id)
    message = Message.objects.get(ticket=ticket, author="requester")
    RawMessage.objects.filter(pk=raw.pk).update(
        state=RawState.FILED, ticket_id=ticket.pk, ticket_number=ticket.number, message_id=message.pk
    )
    stored = blobs.put(content)
    Attachment.objects.create(
        message=message,
        filename=f"{word}.png",
        content_type="image/png",
        digest=stored.digest,
        size_bytes=stored.size_bytes,
    )
    return ticket


def close(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")


@pytest.fixture
def admin() -> Client:
    return signed_in(person("the-admin", "admin"))


@pytest.fixture
def hers(admin: Client) -> Ticket:
    ticket = told(PERSON, WORD, SHARED)
    writer = cast.person("writer", "agent", "first-line")
    Note.objects.create(ticket=ticket, staff=writer, text=f"звонила {WORD}", created_at=NOW)
    aside = SideConversation.objects.create(ticket=ticket, email=f"{WORD}@third.example", name=WORD, created_at=NOW)
    own = blobs.put(OWN)
    said = SideLetter.objects.create(
        conversation=aside, direction="out", subject=WORD, text=WORD, message_id=f"{WORD}@x", created_at=NOW
    )
    Attachment.objects.create(
        side_letter=said, filename=WORD, content_type="image/png", digest=own.digest, size_bytes=own.size_bytes
    )
    search.index_all()
    assert SearchWord.objects.filter(word__startswith=WORD[:8]).exists()
    return ticket


def erased(admin: Client, **changed: str):
    return admin.post("/setup/privacy/destructions", {"email": PERSON, "reason": REASON} | changed)


def places(*words: str) -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text ILIKE %s', [f"%{word}%"])
                if cursor.fetchone()[0]:
                    found.append(f"{table}: {word}")
    return found


def test_her_words_stand_nowhere_and_the_desk_adds_up(admin: Client, hers: Ticket) -> None:
    theirs = told(OTHER, "другое", SHARED)
    search.index_all()
    close(hers)
    assert places(WORD, PERSON)
    links = Event.objects.filter(stream=f"ticket:{hers.pk}").count()
    scope = admin.post("/setup/privacy/search", {"email": f" {PERSON.upper()} "})
    shows(scope, "Tickets", 'name="reason"')
    assert places(WORD, PERSON), "a look changes nothing"
    answer = erased(admin)
    assert answer.status_code == 302

    assert places(WORD[:8], PERSON) == []
    raw = RawMessage.objects.get(ticket_id=hers.pk)
    assert (raw.state, bytes(raw.content), raw.digest) == ("filed", b"", "")
    for content, is_there in ((SHARED, True), (OWN, False)):
        assert (hashlib.sha256(content).hexdigest() in set(blobs.stored())) is is_there
    assert all(WORD.encode() not in blobs.read(digest) for digest in blobs.stored())
    assert Message.objects.get(ticket=theirs, author="requester").attachments.get().filename == "другое.png"

    assert list(verify()) == []
    assert Event.objects.filter(stream=f"ticket:{hers.pk}").count() > links
    later = NOW + timedelta(hours=1)
    for look in (mail_nowhere, books.tickets_unanswered, books.numbers_unknown, journals_broken):
        assert look(later, recent=None).count == 0, look
    assert books.counters_off(later).count == 0
    assert missing_files() == set()
    assert not SearchWord.objects.filter(texts__lte=0).exists()

    act = Destruction.objects.get()
    shows(admin.get(answer["Location"]), REASON, f"no. {act.pk}", hers.number[:3])
    extract = admin.get(answer["Location"]).content.decode().split("journal-h")[-1]
    assert "Notes in them: 1" in extract
    assert ": 0" not in extract, "the extract tells what went, not what there was none of"
    assert act.tickets == [hers.number]
    assert (act.counts["tickets"], act.counts["notes"], act.counts["files"]) == (1, 1, 2)


def test_the_pages_of_the_ticket_still_open(admin: Client, hers: Ticket) -> None:
    close(hers)
    erased(admin)
    lead = signed_in(person("the-lead", "lead", "first-line"))
    shows(lead.get(f"/desk/tickets/{hers.number}/"), "All words were erased: act of destruction no.")
    pack = lead.post(f"/desk/tickets/{hers.number}/evidence/", {"reason": "Court"})
    assert pack["Content-Type"] == "application/zip"
    assert pack.getvalue()
    for address in ("/desk/?state=closed", "/desk/search/?q=502"):
        assert lead.get(address).status_code == 200


def test_erasing_twice_changes_nothing(admin: Client, hers: Ticket) -> None:
    close(hers)
    erased(admin)
    events = Event.objects.count()
    again = erased(admin)
    assert again.status_code == 409
    shows(again, "Nothing of him is kept.")
    assert (Destruction.objects.count(), Event.objects.count()) == (1, events)


@pytest.mark.parametrize(
    ("changed", "told_him"),
    [
        ({"email": "nobody"}, "This is neither an address nor a telephone number"),
        ({"reason": "  "}, "Say why it is erased."),
        ({"reason": f"asked by {PERSON}"}, "leave names, addresses and numbers out of it"),
    ],
    ids=["no address", "no reason", "the act would name her"],
)
def test_what_is_refused_changes_nothing(admin: Client, hers: Ticket, changed: dict[str, str], told_him: str) -> None:
    close(hers)
    answer = erased(admin, **changed)
    assert answer.status_code == 409
    shows(answer, told_him)
    assert Ticket.objects.get(pk=hers.pk).requester_email == PERSON
    assert not Destruction.objects.exists()


def test_an_open_ticket_and_undecided_mail_stop_it(admin: Client, hers: Ticket) -> None:
    answer = erased(admin)
    assert answer.status_code == 409
    shows(answer, "Not all tickets are closed. Close them first.")
    close(hers)
    waiting = RawMessage.objects.filter(ticket_id=hers.pk)
    waiting.update(state=RawState.QUARANTINED)
    shows(erased(admin), "waits in quarantine")
    assert Ticket.objects.get(pk=hers.pk).requester_email == PERSON
    assert not Destruction.objects.exists()


def on_file(role: str = "technical") -> Contact:
    account = Account.objects.get(login="annahost")
    user = User.objects.create_user(PERSON, "demo-helpdesk", login="mallow")
    TOTPDevice.objects.create(user=user, name="phone", confirmed=True)
    contact = Contact.objects.create(given_name=WORD, surname=WORD, external_id=WORD, user=user)
    for kind, value in (("email", PERSON), ("email", "mallow2@somewhere.example"), ("phone", "+79995550123")):
        ContactPoint.objects.create(account=account, contact=contact, kind=kind, value=value, on_file_since=NOW)
    ContactRole.objects.create(account=account, contact=contact, role=role)
    return contact


def test_a_contact_on_file_goes_with_all_his_addresses_and_sign_in(admin: Client, hers: Ticket) -> None:
    contact = on_file()
    other = told("mallow2@somewhere.example", f"{WORD}2", b"another file of hers")
    browser = Client()
    signed = {"login": PERSON, "password": "demo-helpdesk"}
    browser.post("/panel/login/", signed)
    close(hers)
    shows(erased(admin), "Not all tickets are closed.")
    close(other)
    assert erased(admin).status_code == 302
    assert places(WORD[:8], PERSON, "mallow", "79995550123") == []
    user = User.objects.get(email__endswith="@erased.invalid")
    assert not user.is_active
    assert not TOTPDevice.objects.filter(user=user).exists()
    assert Client().post("/panel/login/", signed).status_code != 302
    assert Contact.objects.get(pk=contact.pk).user is None
    assert list(verify()) == []
    assert Destruction.objects.get().counts["contacts"] == 1


def test_who_decides_about_an_account_stays_until_another_does(admin: Client) -> None:
    contact = on_file("owner")
    shows(erased(admin), "He is the only owner of an account.")
    other = Contact.objects.create(given_name="Other")
    ContactRole.objects.create(account=Account.objects.get(login="annahost"), contact=other, role="owner")
    card = AccountConfidential.objects.create(
        account=Account.objects.get(login="annahost"), administrative_email=PERSON, administrative_email_since=NOW
    )
    shows(erased(admin), "Change its administrative address first.")
    assert Contact.objects.get(pk=contact.pk).given_name == WORD
    card.administrative_email, card.administrative_email_before = "else@somewhere.example", PERSON
    card.save()
    assert erased(admin).status_code == 302
    assert places(WORD[:8], PERSON) == []


def test_a_code_is_asked_of_who_has_a_second_factor(admin: Client, hers: Ticket) -> None:
    close(hers)
    device = TOTPDevice.objects.create(user=User.objects.get(login="the-admin"), name="phone", confirmed=True)
    shows(erased(admin, code="000000"), "The code is wrong, or came too soon after a wrong one.", REASON)
    assert not Destruction.objects.exists()
    TOTPDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert erased(admin, code=f"{totp(device.bin_key):06}").status_code == 302


def test_only_administrators_erase(hers: Ticket) -> None:
    close(hers)
    assert erased(signed_in(person("the-lead", "lead", "first-line"))).status_code == 403
    assert not Destruction.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_for_everybody(admin_page, live_server, views):
    close(told(PERSON, WORD, SHARED))
    admin_page.goto(f"{live_server.url}/setup/privacy/")
    admin_page.fill("#email", PERSON)
    admin_page.press("#email", "Enter")
    admin_page.wait_for_selector("#reason")
    admin_page.press("#reason", "Enter")
    admin_page.wait_for_selector("#reason-e")
    looks(admin_page, views(390, "dark"), "what would go, with an error")
    admin_page.fill("#reason", REASON)
    admin_page.press("#reason", "Enter")
    admin_page.wait_for_url("**/destructions/*/")
    looks(admin_page, views(390, "light"), "an act")
    admin_page.goto(f"{live_server.url}/setup/privacy/")
    looks(admin_page, views(1440, "light"), "acts")
