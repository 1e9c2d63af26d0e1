"""Lists with a name, their numbers, and who may change them."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from events.models import Event
from staff.models import StaffProfile
from tests.cast import NOW, letter, origin
from tests.web.conftest import person, shows, signed_in
from tickets.access import NotVisible
from tickets.models import SavedView, Ticket
from tickets.services import saved_views
from tickets.services.conversation import Refused
from tickets.services.intake import receive
from tickets.services.saved_views import MOST

PAGE = "/desk/views/"


@pytest.fixture
def lead():
    return signed_in(person("lead", "lead"))


def saved(client, name="By phone", **more) -> SavedView:
    client.post(PAGE, {"name": name, "view": "all", "door": "phone", **more})
    return SavedView.objects.get(name=name)


def test_a_list_is_saved_and_stands_beside_the_others(agent):
    given = {"name": "  By \x00 phone ", "view": "all", "door": "phone", "nonsense": "x"}
    answer = agent.post(PAGE, given, follow=True)
    shows(answer, "Saved: the list stands beside the others.", "By phone")
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("By phone", "view=all&door=phone", False)
    page = agent.get("/desk/?door=phone&view=all&tier=")
    shows(page, "<h1>By phone</h1>", '<a href="/desk/?view=all&amp;door=phone" aria-current="page">')


def test_it_reads_in_russian():
    client = signed_in(person("agent1", "agent", "first-line"), language="ru")
    saved(client)
    shows(client.get(PAGE), "Сохранённые списки", "Все открытые · Звонок", "Переименовать")
    shows(client.get("/desk/?view=all&door=chat"), "Сохранить список")


def test_what_a_list_asks_for_is_said_in_words(agent, ticket):
    me = StaffProfile.objects.get()
    everything = {
        "queue": "hosting", "status": "open", "assignee": str(me.pk), "tier": "1", "level": "3",
        "since": "2026-11-01", "until": "2026-11-30",
    }  # fmt: skip
    saved(agent, **everything)
    words = "All open · Hosting · In progress · Agent1 · L1 · Call · proof: recognised or more · opened from 01.11.2026"
    shows(agent.get(PAGE), words, "opened to 30.11.2026")


def test_only_who_may_share_gives_a_list_to_everybody(agent, lead):
    assert agent.post(PAGE, {"name": "Mine", "is_shared": "1"}).status_code == 404
    assert 'name="is_shared"' not in agent.get("/desk/?view=all&door=phone").content.decode()
    shows(lead.get("/desk/?view=all&door=phone"), 'name="is_shared"')
    saved(lead, "Of all", is_shared="1")
    saved(lead, "Of the lead")
    page = agent.get("/desk/").content.decode()
    assert "Of all" in page
    assert "Of the lead" not in page


@pytest.mark.parametrize("noun", ["name", "place", "removal", "restoration"])
def test_a_list_of_somebody_else_does_not_exist(agent, lead, noun):
    for view in (saved(lead, "Of the lead"), saved(lead, "Of all", is_shared="1")):
        assert agent.post(f"{PAGE}{view.public_id}/{noun}", {"name": "Taken", "to": "up"}).status_code == 404
    assert not SavedView.objects.filter(name="Taken").exists()
    assert SavedView.objects.filter(removed_at=None).count() == 2


def test_one_lead_changes_what_another_shared(lead):
    view = saved(lead, "Of all", is_shared="1")
    other = signed_in(person("lead2", "lead"))
    other.post(f"{PAGE}{view.public_id}/name", {"name": "Of us all"})
    shows(lead.get(PAGE), "Of us all")


def test_lists_change_places(agent):
    one, two, three = (saved(agent, name) for name in ("one", "two", "three"))
    agent.post(f"{PAGE}{three.public_id}/place", {"to": "up"})
    agent.post(f"{PAGE}{one.public_id}/place", {"to": "up"})
    agent.post(f"{PAGE}{two.public_id}/place", {"to": "down"})
    assert list(SavedView.objects.order_by("place").values_list("name", flat=True)) == ["one", "three", "two"]
    page = agent.get("/desk/").content.decode()
    assert page.index(">one<") < page.index(">three<") < page.index(">two<")


def test_a_removed_list_is_brought_back_to_its_place(agent):
    one, _ = saved(agent, "one"), saved(agent, "two")
    page = agent.post(f"{PAGE}{one.public_id}/removal", follow=True)
    shows(page, "“one” is removed.", "Bring it back")
    assert ">one<" not in agent.get("/desk/").content.decode()
    shows(agent.post(f"{PAGE}{one.public_id}/restoration", follow=True), "The list is back.")
    page = agent.get("/desk/").content.decode()
    assert page.index(">one<") < page.index(">two<")


def test_what_was_removed_yesterday_is_gone():
    me = StaffProfile.objects.get(user__email=person("agent1", "agent", "first-line")).actor()
    one, two = (saved_views.save(name, "view=all", is_shared=False, by=me, now=NOW) for name in ("one", "two"))
    saved_views.remove(one.public_id, by=me, now=NOW)
    saved_views.remove(two.public_id, by=me, now=NOW + timedelta(days=2))
    assert list(SavedView.objects.values_list("name", flat=True)) == ["two"]
    with pytest.raises(NotVisible):
        saved_views.restore(one.public_id, by=me, now=NOW)


def test_a_name_is_wanted_and_lists_have_an_end(agent):
    bare = {"name": " \x00 ", "view": "all", "status": "open"}
    shows(agent.post(PAGE, bare, follow=True), 'id="its-name-e"', "Write a name.")
    for number in range(MOST):
        saved(agent, f"List {number}")
    shows(agent.post(PAGE, bare | {"name": "One more"}, follow=True), "Fifteen lists at most", 'value="One more"')
    first = SavedView.objects.get(name="List 0")
    agent.post(f"{PAGE}{first.public_id}/removal")
    saved(agent, "One more")
    with pytest.raises(Refused, match="too_many_views"):
        saved_views.restore(first.public_id, by=StaffProfile.objects.get().actor(), now=NOW)


def test_the_number_beside_a_list_is_of_what_the_reader_may_see(agent, lead):
    receive(letter(), origin=origin(), now=NOW)
    receive(letter(message_id="2@x"), origin=origin(raw_id=""), now=NOW)
    Ticket.objects.filter(pk=Ticket.objects.latest("pk").pk).update(kind="restricted")
    client = signed_in(person("lead2", "lead"))
    client.post(PAGE, {"name": "By mail", "view": "all", "door": "email", "is_shared": "1"})
    stranger = signed_in(person("agent2", "agent", "specialists"))
    for who, number in ((agent, 1), (client, 1), (stranger, 0)):
        (view,) = who.get("/desk/").context["saved"]
        assert view[2] == (str(number) if number else "")


def test_a_hundred_and_more_is_said_as_such(agent):
    receive(letter(), origin=origin(), now=NOW)
    one = Ticket.objects.get()
    Ticket.objects.bulk_create(
        Ticket(
            number=f"{n:09}", door="email", channel="x", language="ru", level=1, queue_id=one.queue_id,
            team_id=one.team_id, created_at=NOW, updated_at=NOW,
        )
        for n in range(120)
    )  # fmt: skip
    agent.post(PAGE, {"name": "All", "view": "all", "status": "new"})
    (view,) = agent.get("/desk/").context["saved"]
    assert view[2] == "99+"


def test_saved_lists_cost_a_query_once_in_a_while(agent, django_assert_num_queries):
    for number in range(5):
        saved(agent, f"List {number}", queue="hosting", tier=str(number % 3))
    agent.get("/desk/")
    with django_assert_num_queries(4):
        agent.get("/desk/")
    cache.delete(f"saved:{StaffProfile.objects.get().pk}")
    with django_assert_num_queries(6):
        agent.get("/desk/")


def test_whoever_reads_no_tickets_keeps_no_lists():
    admin = signed_in(person("admin", "admin"))
    assert admin.get(PAGE).status_code == 403
    assert admin.post(PAGE, {"name": "x"}).status_code == 404


@pytest.mark.parametrize("removed", ["x", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_odd_address_still_shows_the_page(agent, removed):
    shows(agent.get(f"{PAGE}?removed={removed}"), "No list is saved yet")


def test_the_journal_tells_what_became_of_lists_and_names_only_those_all_have(agent, lead):
    own, shared = saved(agent, "My own"), saved(lead, "For all", is_shared="on")
    agent.post(f"{PAGE}{own.public_id}/removal")
    agent.post(f"{PAGE}{own.public_id}/restoration")
    lead.post(f"{PAGE}{shared.public_id}/name", {"name": "For everybody"})
    told = Event.objects.filter(stream="system", type="SavedViewChanged").order_by("sequence")
    assert [(event.payload.data["what"], event.payload.data["name"]) for event in told] == [
        ("saved", ""), ("saved", "For all"), ("removed", ""), ("restored", ""), ("renamed", "For everybody"),
    ]  # fmt: skip
