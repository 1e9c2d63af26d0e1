"""Files put into the composer: kept apart until what they belong to is sent."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from core import blobs
from staff.actor import Actor
from staff.roles import Perm
from tickets.access import NotVisible, get_ticket_to_prepare
from tickets.contracts import StoredFile
from tickets.models import Attachment, Message, Ticket, Upload
from tickets.policies.secrets import is_secret_file
from tickets.services.refused import Refused

MOST_UPLOAD_BYTES = 25 * 1024 * 1024


def staff_id_of(by: Actor) -> int:
    if by.staff_id is None:
        raise NotVisible("only people of the desk write here")
    return by.staff_id


def take_uploads(ticket: Ticket | None, by: Actor, upload_ids: Sequence[str]) -> list[Attachment]:
    """Files of this agent at this ticket, or of one he begins, become attachments; anything else named is ignored."""
    uploads = Upload.objects.filter(
        ticket=ticket, staff_id=by.staff_id, public_id__in=[u for u in upload_ids if is_uuid(u)]
    )
    files = [
        Attachment(filename=u.filename, content_type=u.content_type, digest=u.digest, size_bytes=u.size_bytes)
        for u in uploads
    ]
    uploads.delete()
    return files


def give_back(files: Iterable[Attachment], ticket: Ticket, by: Actor, *, now: datetime) -> None:
    """Files of a letter that was taken back stand in the composer again."""
    Upload.objects.bulk_create(
        Upload(
            ticket=ticket,
            staff_id=staff_id_of(by),
            filename=file.filename,
            content_type=file.content_type,
            digest=file.digest,
            size_bytes=file.size_bytes,
            created_at=now,
        )
        for file in files
    )


def stored(filename: str, content: bytes) -> StoredFile:
    """Writes the bytes; the row that names them comes with what they belong to."""
    if len(content) > MOST_UPLOAD_BYTES:
        raise Refused("too_large")
    blob = blobs.put(content)
    return StoredFile(_clean(filename), _type_of(content), blob.digest, blob.size_bytes)


def attachments_of(files: Sequence[StoredFile], message: Message) -> list[Attachment]:
    """Files of a customer, for the caller to save. What by its name holds keys or passwords is kept closed."""
    return [
        Attachment(
            message=message,
            filename=file.filename,
            content_type=file.content_type,
            digest=file.digest,
            size_bytes=file.size_bytes,
            is_secret=is_secret_file(file.filename),
        )
        for file in files
    ]


def is_uuid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True


def add_upload(ticket_number: str | None, *, by: Actor, filename: str, content: bytes, now: datetime) -> Upload:
    """The bytes are stored before the row that names them. Without a number: for a ticket to be begun."""
    ticket = _place(ticket_number, by)
    file = stored(filename, content)
    return Upload.objects.create(
        ticket=ticket,
        staff_id=staff_id_of(by),
        filename=file.filename,
        content_type=file.content_type,
        digest=file.digest,
        size_bytes=file.size_bytes,
        created_at=now,
    )


def _clean(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2].strip() or "file"
    return "".join(c for c in name if c.isprintable())[:120]


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def _type_of(content: bytes) -> str:
    return next((kind for magic, kind in _MAGIC if content.startswith(magic)), "application/octet-stream")


def remove_upload(ticket_number: str | None, *, by: Actor, public_id: str) -> None:
    ticket = _place(ticket_number, by)
    Upload.objects.filter(ticket=ticket, staff_id=by.staff_id, public_id=public_id).delete()


def _place(ticket_number: str | None, by: Actor) -> Ticket | None:
    if ticket_number is not None:
        return get_ticket_to_prepare(by, ticket_number)
    if not by.may(Perm.WORK_TICKETS):
        raise NotVisible("only those who work tickets begin them")
    return None


def old(before: datetime) -> QuerySet[Upload]:
    """Put into a composer and never sent."""
    return Upload.objects.filter(created_at__lt=before)
