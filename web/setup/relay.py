"""The mail server on the way out: what is in force, where that is set, and a test."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from channels_app import history, way_out
from channels_app.mail.addresses import normal_form
from channels_app.policies.servers import SMTP_PORTS, Security, TypedServer
from channels_app.probes.relay import RelaySeen, look_at_relay, our_address, send_test_letter
from channels_app.words import PROBLEMS, told
from core.clock import now as read_clock
from web.setup import mail_words
from web.setup.access import for_administrators
from web.setup.mailboxes import typed_server
from web.shared.requests import DeskRequest

NEW = TypedServer("", "", Security.STARTTLS, "", "")


@require_http_methods(["GET", "POST"])
@for_administrators
def relay(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    typed = typed_server(request)
    saved = way_out.set_relay(typed, by=request.actor, now=read_clock())
    if saved.problems:
        return _page(request, typed, problems=saved.problems)
    messages.success(request, _("Saved. What waited to be sent is tried now."))
    return redirect("setup:relay")


@require_POST
@for_administrators
def removal(request: DeskRequest) -> HttpResponse:
    if way_out.remove_relay(by=request.actor, now=read_clock()):
        messages.success(request, _("The outgoing mail server is no longer set here."))
    return redirect("setup:relay")


@require_POST
@for_administrators
def check(request: DeskRequest) -> HttpResponse:
    """Goes as far as a recipient and leaves without a letter; with an address typed, sends it one."""
    way = way_out.in_force()
    typed = request.POST.get("recipient", "").strip()
    recipient = normal_form(typed)
    if typed and not (recipient and recipient.isascii()):
        return _page(request, problems={"recipient": "bad_recipient"}, recipient=typed)
    if way.relay is None:
        seen = RelaySeen(way.trouble)
    elif recipient:
        seen = send_test_letter(way.relay, recipient=recipient, now=read_clock())
    else:
        seen = look_at_relay(way.relay)
    words = told(seen.trouble) if seen.trouble else None
    return _page(request, seen=seen, seen_words=words, recipient=typed, sent_to=recipient if not seen.trouble else "")


def _page(
    request: DeskRequest, typed: TypedServer | None = None, *, problems: dict[str, str] | None = None, **more: object
) -> HttpResponse:
    way, stored = way_out.in_force(), way_out.stored()
    context = {
        "way": way,
        "trouble": told(way.trouble) if way.trouble else None,
        "server": typed or stored or NEW,
        "stored": stored,
        "has_password": bool(stored and stored.password),
        "securities": mail_words.SECURITIES.items(),
        "ports": mail_words.usual_ports(SMTP_PORTS),
        "sender": our_address(),
        "errors": {field: PROBLEMS[code] for field, code in (problems or {}).items()},
        "history": mail_words.told_history(history.of_relay()),
        **more,
    }
    return render(request, "setup/relay.html", context, status=422 if problems else 200)
