"""What every view of the API has: a number in the log, an ETag, no caching, problems instead of pages."""

import hashlib
import logging
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.problems import Problem, ProblemRenderer
from core.clock import now as read_clock
from users.api_tokens import Scope

log = logging.getLogger("api")


class ApiView(APIView):
    http_method_names = ["get", "head", "post", "put"]
    scopes: Mapping[str, Scope] = {}
    parameters: frozenset[str] = frozenset()  # those an address of this view may have; others are refused

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        request.id = uuid4()  # type: ignore[attr-defined]  # the log finds it there
        self.began, self.now = time.monotonic(), read_clock()
        found = super().initialize_request(request, *args, **kwargs)
        found.id = request.id  # type: ignore[attr-defined]  # as above
        return found

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for name, values in request.query_params.lists():
            if name not in self.parameters:
                raise Problem(400, "unknown_parameter", parameter=name)
            if any("\0" in value for value in values):  # no text of PostgreSQL holds it
                raise Problem(400, "bad_parameter", parameter=name)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response):
            if response.content_type == ProblemRenderer.media_type:
                response.accepted_renderer = ProblemRenderer()
            response.render()
            self._tag(request, response)
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Authorization"])
        response._has_been_logged = response.status_code < 500  # Django would write the whole address
        response["X-Request-Id"] = str(request.id)
        self._note(request, response)
        return response

    def _tag(self, request: Request, response: Response) -> None:
        if request.method not in ("GET", "HEAD", "PUT") or response.status_code not in (200, 201):
            return
        tag = etag_of(response.content)
        response["ETag"] = tag
        if request.method != "PUT" and tag in _tags(request.headers.get("If-None-Match", "")):
            response.status_code, response.content = 304, b""
            del response["Content-Type"]

    def _note(self, request: Request, response: Any) -> None:
        """The route and never the address: an address may hold a customer's name."""
        route = request.resolver_match.route if request.resolver_match else ""
        program = getattr(getattr(request, "_user", None), "token_id", "-")
        log.info(
            "api_request id=%s token=%s method=%s route=%s status=%s ms=%d",
            request.id, program, request.method, route, response.status_code,
            (time.monotonic() - self.began) * 1000,
        )  # fmt: skip


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def must_match(request: Request, shown: Any) -> None:
    """If-Match: what is changed must be what the program has read. `shown` None: there is nothing yet."""
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return
    if shown is None or (
        "*" not in _tags(wanted) and etag_of(request.accepted_renderer.render(shown)) not in _tags(wanted)
    ):
        raise Problem(412, "changed_meanwhile")
