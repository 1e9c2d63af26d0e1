"""The people of an account: added, changed and removed by whoever manages it; told to all whom it concerns."""

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from channels_app import typed
from core.clock import now as read_clock
from customers.actor import GIVEN_HERE, Right
from customers.panel import AccountView, people_of
from customers.services import contacts
from tickets.queries.account_steps import account_steps
from tickets.services import participants, refused
from tickets.services.critical.proving import announce_people
from web.panel.session import chosen_account
from web.shared.requests import PanelRequest


def _account(request: PanelRequest) -> AccountView:
    account, _accounts = chosen_account(request)
    if account is None or not request.customer.may(account.id, Right.MANAGE):
        raise Http404
    return account


@require_safe
@never_cache
def people(request: PanelRequest) -> HttpResponse:
    return _page(request)


def _page(request: PanelRequest, *, error: str = "", at: str = "", status: int = 200) -> HttpResponse:
    """`at` is the id of the field whose fault the error is; an address that was to be another's begins with `e-`."""
    account = _account(request)
    context = {
        "account": account,
        "people": people_of(account.id, you=request.customer),
        "roles": GIVEN_HERE,
        "steps": account_steps(request.customer, account.id, now=read_clock()),
        "typed": {} if at.startswith("e-") else request.POST,
        "new_address": request.POST.get("email", ""),
        "error": error,
        "at": at,
    }
    return render(request, "panel/people.html", context, status=status)


def _act(
    request: PanelRequest, act: Callable[[AccountView], None], told: str, *, contact_id: int | None = None
) -> HttpResponse:
    """`contact_id` where it is about one of the people."""
    email = "email" if contact_id is None else f"e-{contact_id}"
    account = _account(request)
    try:
        with transaction.atomic():
            act(account)
    except contacts.Refused as refusal:
        if refusal.code == "no_right":
            raise Http404 from refusal
        at = {"no_name": "name", "bad_role": "role", "bad_email": email, "there": email}.get(refusal.code, "")
        return _page(request, error=_words()[refusal.code], at=at, status=400)
    except refused.Refused:
        return _page(request, error=_words()["bad_email"], at=email, status=400)
    messages.success(request, told)
    return redirect("panel:people")


def _words() -> dict[str, str]:
    return {
        "no_name": _("Write a name, a hundred characters at most."),
        "bad_email": _("This is not an address mail can be sent to. It looks like name@example.com."),
        "bad_role": _("Choose one of the list."),
        "there": _("This address is on file in the account already."),
        "too_many": _("A hundred people at most."),
    }


@require_POST
def adding(request: PanelRequest) -> HttpResponse:
    def act(account: AccountView) -> None:
        now, name = read_clock(), request.POST.get("name", "")
        wanted = typed.one(request.POST.get("email", "")).email
        email = contacts.add(
            account.id, name=name, email=wanted, role=request.POST.get("role", ""), by=request.customer, now=now
        )
        announce_people(account.id, "added", name=f"{name} {email}", also=[email], by=request.customer, now=now)

    return _act(request, act, _("Added. Everybody who decides about the account is told."))


@require_POST
def address(request: PanelRequest, contact_id: int) -> HttpResponse:
    def act(account: AccountView) -> None:
        now = read_clock()
        wanted = typed.one(request.POST.get("email", "")).email
        email, before = contacts.change_address(account.id, contact_id, email=wanted, by=request.customer, now=now)
        announce_people(account.id, "changed", name=email, also=[email, *before], by=request.customer, now=now)

    return _act(request, act, _("Changed. The old and the new address are told."), contact_id=contact_id)


@require_POST
def removal(request: PanelRequest, contact_id: int) -> HttpResponse:
    def act(account: AccountView) -> None:
        now = read_clock()
        before = contacts.remove(account.id, contact_id, by=request.customer, now=now)
        participants.leave(account.id, contact_id, by=request.customer, now=now)
        announce_people(account.id, "removed", name=", ".join(before), also=before, by=request.customer, now=now)

    return _act(request, act, _("Removed. Everybody who decides about the account is told."), contact_id=contact_id)
