"""Whoever a second factor belongs to hears of every change of it, and so does whoever decides with him."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from customers.actor import Customer, Right
from customers.queries import customer_at
from events.registry import Subscriber, Work
from staff.actor import SYSTEM
from staff.models import StaffProfile
from staff.services import letters as staff_letters

SUBJECTS: dict[str, Promise] = {
    "app_added": _("A code app was added to your sign-in"),
    "passkey_added": _("A passkey was added to your sign-in"),
    "app_removed": _("A code app was removed from your sign-in"),
    "passkey_removed": _("A passkey was removed from your sign-in"),
    "codes_made": _("New recovery codes were made for your sign-in"),
    "code_used": _("A recovery code of yours was used"),
    "app_closed": _("Too many wrong codes were typed at your sign-in"),
    "app_opened": _("Codes of your app are taken again"),
    "door_on": _("A second factor is asked for at each sign-in now"),
    "off": _("Your second factor was switched off"),
    "door_off": _("A second factor is not asked for at each sign-in any more"),
}
ADDED = ("app_added", "passkey_added")  # told to whoever decides about the account too


def tell(work: Work) -> None:
    realm, _colon, number = work.payload["person"].partition(":")
    with transaction.atomic():
        if realm == "staff":
            _tell_colleague(int(number), work)
        elif customer := customer_at(int(number)):
            _tell_customer(customer, work)


def _said(work: Work) -> dict[str, Any]:
    return {"what": work.payload["what"], "left": work.payload.get("left"), "at": work.event_at}


def _tell_colleague(staff_id: int, work: Work) -> None:
    person = StaffProfile.objects.select_related("user").get(pk=staff_id)
    staff_letters.queue(
        person,
        "factor",
        subject=SUBJECTS[work.payload["what"]],
        context=_said(work) | {"link": f"{settings.SITE_URL}/desk/me/#sessions-h"},
        by=SYSTEM.key,
        now=work.event_at,
        once=work.once,
    )


def _tell_customer(customer: Customer, work: Work) -> None:
    """Once to himself; a new factor also to everybody who decides about an account in which he may decide."""
    what = work.payload["what"]
    language = customer.language or settings.LANGUAGE_CODE
    context = _said(work) | {"name": customer.name, "link": f"{settings.SITE_URL}/panel/me/#sessions-h"}
    for account_id in list(customer.roles)[:1]:
        letters.queue(
            account_id,
            [customer.email],
            "factor",
            subject=SUBJECTS[what],
            context=context | {"is_his": True},
            language=language,
            now=work.event_at,
            once=work.once,
        )
    for account_id in customer.accounts(Right.AUTHORISE) if what in ADDED else ():
        letters.queue(
            account_id,
            [each for each in letters.administrative_people(account_id) if each != customer.email],
            "factor",
            subject=_("A second factor was switched on"),
            context=context | {"is_his": False},
            language=language,
            now=work.event_at,
            once=work.once,
        )


SUBSCRIBER = Subscriber(name="factor_letters", handler=tell)
