"""Words of several surfaces, which don't read each other's: for codes of the rules, and for what has two names."""

from collections.abc import Mapping
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

LEVELS: Words = {
    "0": _("contradicted"),
    "1": _("claimed"),
    "2": _("vouched for"),
    "3": _("recognised"),
    "4": _("authorised"),
    "5": _("strongly authorised"),
}

KINDS: Words = {
    "incident": _("Incident"),
    "question": _("Question"),
    "change_request": _("Change request"),
    "administrative": _("Administrative"),
    "restricted": _("Restricted"),
}

SERVICE_KINDS: Words = {
    "hosting": _("Hosting"),
    "domain": _("Domain"),
    "certificate": _("Certificate"),
    "server": _("Server"),
}

PARAMETERS: Words = {
    "login": _("Login"),
    "what": _("What exactly"),
    "domain": _("Domain"),
    "amount": _("How much"),
    "where": _("Where to"),
    "new_email": _("New address"),
    "new_owner": _("New owner"),
    "document": _("Document"),
}

DOCUMENTS: Words = {
    "qualified_signature": _("document with a qualified electronic signature"),
    "letterhead_checked": _("letterhead, checked against the public register"),
    "in_person": _("in person, with a passport"),
}


class InTwoLanguages(Protocol):
    @property
    def name_ru(self) -> str: ...
    @property
    def name_en(self) -> str: ...


def own_name(thing: InTwoLanguages) -> str:
    """The name of a queue, an action or a field in the language of the page."""
    return thing.name_ru if (get_language() or "").startswith("ru") else thing.name_en


def word(table: Words, code: object) -> str:
    """The word for a code; the code itself when the table does not know it, so that nothing is hidden."""
    return str(table.get(str(code), code))
