"""What is kept about a customer: to see, to take away, to have erased."""

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from channels_app.queries import front_door
from core.clock import now as read_clock
from core.clock import written
from customers.panel import kept_about
from customers.services import consents
from tickets.contracts import NewRequest
from tickets.enums import Kind
from tickets.policies.told import Step
from tickets.queries.customer import own_steps, own_tickets
from tickets.services.requests import open_request
from users import second_factor, sessions
from users.models import Realm
from web.panel.session import chosen_account, facts
from web.shared.factors import codes_of
from web.shared.requests import PanelRequest
from web.templatetags.panel import step_words


@require_safe
@never_cache
def me(request: PanelRequest) -> HttpResponse:
    now = read_clock()
    context = {
        "section": "me",
        "kept": kept_about(request.customer),
        "steps": own_steps(request.customer, now=now),
        "sessions": sessions.of_user(request.user.pk, realm=Realm.PANEL, now=now, this=request.session.session_key),
        "factors": second_factor.of_user(request.user),
        **codes_of(request),
    }
    return render(request, "panel/me.html", context)


@require_POST
@never_cache
def export(request: PanelRequest) -> HttpResponseBase:
    """His own requests alone, never those of others in the account."""
    now = read_clock()
    consents.record_export(request.customer, now=now)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {**kept_about(request.customer), "steps": _told(own_steps(request.customer, now=now))}
        archive.writestr("about-you.json", _json(about))
        for ticket in own_tickets(request.customer, now=now):
            told = {**asdict(ticket), "steps": _told(ticket.steps)}
            del told["on_file"]  # of others in the account
            archive.writestr(f"requests/HD-{ticket.number}.json", _json(told))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"about-me-{now:%Y-%m-%d}.zip")


@require_POST
def erasure(request: PanelRequest) -> HttpResponse:
    """A request of its own kind: people decide what the law lets go and what it makes us keep. Once a day."""
    now, door = read_clock(), front_door()
    account, _accounts = chosen_account(request)
    opened = open_request(
        NewRequest(
            request_id=uuid5(UUID(int=request.customer.contact_id), f"erasure {now:%Y-%m-%d}"),
            door="panel",
            queue=door.queue,
            our_address=door.address,
            kind=Kind.ADMINISTRATIVE,
            subject=_("Erase what is kept about me"),
            text=_("I ask to erase my personal data as far as the law allows, and to tell me what was erased."),
            name=request.customer.name,
            email=request.customer.email,
            contact_id=request.customer.contact_id,
            account_id=account.id if account else None,
            language=(get_language() or "ru")[:2],
            facts=facts(request.customer, account.id if account else None),
        ),
        now=now,
    )
    messages.success(request, _("Your request is with us."))
    return redirect("panel:ticket", opened.public_id)


def _told(steps: Iterable[Step]) -> list[dict[str, object]]:
    return [{"at": step.at, "step": step_words(step)} for step in steps]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: object) -> str:
    return written(value) if isinstance(value, datetime) else str(value)
