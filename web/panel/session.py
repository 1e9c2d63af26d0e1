"""What a panel session knows besides who it is: the account looked at, and how fresh the second factor is."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from core.trust import Fact, FactKind
from customers.actor import Customer, Right
from customers.panel import AccountView, accounts_of
from web.shared.requests import PanelRequest

ACCOUNT = "account"
FACTOR_AT = "factor_at"


def chosen_account(request: PanelRequest) -> tuple[AccountView | None, tuple[AccountView, ...]]:
    """The account he looks at and all of his. None: he has no role anywhere any more."""
    accounts = accounts_of(request.customer)
    wanted = request.session.get(ACCOUNT)
    return next((each for each in accounts if each.public_id == wanted), accounts[0] if accounts else None), accounts


def factor_given(request: HttpRequest, *, now: datetime) -> None:
    request.session[FACTOR_AT] = now.timestamp()


def factor_age(request: HttpRequest, *, now: datetime) -> timedelta | None:
    """Since the last second factor of this session; None without any."""
    at = request.session.get(FACTOR_AT)
    return timedelta(seconds=max(now.timestamp() - at, 0.0)) if at is not None else None


def facts(customer: Customer, account_id: int | None) -> tuple[Fact, ...]:
    """What a signed-in session says of whoever writes in it, judged in this account."""
    verdict = "may_authorise" if customer.may(account_id, Right.AUTHORISE) else "may_ask"
    return (Fact(FactKind.PANEL_SESSION, verdict, customer.key),)
