"""The description of the API: for programs as OpenAPI, for people as a page made from it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

from api.base import ApiView
from api.problems import Problem

METHODS = ("get", "post", "put")


class Nowhere(ApiView):
    """Every other address below /api/."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Problem(404, "not_found")


class TooLarge(Nowhere):
    """Asked for by `helpdesk.body` in place of what was too large to be read."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Problem(413, "body_too_large")


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    return JsonResponse(openapi(), json_dumps_params={"ensure_ascii": False})


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    groups: dict[str, list[Operation]] = {}
    for operation, tag in operations():
        groups.setdefault(tag, []).append(operation)
    return render(request, "api/docs.html", {"groups": groups.items()})


@lru_cache(maxsize=1)
def operations() -> list[tuple[Operation, str]]:
    described = openapi()
    found = []
    for path, item in described["paths"].items():
        for method in METHODS:
            if method in item:
                found.append((_operation(described, path, method, item[method]), item[method]["tags"][0]))
    return found


def _operation(described: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> Operation:
    parameters = tuple(
        Field(each["name"], each["in"], each.get("required", False), each.get("description", ""))
        for each in told.get("parameters", ())
    )
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = tuple((status, answer.get("description", "")) for status, answer in told["responses"].items())
    return Operation(
        told["operationId"], method.upper(), path, told.get("summary", ""), told.get("x-scope", ""), parameters,
        tuple(_fields(described, body)), answers,
    )  # fmt: skip


def _fields(described: dict[str, Any], told: dict[str, Any], before: str = "") -> list[Field]:
    """Flat, as `claims.second_factor`, `roles[].account`."""
    told = _resolved(described, told)
    found = []
    for name, inner in told.get("properties", {}).items():
        whole = _resolved(described, inner)
        items = _resolved(described, whole.get("items", {}))
        kind = "[]" if whole.get("type") == "array" else ""
        words = " | ".join(str(value) for value in whole.get("enum", ())) or str(whole.get("type", ""))
        is_required = name in told.get("required", ())
        found.append(Field(f"{before}{name}{kind}", words, is_required, inner.get("description", "")))
        found += _fields(described, items or whole, f"{before}{name}{kind}.")
    return found


def _resolved(described: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    for each in (told, *told.get("allOf", ()), *told.get("oneOf", ())):
        if "$ref" in each:
            found: dict[str, Any] = described["components"]["schemas"][each["$ref"].rpartition("/")[2]]
            return found
    return told
