"""Letters of the desk to people on file of an account. Queued in the transaction of what they tell."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from assurance.access import administrative_address
from assurance.event_types import AccountLetterQueued
from assurance.models import AccountLetter
from core.letter_ids import letter_id
from core.sealed import Secret, seal, unseal
from customers.models import ContactPoint
from events import outbox
from staff.actor import SYSTEM

TOLD_ROLES = ("owner", "administrative")


def queue(
    account_id: int,
    to: Iterable[str],
    template: str,
    *,
    subject: str | Promise,
    context: Mapping[str, object],
    language: str,
    now: datetime,
    once: str = "",
) -> list[AccountLetter]:
    """One letter for each address, of templates/email/account/<template>.<language>.txt. Gives those that are new.

    The subject comes lazy and unfilled, to be said in that language too: `%(number)s` in it is that of the context.
    With `once` of a work (events.registry), who had his letter of this account at an earlier attempt has no other.
    """
    language = "ru" if language.startswith("ru") else "en"
    with translation.override(language):
        text = render_to_string(f"email/account/{template}.{language}.txt", dict(context))
        letters = [
            AccountLetter(
                account_id=account_id,
                email=email,
                language=language,
                subject=(str(subject) % dict(context))[:300],
                text=seal(Secret(text)),
                mail_id=letter_id("account", once=once and f"{once} {account_id} {email}"),
                created_at=now,
            )
            for email in dict.fromkeys(filter(None, to))
        ]
    if once:
        queued = set(
            AccountLetter.objects.filter(mail_id__in=[each.mail_id for each in letters]).values_list("mail_id")
        )
        letters = [each for each in letters if (each.mail_id,) not in queued]
    AccountLetter.objects.bulk_create(letters)
    events = [AccountLetterQueued(account_id=account_id, letter_id=letter.pk) for letter in letters]
    outbox.record(*events, by=SYSTEM.key, now=now)
    return letters


def administrative_people(account_id: int) -> list[str]:
    """The administrative address and those of every owner and administrative contact. Two queries."""
    address = administrative_address(account_id)
    on_file = ContactPoint.objects.filter(
        account_id=account_id,
        kind="email",
        contact__roles__account_id=account_id,
        contact__roles__role__in=TOLD_ROLES,
    )
    values = on_file.order_by("id").values_list("value", flat=True)
    return list(dict.fromkeys([*([address.email] if address else []), *values]))


def everybody_on_file(account_id: int) -> list[str]:
    """Every address known of it, the administrative one of before too. Two queries."""
    address = administrative_address(account_id)
    points = ContactPoint.objects.filter(account_id=account_id, kind="email").order_by("id")
    known = [*((address.email, address.before) if address else ()), *points.values_list("value", flat=True)]
    return list(dict.fromkeys(filter(None, known)))


def letter(letter_id: int) -> AccountLetter:
    """With its words readable."""
    found = AccountLetter.objects.get(pk=letter_id)
    found.text = words_of(found)
    return found


def words_of(found: AccountLetter) -> str:
    """Sealed while it waits: whoever copies the table has no link that counts."""
    return unseal(found.text).reveal() if found.text else ""


def record_end(letter_id: int, *, status: str, detail: str = "") -> None:
    """What became of it. Once sent its words are forgotten: they may hold a link that counts."""
    ended = {"status": status, "detail": detail[:300]} | ({"text": ""} if status == "sent" else {})
    AccountLetter.objects.filter(pk=letter_id).update(**ended)
