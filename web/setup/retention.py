"""How long what is kept, as lines of a form, with what would go by them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from privacy import retention
from privacy.retention import COUNTED, MOST_DAYS, Kept


@dataclass(frozen=True, slots=True)
class KindWords:
    name: str | Promise
    goes: str | Promise
    since: str | Promise = ""  # where it is not simply its making


KINDS: dict[str, KindWords] = {
    "tickets": KindWords(
        gettext_lazy("Finished tickets"),
        gettext_lazy("Words, names, addresses and files. Number, times, states and figures stay."),
        gettext_lazy("Counted from the last change."),
    ),
    "spam": KindWords(
        gettext_lazy("Spam and refused mail"),
        gettext_lazy("Words and files of tickets marked as spam, and mail that was refused."),
    ),
    "mail": KindWords(
        gettext_lazy("Mail as it came"),
        gettext_lazy("Bytes and headers of letters whose words are in a ticket: what proves them."),
    ),
    "calls": KindWords(
        gettext_lazy("Calls without a ticket"),
        gettext_lazy("Who called, what about and what was answered. Number, times and how it ended stay."),
        gettext_lazy("Counted from their end."),
    ),
    "views": KindWords(gettext_lazy("View log"), gettext_lazy("Who opened which ticket or closed field, and why.")),
    "letters": KindWords(
        gettext_lazy("Letters of the desk itself"),
        gettext_lazy("To whom of customers and colleagues such a letter went, and when."),
    ),
    "notices": KindWords(gettext_lazy("Notifications"), gettext_lazy("What colleagues were told in the page.")),
    "drafts": KindWords(
        gettext_lazy("Drafts"),
        gettext_lazy("What was written and not sent, with its files."),
        gettext_lazy("Counted from the last change."),
    ),
    "sign_ins": KindWords(
        gettext_lazy("Failed sign-ins"), gettext_lazy("Login, address and browser of who could not sign in.")
    ),
    "refusals": KindWords(
        gettext_lazy("Mail turned away at the door"), gettext_lazy("Addresses of letters the listener did not take.")
    ),
    "imports": KindWords(
        gettext_lazy("Import files"),
        gettext_lazy("The file and its lines. The counts stay."),
        gettext_lazy("Counted from their end."),
    ),
    "answers": KindWords(
        gettext_lazy("Answers of the API"), gettext_lazy("Kept so that a request sent twice is done once.")
    ),
    "visits": KindWords(
        gettext_lazy("Visitors"), gettext_lazy("Who asked after a ticket, and forms that were never confirmed.")
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    code: str
    words: KindWords
    days: str  # as it stands in the field
    allowed: str
    may_stay: bool
    waiting: str
    set_by: str
    set_at: datetime | None
    in_force_at: datetime | None
    error: str = ""


def rows(
    now: datetime,
    *,
    days: dict[str, int | None] | None = None,
    typed: dict[str, str] | None = None,
    refused: dict[str, str] | None = None,
) -> list[Row]:
    """As the rules are, as they would be with `days`, or as they were `typed` and refused."""
    return [_row(kept, typed or {}, refused or {}) for kept in retention.kept(now, days=days)]


def _row(kept: Kept, typed: dict[str, str], refused: dict[str, str]) -> Row:
    kind = kept.kind
    words = KINDS[kind.code]
    return Row(
        code=kind.code,
        words=words,
        days=typed.get(kind.code, "" if kept.days is None else str(kept.days)),
        allowed=_allowed(kind),
        may_stay=kind.may_stay,
        waiting=_("more than %(count)s") % {"count": COUNTED} if kept.waiting > COUNTED else str(kept.waiting),
        set_by=kept.by_name,
        set_at=kept.set_at,
        in_force_at=kept.in_force_at,
        error=_error(refused[kind.code], kind) if kind.code in refused else "",
    )


def _allowed(kind: retention.Kind) -> str:
    least = ngettext("from %(count)s day", "from %(count)s days", kind.least) % {"count": kind.least}
    return _("%(least)s, empty: for ever") % {"least": least} if kind.may_stay else least


def _error(code: str, kind: retention.Kind) -> str:
    words: dict[str, str | Promise] = {
        "no_number": gettext_lazy("Write a whole number of days."),
        "not_for_ever": gettext_lazy("This is not kept for ever: write a number of days."),
        "too_long": gettext_lazy("At most %(most)s days."),
        "too_short": gettext_lazy("At least %(least)s days."),
    }
    return str(words[code]) % {"least": kind.least, "most": MOST_DAYS}
