"""Files and formatted bodies of messages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from django.db.models import Q

from staff.actor import Actor
from tickets.access import NotVisible, visible_to
from tickets.models import Attachment, Message, Upload


@dataclass(frozen=True, slots=True)
class FileView:
    public_id: str
    filename: str
    content_type: str
    size_bytes: int
    is_inline: bool = False
    is_damaged: bool = False
    note: str = ""
    digest: str = ""  # "" of one that was wiped, or is kept closed
    is_secret: bool = False


def file_view(a: Attachment) -> FileView:
    return FileView(
        str(a.public_id), a.filename, a.content_type, a.size_bytes, a.is_inline, a.is_damaged, a.remark, a.digest,
        a.is_secret,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MessageHtml:
    html: str
    images: dict[str, str]  # Content-ID -> public id of the attachment


def message_html(actor: Actor, public_id: str) -> MessageHtml:
    """The HTML of a message as it came; sanitising is the page's duty (core.html)."""
    message = Message.objects.filter(public_id=public_id, ticket__in=visible_to(actor)).first()
    if message is None:
        raise NotVisible(public_id)
    images = {a.content_id: str(a.public_id) for a in message.attachments.exclude(content_id="")}
    return MessageHtml(message.html, images)


def attachment(actor: Actor, public_id: str) -> FileView:
    """A secret one without its digest: `services.secrets.open_file` hands it out. Raises `NotVisible`."""
    seen = visible_to(actor)
    found = Attachment.objects.filter(
        Q(message__ticket__in=seen) | Q(note__ticket__in=seen) | Q(side_letter__conversation__ticket__in=seen),
        public_id=public_id,
    ).first()
    if found is None:
        raise NotVisible(public_id)
    return replace(file_view(found), digest="") if found.is_secret else file_view(found)


def promised_files() -> Iterator[str]:
    """Digests of all files the tickets name, some of them twice."""
    kinds = (Attachment.objects.all(), Upload.objects.all())
    return filter(None, chain.from_iterable(rows.values_list("digest", flat=True).iterator(10_000) for rows in kinds))
