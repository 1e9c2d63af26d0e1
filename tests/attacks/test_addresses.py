"""Every address of desk and panel, by whoever may not see what it is about. New addresses are walked, too."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from assurance.models import CriticalAction
from automation.models import Notification
from customers.models import Account, Contact, ContactPoint, ContactRole
from events.models import Event
from staff.models import StaffProfile
from tests.attacks.conftest import COMMON, MARK
from tests.cast import ANNA, BORIS, MALLORY, NOW
from tests.web.conftest import PASSWORD, person, signed_in
from tickets import models as tickets
from tickets.models import Attachment, Draft, Message, Note, OutboundCopy, SideLetter, Tag, Ticket, Upload
from users.models import User


def walked(
    prefix: str, resolver: URLResolver | None = None, before: str = "/", space: str = ""
) -> Iterator[tuple[str, str]]:
    for entry in (resolver or get_resolver()).url_patterns:
        path = before + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from walked(prefix, entry, path, f"{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and re.match(prefix, path):
            yield f"{space}{entry.name}", path


def things(ticket: Ticket) -> dict[str, Any]:
    """What stands in the places of addresses, by the words before them. A new kind of place has to be told here."""
    first = Message.objects.filter(ticket=ticket).order_by("id")[0]
    other = tickets.Participant.objects.get(ticket=ticket, is_requester=False)
    return {
        "tickets": ticket.number,
        "requests": ticket.public_id,
        "uploads": Upload.objects.get().public_id,
        "calls": tickets.Call.objects.get().number,
        "messages": first.public_id,
        "secrets": 1,
        "files": Attachment.objects.filter(message=first)[0].public_id,
        "images": "x",
        "links": Ticket.objects.exclude(pk=ticket.pk).get().number,
        "tags": Tag.objects.get().pk,
        "promises": tickets.Promise.objects.get().public_id,
        "checklist": tickets.ChecklistItem.objects.get().public_id,
        "side-letters": SideLetter.objects.get().public_id,
        "recipients": other.pk,
        "participants": other.pk,
        "drafts": Draft.objects.get().pk,
        "copies": OutboundCopy.objects.filter(message__ticket=ticket).order_by("-id")[0].pk,
        "actions": CriticalAction.objects.get().public_id,
        "decisions": CriticalAction.objects.get().public_id,
        "people": Contact.objects.get(given_name="Анна").pk,
        # Nothing of a ticket:
        "changes": uuid4(),
        "views": uuid4(),
        "quarantine": uuid4(),
        "entries": 1,
        "sessions": 999_999,
    }


def filled(path: str, stands: dict[str, Any]) -> str:
    """The address of this ticket's things."""
    path = re.sub(r"\(\?P<noun>[^)]*\)", "execution", path)
    path = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", path)
    is_panel, is_upload = path.startswith("/panel/"), path.endswith("/files/<uuid:public_id>/removal")
    other = {"tickets": "requests"} if is_panel else {"files": "uploads"} if is_upload else {}
    address = re.sub(r"([\w-]+)/<[^>]+>", lambda found: f"{found[1]}/{stands[other.get(found[1], found[1])]}", path)
    assert "<" not in address, address
    return address


def said(ticket: Ticket) -> dict[str, Any]:
    """A form that names the ticket in every field that any form has."""
    first = Message.objects.filter(ticket=ticket).order_by("id")[0]
    other = Ticket.objects.exclude(pk=ticket.pk).get()
    names_ticket = dict.fromkeys(("into", "to", "other", "number", "around"), ticket.number)
    names_message = dict.fromkeys(("message", "answers", "forward"), str(first.public_id))
    return names_ticket | names_message | {
        "ticket": [ticket.number, other.number],
        "assign": "1", "status": "closed", "queue": "hosting", "view": "all", "list": "today",
        "tag": Tag.objects.get().pk, "staff_id": StaffProfile.objects.order_by("-pk")[0].pk,
        "kind": "incident", "impact": 1, "urgency": 1, "account_id": ticket.account_id or 0,
        "text": "x", "words": "x", "reason": "x", "keep_reason": "x", "subject": "x", "name": "x", "summary": "x",
        "mode": "note", "version": "0", "email": MALLORY, "may_reply": "1", "side_to": MALLORY, "cc": MALLORY,
        "forwards": [str(f.public_id) for f in Attachment.objects.all()],
        "uploads": [str(f.public_id) for f in Upload.objects.all()],
        "due_at": "2027-01-01T10:00", "disposition": "solved", "request_id": str(uuid4()), "then": "add",
        "q": COMMON, "who": COMMON, "phone": "1", "answer": "knows", "code": "00000000",
    }  # fmt: skip


def rows(ticket: Ticket) -> dict[str, list[Any]]:
    """Every row that belongs to the ticket, and its journal."""
    found: dict[str, list[Any]] = {"journal": list(Event.objects.filter(stream=f"ticket:{ticket.pk}").values_list())}
    for app in ("tickets", "assurance", "automation"):
        for model in apps.get_app_config(app).get_models():
            of_ticket = Q(pk=ticket.pk) if model is Ticket else Q(pk__in=())
            for field in model._meta.fields:
                if field.related_model in (Message, CriticalAction, Note):
                    of_ticket |= Q(**{f"{field.name}__ticket": ticket})
                elif field.related_model is Ticket:
                    of_ticket |= Q(**{field.name: ticket})
            found[model.__name__] = list(model.objects.filter(of_ticket).order_by("pk").values_list())
    return found


def shown(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(dict(answer.headers))


def walk(client: Client, prefix: str, ticket: Ticket, *, but: frozenset[str] = frozenset()) -> set[str]:
    """Asks and posts at each address; those at which something of the ticket was read or changed."""
    stands, form, found, was = things(ticket), said(ticket), set(), rows(ticket)
    asks = {name: form[name] for name in ("into", "number", "around", "ticket", "view", "list", "q", "who", "tag")}
    posted: list[str] = []
    for name, path in walked(prefix):
        address = filled(path, stands)
        for region in ("", "list", "mini", "options") if path in ("/desk/", "/desk/search/") else ("",):
            if MARK in shown(client.get(address, asks, headers={"x-region": region})):
                found.add(f"GET {name}")
        if name in but:
            continue
        if MARK in shown(client.post(address, form | {"files": SimpleUploadedFile("x.txt", b"x")})):
            found.add(f"POST {name}")
        posted.append(name)
        if len(posted) == 10 and (now := rows(ticket)) != was:
            found.add(f"changed by one of {' '.join(posted)}")
            was = now
        posted = posted[len(posted) // 10 * 10 :]
    return found | ({f"changed by one of {' '.join(posted)}"} if rows(ticket) != was else set())


DESK = r"/desk/(?!login|logout|language|invitation|proof|me/factors|me/sessions/end)"
OUTSIDERS = [("agent", "first-line"), ("lead", "first-line"), ("quality", "first-line"), ("admin",)]


@pytest.mark.parametrize("who", OUTSIDERS, ids=lambda who: who[0])
def test_a_restricted_ticket_is_read_and_changed_at_no_address_of_the_desk(world, who):
    client = signed_in(person("outsider", *who))
    outsider = StaffProfile.objects.get(name="Outsider")
    Ticket.objects.update(followers=[outsider.pk])  # he followed it before it was restricted, and was told of it
    happened = Event.objects.filter(stream=f"ticket:{world.pk}").first()
    Notification.objects.create(staff=outsider, ticket=world, event=happened, kind="noted", at=NOW)
    assert walk(client, DESK, world, but=frozenset({"desk:notifications_seen"})) == set()


def test_whoever_has_it_reads_it_there(world):
    """The walk would find what there is to be found."""
    client = signed_in("special@staff.example")
    found = walk(client, DESK, world)
    assert {"GET desk:ticket", "GET desk:sorting", "GET desk:search", "GET desk:file", "POST desk:secret"} <= found
    assert {"GET desk:letter", "GET desk:call", "GET desk:trust", "GET desk:queue"} <= found


# What quality control may do with a ticket it judges.
JUDGES = {"following", "following_removal", "keeping", "keeping_end", "evidence"}


def test_quality_control_changes_nothing_of_what_it_reads(world):
    Ticket.objects.update(kind="incident")
    client = signed_in(person("judge", "quality"))
    client.get(f"/desk/tickets/{world.number}/")
    found = walk(client, DESK, world, but=frozenset(f"desk:{name}" for name in JUDGES))
    assert {each for each in found if each.startswith("changed")} == set()


PANEL = r"/panel/(?!login|logout|beginning|sso|proof|me/factors|me/erasure|me/sessions/end)"


@pytest.mark.parametrize("kind", ["incident", "restricted"])
def test_a_request_is_read_and_changed_by_nobody_of_another_account(world, kind):
    Ticket.objects.update(kind=kind)
    boris = Contact.objects.create(given_name="Boris", user=User.objects.create_user(BORIS, PASSWORD))
    account = Account.objects.create(kind="person", name="Boris", login="boris", language="en")
    ContactRole.objects.create(account=account, contact=boris, role="owner")
    ContactPoint.objects.create(account=account, contact=boris, kind="email", value=BORIS, on_file_since=NOW)
    people = list(ContactPoint.objects.filter(account=world.account_id).values_list())
    assert walk(customer(BORIS), PANEL, world) == set()
    assert people == list(ContactPoint.objects.filter(account=world.account_id).values_list())


def test_a_restricted_request_is_read_and_changed_by_no_customer_at_all(world):
    owner = Contact.objects.get(given_name="Анна")
    owner.user = User.objects.create_user(ANNA, PASSWORD)
    owner.save()
    ContactRole.objects.create(account_id=world.account_id, contact=owner, role="owner")
    CriticalAction.objects.all().update(
        parameters={}, words=""
    )  # of her account: hers to decide, wherever it was asked
    assert walk(customer(ANNA), PANEL + "(?!decisions)", world) == set()


def customer(email: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.post("/panel/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client
