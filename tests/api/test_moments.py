"""Times have one form wherever they leave the desk: UTC with Z."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.utils import timezone as active
from rest_framework import serializers

from api import inputs, outputs
from api.docs import openapi
from api.moments import Moment
from core.clock import now as read_clock
from core.clock import written
from tests import cast
from tests.api.conftest import CLAIMS, asked, caller
from tickets.services import promises
from tickets.services.critical import acting
from tickets.services.promises import Promised

OF_MODULES = [
    each
    for module in (inputs, outputs)
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, serializers.Serializer)
]
LOOKS_LIKE_ONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
RIGHT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z\Z")


def moments_in(said: Any) -> Iterator[str]:
    if isinstance(said, dict | list):
        for inner in said.values() if isinstance(said, dict) else said:
            yield from moments_in(inner)
    elif isinstance(said, str) and LOOKS_LIKE_ONE.match(said):
        yield said


def all_right(said: Any, *, at_least: int = 1) -> None:
    found = list(moments_in(said))
    assert len(found) >= at_least
    assert [moment for moment in found if not RIGHT.match(moment)] == []


@pytest.mark.parametrize("hours", [0, 3, -9])
def test_a_moment_is_written_in_utc_whatever_zone_it_is_told_in(hours: int) -> None:
    told = datetime(2026, 11, 25, 12, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert written(told) == Moment().to_representation(told) == "2026-11-25T12:00:00Z"


@pytest.mark.parametrize("serializer", OF_MODULES, ids=lambda each: each.__name__)
def test_no_serializer_writes_or_reads_times_in_another_way(serializer: type[serializers.Serializer[Any]]) -> None:
    for name, field in serializer().fields.items():
        inner = getattr(field, "child", field)
        assert not isinstance(inner, serializers.DateTimeField) or isinstance(inner, Moment), name


def test_whatever_the_api_says_and_describes_has_one_form() -> None:
    panel, now = caller(), read_clock()
    agent = cast.person("agent1", "agent", "first-line").actor()
    with active.override("Asia/Tokyo"):
        opened = panel.post("/tickets/", asked()).said
        promises.make(opened["number"], Promised(now + timedelta(days=1), "A disk"), by=agent, now=now)
        acting.request(opened["number"], "password_reset", {"login": "annahost"}, by=agent, now=now)
        where = f"/tickets/{opened['id']}/"
        for path, at_least in (
            (where, 4), (f"{where}messages/", 1), (f"{where}evidence/", 2), ("/tickets/", 2),
            ("/actions/?contact=c-anna", 2),
        ):  # fmt: skip
            all_right(panel.get(path).said, at_least=at_least)
        owed = [promise["id"] for promise in panel.get(where).said["promises"]]
        closing = {"contact": "c-anna", "claims": CLAIMS, "waived": owed}
        all_right(panel.post(f"{where}closing/", closing).said, at_least=4)
    assert all(RIGHT.match(moment) for moment in moments_in(openapi()))
