"""The public form's door: what was typed becomes a ticket, or waits for the mailed link that completes it."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from channels_app.event_types import RequestHeld
from channels_app.models import HeldFile, HeldRequest
from channels_app.queries import front_door
from core.trust import Fact, FactKind
from events import outbox
from staff.actor import REQUESTER
from tickets.contracts import NewRequest, Opened, StoredFile
from tickets.enums import Kind
from tickets.services import requests, uploads

DOOR = "form"
LINK_LASTS = timedelta(hours=24)
MOST_FILES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
    """`details` and the versions of consent are (code, value); `email` is in its normal form."""

    request_id: UUID
    kind: Kind
    subject: str
    text: str
    details: tuple[tuple[str, str], ...]
    name: str
    email: str
    phone: str
    login: str
    contract: str
    domain: str
    language: str


@dataclass(frozen=True, slots=True)
class HeldView:
    """`number` is not "" once it is a ticket; then nothing else is left."""

    request_id: UUID
    subject: str
    text: str
    files: tuple[str, ...]
    number: str


def opened_before(request_id: UUID) -> Opened | None:
    return requests.opened_before(request_id, door=DOOR)


def send(typed: TypedRequest, *, facts: tuple[Fact, ...] = (), now: datetime) -> Opened:
    """The ticket, new or the one this request opened before. Raises `Refused`."""
    door = front_door()
    kept = HeldFile.objects.filter(request_id=typed.request_id).order_by("id")
    opened = requests.open_request(
        NewRequest(
            request_id=typed.request_id,
            door=DOOR,
            queue=door.queue,
            our_address=door.address,
            kind=typed.kind,
            subject=typed.subject,
            text=typed.text,
            details=typed.details,
            name=typed.name,
            email=typed.email,
            phone=typed.phone,
            login=typed.login,
            contract=typed.contract,
            domain=typed.domain,
            language=typed.language,
            files=[StoredFile(f.filename, f.content_type, f.digest, f.size_bytes) for f in kept],
            facts=facts,
        ),
        now=now,
    )
    kept.delete()
    return opened


@transaction.atomic
def hold(typed: TypedRequest, *, now: datetime) -> None:
    """Keeps the words and queues the letter with the link. The same request again keeps the newer words."""
    words = asdict(typed) | {"request_id": str(typed.request_id)}
    held, is_new = HeldRequest.objects.update_or_create(
        request_id=typed.request_id,
        number="",
        defaults={"typed": words, "email": typed.email, "language": typed.language},
        create_defaults={"typed": words, "email": typed.email, "language": typed.language, "created_at": now},
    )
    if is_new:
        outbox.record(RequestHeld(held_id=held.pk), by=REQUESTER.key, now=now)


def new_token(held_id: int, *, now: datetime) -> tuple[str, HeldRequest] | None:
    """The secret of the mailed link and what it is for; only its digest stays. None: there is nothing to send."""
    held = HeldRequest.objects.filter(pk=held_id, number="", created_at__gt=now - LINK_LASTS).first()
    if held is None:
        return None
    token = secrets.token_urlsafe(32)
    HeldRequest.objects.filter(pk=held.pk).update(token_digest=_digest(token))
    return token, held


def held_by(token: str, *, now: datetime) -> HeldView | None:
    """What the link of this token completes; None where there is no such link any more."""
    held = _held(token, now=now)
    if held is None:
        return None
    files = HeldFile.objects.filter(request_id=held.request_id).order_by("id").values_list("filename", flat=True)
    words = held.typed
    return HeldView(held.request_id, words.get("subject", ""), words.get("text", ""), tuple(files), held.number)


def complete(token: str, *, is_typed_here: bool, now: datetime) -> str | None:
    """The number of the ticket that the held words have become. None: no such link any more.

    Only where they were typed, too, the link proves the address to be the writer's. Raises `Refused`.
    """
    held = _held(token, now=now)
    if held is None or held.number:
        return held.number if held else None
    proof = (Fact(FactKind.ADDRESS_CODE, "entered", held.email, detail={"by": "link"}),) if is_typed_here else ()
    opened = send(_typed(held.typed), facts=proof, now=now)
    HeldRequest.objects.filter(pk=held.pk).update(number=opened.number, typed={})
    return opened.number


def files_of(request_id: UUID) -> list[HeldFile]:
    return list(HeldFile.objects.filter(request_id=request_id).order_by("id"))


def keep_file(request_id: UUID, filename: str, content: bytes, *, now: datetime) -> None:
    """Once, however often it is sent. Raises `Refused` where it is too large; the content tells the type."""
    file = uploads.stored(filename, content)
    if not HeldFile.objects.filter(request_id=request_id, filename=file.filename, digest=file.digest).exists():
        HeldFile.objects.create(
            request_id=request_id,
            filename=file.filename,
            content_type=file.content_type,
            digest=file.digest,
            size_bytes=file.size_bytes,
            created_at=now,
        )


def drop_files(request_id: UUID, *, but: set[str]) -> None:
    """Takes away those that are not among `but`, their public ids."""
    for file in files_of(request_id):
        if str(file.public_id) not in but:
            file.delete()


def move_files(request_id: UUID, *, to: UUID) -> None:
    HeldFile.objects.filter(request_id=request_id).update(request_id=to)


def old_requests(before: datetime) -> QuerySet[HeldRequest]:
    """What nobody completed, and what remains of the rest."""
    return HeldRequest.objects.filter(created_at__lt=before).order_by("created_at")


def old_files(before: datetime) -> QuerySet[HeldFile]:
    """A file may be a day older than the request that waits with it."""
    return HeldFile.objects.filter(created_at__lt=before - LINK_LASTS).order_by("created_at")


def _held(token: str, *, now: datetime) -> HeldRequest | None:
    return HeldRequest.objects.filter(token_digest=_digest(token), created_at__gt=now - LINK_LASTS).first()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _typed(words: Mapping[str, Any]) -> TypedRequest:
    details = tuple((code, value) for code, value in words["details"])
    known = {"request_id": UUID(words["request_id"]), "kind": Kind(words["kind"]), "details": details}
    return TypedRequest(**{**words, **known})
