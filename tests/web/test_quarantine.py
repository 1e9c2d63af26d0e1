"""Mail that waits for a person."""

import uuid

import pytest

from channels_app.models import RawMessage
from tests.cast import NOW
from tests.web.conftest import person, shows, signed_in


@pytest.fixture
def held() -> RawMessage:
    return quarantined("Счёт за октябрь")


def quarantined(subject: str, reason: str = "too_deep") -> RawMessage:
    return RawMessage.objects.create(
        door="smtp",
        received_at=NOW,
        size_bytes=2,
        digest="0" * 64,
        content=b"hi",
        dedupe_key=uuid.uuid4().hex,
        state="quarantined",
        reason=reason,
        sender="deep@bare.example",
        subject=subject,
    )


def test_held_mail_is_listed_with_the_reason_in_words(agent, held):
    shows(agent.get("/desk/quarantine/"), "Счёт за октябрь", "deep@bare.example", "Nested too deeply")


def test_a_raw_header_is_shown_as_it_reads(agent):
    quarantined("=?utf-8?B?0KHRh9GR0YI=?=")
    shows(agent.get("/desk/quarantine/"), "Счёт")


def test_a_damaged_header_is_shown_as_it_came(agent):
    quarantined("=?utf-9?Q?a=FF?=")
    shows(agent.get("/desk/quarantine/"), "=?utf-9?Q?a=FF?=")


def test_the_live_region_is_the_list_alone(agent, held):
    page = agent.get("/desk/quarantine/", headers={"x-region": "held"}).content.decode()
    assert held.subject in page
    assert "<html" not in page


def test_an_empty_quarantine_says_so(agent):
    shows(agent.get("/desk/quarantine/"), "Nothing is held back")


def test_released_mail_goes_back_to_be_filed(agent, held):
    shows(agent.post(f"/desk/quarantine/{held.public_id}/release", follow=True), "it becomes a ticket in a moment")
    held.refresh_from_db()
    assert (held.state, held.is_released) == ("received", True)
    assert held.handled_by.startswith("staff:")


def test_dismissed_mail_leaves_the_list_and_keeps_its_bytes(agent, held):
    shows(agent.post(f"/desk/quarantine/{held.public_id}/dismissal", follow=True), "Dismissed. The original is kept.")
    held.refresh_from_db()
    assert (held.state, bytes(held.content)) == ("refused", b"hi")


@pytest.mark.parametrize("noun", ["release", "dismissal"])
def test_who_comes_second_is_told_that_a_colleague_has_decided(agent, held, noun):
    agent.post(f"/desk/quarantine/{held.public_id}/dismissal")
    shows(agent.post(f"/desk/quarantine/{held.public_id}/{noun}", follow=True), "A colleague has decided")


@pytest.mark.parametrize("role", ["quality", "admin"])
def test_who_does_not_handle_quarantine_neither_sees_nor_changes_it(held, role):
    other = signed_in(person("other", role, "first-line"))
    assert "/desk/quarantine/" not in other.get("/desk/").content.decode()
    assert other.get("/desk/quarantine/").status_code == 403
    for noun in ("release", "dismissal"):
        assert other.post(f"/desk/quarantine/{held.public_id}/{noun}").status_code == 403
    held.refresh_from_db()
    assert held.state == "quarantined"


def test_an_address_that_is_none_does_not_exist(agent):
    assert agent.post("/desk/quarantine/nonsense/release").status_code == 404
    assert agent.get("/desk/files/nonsense/").status_code == 404
