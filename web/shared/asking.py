"""The words of what a form asks (tickets/policies/asking.py), for the page that asks and the page that shows."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.enums import Kind
from tickets.policies.asking import ASKED, OFTEN

Words = Promise | str


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    label: Words
    hint: Words = ""
    is_long: bool = False


QUESTIONS = {
    each.code: each
    for each in (
        Question("steps", _("What did you do, step by step?"), _("Up to the moment it went wrong."), is_long=True),
        Question("error", _("Text and code of the error"), _("As it stands on the screen."), is_long=True),
        Question("since", _("Since when?"), _("Date and time, as exactly as you know.")),
        Question("often", _("How often?")),
        Question("tried", _("What have you tried already?"), is_long=True),
        Question("wanted", _("What should the result be?"), is_long=True),
        Question("change", _("What shall we find out or change?"), is_long=True),
        Question("procedure", _("How should it be done?"), _("By which procedure, document or date, if you know.")),
    )
}
HOW_OFTEN = {"always": _("Every time"), "sometimes": _("Now and then"), "once": _("It happened once")}
KINDS = {
    Kind.INCIDENT: (_("Something does not work"), _("An error, a fault, no access")),
    Kind.QUESTION: (_("I have a question"), _("Prices, services, how to do something")),
    Kind.ADMINISTRATIVE: (_("Find out or change"), _("Contract, payment, documents, data")),
}


def questions_of(kind: Kind) -> list[Question]:
    return [QUESTIONS[code] for code in ASKED[kind]]


def shown(details: tuple[tuple[str, str], ...]) -> list[tuple[Words, Words]]:
    """What was answered, in words; a code nobody knows stands as it is."""
    return [
        (QUESTIONS[code].label if code in QUESTIONS else _OTHER.get(code, code), _value(code, value))
        for code, value in details
    ]


def _value(code: str, value: str) -> Words:
    return HOW_OFTEN.get(value, value) if code == "often" and value in OFTEN else value


_OTHER: dict[str, Words] = {"consent": _("Agreed to the processing of personal data, version")}
