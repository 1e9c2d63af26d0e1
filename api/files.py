"""Files out by links that are good for minutes and for the token that asked; files in beside a JSON body."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request

from api.base import ApiView
from api.described import described, parameter
from api.problems import Problem
from core.downloads import download
from tickets.contracts import StoredFile
from tickets.queries.customer import any_file
from tickets.queries.files import FileView
from tickets.services.refused import Refused
from tickets.services.uploads import MOST_UPLOAD_BYTES, stored
from users import api_tokens

_SLOT_SECONDS = 300
_signer = Signer(salt="helpdesk.api.files")


def link(file: FileView, token_id: int, *, now: datetime) -> str:
    """The same within a slot, so that an ETag does not change with every reading."""
    until = (int(now.timestamp()) // _SLOT_SECONDS + 2) * _SLOT_SECONDS
    signature = _signer.signature(f"{file.public_id}:{token_id}:{until}")
    return f"/api/v1/attachments/{file.public_id}/?token={token_id}&until={until}&signature={signature}"


_OF_LINK = ("token", "until", "signature")


class File(ApiView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parameters = frozenset(_OF_LINK)

    @described("download_attachment", "A file by the link that a message gave",
               gives={(200, "application/octet-stream"): OpenApiTypes.BINARY}, fails=(404, 410), tag="messages",
               parameters=[parameter(name, "From the link.", required=True) for name in _OF_LINK],
               )  # fmt: skip
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        given = request.query_params
        token, until = given.get("token", ""), given.get("until", "")
        try:
            _signer.unsign(f"{public_id}:{token}:{until}:{given.get('signature', '')}")
        except BadSignature:
            raise Problem(404, "not_found") from None
        if int(until) < self.now.timestamp():
            raise Problem(410, "link_too_old")
        if not api_tokens.is_good(int(token), now=self.now):
            raise Problem(404, "not_found")
        file = any_file(public_id, now=self.now)
        if not file.digest:
            raise Problem(410, "file_wiped")
        try:
            return download(file.digest, filename=file.filename, content_type=file.content_type)
        except FileNotFoundError:
            raise Problem(410, "file_missing") from None


def body_and_files(request: Request) -> tuple[Any, list[StoredFile]]:
    """JSON as it is, or `request` and `files` of a form."""
    if not (request.content_type or "").startswith("multipart/"):
        return request.data, []
    known = {"request", "files"}
    for name in request.data:
        if name not in known:
            raise Problem(422, "unknown_field", pointer=f"/{name}")
    try:
        body = json.loads(request.data.get("request", ""))
    except (ValueError, TypeError):
        raise Problem(400, "parse_error", pointer="/request") from None
    given = request.FILES.getlist("files")
    if sum(file.size for file in given) > MOST_UPLOAD_BYTES:
        raise Problem(413, "too_large", pointer="/files")
    try:
        return body, [stored(file.name, file.read()) for file in given]
    except Refused as refused:
        raise Problem(413, refused.code, pointer="/files") from None


def told(files: list[StoredFile]) -> list[list[str]]:
    """For the digest of a request."""
    return [[file.filename, file.digest] for file in files]
