"""Words for the codes of the set-up."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from staff.roles import Role
from tickets.enums import FieldKind
from users.api_tokens import Scope

ROLES: dict[str, tuple[str | Promise, str | Promise]] = {
    Role.AGENT: (_("Agent"), _("Works the tickets of his teams")),
    Role.LEAD: (_("Lead"), _("Sees all tickets, assigns them to others")),
    Role.QUALITY: (_("Quality control"), _("Reads everything, changes nothing")),
    Role.ADMIN: (_("Administrator"), _("Sets the desk up, reads no tickets")),
}

REFUSALS: dict[str, str | Promise] = {
    "bad_email": _("This is no e-mail address."),
    "email_taken": _("Somebody has this address already."),
    "no_name": _("Say the name that colleagues read."),
    "name_too_long": _("The name is longer than 150 characters."),
    "locks_himself_out": _("You would lock yourself out of the set-up. Ask another administrator to do it."),
    "last_administrator": _("Nobody could set the desk up any more. Make somebody else an administrator first."),
    "last_lead": _("Nobody could give tickets to others any more. Make somebody else a lead first."),
    "bad_tier": _("Choose a tier."),
    "no_team": _("Choose a team that is in use."),
    "no_queue": _("Choose a queue in use where its open tickets go."),
    "team_serves": _("This team serves queues. Give them to another team first."),
    "queue_has_mailbox": _("A mailbox files into this queue. Give it another queue first."),
    "long_signature": _("The signature is too long: 1,000 letters at most."),
    "no_token_name": _("Say which program it is for."),
    "no_scope": _("Choose what it may do."),
    "bad_pace": _("A whole number from 1 to 60000."),
    "in_the_past": _("This day has gone by."),
    "no_issuer": _("Say the issuer in 1 to 64 characters."),
    "issuer_taken": _("This issuer has a key already. Give the new one another name."),
    "no_algorithm": _("Choose how links are signed."),
    "no_public_key": _("This is no public Ed25519 key in PEM."),
    "no_day": _("This is no day. Write it as 25.11.2026."),
    "blocked": _("This person is blocked. Unblock first."),
}


def of_refusal(code: str) -> str:
    return str(REFUSALS.get(code, code))


SCOPES: dict[str, str | Promise] = {
    Scope.ACCOUNTS_READ: _("Read accounts, contacts and services"),
    Scope.ACCOUNTS_WRITE: _("Put accounts, contacts and services on file"),
    Scope.TICKETS_READ: _("Read tickets and what was said in them"),
    Scope.TICKETS_WRITE: _("Open tickets, answer, close and reopen for signed-in customers"),
    Scope.EVIDENCE_READ: _("Read what proves a request"),
    Scope.ACTIONS_READ: _("Read the critical actions that a customer may authorise"),
}

ALGORITHMS: dict[str, str | Promise] = {
    "HS256": _("With a key that both sides share; we make it"),
    "EdDSA": _("With its own Ed25519 key; we keep the public half"),
}

SIGNATURE: dict[str, str | Promise] = {
    "name": _("the name of whoever answers, as customers read it"),
    "queue": _("the name of the queue in the language of the ticket"),
    "number": _("the number of the ticket; empty in letters to third parties"),
}

TAG_COLOURS: dict[str, str | Promise] = {
    "a": _("blue"),
    "b": _("turquoise"),
    "c": _("ochre"),
    "d": _("violet"),
    "e": _("grey"),
}

LOOK: dict[str, str | Promise] = {
    "too_long": _("The name is longer than 60 characters."),
    "no_colour": _("This is no colour. Write it as #2150d0."),
    "too_pale": _("Words in this colour, or white words on it, could not be read by everybody."),
    "no_png": _("The logo must be a PNG file."),
    "too_many_bytes": _("The logo is larger than 200 KB."),
    "too_heavy_for_letters": _("The logo is larger than 30 KB: too heavy to go with every letter."),
    "too_large": _("The logo is wider or taller than 512 pixels."),
    "broken": _("This PNG file is damaged. Save it anew and try again."),
}

FIELD_KINDS: dict[str, str | Promise] = {
    FieldKind.TEXT: _("text"),
    FieldKind.NUMBER: _("number"),
    FieldKind.DATE: _("date"),
    FieldKind.CHOICE: _("choice"),
    FieldKind.YES_NO: _("yes or no"),
}

FIELD_REFUSALS: dict[str, str | Promise] = {
    "no_name": _("Write a name."),
    "long_name": _("The name is longer than 60 characters."),
    "no_such_kind": _("Choose a kind."),
    "no_queue": _("Choose queues of the list."),
    "odd_place": _("Write a number from 0 to 999."),
    "no_choices": _("At least one choice has to be offered."),
    "nameless_choice": _("A choice that is on tickets keeps a name. To withdraw it, take away “offered”."),
    "long_choice": _("A choice is longer than 60 characters."),
    "too_many_choices": _("A hundred choices at most."),
    "choice_twice": _("Two of the choices offered have the same name."),
    "too_many_fields": _("Forty fields at most are in use at a time. Retire one first."),
}


ASK_LIST_REFUSALS: dict[str, str | Promise] = {
    "no_name": _("Write a name."),
    "long_name": _("The name is longer than 60 characters."),
    "asks_nothing": _("Write at least one thing to ask for."),
    "ask_too_many": _("Twenty things at most."),
    "ask_too_long": _("A line is longer than 300 characters."),
    "no_such_kind": _("Choose kinds of the list."),
    "odd_place": _("Write a number from 0 to 999."),
    "too_many_lists": _("Forty lists at most are in use at a time. Retire one first."),
}


def of_ask_list_refusal(code: str) -> str:
    return str(ASK_LIST_REFUSALS.get(code, code))


def of_field_refusal(code: str) -> str:
    return str(FIELD_REFUSALS.get(code, code))
