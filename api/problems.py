"""What went wrong, as RFC 9457 says it: `application/problem+json`, in the reader's language, field by field."""

import logging
import math
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from api import words

log = logging.getLogger("api")

AWAY_SECONDS = 5  # how long a restart of the database takes, with room


class Problem(exceptions.APIException):
    """`pointer` is the JSON Pointer of the field in the body, `parameter` the name of one in the address."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        pointer: str | None = None,
        parameter: str = "",
        detail: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code, code)
        self.status_code, self.code, self.told, self.retry_after = status, code, detail, retry_after
        where = {"pointer": pointer} if pointer is not None else {"parameter": parameter} if parameter else None
        self.fields = [{**where, "code": code, "detail": words.of(code, detail)}] if where else []


class ProblemRenderer(JSONRenderer):
    media_type = "application/problem+json"


def answer_to(error: Exception, context: dict[str, Any]) -> Response:
    request = context.get("request")
    headers: dict[str, str] = {}
    if isinstance(error, Problem):
        status, code, fields, told = error.status_code, error.code, error.fields, error.told
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    else:
        status, code, fields, told = _known(error)
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, math.ceil(error.wait or 1)))
    if status == 503:
        headers["Retry-After"] = str(AWAY_SECONDS)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    body: dict[str, Any] = {
        "type": f"urn:helpdesk:problem:{code}",
        "title": words.title(status),
        "status": status,
        "detail": words.of(code, told),
        "code": code,
    }
    if fields:
        body["errors"] = fields
    if request is not None and hasattr(request, "id"):
        body["instance"] = f"urn:uuid:{request.id}"
    return Response(body, status=status, headers=headers, content_type=ProblemRenderer.media_type)


def _known(error: Exception) -> tuple[int, str, list[dict[str, str]], str]:
    if isinstance(error, exceptions.ValidationError):
        return 422, "invalid", list(_fields(error.detail, error.get_codes(), "")), ""
    if isinstance(error, Http404):
        return 404, "not_found", [], ""
    if isinstance(error, PermissionDenied):
        return 403, "permission_denied", [], ""
    if isinstance(error, exceptions.APIException):
        return error.status_code, str(error.default_code), [], ""
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database=away error=%s", type(error).__name__)
        return 503, "away", [], ""
    log.error("api request broke", exc_info=error)
    return 500, "broken", [], ""


def _fields(detail: Any, codes: Any, pointer: str) -> Iterator[dict[str, str]]:
    """The leaves of a serializer's errors."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            below = pointer if name == "" else f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _fields(inner, codes[name], below)
    elif isinstance(detail, list):
        for place, (inner, code) in enumerate(zip(detail, codes, strict=True)):
            if isinstance(inner, dict | list):
                yield from _fields(inner, code, f"{pointer}/{place}")
            else:
                yield {"pointer": _sayable(pointer), "code": str(code), "detail": _sayable(str(inner))}


def _sayable(text: str) -> str:
    """What was sent is repeated here, and half a character (a lone surrogate) can be sent but not said."""
    return text.encode(errors="replace").decode()
