"""`Test now` for a mailbox: connects, signs in, opens the folder, changes nothing."""

from dataclasses import dataclass

from imapclient import IMAPClient

from channels_app.imap_client import connect, open_folder, trouble_of
from channels_app.imap_settings import ImapSettings
from channels_app.probes.within import SECONDS, STEP_SECONDS, within


@dataclass(frozen=True, slots=True)
class MailboxSeen:
    """`trouble` is "" when all is well. Of what the server says only the number of mails is told."""

    trouble: str = ""
    mails: int = 0


def look_at_mailbox(mailbox: ImapSettings, *, seconds: float = SECONDS) -> MailboxSeen:
    def work() -> int:
        client = connect(mailbox, timeout=STEP_SECONDS)
        try:
            return int(open_folder(client, mailbox.folder, readonly=True).get(b"EXISTS", 0))
        finally:
            _leave(client)

    try:
        return MailboxSeen(mails=within(seconds, work))
    except Exception as error:
        return MailboxSeen(trouble=trouble_of(error))


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except Exception:  # what we wanted to know we know
        client.shutdown()
