"""Every address of the site, with values that fit its places."""

from collections.abc import Iterator
from http import HTTPStatus

from django.test import RequestFactory
from django.urls import URLPattern, URLResolver

FITTING = {
    "external": "x",
    "int": "1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "slug": "x",
    "str": "x",
    "path": "x",
}


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        place = str(entry.pattern)
        for name, converter in entry.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
            place = place.replace(f"<{kind}:{name}>", FITTING[kind]).replace(f"<{name}>", FITTING[kind])
        if isinstance(entry, URLPattern):
            yield before + place
        else:
            yield from addresses(entry, before + place)


def pages(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The names of all that can be fetched: what answers nothing but a POST is left out."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from pages(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif _can_be_fetched(entry):
            yield f"{namespace}{entry.name}"


def _can_be_fetched(entry: URLPattern) -> bool:
    try:
        return bool(entry.callback(RequestFactory().get("/")).status_code != HTTPStatus.METHOD_NOT_ALLOWED)
    except Exception:
        return True  # it went on to what it has not got here
