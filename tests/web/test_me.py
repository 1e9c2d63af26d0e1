"""What somebody of the desk sets for himself."""

from datetime import time

from automation import choices
from automation.policies import Pace, Quiet, Way
from staff.models import StaffProfile
from tests.web.conftest import shows
from tickets.models import Ticket

FORM = {"way_wrote": "mail", "way_noted": "none", "pace": "daily", "quiet_from": "22:00", "quiet_until": "07:00"}


def kept() -> choices.Told:
    return choices.of_staff(StaffProfile.objects.get().pk)


def test_choices_are_kept_and_shown_and_the_pages_follow_the_zone(agent, ticket):
    page = agent.post("/desk/me/notifications", FORM | {"zone": "Asia/Tokyo"}, follow=True)
    shows(page, "Saved: this is how you are told from now on.", "<option selected>Asia/Tokyo</option>", 'value="22:00"')
    shows(page, '<option value="mail" selected>in the page and by mail</option>', '<option value="none" selected>')
    assert kept() == choices.Told(
        {"wrote": Way.MAIL, "noted": Way.NONE}, Pace.DAILY, Quiet(time(22), time(7)), "Asia/Tokyo"
    )
    Ticket.objects.update(created_at="2026-11-23T09:00:00Z")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "23.11.2026 18:00")


def test_a_refused_choice_keeps_what_was_typed_and_says_why(agent):
    page = agent.post("/desk/me/notifications", FORM | {"quiet_until": "", "zone": "Asia/Tokyo"})
    assert page.status_code == 409
    shows(page, "Quiet hours have a beginning and an end.", 'value="22:00"', "<option selected>Asia/Tokyo</option>")
    shows(page, '<option value="mail" selected>in the page and by mail</option>')
    assert "Write the time as 22:00." in agent.post("/desk/me/notifications", {"quiet_from": "25:00"}).content.decode()
    assert kept() == choices.Told()


def test_values_no_form_of_ours_offers_change_nothing(agent):
    agent.post("/desk/me/notifications", {"way_wrote": "pigeon", "way_strange": "mail", "pace": "never", "zone": ""})
    assert kept() == choices.Told()
