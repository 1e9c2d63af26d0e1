"""What is wrong with a mail server or a record, and the cure, for pages and for `manage.py doctor`."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Told(NamedTuple):
    what: str | Promise
    cure: str | Promise


UNKNOWN = Told(_("Something unexpected happened"), _("See the log of the process, then try again."))

TROUBLES: dict[str, Told] = {
    "no_such_host": Told(_("There is no server of that name"), _("Check the spelling of the host.")),
    "refused": Told(
        _("Nothing answers on that port"), _("Check the port, and that the server runs and lets this machine in.")
    ),
    "timeout": Told(
        _("The server did not answer in time"),
        _("Check host and port; a firewall in between often swallows connections."),
    ),
    "unreachable": Told(
        _("The server is not reachable from here"), _("Check the host, and the way through the network.")
    ),
    "disconnected": Told(
        _("The server hung up"), _("Check that port and encryption belong together; else look into the server's log.")
    ),
    "no_tls": Told(
        _("The server does not speak TLS on this port"), _("Choose the port for TLS or another kind of encryption.")
    ),
    "no_starttls": Told(_("The server does not offer STARTTLS"), _("Choose TLS with its own port.")),
    "tls_name": Told(
        _("The server's certificate is for another name"),
        _("Type the name that stands in the certificate as the host."),
    ),
    "tls_expired": Told(_("The server's certificate has expired"), _("Renew the certificate of the server.")),
    "tls_untrusted": Told(
        _("Nobody we know vouches for the server's certificate"),
        _("Give the server a certificate of a known authority, or name yours in SSL_CERT_FILE."),
    ),
    "not_imap": Told(_("What answers there is no IMAP server"), _("Check the port: 993 with TLS, 143 with STARTTLS.")),
    "not_smtp": Told(_("What answers there is no SMTP server"), _("Check the port: 587 with STARTTLS, 465 with TLS.")),
    "login_refused": Told(
        _("User and password are refused"),
        _("Type the password anew. Some providers want a password made for programs."),
    ),
    "login_needs_tls": Told(_("The server takes no password without TLS"), _("Choose TLS or STARTTLS.")),
    "no_login_offered": Told(
        _("The server offers no sign-in here"), _("Choose TLS or STARTTLS, or leave user and password empty.")
    ),
    "no_such_folder": Told(
        _("There is no such folder, or it does not open"),
        _("Check the spelling; folders inside others use the server's separator, such as INBOX/Support."),
    ),
    "secret_unreadable": Told(
        _("The stored password was sealed with another SECRET_KEY"),
        _("Type the password anew, or name the former key in SECRET_KEY_FALLBACKS."),
    ),
    "no_room": Told(
        _("The disk of the desk is nearly full, so mail stays where it is"),
        _("Make room on the disk; taking mail goes on by itself."),
    ),
    "too_much_waits": Told(
        _("Too much mail waits to be read, so senders are asked to come again"),
        _("See that the worker runs; taking mail goes on by itself."),
    ),
    "database": Told(_("The database did not answer"), _("See that it runs; taking mail goes on by itself.")),
    "greeting_refused": Told(
        _("The server does not talk to this machine"), _("Let this machine's address in at the server.")
    ),
    "sender_refused": Told(
        _("The server refuses our sender address"), _("Allow the address of the mailbox as a sender at the server.")
    ),
    "recipient_refused": Told(
        _("The server refuses the recipient"),
        _("Allow this machine to relay to other domains, or sign in with user and password."),
    ),
    "letter_refused": Told(_("The server refuses the letter"), _("Look into the server's log for the reason.")),
    "no_mailbox": Told(_("There is no mailbox to write as"), _("Add a mailbox first.")),
    "no_relay": Told(
        _("No outgoing mail server is set up, so no answer can leave"),
        _("Set EMAIL_URL, or set up the outgoing mail server on its page."),
    ),
    "bad_email_url": Told(_("EMAIL_URL is not readable"), _("Write it as smtp://user:password@host:587?tls=1.")),
    "silent": Told(
        _("The process of this door has said nothing for minutes"),
        _("Start it: manage.py up, or manage.py run smtp and manage.py run imap."),
    ),
}


def told(code: str) -> Told:
    return TROUBLES.get(code, UNKNOWN)


PROBLEMS: dict[str, str | Promise] = {
    "required": _("Fill this in."),
    "bad_address": _("This is no address mail can be taken at, such as support@example.com."),
    "address_taken": _("This address has a mailbox already."),
    "address_has_mail": _(
        "Mail has come to this address, and answers to it are on their way. Add the new one as a mailbox of its own."
    ),
    "bad_recipient": _("This is no address a letter can be sent to."),
    "too_long": _("This is too long."),
    "control_characters": _("Line ends and control characters do not belong here."),
    "bad_choice": _("Choose one of the list."),
    "same_folder": _("Mail cannot be put away into the folder it is read from."),
    "bad_host": _("This is no name of a host, such as mail.example.com."),
    "bad_port": _("A port is a number from 1 to 65535."),
    "foreign_port": _("This port belongs to another service. Take the usual one, or one from 1024 up."),
    "password_for_another_server": _("Type the password again: a stored one is not sent to another server or user."),
    "set_by_environment": _("EMAIL_URL is set in the environment, so this page only shows it."),
}


RECORDS: dict[str, Told] = {
    "mx_missing": Told(
        _("The domain says nowhere to bring its mail."), _("Publish an MX with the server that takes it.")
    ),
    "mx_null": Told(
        _("The domain says that it takes no mail."), _("Replace the empty MX with the server that takes it.")
    ),
    "mx_elsewhere": Told(
        _("Mail goes to another server."),
        _("That is right if that server hands it on to this desk; else change the MX."),
    ),
    "spf_missing": Told(
        _("Nothing says who may send for the domain."), _("Publish the record, with all your other servers in it.")
    ),
    "spf_allows_everybody": Told(_("Everybody may send for the domain."), _("End the record with ~all or -all.")),
    "spf_broken": Told(
        _("The record cannot be read, or asks for too much."), _("Correct it; ten look-ups are the most it may cause.")
    ),
    "spf_relay_not_named": Told(
        _("The server for outgoing mail is not in the record."),
        _("Add it as proposed. If it sends from other addresses, add what its provider names, often an include."),
    ),
    "relay_not_known": Told(
        _("Whether the record names our server could not be found out."),
        _("Set the outgoing mail server, then look again."),
    ),
    "dkim_missing": Told(
        _("Our signatures cannot be checked."),
        _("Publish the key. Long values may be cut into pieces of 255 characters."),
    ),
    "dkim_other_key": Told(
        _("Another key is published than the one we sign with."), _("Replace the record with the one below.")
    ),
    "dkim_revoked": Told(_("The published key is withdrawn."), _("Replace the record with the one below.")),
    "dmarc_missing": Told(
        _("Nothing says what to do with mail that only pretends to be yours."), _("Publish the record.")
    ),
    "dmarc_no_policy": Told(_("The record has no policy that counts."), _("Set p=quarantine or p=reject.")),
    "dmarc_only_watches": Told(
        _("The record only watches."), _("Once the reports look right, set p=quarantine and later p=reject.")
    ),
    "several_records": Told(
        _("There are several records where one must be, so none counts."), _("Keep one and remove the others.")
    ),
    "no_answer": Told(_("DNS did not answer in time."), _("Look again in a minute; check HELPDESK_DNS.")),
}
