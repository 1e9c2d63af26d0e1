"""What a visitor typed into the form, read strictly; each wrong field has a message of its own."""

from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app import typed as addresses
from channels_app.web_form import TypedRequest
from core.phones import numbers_in
from customers.policies import consent
from tickets.enums import Kind
from tickets.policies import asking
from tickets.services.refused import Refused
from web.public import slips

LINES = ("name", "phone", "login", "contract", "domain")
FIELDS = (
    "kind",
    "subject",
    "text",
    "email",
    *LINES,
    *dict.fromkeys(c for codes in asking.ASKED.values() for c in codes),
)
HONEYPOT = "website"
Errors = dict[str, Promise | str]

ADDRESS_ERRORS: dict[str, Promise | str] = {
    "unreadable_address": _("This is not an address mail can be sent to. It looks like name@example.com."),
    "look_alike_address": _("The domain mixes letters of several alphabets. Type it anew."),
    "own_address": _("This is our own address. Type yours."),
}
UNREADABLE = _("One address, please, as name@example.com.")


@dataclass(slots=True)
class Filled:
    """`said` is kept as it came, for the form to show again."""

    said: dict[str, str]
    errors: Errors = field(default_factory=dict)
    email: str = ""


def read(form: QueryDict) -> Filled:
    filled = Filled({name: form.get(name, "").replace("\r\n", "\n") for name in FIELDS})
    said, errors = filled.said, filled.errors
    if said["kind"] not in {kind.value for kind in asking.ASKED}:
        errors["kind"] = _("Choose what it is about.")
    for name, value in said.items():
        most = _most(name)
        if "\x00" in value:
            said[name] = value.replace("\x00", "")
            errors[name] = _(
                "There was a character that cannot be stored. It is gone; look at the text and send again."
            )
        elif len(value) > most:
            errors[name] = _("Too long: at most %(most)s characters.") % {"most": most}
    if not said["subject"].strip():
        errors.setdefault("subject", _("Say in one sentence what you need."))
    if not said["text"].strip():
        errors.setdefault("text", _("Write a few words more."))
    filled.email = _email(said["email"], errors)
    if (meant := slips.meant(filled.email)) and form.get("email_seen") != said["email"]:
        errors["email"] = _("Did you mean %(meant)s? If the address is right as it is, send the form again.") % {
            "meant": meant
        }
    if said["phone"].strip() and not _is_phone(said["phone"]):
        errors.setdefault("phone", _("This is not a telephone number. With the area code, please."))
    if said["often"] and said["often"] not in asking.OFTEN:
        errors["often"] = _("Choose one of the list.")
    if form.get("consent") != consent.VERSION:
        errors["consent"] = _("Without your consent we may not keep what you typed.")
    return filled


def address_in(text: str) -> tuple[str, Promise | str]:
    """The one address in its normal form, or "" and why not."""
    if not text.strip().isprintable():
        return "", UNREADABLE
    try:
        return addresses.one(text).email, ""
    except Refused as refusal:
        return "", ADDRESS_ERRORS.get(refusal.code, UNREADABLE)


def _is_phone(text: str) -> bool:
    found = numbers_in(text, region=settings.PHONE_REGION, area_code=settings.PHONE_AREA_CODE)
    return any(phone.number for phone in found)


def _email(text: str, errors: Errors) -> str:
    if not text.strip():
        errors.setdefault("email", _("Without an address we cannot answer."))
        return ""
    if "email" in errors:
        return ""
    email, refusal = address_in(text)
    if refusal:
        errors["email"] = refusal
    return email


def _most(name: str) -> int:
    if name in LINES or name == "kind":
        return asking.MOST_LINE
    return {"subject": asking.MOST_SUBJECT, "text": asking.MOST_TEXT, "email": 254}.get(name, asking.MOST_DETAIL)


def request_of(filled: Filled, request_id: UUID, *, language: str) -> TypedRequest:
    said = filled.said
    kind = Kind(said["kind"])
    return TypedRequest(
        request_id=request_id,
        kind=kind,
        subject=" ".join(said["subject"].split()),
        text=said["text"].strip(),
        details=(*asking.details(kind, said), ("consent", consent.VERSION)),
        email=filled.email,
        language=language,
        **{name: " ".join(said[name].split()) for name in LINES},
    )
