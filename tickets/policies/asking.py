"""What a form asks beside the words, by the kind of request. Pure; web/shared/asking.py has the words."""

from collections.abc import Mapping

from tickets.enums import Kind

ASKED: dict[Kind, tuple[str, ...]] = {
    Kind.INCIDENT: ("steps", "error", "since", "often", "tried", "wanted"),
    Kind.QUESTION: (),
    Kind.ADMINISTRATIVE: ("change", "procedure"),
}
OFTEN = ("always", "sometimes", "once")
MOST_SUBJECT = 200
MOST_TEXT = 20_000
MOST_DETAIL = 2_000
MOST_LINE = 200  # name, telephone, login, contract, domain


def details(kind: Kind, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What was answered of what this kind asks, in the order of the form."""
    return tuple((code, typed[code].strip()) for code in ASKED.get(kind, ()) if typed.get(code, "").strip())
