"""Addresses at which mail is taken, each with its queue and its door."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import history
from channels_app import mailboxes as service
from channels_app import queries as doors
from channels_app.mailboxes import TypedMailbox
from channels_app.models import Door
from channels_app.policies.servers import IMAP_PORTS, Security, TypedServer
from channels_app.queries import MailboxView
from channels_app.words import PROBLEMS, told
from core.clock import now as read_clock
from tickets import queries
from web.setup import mail_words
from web.setup.access import for_administrators
from web.shared.requests import DeskRequest

NEW = TypedMailbox("", "", "", Door.SMTP, TypedServer("", "", Security.TLS, "", ""), processed="Processed")


@require_safe
@for_administrators
def mailboxes(request: DeskRequest) -> HttpResponse:
    names = mail_words.queue_names()
    rows = [(row, names.get(row.queue, row.queue)) for row in doors.mailboxes(now=read_clock())]
    return render(request, "setup/mailboxes.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@for_administrators
def new(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, NEW)
    typed = _typed(request)
    saved = service.add(typed, queues=_queues(), by=request.actor, now=read_clock())
    if saved.problems:
        return _form(request, typed, problems=saved.problems)
    messages.success(request, _("The mailbox is there. Test it now."))
    return redirect("setup:mailboxes_edit", saved.slug)


@require_http_methods(["GET", "POST"])
@for_administrators
def edit(request: DeskRequest, slug: str) -> HttpResponse:
    mailbox = _mailbox(slug)
    if request.method != "POST":
        return _form(request, mailbox.typed, mailbox)
    typed = _typed(request)
    saved = service.change(slug, typed, queues=_queues(), by=request.actor, now=read_clock())
    if saved.problems:
        return _form(request, typed, mailbox, problems=saved.problems)
    messages.success(request, _("Saved. It is followed within seconds."))
    return redirect("setup:mailboxes_edit", slug)


@require_POST
@for_administrators
def check(request: DeskRequest, slug: str) -> HttpResponse:
    """Talks to the mail server for ten seconds at most, outside of any transaction."""
    mailbox = _mailbox(slug)
    seen = service.look(slug)
    if seen is None:
        raise Http404
    return _form(request, mailbox.typed, mailbox, seen=seen, seen_words=told(seen.trouble) if seen.trouble else None)


@require_POST
@for_administrators
def pause(request: DeskRequest, slug: str) -> HttpResponse:
    if service.set_active(slug, False, by=request.actor, now=read_clock()):
        messages.success(request, _("Paused: mail to this address is refused until it is opened again."))
    return redirect("setup:mailboxes")


@require_POST
@for_administrators
def opening(request: DeskRequest, slug: str) -> HttpResponse:
    if service.set_active(slug, True, by=request.actor, now=read_clock()):
        messages.success(request, _("The mailbox is open."))
    return redirect("setup:mailboxes")


def _mailbox(slug: str) -> MailboxView:
    found = doors.mailbox(slug)
    if found is None:
        raise Http404
    return found


def _queues() -> set[str]:
    return {queue.slug for queue in queries.every_queue()}


def _typed(request: DeskRequest) -> TypedMailbox:
    given = request.POST
    return TypedMailbox(
        address=given.get("address", ""),
        name=given.get("name", ""),
        queue=given.get("queue", ""),
        door=given.get("door", ""),
        server=typed_server(request),
        folder=given.get("folder", ""),
        processed=given.get("processed", ""),
    )


def typed_server(request: DeskRequest) -> TypedServer:
    given = request.POST
    return TypedServer(
        host=given.get("host", ""),
        port=given.get("port", ""),
        security=given.get("security", ""),
        user=given.get("user", ""),
        password=given.get("password", ""),
    )


def _form(
    request: DeskRequest,
    typed: TypedMailbox,
    mailbox: MailboxView | None = None,
    *,
    problems: dict[str, str] | None = None,
    **more: object,
) -> HttpResponse:
    """What was typed is kept, but for the password, which no page ever holds."""
    context = {
        "typed": typed,
        "server": typed.server,
        "mailbox": mailbox,
        "errors": {field: PROBLEMS[code] for field, code in (problems or {}).items()},
        "queues": list(mail_words.queue_names().items()),
        "doors": mail_words.DOORS.items(),
        "securities": mail_words.SECURITIES.items(),
        "ports": mail_words.usual_ports(IMAP_PORTS),
        "has_password": bool(mailbox and mailbox.has_password),
        "listener": f"{settings.SMTP_BIND}:{settings.SMTP_PORT}",
        "command": f"python3 {settings.BASE_DIR / 'manage.py'} receive_mail --to {typed.address}",
        "history": mail_words.told_history(history.of_mailbox(mailbox.slug)) if mailbox else (),
        **more,
    }
    return render(request, "setup/mailbox.html", context, status=422 if problems else 200)
