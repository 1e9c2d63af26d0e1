"""What codes of the rules read like on the pages of the desk. One table a vocabulary; unknown codes show as they are."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.enums import Kind, Metric, Priority, Scale, Status

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
    "chat": (_("Chat"), "message-circle"),
}

LEVELS: Words = {
    "0": _("contradicted"),
    "1": _("claimed"),
    "2": _("vouched for"),
    "3": _("recognised"),
    "4": _("authorised"),
    "5": _("strongly authorised"),
}

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

CERTAINTIES: Words = {
    "certain": _("certain"),
    "strong": _("certain"),
    "likely": _("likely"),
    "possible": _("possible"),
    "weak": _("possible"),
}

REASONS: Words = {
    "several_from": _("The mail names several senders"),
    "dmarc_fail": _("The domain says this mail is not its own and asks to refuse it"),
    "our_address_without_proof": _("An address of ours, and nothing proves it"),
    "staff_address_without_proof": _("A colleague's address, and nothing proves it"),
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

WARNINGS: Words = {
    **REASONS,
    "unknown_charset": _("Unknown encoding: some letters may be wrong"),
    "wrong_charset": _("The encoding was labelled wrongly and has been guessed"),
    "nul_bytes": _("Contained zero bytes, which were removed"),
    "missing_date": _("No date in the mail"),
    "missing_message_id": _("No identifier in the mail"),
    "too_many_parts": _("Too many parts: the rest is only in the original"),
    "too_many_recipients": _("Too many recipients: the rest is only in the original"),
    "truncated": _("Very long: the rest is only in the original"),
    "damaged_encoding": _("Damaged on the way: shown as far as it could be read"),
    "other_sender": _("Written by somebody who is no participant"),
}

FILE_NOTES: Words = {
    "encrypted": _("encrypted"),
    "signature": _("signature"),
    "unreadable": _("unreadable"),
    "nested_mail": _("attached mail"),
    "invitation": _("invitation"),
    "unpacked_tnef": _("from winmail.dat"),
    "damaged": _("damaged"),
}

DELIVERIES: Words = {
    "queued": _("queued"),
    "pending": _("queued"),
    "sending": _("sending"),
    "sent": _("sent"),
    "failed_temporarily": _("not accepted yet, will be tried again"),
    "failed": _("not delivered"),
    "uncertain": _("sent or not: the server did not answer"),
    "bounced": _("returned"),
}

WITHHELD: Words = {
    "contradicted": _("the sender is contradicted"),
    "not_a_person": _("written by a machine"),
    "nature": _("written by a machine"),
    "rate_address": _("too many for one address"),
    "rate_domain": _("too many for one domain"),
    "global_brake": _("too many unknown senders at once"),
    "no_sender": _("there is nobody to answer"),
}

REFUSALS: Words = {
    "empty_text": _("Write something first: the text is empty."),
    "closed": _("The ticket is closed. Reopen it before answering."),
    "no_recipient": _("There is no address to answer to."),
    "too_large": _("The file is too large: 25 MB at most."),
    "not_allowed": _("Your role does not allow this."),
    "wrong_move": _("The ticket cannot go into this state from where it is."),
    "taken": _("A colleague was quicker: the ticket has somebody already."),
    "stale": _("Somebody changed this meanwhile. Look again before you act."),
}

EVENTS: Words = {
    "TicketOpened": _("Ticket opened"),
    "MessageReceived": _("Message received"),
    "MessageHeld": _("A message of another sender is held"),
    "AutomaticMailRecorded": _("Automatic mail recorded"),
    "OtherSenderAccepted": _("Other sender accepted"),
    "OtherSenderRefused": _("Other sender refused"),
    "ReplyQueued": _("Reply queued"),
    "ReplyDelivered": _("Reply handed over"),
    "NoteAdded": _("Note added"),
    "StatusChanged": _("State changed"),
    "AssigneeChanged": _("Assignee changed"),
    "QueueChanged": _("Queue changed"),
    "TicketClassified": _("Classified"),
    "AccountChosen": _("Account chosen"),
    "AutoReplyWithheld": _("No automatic reply"),
}


def word(table: Words, code: object) -> str:
    """The word for a code; the code itself when the table does not know it, so that nothing is hidden."""
    return str(table.get(str(code), code))
