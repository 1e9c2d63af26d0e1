"""What a panel session knows besides who it is: the account looked at."""

from core.trust import Fact, FactKind
from customers.actor import Customer, Right
from customers.panel import AccountView, accounts_of
from web.shared.requests import PanelRequest

ACCOUNT = "account"


def chosen_account(request: PanelRequest) -> tuple[AccountView | None, tuple[AccountView, ...]]:
    """The account he looks at and all of his. None: he has no role anywhere any more."""
    accounts = accounts_of(request.customer)
    wanted = request.session.get(ACCOUNT)
    return next((each for each in accounts if each.public_id == wanted), accounts[0] if accounts else None), accounts


def facts(customer: Customer, account_id: int | None) -> tuple[Fact, ...]:
    """What a signed-in session says of whoever writes in it, judged in this account."""
    verdict = "may_authorise" if customer.may(account_id, Right.AUTHORISE) else "may_ask"
    return (Fact(FactKind.PANEL_SESSION, verdict, customer.key),)
