"""Talking to another IMAP server, and what its refusals mean."""

import imaplib
import socket
import ssl
from contextlib import suppress

from django.db import DatabaseError
from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from channels_app.imap_settings import ImapSettings
from channels_app.policies.servers import Security
from core.sealed import Unreadable

_OTHER_NAME = (62, 64)  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_EXPIRED = (9, 10)  # not valid yet, not valid any more


class NoRoom(Exception):
    """The disk is nearly full: the mail stays where it is."""


class NoSuchFolder(Exception):
    """The server has no such folder, or does not open it for this user."""


def connect(mailbox: ImapSettings, *, timeout: float) -> IMAPClient:
    """Signed in. Nothing is sent before the server has greeted as IMAP, the password not before TLS where it is asked
    for."""
    is_tls = mailbox.security is Security.TLS
    client = IMAPClient(mailbox.host, port=mailbox.port, ssl=is_tls, timeout=timeout)
    try:
        if mailbox.security is Security.STARTTLS:
            client.starttls()
        client.login(mailbox.user, mailbox.password.reveal())
    except BaseException:
        with suppress(OSError):  # a failed TLS leaves no socket to close in order
            client.shutdown()
        raise
    return client


def open_folder(client: IMAPClient, folder: str, *, readonly: bool = False) -> dict[bytes, int]:
    """Raises `NoSuchFolder`."""
    try:
        found: dict[bytes, int] = client.select_folder(folder, readonly=readonly)
    except imaplib.IMAP4.abort:
        raise
    except IMAPClientError as error:
        raise NoSuchFolder from error
    return found


def trouble_of(error: BaseException) -> str:
    """A code from a closed list; of what the other server said nothing is passed on."""
    match error:
        case Unreadable():
            return "secret_unreadable"
        case NoRoom():
            return "no_room"
        case NoSuchFolder():
            return "no_such_folder"
        case DatabaseError():
            return "database"
        case LoginError():
            is_private = any(word in str(error).upper() for word in ("PRIVACYREQUIRED", "PLAINTEXT"))
            return "login_needs_tls" if is_private else "login_refused"
        case CapabilityError():
            return "no_starttls"
        case imaplib.IMAP4.abort():
            return "not_imap" if str(error).startswith("unexpected response") else "disconnected"
        case imaplib.IMAP4.error():
            return "not_imap"
        case _:
            return connection_trouble(error)


def connection_trouble(error: BaseException) -> str:
    """The same for what happens below the protocol."""
    match error:
        case ssl.SSLCertVerificationError():
            if error.verify_code in _OTHER_NAME:
                return "tls_name"
            return "tls_expired" if error.verify_code in _EXPIRED else "tls_untrusted"
        case ssl.SSLError():
            return "no_tls"
        case socket.gaierror() | UnicodeError():
            return "no_such_host"
        case TimeoutError():
            return "timeout"
        case ConnectionRefusedError():
            return "refused"
        case ConnectionError():
            return "disconnected"
        case OSError():
            return "unreachable"
        case _:
            return "broken"
