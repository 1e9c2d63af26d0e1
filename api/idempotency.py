"""A creating request that comes twice creates once. The key is the caller's, the body decides whether it is the same.

The advisory lock is of the transaction; an answer committed after the lock was asked for shows itself as a breach of
the unique key, and the second request is told to come again.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import KeptAnswer
from api.problems import Problem
from core import prepared
from core.named import Named

HEADER = "Idempotency-Key"
_SPACE = UUID("6d0f7a3e-4c0d-4a55-9a52-0e6a5b7f2c11")
_LOOK = """
    SELECT pg_try_advisory_xact_lock(%s), (
        SELECT json_build_array(digest, status, answer) FROM api_keptanswer
        WHERE token_id = %s AND key = %s)
"""
_KEEP = """
    INSERT INTO api_keptanswer (token_id, key, digest, status, answer, created_at) VALUES (%s, %s, %s, %s, %s, %s)"""

Create = Callable[[UUID], tuple[int, dict[str, Any]]]


def once(request: Request, body: Any, create: Create, *, now: datetime) -> Response:
    """`create` gets an id that is the same for the same request and gives status and answer."""
    key = request.headers.get(HEADER, "")
    if not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise Problem(400, "no_idempotency_key")
    token = request.user.token_id
    digest = hashlib.sha256(f"{request.path}\n{json.dumps(body, sort_keys=True)}".encode()).hexdigest()
    named = uuid5(_SPACE, f"{token}:{key}:{digest}")
    lock = int.from_bytes(uuid5(_SPACE, f"{token}:{key}").bytes[:8], signed=True)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                prepared.execute(cursor, _LOOK, [lock, token, key])
                is_alone, kept = cursor.fetchone()
            if kept is not None:
                return _again(kept, digest)
            if not is_alone:
                raise Problem(409, "key_in_use", retry_after=1)
            status, answer = create(named)
            with connection.cursor() as cursor:
                prepared.execute(cursor, _KEEP, [token, key, digest, status, json.dumps(answer), now])
    except IntegrityError:
        if KeptAnswer.objects.filter(token_id=token, key=key).exists():
            raise Problem(409, "key_in_use", retry_after=1) from None
        raise
    return Response(answer, status=status)


def _again(kept: list[Any], digest: str) -> Response:
    known, status, answer = kept
    if known != digest:
        raise Problem(422, "key_of_another_body")
    return Response(answer, status=status, headers={"Idempotent-Replayed": "true"})


def forget_about(person: Named) -> None:
    """Answers that name somebody who is erased."""
    said = KeptAnswer.objects.alias(words=Cast("answer", TextField()))
    said.filter(words__iregex=person.pattern).delete()


def old(before: datetime) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.filter(created_at__lt=before).order_by("created_at")
