"""The evidence of one ticket as a ZIP: to read, to compute with, and to verify without this program."""

import hashlib
import json
import tempfile
import zipfile
from datetime import datetime
from typing import IO, Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from channels_app.queries import raw_mails
from core.clock import now as read_clock
from core.clock import written
from customers.queries import customer_at
from staff.actor import REQUESTER, SYSTEM, Actor
from staff.roles import Perm
from tickets.access import get_ticket_for
from tickets.numbers import pretty
from tickets.queries.pack import journal_of, pack_of
from tickets.services import outliving, packing
from tickets.services.refused import Refused
from web.desk import names, words
from web.desk.numbers import digits
from web.desk.words import REFUSALS
from web.shared.proof import asked, has_devices, proves, wrong
from web.shared.requests import DeskRequest

_IN_MEMORY_BYTES = 4 * 1024 * 1024
_VERIFY = '''"""Verifies journal, ticket.json and mails of this folder with Python 3.11 alone: python3 verify.py"""
import datetime, hashlib, json, sys

previous = bytes(32)
links = json.load(open("journal.json", encoding="utf-8"))
for place, link in enumerate(links, 1):
    at = datetime.datetime.fromisoformat(link["at"]).isoformat(timespec="microseconds")
    head = "\\n".join((link["stream"], str(link["sequence"]), link["type"], at, link["actor"])).encode()
    digest = hashlib.sha256(previous + head + b"\\n" + bytes.fromhex(link["payload_digest"])).hexdigest()
    if link["sequence"] != place or digest != link["digest"]:
        sys.exit(f"entry {place}: not the one that was written")
    if link["payload"] is not None:
        told = json.dumps(link["payload"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(told.encode()).hexdigest() != link["payload_digest"]:
            sys.exit(f"entry {place}: what it tells was changed")
    previous = bytes.fromhex(digest)

taken = open("ticket.json", "rb").read()
content = hashlib.sha256(taken).hexdigest()
if not any(link["type"] == "EvidencePacked" and (link["payload"] or {}).get("content") == content for link in links):
    sys.exit("ticket.json, or the end of the journal: not what was taken from the desk")
for mail in json.loads(taken)["mails"]:
    if hashlib.sha256(open(mail["file"], "rb").read()).hexdigest() != mail["digest"]:
        sys.exit(f"{mail['file']}: not the letter that came")
print(f"every entry is as it was written; the last of {len(links)} is {previous.hex()}")
'''


@sensitive_post_parameters("code", "passkey")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def evidence(request: DeskRequest, number: str) -> HttpResponseBase:
    """Asked for with a reason and, where there is one, a fresh code of the second factor."""
    if not request.actor.may(Perm.TAKE_EVIDENCE):
        raise Http404
    number = digits(number)
    if request.method != "POST":
        return _page(request, number)
    reason, errors = request.POST.get("reason", "").strip(), {}
    if not reason:
        errors["reason"] = _("Say what the file is for.")
    elif has_devices(request.user) and not proves(request, request.user):
        errors["code"] = wrong(request, request.user)
    if errors:
        return _page(request, number, errors=errors, status=409)
    now = read_clock()
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by the response
    _write(request.actor, number, file, reason=reason, now=now)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"HD-{number}-{now:%Y-%m-%d}.zip")


@require_POST
@never_cache
def keeping(request: DeskRequest, number: str) -> HttpResponse:
    """No rule and no request destroys the words of this ticket until it is let go."""
    try:
        outliving.keep(digits(number), reason=request.POST.get("keep_reason", ""), by=request.actor, now=read_clock())
    except Refused as refused:
        return _page(request, digits(number), errors={"keep_reason": str(REFUSALS[refused.code])}, status=409)
    return redirect("desk:ticket", number=digits(number))


@require_POST
@never_cache
def keeping_end(request: DeskRequest, number: str) -> HttpResponse:
    outliving.let_go(digits(number), by=request.actor, now=read_clock())
    return redirect("desk:ticket", number=digits(number))


def _write(by: Actor, number: str, into: IO[bytes], *, reason: str, now: datetime) -> None:
    """What is taken is written first: its digest stands in the entry that says so, and the journal comes with that."""
    pack = pack_of(by, number)
    pack["mails"] = []
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for public_id, content in raw_mails([message["raw_id"] for message in pack["messages"] if message["raw_id"]]):
            name = f"mails/{public_id}.eml"
            archive.writestr(name, content)
            pack["mails"].append({"file": name, "digest": hashlib.sha256(content).hexdigest()})
        taken = _json(pack).encode()
        archive.writestr("ticket.json", taken)
        packing.record(number, reason=reason, content=hashlib.sha256(taken).hexdigest(), by=by, now=now)
        journal = journal_of(by, number)
        archive.writestr("journal.json", _json(journal))
        archive.writestr("verify.py", _VERIFY)
        who = {actor: _who(actor) for actor in {link["actor"] for link in journal}}
        page = {
            "pack": pack,
            "pretty_number": pretty(pack["ticket"]["number"]),
            "journal": [(link, _what(link), who[link["actor"]]) for link in journal],
            "made_at": now,
            "made_by": by.name,
            "reason": reason,
        }
        archive.writestr("index.html", render_to_string("desk/evidence_pack.html", page))


def _what(link: dict[str, Any]) -> str:
    values = dict(link["payload"] or {})
    if link["type"] == "AssigneeChanged":
        values["after"] = names.of_staff(values["after"]) if values.get("after") else _("Nobody's yet")
    return words.word(words.PACKED_EVENTS, words.event(link["type"], values, {}))


def _who(actor: str) -> str:
    own = {REQUESTER.key: _("Requester"), SYSTEM.key: _("the desk itself")}
    kind, _sep, number = actor.partition(":")
    if kind == "contact" and number.isdecimal() and (contact := customer_at(int(number))):
        return contact.name
    if kind == "confirmation":
        return _("by a link sent to the address on file")
    return names.of_actor(actor) or own.get(actor, actor)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    return written(value) if isinstance(value, datetime) else str(value)


def _page(
    request: DeskRequest, number: str, *, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    ticket = get_ticket_for(request.actor, number)
    context = {
        "number": ticket.number,
        "pretty_number": pretty(ticket.number),
        "keep_reason": request.POST.get("keep_reason", ""),
        "kept_for": ticket.keep_reason,
        "is_erased": ticket.erased_at is not None,
        "most_keep_reason": outliving.MOST_REASON,
        "reason": request.POST.get("reason", ""),
        "most_reason": packing.MOST_REASON,
        "factor": asked(request, request.user),
        "errors": errors or {},
    }
    return render(request, "desk/evidence.html", context, status=status)
