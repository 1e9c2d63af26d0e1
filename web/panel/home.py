"""The first page: what waits for the customer, his tickets in plain words, his services, and the code for a call."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from assurance.services import codes
from core.clock import now as read_clock
from customers.actor import Right
from customers.panel import people_of, services_of
from tickets.numbers import pretty
from tickets.policies.plain_state import PlainState
from tickets.queries.critical import actions_for
from tickets.queries.customer_lists import tickets_of
from tickets.queries.our_letters import letter_with_code
from tickets.queries.owed import Owed, owed
from web.panel.session import ACCOUNT, chosen_account
from web.shared.numbers import number_in
from web.shared.requests import PanelRequest


@require_safe
@never_cache
def home(request: PanelRequest) -> HttpResponse:
    return _page(request)


def _page(request: PanelRequest, **more: object) -> HttpResponse:
    account, accounts = chosen_account(request)
    wants_all = request.GET.get("all") == "1"
    before = request.GET.get("before", "")
    customer, account_id = request.customer, account.id if account else None
    now = read_clock()
    page = tickets_of(
        customer,
        account_id=account_id,
        states=None if wants_all else (PlainState.YOURS, PlainState.WORKING),
        before=number_in(before),
        now=now,
    )
    open_ones = [row for row in page.rows if row.state is not PlainState.DONE]
    between_us = owed(customer, [row.id for row in open_ones], now=now)
    each = [(row, between_us.get(row.id, Owed())) for row in page.rows]
    yours = [(row, owes) for row, owes in each if row.state is PlainState.YOURS or owes.missing]
    decisions = actions_for(customer, only_open=True)
    context = {
        "now": now,
        "section": "home",
        "rows": each,
        "account": account,
        "accounts": accounts,
        "tickets": page,
        "wants_all": wants_all,
        "yours": yours,
        "decisions": decisions,
        "needs": len(yours) + len(decisions),
        "services": services_of(account_id) if account_id else (),
        "people": people_of(account_id, you=customer) if account_id else (),
        "may_manage": customer.may(account_id, Right.MANAGE),
        **more,
    }
    return render(request, "panel/home.html", context)


@require_POST
def account(request: PanelRequest) -> HttpResponse:
    """Looks at another of his accounts; one that is not his changes nothing."""
    _, accounts = chosen_account(request)
    if request.POST.get("account") in {each.public_id for each in accounts}:
        request.session[ACCOUNT] = request.POST["account"]
    return redirect("panel:home")


@require_POST
@never_cache
def call_code(request: PanelRequest) -> HttpResponse:
    """A code to read to the operator, shown on this one answer."""
    account, _ = chosen_account(request)
    if account is None:
        return redirect("panel:home")
    made = codes.make_for_customer(account.id, contact_id=request.customer.contact_id, now=read_clock())
    return _page(request, call_code=f"{made[:4]} {made[4:]}")


@require_POST
@never_cache
def our_code(request: PanelRequest) -> HttpResponse:
    """Is it really us? A code that whoever calls him has read out."""
    account, _ = chosen_account(request)
    if account is None:
        return redirect("panel:home")
    now = read_clock()
    if codes.is_barred(account.id, kind="desk_code", now=now):
        return _page(request, our_answer="barred")
    letter = letter_with_code(request.customer, account.id, request.POST.get("code", ""), now=now)
    if letter is not None:
        return _page(request, our_answer="letter", our_letter=letter)
    found = codes.check_desks(account.id, request.POST.get("code", ""), now=now)
    if found is None:
        return _page(request, our_answer="wrong")
    who = (found.staff.public_name or found.staff.name) if found.staff else ""
    number = pretty(found.ticket.number) if found.ticket else ""
    return _page(request, our_answer="right", our_name=who, our_number=number)
