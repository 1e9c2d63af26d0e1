import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from customers.models import Account, Contact, ContactRole, Service
from tests.cast import NOW, anna, desk
from users import api_tokens
from users.api_tokens import Scope

CLAIMS = {"signed_in_at": "2026-11-23T08:59:00Z", "second_factor": "none"}


@dataclass
class Caller:
    """A program that calls the API of the test's desk."""

    secret: str
    language: str = "en"

    def __call__(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        more = {"Authorization": f"Bearer {self.secret}", "Accept-Language": self.language}
        if method == "post":
            more["Idempotency-Key"] = key or uuid4().hex
        more |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = (
            {} if body is None or method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
        )
        answer = getattr(Client(), method)(f"/api/v1{path}", headers=more, **content)
        answer.said = json.loads(answer.content) if answer.content else None
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self("get", path, **headers)

    def post(self, path: str, body: Any, **more: str) -> Any:
        return self("post", path, body, **more)

    def put(self, path: str, body: Any, **more: str) -> Any:
        return self("put", path, body, **more)

    def form(self, path: str, request: Any, files: list[Any], *, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key or uuid4().hex}
        answer = Client().post(f"/api/v1{path}", {"request": json.dumps(request), "files": files}, headers=headers)
        answer.said = json.loads(answer.content)
        return answer


def caller(*scopes: Scope, **more: Any) -> Caller:
    defaults = {"per_minute": 60_000, "expires_at": None, "by": "staff:1", "now": NOW}
    return Caller(api_tokens.make("panel", scopes or list(Scope), **(defaults | more)).reveal())


def known_to_the_panel() -> Account:
    """Anna, owner of her account, under the names that the provider's own system gives them."""
    account = anna()
    Account.objects.filter(pk=account.pk).update(external_id="a-1")
    Contact.objects.update(external_id="c-anna")
    Service.objects.update(external_id="s-1")
    ContactRole.objects.create(account=account, contact=Contact.objects.get(), role="owner")
    return account


@pytest.fixture(autouse=True)
def _desk(db: None) -> None:
    cache.clear()
    desk()
    known_to_the_panel()


def asked(**more: Any) -> dict[str, Any]:
    return {"subject": "Site is down", "text": "502 since ten", "contact": "c-anna", "claims": CLAIMS} | more
