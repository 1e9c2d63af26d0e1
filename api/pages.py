"""Lists page by page along a key: the next page begins after the last row, however many rows there are."""

import base64
from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request

from api.problems import Problem

MOST = 100
USUAL = 50
PARAMETERS = frozenset({"cursor", "limit"})


def limit_of(request: Request) -> int:
    given = request.query_params.get("limit", str(USUAL))
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and 1 <= int(given) <= MOST):
        raise Problem(400, "bad_limit", parameter="limit")
    return int(given)


def place_of(request: Request) -> int | None:
    """The key of the last row of the page before."""
    given = request.query_params.get("cursor")
    if given is None:
        return None
    try:
        place = int(base64.urlsafe_b64decode(given.encode("ascii")).decode("ascii").removeprefix("id:"))
    except ValueError:
        place = -1
    if not 0 <= place < 2**63 or _cursor(place) != given:
        raise Problem(400, "bad_cursor", parameter="cursor")
    return place


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"id:{place}".encode()).decode("ascii")


def page(items: Sequence[Any], next_place: int | None) -> dict[str, Any]:
    return {"items": items, "next": None if next_place is None else _cursor(next_place)}
