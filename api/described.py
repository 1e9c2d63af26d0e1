"""How the views describe themselves for OpenAPI, said once for all of them."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api import inputs, outputs
from api.idempotency import HEADER
from api.problems import ProblemRenderer

_WORDS = {
    400: "The request cannot be read.",
    401: "No token, or one that opens nothing.",
    403: "The token lacks the scope.",
    404: "No such thing, or not for this contact.",
    405: "The address does not know the method.",
    406: "Only JSON is sent.",
    409: "In conflict with another request at this moment.",
    410: "It was there and is gone.",
    412: "It is not as If-Match says.",
    413: "Too large.",
    415: "Only JSON, and multipart/form-data where files go along.",
    422: "A field is wrong; `errors` says which and why.",
    429: "Too fast; wait as Retry-After says.",
    503: "Away for a moment; send it again as Retry-After says.",
}
_EVERYWHERE = (400, 401, 403, 405, 406, 429, 503)


class Operations(AutoSchema):
    def get_extensions(self) -> dict[str, Any]:
        scope = self.view.scopes.get(self.method)
        return {"x-scope": scope.value} if scope else {}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "api.programs.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def parameter(name: str, about: str, *, pattern: str = "", **more: Any) -> OpenApiParameter:
    return OpenApiParameter(
        name, {"type": "string", **({"pattern": pattern} if pattern else {})}, description=about, **more
    )


PAGED = [
    parameter("cursor", "`next` of the page before."),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),
]
CONTACT = parameter("contact", "See as this contact sees. What you show to a customer, ask for in his name.",
                    pattern=inputs.EXTERNAL_ID.replace(r"\Z", "$"))  # fmt: skip
NEEDED_CONTACT = parameter("contact", "Whose.", pattern=inputs.EXTERNAL_ID.replace(r"\Z", "$"), required=True)
ACCOUNT = parameter("account", "Of this account only.", pattern=inputs.EXTERNAL_ID.replace(r"\Z", "$"))
KEY = parameter(HEADER, "Another for each request; the same when you repeat it.", pattern="^[!-~]{1,128}$",
                location=OpenApiParameter.HEADER, required=True)  # fmt: skip
IF_NONE_MATCH = parameter("If-None-Match", "An ETag you have: 304 if it is still so.", location=OpenApiParameter.HEADER)
IF_MATCH = parameter("If-Match", "An ETag you have: 412 if it is no longer so.", location=OpenApiParameter.HEADER)


def described(
    name: str,
    summary: str,
    *,
    takes: Any = None,
    gives: dict[Any, Any],
    fails: tuple[int, ...] = (),
    parameters: list[OpenApiParameter] | None = None,
    tag: str,
    with_files: bool = False,
) -> Callable[[Any], Any]:
    request: Any = takes
    if with_files:
        several = {"type": "array", "items": {"type": "string", "format": "binary"}}
        form = {
            "type": "object",
            "properties": {"request": {"type": "string", "description": "The JSON of the body."}, "files": several},
            "required": ["request"],
        }
        request = {"application/json": takes, "multipart/form-data": form}
    answers: dict[Any, Any] = dict(gives)
    for status in sorted({*_EVERYWHERE, *fails}):
        answers[status, ProblemRenderer.media_type] = OpenApiResponse(outputs.ProblemOutput, description=_WORDS[status])
    return extend_schema(
        operation_id=name, summary=summary, tags=[tag], request=request, responses=answers, parameters=parameters or []
    )
