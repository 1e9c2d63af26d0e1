"""An administrative address that the provider's own system or a file replaced: both addresses hear of it, and everybody
on file.
"""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assurance.services import letters
from customers.models import Account
from events.registry import Subscriber, Work


def tell(work: Work) -> None:
    account = Account.objects.get(pk=work.payload["account_id"])
    with transaction.atomic():
        letters.queue(
            account.pk,
            letters.everybody_on_file(account.pk),
            "administrative",
            subject=_("The administrative address of your account was replaced"),
            context={"name": account.name, "at": work.event_at},
            language=account.language or settings.LANGUAGE_CODE,
            now=work.event_at,
            once=work.once,
        )


SUBSCRIBER = Subscriber(name="address_letters", handler=tell)
