"""Who asks: a program with a bearer token, and nobody else. A session cookie opens nothing here."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.problems import Problem
from core.clock import now as read_clock
from core.sealed import Secret
from users import api_tokens
from users.api_tokens import Program

_MOST_CHARACTERS = 200


class BearerToken(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Program, Program]:
        kind, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not secret:
            raise Problem(401, "no_token")
        is_possible = len(secret) <= _MOST_CHARACTERS and secret.isascii()
        program = api_tokens.known(Secret(secret.strip()), now=read_clock()) if is_possible else None
        if program is None:
            raise Problem(401, "bad_token")
        return program, program

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """The view says in `scopes` what each method needs; a method it does not name is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if scope is None:
            raise MethodNotAllowed(str(request.method))
        if scope not in request.user.scopes:
            raise Problem(403, "scope_missing", detail=scope)
        return True
