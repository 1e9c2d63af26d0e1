"""The account card as this ticket's level opens it: what is not here cannot leak."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from core.trust import FieldClass, Level
from customers.models import Account, Contract, Service
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


_MOST_SERVICES = 20
_SERVICE = JSONObject(**{name: name for name in ("name", "kind", "domain", "paid_until", "is_working")})
_CONTRACTS = Contract.objects.filter(account=OuterRef("pk")).order_by("id")
_SERVICES = Service.objects.filter(account=OuterRef("pk")).order_by("id")
_PERSONAL = {
    "numbers": ArraySubquery(_CONTRACTS.values("number")),
    "shown_services": ArraySubquery(_SERVICES.values(one=_SERVICE)[:_MOST_SERVICES]),
}


def _service(values: dict[str, Any]) -> ServiceView:
    paid_until = values["paid_until"] and date.fromisoformat(values["paid_until"])
    return ServiceView(values["name"], values["kind"], values["domain"], paid_until, values["is_working"])


def card(actor: Actor, account_id: int, *, level: Level) -> AccountCard | None:
    """Nothing for people who may not see tickets. One query."""
    if not actor.may(Perm.SEE_TICKETS):
        return None
    is_personal_open = level >= OPENS_AT[FieldClass.PERSONAL]
    columns: QuerySet[Account, Any] = Account.objects.values("name", "customer_since")
    if is_personal_open:
        columns = columns.values("name", "customer_since", "login", **_PERSONAL)
    account = columns.filter(pk=account_id).first()
    if account is None:
        return None
    closed = tuple((name, int(OPENS_AT[kind])) for name, kind in FIELDS.items() if level < OPENS_AT[kind])
    if not is_personal_open:
        return AccountCard(account_id, account["name"], account["customer_since"], closed=closed)
    return AccountCard(
        account_id,
        account["name"],
        account["customer_since"],
        login=account["login"],
        contracts=tuple(account["numbers"]),
        services=tuple(_service(values) for values in account["shown_services"]),
        closed=closed,
    )
