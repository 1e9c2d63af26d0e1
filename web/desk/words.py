"""What codes of the rules read like on the pages. One table a vocabulary; unknown codes show as they are."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.policies import Pace, Way
from automation.words import KINDS as KINDS_TOLD
from tickets.enums import Metric, Priority, Scale, Status
from tickets.policies.promises import PromiseState
from web.shared.refusals import REFUSALS as REFUSALS  # one of the vocabularies, long enough for a module
from web.shared.words import DOCUMENTS as DOCUMENTS  # these four are other surfaces' words too
from web.shared.words import KINDS as KINDS
from web.shared.words import LEVELS as LEVELS
from web.shared.words import PARAMETERS as PARAMETERS
from web.shared.words import Words, word

# status -> (word, class of design/app.css, icon)
STATUSES: dict[str, tuple[str | Promise, str, str]] = {
    Status.NEW: (_("New"), "new", "sparkle"),
    Status.OPEN: (_("In progress"), "open", "circle-dot"),
    Status.WAITING_CUSTOMER: (_("Waiting for customer"), "cust", "reply"),
    Status.WAITING_CONFIRMATION: (_("Waiting for confirmation"), "cust", "mail-check"),
    Status.WAITING_THIRD_PARTY: (_("Waiting for third party"), "third", "hourglass"),
    Status.WORKAROUND: (_("Workaround given"), "work", "wrench"),
    Status.RESOLVED: (_("Resolved"), "done", "circle-check"),
    Status.CLOSED: (_("Closed"), "closed", "archive"),
}

# view -> (title, icon)
VIEWS: dict[str, tuple[str | Promise, str]] = {
    "mine_and_new": (_("Mine and new"), "inbox"),
    "overdue": (_("Overdue"), "flame"),
    "mine": (_("Only mine"), "user"),
    "unassigned": (_("Nobody's yet"), "user-x"),
    "waiting_customer": (_("Waiting for customer"), "reply"),
    "waiting_confirmation": (_("Waiting for confirmation"), "mail-check"),
    "all": (_("All open"), "rows-3"),
    "done": (_("Done"), "ticket-check"),
    "spam": (_("Spam"), "shield"),
}

# group of the queue page -> (title, icon, class)
GROUPS: dict[str, tuple[str | Promise, str, str]] = {
    "overdue": (_("Overdue"), "flame", "danger"),
    "soon": (_("Under half an hour"), "timer", "warn"),
    "today": (_("Today"), "clock", ""),
    "later": (_("Later"), "calendar-clock", ""),
    "no_clock": (_("No clock running"), "pause", ""),
}

DOORS: dict[str, tuple[str | Promise, str]] = {
    "email": (_("E-mail"), "mail"),
    "form": (_("Form on the site"), "globe"),
    "panel": (_("Control panel"), "layout-panel-left"),
    "phone": (_("Call"), "phone"),
    "api": (_("The provider's panel"), "layout-panel-left"),
    "desk": (_("Begun by the desk"), "square-pen"),
    "chat": (_("Chat"), "message-circle"),
}

LANGUAGES: Words = {"ru": "Русский", "en": "English"}


# "At least the lowest" asks for nothing.
LEVELS_TO_ASK: Words = {code: word for code, word in LEVELS.items() if code != "0"}

# What an agent may do at each level, one sentence.
ADVICE: Words = {
    "0": _("Something contradicts who this says it is. Give away nothing about any account."),
    "1": _("Anybody could have written this. General information only."),
    "2": _(
        "The address is vouched for by its domain, a forwarder we know or a code mailed to it."
        " Who the person is, is not known."
    ),
    "3": _("A contact on file. Services of the account may be discussed, access may not be changed."),
    "4": _("Proved by the account's own means."),
    "5": _("Proved afresh with a second factor."),
}

SCALES: Words = {str(Scale.LOW.value): _("Low"), str(Scale.MEDIUM.value): _("Medium"), str(Scale.HIGH.value): _("High")}

PRIORITIES: Words = {
    str(Priority.LOW.value): _("Low"),
    str(Priority.NORMAL.value): _("Normal"),
    str(Priority.HIGH.value): _("High"),
    str(Priority.CRITICAL.value): _("Critical"),
}

METRICS: Words = {Metric.FIRST_RESPONSE: _("First response"), Metric.NEXT_RESPONSE: _("Next response")}

CLAIMS: Words = {
    "email": _("Address"),
    "login": _("Login"),
    "contract": _("Contract"),
    "domain": _("Domain"),
    "ticket": _("Earlier ticket"),
    "phone": _("Telephone"),
}

CERTAINTIES: Words = {"exact": _("certain"), "likely": _("likely"), "possible": _("possible")}

REASONS: Words = {
    "several_from": _("The mail names several senders"),
    "dmarc_fail": _("The domain says this mail is not its own and asks to refuse it"),
    "our_address_without_proof": _("An address of ours, and nothing proves it"),
    "staff_address_without_proof": _("A colleague's address, and nothing proves it"),
    "address_typed": _("Typed into a form, and nothing proves it"),
    "code_entered": _("A code mailed to this address was entered where this was written"),
    "panel_may_ask": _("Written in the control panel by a contact who may ask but not authorise"),
    "api_may_ask": _("The provider's panel vouches for a contact who may ask but not authorise"),
    "panel_may_authorise": _("Written in the control panel by a contact who may authorise"),
    "api_may_authorise": _("The provider's panel vouches for a contact who may authorise"),
    "nothing_vouches": _("No signature and no server of the domain stands behind this mail"),
    "dmarc_fail_not_enforced": _("The domain does not know this mail, but asks for nothing to be done"),
    "dns_unanswered": _("The domain could not be asked in time"),
    "no_trusted_hop": _("Came through a server whose checks are not trusted here"),
    "other_author_judged": _("The relay judged another sender than the one shown"),
    "from_missing": _("The mail names no sender"),
    "from_unreadable": _("The sender cannot be read without doubt"),
    "domain_stopped_passing": _("Mail of this domain used to be proved, this one is not"),
    "dmarc_pass": _("The domain vouches for this mail"),
    "aligned_without_policy": _("The domain vouches for this mail, without a DMARC policy"),
    "arc_pass": _("A forwarder we know vouches for this mail"),
    "sender_not_seen_before": _("This address has not written before"),
    "sender_not_on_file": _("The address is not a contact's on file"),
    "fresh_address": _("The address has been on file for less than seven days"),
    "no_reply_token": _("Does not answer a mail of ours to this person"),
    "contact_on_file": _("A contact's address, on file for seven days or more"),
    "reply_token_valid": _("Answers a mail of ours to this person"),
    "look_alike_domain": _("The domain mixes letters of several scripts and may imitate another"),
    "reply_token_foreign": _("The reply address was made for somebody else"),
    "reply_token_expired": _("The reply address is too old"),
    "reply_token_damaged": _("The reply address was altered or cut"),
}

# fields of the account card that this level keeps closed
FIELDS: Words = {
    "name": _("Name"),
    "customer_since": _("Customer since"),
    "login": _("Login"),
    "contracts": _("Contracts"),
    "services": _("Services"),
    "contacts": _("Contacts"),
    "administrative_address": _("Administrative address"),
    "tax_number": _("Tax number"),
}
CONTACT_ROLES: Words = {
    "owner": _("owner"),
    "administrative": _("administrative"),
    "technical": _("technical"),
    "billing": _("billing"),
}

# Why somebody named in a note is not told of it.
NOT_TOLD: Words = {
    "several": _("several colleagues are called so. Write the whole name or the login."),
    "unseen": _("this ticket is not theirs to see."),
}

WAYS: Words = {
    Way.PAGE: _("in the page"),
    Way.MAIL: _("in the page and by mail"),
    Way.NONE: _("not at all"),
}
PACES: Words = {
    Pace.AT_ONCE: _("at once"),
    Pace.HOURLY: _("once an hour, all in one letter"),
    Pace.DAILY: _("once a day at eight, all in one letter"),
}
SENDER_LISTS: Words = {"block": _("Blocked"), "allow": _("Allowed")}

SPAM_REASONS: Words = {
    "agent": _("an agent's decision"),
    "blocked": _("the sender is blocked"),
    "verdict": _("the spam filter's verdict"),
}

PROMISES: Words = {
    PromiseState.OPEN: _("promised"),
    PromiseState.LATE: _("not kept yet"),
    PromiseState.KEPT: _("kept"),
    PromiseState.KEPT_LATE: _("kept too late"),
    PromiseState.WITHDRAWN: _("withdrawn"),
    PromiseState.WITHDRAWN_LATE: _("withdrawn too late"),
    PromiseState.WAIVED: _("closed by the customer"),
}

CALL_LISTS: Words = {"today": _("Today's"), "mine": _("Mine"), "open": _("Nobody has ended")}
DIRECTIONS: Words = {"in": _("they called us"), "out": _("we called them")}
NUMBER_SOURCES: Words = {"shown": _("the telephone showed it"), "said": _("the caller said it")}
DISPOSITIONS: Words = {
    "solved": _("solved on the spot"),
    "ticket_opened": _("a ticket was opened"),
    "added": _("added to a ticket"),
    "callback": _("we promised to call back"),
    "in_writing": _("asked to write to us"),
    "broken_off": _("the line broke off"),
    "wrong_number": _("wrong number"),
    "nuisance": _("nuisance"),
    "pressure": _("the caller pushed"),
}
# Why nothing may be said of the ticket that a caller names.
NO_WORD: Words = {
    "no_number": _("The telephone shows no number that could be compared."),
    "only_said": _("A number that the caller only says proves nothing."),
    "other_number": _("This number is not among those of the ticket."),
}
PLAIN_STATES: Words = {"working": _("we work on it"), "yours": _("it waits for the customer"), "done": _("it is done")}

STATUS_WORDS: Words = {code: entry[0] for code, entry in STATUSES.items()}

ACTIONS: Words = {
    "confirm_request": _("Confirm that a request is theirs"),
    "password_reset": _("Reset a password"),
    "disclose_access": _("Disclose access data"),
    "change_dns": _("Change DNS"),
    "refund": _("Refund"),
    "change_administrative_email": _("Change the administrative address"),
    "change_owner": _("Change the owner"),
    "transfer_domain": _("Transfer a domain"),
    "delete_data": _("Delete data"),
    "second_factor_off": _("Switch a second factor off"),
    "recovery": _("Recover access"),
}

ACTION_STATES: Words = {
    "requested": _("needs a proof"),
    "awaiting_proof": _("was asked"),
    "authorised": _("confirmed"),
    "executed": _("carried out"),
    "refused": _("refused"),
    "expired": _("too late"),
    "cancelled": _("taken back"),
}
CALL_ANSWERS: Words = {
    "reached": _("He knows of it"),
    "nobody": _("Nobody answered"),
    "not_him": _("It was not him"),
}
PRESSURE: Words = {
    "failed_proofs": _("many wrong codes"),
    "many_codes": _("many codes were asked for"),
    "many_calls": _("many calls"),
    "one_caller": _("one caller about several accounts"),
    "many_requests": _("many critical actions were asked for"),
    "asked_after_refusal": _("asked again right after a refusal"),
    "refused": _("the owner refused an action"),
    "agent": _("a colleague feels pushed"),
}

PART_RIGHTS: Words = {
    "see": _("reads"),
    "reply": _("answers"),
    "authorise": _("may authorise, by role"),
}

EVENTS: Words = {
    "StatusChanged": _("State: %(before)s → %(after)s"),
    "AssigneeChanged": _("Assignee: %(after)s"),
    "QueueChanged": _("Queue: %(before)s → %(after)s"),
    "TicketClassified": _("Classified: %(kind)s"),
    "AccountChosen": _("Account chosen"),
    "LevelFell": _("The proof has run out: %(before)s → %(after)s"),
    "RecipientDropped": _("A participant was removed"),
    "SideLetterWithdrawn": _("A letter to a third party was taken back before it left"),
    "RecipientAdded": _("A participant was added"),
    "RecipientRightChanged": _("What a participant may do was changed"),
    "LanguageChanged": _("Language: %(before)s → %(after)s"),
    "ReplyWithdrawn": _("A reply was taken back before it left"),
    "ActionRequested": _("A critical action was asked for: %(kind)s"),
    "ActionConfirmationAsked": _("The administrative address was asked: %(kind)s"),
    "ActionAuthorised": _("Confirmed: %(kind)s"),
    "ActionSeconded": _("A second colleague stands for it: %(kind)s"),
    "ActionAnnounced": _("Everybody on file was written to: %(kind)s"),
    "ActionNumberCalled": _("A number on file was called (%(answer)s): %(kind)s"),
    "ActionExecuted": _("Carried out: %(kind)s"),
    "ActionRefused": _("Refused: %(kind)s"),
    "ActionEnded": _("Ended without being carried out: %(kind)s"),
    "PressureRaised": _("Somebody may be pushing: critical actions of the account wait for a lead"),
    "GlassBroken": _("Closed fields were opened: %(reason)s"),
    "ProofEntered": _("A proof was entered"),
    "ProofFailed": _("A proof failed"),
    "SecretShown": _("Somebody looked at hidden words"),
    "SecretFileOpened": _("Somebody took a file that was kept closed"),
    "SecretsWiped": _("Hidden words were wiped"),
    "WordsErased": _("All words were erased: act of destruction no. %(act)s"),
    "WordsRedacted": _("What one person wrote here was erased: act of destruction no. %(act)s"),
    "TicketKept": _("Kept from destruction: %(reason)s"),
    "TicketLetGo": _("No longer kept from destruction"),
    "EvidencePacked": _("The evidence was taken away as a file: %(reason)s"),
    "OtherSenderAccepted": _("Other sender accepted"),
    "OtherSenderRefused": _("Other sender kept out"),
    "TicketMerged": _("Merged into %(number)s"),
    "TicketsJoined": _("%(number)s was merged into this ticket"),
    "TicketUnmerged": _("On its own again, out of %(number)s"),
    "TicketsParted": _("%(number)s is on its own again; what came meanwhile stayed here"),
    "MessageMoved": _("A letter went to %(number)s"),
    "MessageCame": _("A letter came from %(number)s"),
    "TicketsLinked": _("Linked with %(number)s"),
    "TicketsUnlinked": _("No longer linked with %(number)s"),
    "TicketMarkedSpam": _("Marked as spam: %(reason)s"),
    "TicketUnmarkedSpam": _("No spam"),
    "PromiseMade": _("Promised by %(due_at)s"),
    "PromiseKept": _("A promise was kept"),
    "PromiseWithdrawn": _("A promise was taken back"),
    "PromiseWaived": _("A promise ended: closed by the customer"),
    "ChecklistAnswered": _("Ticked off on the customer's list: %(count)s"),
    "FieldFilled": _("Field %(field)s: %(before)s → %(after)s"),
    "TicketTagged": _("Tag added: %(name)s"),
    "TicketUntagged": _("Tag removed: %(name)s"),
}

# What the file of evidence tells of besides: the page of a ticket shows it otherwise.
PACKED_EVENTS: Words = {
    "TicketOpened": _("The ticket was opened"),
    "RequestFiled": _("A request was taken"),
    "MessageReceived": _("A letter came"),
    "MessageHeld": _("A letter of another sender is held"),
    "AutomaticMailRecorded": _("An automatic letter came"),
    "SpamFiled": _("A letter came in as spam"),
    "NoteAdded": _("A note was written"),
    "ReplyWritten": _("A reply was written"),
    "ReplyQueued": _("A letter was made ready to leave"),
    "ReplyDelivered": _("A letter left"),
    "SideLetterQueued": _("A letter to a third party was made ready to leave"),
    "SideLetterDelivered": _("A letter to a third party left"),
    "SideLetterReceived": _("A letter of a third party came"),
    "SideLetterJudged": _("A letter of a third party was looked at"),
    "ChecklistAsked": _("The customer was asked for data"),
    "CallAdded": _("A call was added"),
    "CallOfTicketClosed": _("The call was closed"),
}
EVIDENCE: Words = {
    "mail": _("a letter"),
    "panel_session": _("signed in to the panel"),
    "api_claim": _("the provider's panel vouches"),
    "address_code": _("a code mailed to the address"),
    "form": _("a form"),
    "confirmation": _("the request was confirmed"),
    "spoken_code": _("a code read out on the phone"),
    "call_back": _("a call back to a number on file"),
}

# kind of a field of templates/shared/day.html -> code of its refusal
ODD_WHEN = {"date": "odd_date", "time": "no_such_time", "datetime-local": "promise_odd_time"}
YES_NO: Words = {"yes": _("yes"), "no": _("no")}


_OWN_CODES: dict[str, Words] = {
    "LevelFell": LEVELS,
    "ActionNumberCalled": {**CALL_ANSWERS, **ACTIONS},
    "FieldFilled": {},
}  # what somebody typed is no code


def event(kind: str, values: Mapping[str, object], names: Mapping[str, str]) -> str:
    """One line for an event of the journal. `names` says what cannot be said by a table: people and queues."""
    codes: Words = {**STATUS_WORDS, **KINDS, **ACTIONS, **SPAM_REASONS, **LANGUAGES, **names}
    if kind in _OWN_CODES:
        codes = _OWN_CODES[kind]
    shown = {name: codes.get(str(value), value) for name, value in values.items()}
    try:
        return word(EVENTS, kind) % shown
    except (KeyError, TypeError):  # an older payload without a field: the name of the event alone
        return kind


def told(kind: str, *, by: str) -> str:
    """What a notification says, and whose doing it was; "" for the desk's own or a customer's."""
    return f"{word(KINDS_TOLD, kind)}: {by}" if by else word(KINDS_TOLD, kind)


def not_told(name: str, why_not: str) -> str:
    """Of somebody named in a note, as he was named."""
    return gettext("%(name)s is not told: %(why)s") % {"name": name, "why": word(NOT_TOLD, why_not)}
