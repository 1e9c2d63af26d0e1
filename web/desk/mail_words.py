"""What became of a mail and of what was in it, in words. One table a vocabulary, as in words.py."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from web.desk.words import REASONS, SPAM_REASONS, Words

WARNINGS: Words = {
    **REASONS,
    "unknown_charset": _("Unknown encoding: some letters may be wrong"),
    "guessed_charset": _("No encoding was named, it has been guessed"),
    "wrong_charset": _("The encoding was named wrongly and has been guessed"),
    "damaged_text": _("Some letters were damaged on the way"),
    "damaged_encoding": _("Damaged on the way: shown as far as it could be read"),
    "nul_bytes": _("Contained zero bytes, which were removed"),
    "encrypted": _("Encrypted: it cannot be read here"),
    "signed": _("Signed by its sender"),
    "long_text_cut": _("Very long: the rest is in the attached file"),
    "unpacked_tnef": _("Unpacked from winmail.dat"),
    "no_from": _("The mail names no sender"),
    "unreadable_from": _("The sender cannot be read without doubt"),
    "name_holds_other_address": _("The name shows another address than the mail came from"),
    "many_recipients": _("More than a hundred recipients"),
    "subject_cut": _("The subject was cut"),
    "no_message_id": _("No identifier in the mail"),
    "several_message_ids": _("Several identifiers in the mail"),
    "no_date": _("No date in the mail"),
    "bad_date": _("The date cannot be read"),
    "date_far_off": _("The date is far from when the mail came"),
    "not_a_mail": _("These bytes are not a letter: shown as they came"),
    "broken_header_block": _("The header is damaged"),
    "boundary_not_found": _("Its parts could not be told apart: shown as far as it could be read"),
    "wrong_boundary": _("Its parts were marked wrongly and have been found all the same"),
    "several_from": _("The mail names several senders"),
    "delivery_delayed": _("Delivery is delayed, not failed"),
    "refused": _("A colleague keeps this message out"),
}

FILE_NOTES: Words = {
    "encrypted": _("encrypted"),
    "signature": _("signature"),
    "signed": _("signed"),
    "unreadable": _("unreadable"),
    "nested_mail": _("attached mail"),
    "invitation": _("invitation"),
    "invitation_cancelled": _("invitation cancelled"),
    "invitation_reply": _("answer to an invitation"),
    "calendar": _("calendar"),
    "unpacked_tnef": _("from winmail.dat"),
    "long_text": _("whole text"),
    "report": _("delivery report"),
    "wiped": _("wiped"),
}

NATURES: Words = {
    "auto_reply": _("automatic answer"),
    "bounce": _("returned mail"),
    "receipt": _("read receipt"),
    "abuse_report": _("abuse report"),
    "list": _("mailing list"),
    "machine": _("automatic mail"),
}

QUARANTINED: Words = {
    "crashes_the_parser": _("Reading it failed several times"),
    "bytes_missing": _("The stored original is missing"),
    "not_filed": _("An error of ours while filing it"),
    "out_of_memory": _("Needs too much memory to read"),
    "too_deep": _("Nested too deeply"),
    "too_many_parts": _("Too many parts"),
    "too_large": _("Too large"),
    "header_too_large": _("Its header is too large"),
    "parser_crashed": _("Reading it failed"),
    "parser_failed": _("Reading it failed"),
    "parser_timeout": _("Takes too long to read"),
    **REASONS,
}

# what became of a mail -> (words, tone)
MAIL_ENDS: dict[str, tuple[str | Promise, str]] = {
    "reading": (_("Stored, being read now"), "accent"),
    "ticket": (_("In a ticket"), "ok"),
    "other_waiting": (_("Held in a ticket: another sender, a colleague has to decide"), "warn"),
    "other_accepted": (_("In a ticket: another sender, accepted"), "ok"),
    "other_refused": (_("Kept out of a ticket: another sender"), "danger"),
    "aside": (_("Beside a ticket, as an answer to a side letter"), "ok"),
    "recorded": (_("Automatic mail, noted at a ticket"), "plain"),
    "quarantined": (_("In quarantine"), "warn"),
    "dismissed": (_("Dismissed from quarantine"), "danger"),
    "refused": (_("Not made a ticket"), "danger"),
    "gone": (_("Was in a ticket, its message is no longer here"), "plain"),
}

MAIL_REASONS: Words = {
    **QUARANTINED,
    **NATURES,
    "our_own_mail": _("our own letter came back"),
    "auto_reply_without_ticket": _("automatic answer to nothing of ours"),
    "bounce_without_ticket": _("returned mail, but not one of ours"),
    "receipt_without_ticket": _("read receipt for nothing of ours"),
    "abuse_report_without_ticket": _("abuse report about no ticket"),
    "side_letter": _("the customer does not see it"),
    "other_sender": _("the writer takes no part in the ticket"),
    "already_filed": _("filed before"),
    "spam": _("the ticket is spam"),
    **SPAM_REASONS,
}

# what a mail server was told in the dialogue
DOOR_REASONS: Words = {
    "no_mailbox": _("there is no mailbox of that name"),
    "too_large": _("the mail is too large"),
    "no_room": _("too little room to store mail: its server was asked to try again"),
    "too_much_waits": _("too much mail waited to be read: its server was asked to try again"),
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
    "withdrawn": _("taken back"),
}

# why a copy did not leave; the three digits of a mail server say so themselves
DELIVERY_CODES: Words = {
    "attachment_missing": _("an attached file is missing from the storage"),
    "cannot_build": _("the letter cannot be put together"),
    "no_relay": _("no outgoing mail server is set up"),
    "secret_unreadable": _("the stored password of the mail server cannot be read"),
    "bad_email_url": _("EMAIL_URL is not readable"),
    "no_smtputf8": _("the mail server takes no address in other scripts"),
    "certificate": _("the mail server's certificate does not verify"),
    "timeout": _("the mail server did not answer in time"),
    "connection_refused": _("the mail server does not take connections"),
    "disconnected": _("the mail server hung up"),
    "no_connection": _("the mail server cannot be reached"),
    "broken": _("an error of ours while sending"),
    "restored": _("the desk was restored from a backup in the meantime"),
}

WITHHELD: Words = {
    "contradicted": _("the sender is contradicted"),
    "loop": _("our own address or a loop of letters"),
    "no_single_sender": _("there is not one sender to answer"),
    "spam": _("it came in as spam"),
    "other_sender": _("the writer takes no part in the ticket"),
    "global_brake": _("too many unknown senders at once"),
    "domain_limit": _("too many for one domain"),
    "address_limit": _("too many for one address"),
    "no_address_of_ours": _("The desk has no address to write from"),
    **{f"nature_{code}": name for code, name in NATURES.items()},
}
