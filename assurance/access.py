"""The account card as this ticket's level opens it: what is not here cannot leak."""

from dataclasses import dataclass
from datetime import date

from core.trust import FieldClass, Level
from customers.models import Account
from staff.actor import Actor
from staff.roles import Perm

# field -> class; and from which level a class opens.
FIELDS = {
    "name": FieldClass.GENERAL,
    "customer_since": FieldClass.GENERAL,
    "login": FieldClass.PERSONAL,
    "contracts": FieldClass.PERSONAL,
    "services": FieldClass.PERSONAL,
    "contacts": FieldClass.CONFIDENTIAL,
}
OPENS_AT = {
    FieldClass.GENERAL: Level.CONTRADICTED,
    FieldClass.PERSONAL: Level.RECOGNISED,
    FieldClass.CONFIDENTIAL: Level.AUTHORISED,
}


@dataclass(frozen=True, slots=True)
class ServiceView:
    name: str
    kind: str
    domain: str
    paid_until: date | None
    is_working: bool


@dataclass(frozen=True, slots=True)
class AccountCard:
    """`None` or an empty list means: closed at this level, see `closed` for the level that opens it."""

    account_id: int
    name: str
    customer_since: date | None
    login: str | None = None
    contracts: tuple[str, ...] = ()
    services: tuple[ServiceView, ...] = ()
    closed: tuple[tuple[str, int], ...] = ()  # (field, level needed)


def card(actor: Actor, account_id: int, *, level: Level) -> AccountCard | None:
    """Nothing for people who may not see tickets. Three queries when open, one when closed."""
    if not actor.may(Perm.SEE_TICKETS):
        return None
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return None
    closed = tuple((name, int(OPENS_AT[kind])) for name, kind in FIELDS.items() if level < OPENS_AT[kind])
    if level < OPENS_AT[FieldClass.PERSONAL]:
        return AccountCard(account.pk, account.name, account.customer_since, closed=closed)
    return AccountCard(
        account.pk,
        account.name,
        account.customer_since,
        login=account.login,
        contracts=tuple(account.contracts.values_list("number", flat=True)),
        services=tuple(
            ServiceView(s.name, s.kind, s.domain, s.paid_until, s.is_working) for s in account.services.all()[:20]
        ),
        closed=closed,
    )
