"""Words about the automatic texts."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.policies.texts import Placeholder, TextName

Words = str | Promise

ABOUT: dict[TextName, tuple[Words, Words]] = {
    TextName.AUTO_REPLY: (
        _("Reply with the number"),
        _("To everybody who writes and has proven nothing. It says nothing of the sender's own words back."),
    ),
    TextName.AUTO_REPLY_PROVEN: (
        _("Reply with number and subject"),
        _("To contacts on file and to senders whose domain vouches for them."),
    ),
    TextName.AUTO_REPLY_OTHER: (
        _("Reply to another sender"),
        _("To somebody who writes into a ticket in which another person asks."),
    ),
    TextName.SUMMARY: (
        _("Several numbers in one letter"),
        _("In place of single replies to whoever writes very often."),
    ),
    TextName.ASK: (_("What we ask for"), _("Filled in where the account was not found, in place of {ask}.")),
}

PLACEHOLDERS: dict[Placeholder, Words] = {
    Placeholder.NUMBER: _("the number of the ticket"),
    Placeholder.NUMBERS: _("the numbers of the tickets"),
    Placeholder.SUBJECT: _("the subject as the sender wrote it"),
    Placeholder.DUE: _("when we will have answered, if that is promised"),
    Placeholder.ZONE: _("the time zone of that"),
    Placeholder.ASK: _("what we ask for, where the account was not found"),
}

PROBLEMS: dict[str, Words] = {
    "required": _("A letter without words cannot be sent."),
    "too_long": _("At most 5000 characters."),
    "control_characters": _("There are control characters in it."),
    "placeholder_unknown": _("There is no placeholder %(name)s."),
    "placeholder_not_here": _("%(name)s is not for this text."),
    "placeholder_missing": _("%(name)s must be in it."),
    "placeholder_may_vanish": _(
        "The line with %(name)s may be left out for another placeholder in it. Give each a line of its own."
    ),
    "stray_brace": _("A brace stands alone. Write placeholders as {number}, and no other braces."),
}

LANGUAGE_NAMES = {"ru": "Русский", "en": "English"}
SAMPLE_SUBJECT = {"ru": "Сайт отдаёт 502", "en": "The site answers 502"}
