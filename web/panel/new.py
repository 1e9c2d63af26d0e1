"""A new request: the main thing first, then what its kind asks; nothing typed is lost, nothing opens twice."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from channels_app.queries import front_door
from core.clock import now as read_clock
from customers.panel import ServiceView, services_of
from customers.policies.consent import VERSION
from customers.services import consents
from tickets.contracts import NewRequest
from tickets.enums import Kind
from tickets.numbers import pretty
from tickets.policies import asking
from tickets.queries.customer_lists import CustomerRow, similar_to
from tickets.services.refused import Refused
from tickets.services.requests import open_request
from tickets.services.secrets import MOST_ONCE
from web.panel import uploads
from web.panel.self_check import CHECKS
from web.panel.session import chosen_account, facts
from web.shared.asking import HOW_OFTEN, KINDS, questions_of
from web.shared.forms import keeps_words
from web.shared.requests import PanelRequest

_TYPED = ("kind", "subject", "text", "service", *dict.fromkeys(c for codes in asking.ASKED.values() for c in codes))

_MOST = {"subject": asking.MOST_SUBJECT, "text": asking.MOST_TEXT, "secret": MOST_ONCE}


@keeps_words
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PanelRequest) -> HttpResponse:
    account, _accounts = chosen_account(request)
    if account is None:
        return redirect("panel:home")
    services = services_of(account.id)
    agreed = consents.has_agreed(request.customer)
    if request.method != "POST":
        return _page(request, uuid4(), services, said=_begun(request), agreed=agreed)
    now = read_clock()
    said = {name: request.POST.get(name, "").replace("\r\n", "\n") for name in (*_TYPED, "secret")}
    errors = _errors(said, services, agreed=agreed or request.POST.get("consent") == VERSION)
    request_id = _request_id(request)
    if request_id is None:
        request_id = uuid4()
        errors["form"] = _("The form is too old. Send it once more.")
    if refusal := uploads.keep(request, request_id, now=now):
        errors["files"] = refusal
    looks_first = request.POST.get("step") != "send"
    similar: tuple[CustomerRow, ...] = ()
    if looks_first and not errors:
        similar = similar_to(request.customer, said["subject"], account_id=account.id, now=now)
    if errors or similar:
        return _page(request, request_id, services, said=said, agreed=agreed, errors=errors, similar=similar)
    service = _chosen(said, services)
    door = front_door()
    try:
        opened = open_request(
            NewRequest(
                request_id=request_id,
                door="panel",
                queue=door.queue,
                our_address=door.address,
                kind=Kind(said["kind"]),
                subject=said["subject"],
                text=said["text"],
                details=(*asking.details(Kind(said["kind"]), said), *_checked(request, service)),
                name=request.customer.name,
                email=request.customer.email,
                contact_id=request.customer.contact_id,
                account_id=account.id,
                service_id=service.id if service else None,
                language=(get_language() or "ru")[:2],
                files=uploads.files_of(request, request_id),
                facts=facts(request.customer, account.id),
                secret=said["secret"],
            ),
            now=now,
        )
    except Refused:
        errors["form"] = _("We cannot take requests at this moment. Write to us by mail.")
        return _page(request, request_id, services, said=said, agreed=agreed, errors=errors)
    uploads.sent(request, request_id)
    consents.agree(request.customer, now=now)
    told = _("Your request is with us. Its number: %(number)s") % {"number": pretty(opened.number)}
    messages.success(request, told)
    return redirect("panel:ticket", opened.public_id)


def _request_id(request: PanelRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return None


def _begun(request: PanelRequest) -> dict[str, str]:
    return {"kind": Kind.INCIDENT.value, "service": request.GET.get("service", "")}


def _chosen(said: dict[str, str], services: tuple[ServiceView, ...]) -> ServiceView | None:
    return next((each for each in services if str(each.id) == said["service"]), None)


def _checked(request: PanelRequest, service: ServiceView | None) -> tuple[tuple[str, str], ...]:
    ticked = set(request.POST.getlist("check"))
    checks = CHECKS.get(service.kind, ()) if service else ()
    return tuple((str(words), str(_("yes")) if code in ticked else str(_("not ticked"))) for code, words in checks)


def _errors(said: dict[str, str], services: tuple[ServiceView, ...], *, agreed: bool) -> dict[str, str]:
    errors: dict[str, str] = {}
    for name, value in said.items():
        most = _MOST.get(name, asking.MOST_DETAIL)
        if "\x00" in value:
            said[name] = value.replace("\x00", "")
            errors[name] = _("There was a character that cannot be stored. It is gone; look and send again.")
        elif len(value) > most:
            errors[name] = _("Too long: at most %(most)s characters.") % {"most": most}
    if said["kind"] not in {kind.value for kind in asking.ASKED}:
        errors["kind"] = _("Choose what it is about.")
    if not said["subject"].strip():
        errors.setdefault("subject", _("Say in one sentence what you need."))
    if not said["text"].strip():
        errors.setdefault("text", _("Write a few words more."))
    if said["service"] and _chosen(said, services) is None:
        errors["service"] = _("Choose one of your services.")
    if said["often"] and said["often"] not in asking.OFTEN:
        errors["often"] = _("Choose one of the list.")
    if not agreed:
        errors["consent"] = _("Without your consent we may not keep what you typed.")
    return errors


def _page(
    request: PanelRequest,
    request_id: UUID,
    services: tuple[ServiceView, ...],
    *,
    said: dict[str, str],
    agreed: bool,
    errors: dict[str, str] | None = None,
    similar: object = (),
) -> HttpResponse:
    context = {
        "section": "new",
        "said": said,
        "errors": errors or {},
        "services": services,
        "checks": [(kind, checks) for kind, checks in CHECKS.items() if any(each.kind == kind for each in services)],
        "ticked": request.POST.getlist("check"),
        "similar": similar,
        "has_agreed": agreed,
        "is_agreeing": request.POST.get("consent") == VERSION,
        "consent_version": VERSION,
        "kinds": [(kind.value, *KINDS[kind], questions_of(kind)) for kind in asking.ASKED],
        "how_often": HOW_OFTEN.items(),
        "request_id": request_id,
        "kept": uploads.kept(request, request_id),
    }
    return render(request, "panel/new.html", context, status=400 if errors else 200)
