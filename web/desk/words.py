"""What codes of the rules read like on the pages. One table a vocabulary; unknown codes show as they are."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automation.policies import Pace, Way
from automation.words import KINDS as KINDS_TOLD
from tickets.enums import Kind, Metric, Priority, Scale, Status
from tickets.policies.promises import PromiseState

Words = Mapping[str, str | Promise]

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

LEVELS: Words = {
    "0": _("contradicted"),
    "1": _("claimed"),
    "2": _("vouched for"),
    "3": _("recognised"),
    "4": _("authorised"),
    "5": _("strongly authorised"),
}

# "At least the lowest" asks for nothing.
LEVELS_TO_ASK: Words = {code: word for code, word in LEVELS.items() if code != "0"}

# What an agent may do at each level, one sentence.
ADVICE: Words = {
    "0": _("Something contradicts who this says it is. Give away nothing about any account."),
    "1": _("Anybody could have written this. General information only."),
    "2": _("The sender's domain stands behind this mail. Who the person is, is not known."),
    "3": _("A known contact, answering us. Services of the account may be discussed, access may not be changed."),
    "4": _("Proved by the account's own means."),
    "5": _("Proved afresh with a second factor."),
}

KINDS: Words = {
    Kind.INCIDENT: _("Incident"),
    Kind.QUESTION: _("Question"),
    Kind.CHANGE_REQUEST: _("Change request"),
    Kind.ADMINISTRATIVE: _("Administrative"),
    Kind.RESTRICTED: _("Restricted"),
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

REFUSALS: Words = {
    "empty_call": _("Write at least who calls, from which number, or what about."),
    "long_call": _("The text is too long: 20,000 letters at most."),
    "call_in_ticket": _("The call is in a ticket already."),
    "call_of_other": _("A colleague has this call. He or a lead closes it."),
    "call_ended": _("The call is closed already."),
    "call_without_ticket": _("The call is in no ticket. Open one, add it to one, or choose another end."),
    "call_is_open": _(
        "You have a call about this account. Contact data is not changed meanwhile: close the call first."
    ),
    "no_disposition": _("Choose how the call ended."),
    "number_sent": _("The number was sent already."),
    "no_address_on_file": _("No address is on file for whoever the caller says to be. Read the number out."),
    "empty_text": _("Write something first: the text is empty."),
    "no_account": _("Choose first whose account the ticket is about."),
    "no_such_action": _("There is no such action."),
    "too_many_open": _("Three actions of this account are open already. End one of them first."),
    "asked_already": _("The same is asked for already."),
    "parameter_too_long": _("Two hundred characters at most."),
    "bad_email": _("This is not an address."),
    "missing_login": _("Say for which login."),
    "missing_what": _("Say what exactly."),
    "missing_domain": _("Say which domain."),
    "missing_where": _("Say where to."),
    "missing_amount": _("Say how much."),
    "missing_new_email": _("Say which address."),
    "missing_new_owner": _("Say who the new owner is."),
    "missing_document": _("Say by which document. A scan alone never suffices."),
    "mail_never_suffices": _("Mail is not enough for this: it needs the control panel and a fresh second factor."),
    "no_administrative_address": _("No administrative address is on file."),
    "too_many_letters": _("Five such letters went to this address today. Wait for an answer."),
    "fresh_factor_needed": _("This needs a second factor entered just now."),
    "wrong_code": _("The code is wrong. It counts towards three a day."),
    "codes_barred": _("Three codes were wrong today. Only a call back is left."),
    "no_such_phone": _("There is no such number on file."),
    "no_reason_for_glass": _("Say why."),
    "action_not_open": _("It was answered already, or its time is over."),
    "action_not_authorised": _("It is not confirmed, or was carried out already."),
    "action_pressure": _("Somebody may be pushing: a lead must look first."),
    "action_held": _("It waits: look at the time from which it may be carried out."),
    "action_expired": _("The confirmation is too old. Ask anew."),
    "action_weighty_before": _("Who decides about this account changed less than 72 hours ago."),
    "action_second_person": _("A second colleague must stand for it first."),
    "action_same_person": _("Whoever stands for it does not carry it out. Ask a colleague."),
    "action_already_seconded": _("A colleague stands for it already."),
    "no_reason": _("Say what the file is for."),
    "kept_for_nothing": _("Say why it must be kept."),
    "erased": _("Words of this ticket were destroyed: there is nothing to keep."),
    "closed": _("The ticket is closed. Reopen it before answering."),
    "wrote_meanwhile": _("Somebody has written since you opened this page. Read it, then send."),
    "too_many_recipients": _("Too many recipients: twenty at most."),
    "unreadable_address": _("One of the addresses cannot be read. Write them whole, with commas between them."),
    "look_alike_address": _("One of the addresses mixes letters of several scripts and may imitate another."),
    "own_address": _("One of the addresses is the desk's own: the letter would come back to us."),
    "one_address": _("Write one address."),
    "not_our_address": _("The desk has no such sender address in this queue."),
    "long_signature": _("The signature is too long: 1,000 letters at most."),
    "no_subject": _("Write a subject."),
    "no_sender": _("This queue has no address of ours to write from. Begin the ticket with a note alone."),
    "nobody_found": _("Nobody on file has this login or contract. Write an address."),
    "several_found": _("Several people fit. Choose one."),
    "empty_subject": _("Write a subject: the ticket's own does not go along."),
    "is_requester": _("This is whoever asks in the ticket. Answer them in a reply."),
    "names_login": _("The text names the login of the account. Not everybody it goes to has proved enough to read it."),
    "names_contracts": _(
        "The text names a contract of the account. Not everybody it goes to has proved enough to read it."
    ),
    "names_tax_number": _(
        "The text names the tax number of the account. Not everybody it goes to has proved enough to read it."
    ),
    "names_administrative_address": _(
        "The text names the administrative address. Not everybody it goes to has proved enough to read it."
    ),
    "names_contacts": _(
        "The text names an address or telephone on file. Not everybody it goes to has proved enough to read it."
    ),
    "drop_requester": _("Whoever asks in the ticket cannot be dropped."),
    "no_such_recipient": _("There is no such recipient in this ticket."),
    "restricted": _("A restricted ticket is not passed on."),
    "no_recipient": _("There is no address to answer to."),
    "too_large": _("The file is too large: 25 MB at most."),
    "not_from_here": _("The ticket cannot go into this state from where it is."),
    "taken": _("A colleague was quicker: the ticket has somebody already."),
    "no_such_person": _("There is no such person at the desk."),
    "no_such_queue": _("There is no such queue."),
    "no_such_match": _("This account is not among those found."),
    "newer_draft": _("This draft was changed in another window."),
    "already_decided": _("A colleague has decided about this message already."),
    "already_left": _("It has left already and cannot be taken back."),
    "already_sent": _("This letter has been sent already."),
    "none_marked": _("No ticket is marked."),
    "too_many": _("A hundred tickets at once at most."),
    "no_such_ticket": _("There is no such ticket for you."),
    "touched_since": _("Somebody has worked on it since."),
    "undone_already": _("It has been undone already."),
    "undo_too_late": _("Half a minute is over: it cannot be undone any more."),
    "merge_count": _("Mark two to twenty tickets that are one."),
    "merge_itself": _("This is the same ticket."),
    "merge_held": _("Decide about the other sender's message first."),
    "merged_already": _("One of the two has gone into another ticket already."),
    "merge_spam": _("One of the two is spam."),
    "merge_into_done": _("That ticket is done. Reopen it first."),
    "merge_restricted": _("A restricted ticket stays by itself."),
    "merge_strangers": _("They belong to different people: one would read what the other wrote."),
    "unmerge_outer_first": _("The ticket it went into has been merged further. Part that one first."),
    "no_such_message": _("There is no such letter in this ticket."),
    "only_message": _("It is the only letter of the ticket."),
    "not_a_sender": _("Write an address or a domain, such as name@example.com or example.com."),
    "our_own_domain": _("This is an address of ours: it cannot be put on a list."),
    "odd_days": _("Ten years at most."),
    "fields_missing": _("Fill in first what the description needs before the ticket is resolved."),
    "long_text": _("The text is longer than 500 characters."),
    "odd_number": _("This is no number. Write it as 1234.5."),
    "odd_date": _("This is no date. Write it as 25.11.2026."),
    "no_such_choice": _("Choose one of the list."),
    "odd_answer": _("Choose one of the list."),
    "filled_meanwhile": _("Somebody else has filled this in since you opened the page. Save again to put yours there."),
    "no_such_tag": _("There is no such tag any more."),
    "no_name": _("Write a name."),
    "too_many_views": _("Fifteen lists at most stand beside the others. Remove one first."),
    "long_name": _("The name is longer than 40 characters."),
    "name_taken": _("There is a tag of this name already."),
    "no_such_colour": _("There is no such colour."),
    "unknown_mode": _("There is no such draft."),
    "half_quiet": _("Quiet hours have a beginning and an end. Write both, or neither."),
    "no_quiet": _("The quiet hours end when they begin. Leave both empty if you want none."),
    "no_such_time": _("Write the time as 22:00."),
    "promise_closed": _("The ticket is closed. Reopen it before promising anything."),
    "promise_past": _("Promise a time that is still to come."),
    "promise_far": _("A year ahead at most."),
    "promise_odd_time": _("Say by when: a day and a time."),
    "promise_too_long": _("Three hundred characters at most."),
    "promise_too_many": _("Ten promises are open here already. Keep one first."),
    "promise_no_reason": _("Say why: the customer will read it."),
    "promise_ended": _("This promise has ended already."),
    "ask_too_many": _("Ask for twenty things at once at most."),
    "ask_too_long": _("One of the things asked for is longer than 300 characters."),
    "ticked_already": _("This has been ticked off already."),
    "ticks_closed": _("The ticket is closed."),
    "tick_too_long": _("One of the answers is too long."),
    "no_such_zone": _("There is no such time zone."),
}

PROMISES: Words = {
    PromiseState.OPEN: _("promised"),
    PromiseState.LATE: _("not kept yet"),
    PromiseState.KEPT: _("kept"),
    PromiseState.KEPT_LATE: _("kept too late"),
    PromiseState.WITHDRAWN: _("withdrawn"),
    PromiseState.WITHDRAWN_LATE: _("withdrawn too late"),
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

EVENTS: Words = {
    "StatusChanged": _("State: %(before)s → %(after)s"),
    "AssigneeChanged": _("Assignee: %(after)s"),
    "QueueChanged": _("Queue: %(before)s → %(after)s"),
    "TicketClassified": _("Classified: %(kind)s"),
    "AccountChosen": _("Account chosen"),
    "LevelFell": _("The proof has run out: %(before)s → %(after)s"),
    "RecipientDropped": _("A recipient was dropped"),
    "SideLetterWithdrawn": _("A letter to a third party was taken back before it left"),
    "RecipientAdded": _("A recipient of copies was added"),
    "LanguageChanged": _("Language: %(before)s → %(after)s"),
    "ReplyWithdrawn": _("A reply was taken back before it left"),
    "ActionRequested": _("A critical action was asked for: %(kind)s"),
    "ActionConfirmationAsked": _("The administrative address was asked: %(kind)s"),
    "ActionAuthorised": _("Confirmed: %(kind)s"),
    "ActionSeconded": _("A second colleague stands for it: %(kind)s"),
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
    "ChecklistAnswered": _("Ticked off on the customer's list: %(count)s"),
    "FieldFilled": _("Field %(field)s: %(before)s → %(after)s"),
    "TicketTagged": _("Tag added: %(name)s"),
    "TicketUntagged": _("Tag removed: %(name)s"),
}

YES_NO: Words = {"yes": _("yes"), "no": _("no")}


_OWN_CODES: dict[str, Words] = {"LevelFell": LEVELS, "FieldFilled": {}}  # what somebody typed is no code


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


def word(table: Words, code: object) -> str:
    """The word for a code; the code itself when the table does not know it, so that nothing is hidden."""
    return str(table.get(str(code), code))


def told(kind: str, *, by: str) -> str:
    """What a notification says, and whose doing it was; "" for the desk's own or a customer's."""
    return f"{word(KINDS_TOLD, kind)}: {by}" if by else word(KINDS_TOLD, kind)


def not_told(name: str, why_not: str) -> str:
    """Of somebody named in a note, as he was named."""
    return gettext("%(name)s is not told: %(why)s") % {"name": name, "why": word(NOT_TOLD, why_not)}
