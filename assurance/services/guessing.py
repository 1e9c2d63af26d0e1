"""Whose password is guessed from everywhere hears of it, and how he gets in with a new browser meanwhile."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from customers.queries import customer_at
from events.registry import Subscriber, Work
from staff.actor import SYSTEM
from staff.models import StaffProfile
from staff.services import letters as staff_letters
from users import known_browsers
from users.models import User

SUBJECT = _("Somebody is guessing your password")


def tell(work: Work) -> None:
    realm, _colon, number = work.payload["person"].partition(":")
    with transaction.atomic():
        if realm == "staff":
            _tell_colleague(int(number), work)
        elif realm == "contact":
            _tell_customer(int(number), work)


def _tell_colleague(staff_id: int, work: Work) -> None:
    person = StaffProfile.objects.select_related("user").get(pk=staff_id)
    context: dict[str, object] = {
        "at": work.event_at,
        "code": known_browsers.code(person.user, now=work.event_at).reveal(),
    }
    staff_letters.queue(
        person, "guessing", subject=SUBJECT, context=context, by=SYSTEM.key, now=work.event_at, once=work.once
    )


def _tell_customer(contact_id: int, work: Work) -> None:
    customer = customer_at(contact_id)
    if customer is None or customer.user_id is None:
        return
    code = known_browsers.code(User.objects.get(pk=customer.user_id), now=work.event_at).reveal()
    for account_id in list(customer.roles)[:1]:  # in whose name a letter leaves; once is enough
        letters.queue(
            account_id,
            [customer.email],
            "guessing",
            subject=SUBJECT,
            context={"at": work.event_at, "code": code},
            language=customer.language or settings.LANGUAGE_CODE,
            now=work.event_at,
            once=work.once,
        )


SUBSCRIBER = Subscriber(name="guessing_letters", handler=tell)
