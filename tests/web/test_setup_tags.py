"""Tags, as an administrator makes them."""

import pytest
from django.core.cache import cache
from django.test import Client

from events.models import Event
from staff.models import StaffProfile
from tests.web.conftest import person, shows, signed_in
from tickets.models import Tag

PAGES = ("", "new/", "{tag}/")
ACTS = ("new/", "{tag}/", "{tag}/retirement", "{tag}/return")


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


@pytest.fixture
def vip() -> Tag:
    return Tag.objects.create(name="VIP client", colour="c")


def recorded() -> list[tuple[str, str, str]]:
    found = Event.objects.filter(stream="system", type="TagSetUp").order_by("sequence")
    return [(event.payload.data["what"], event.payload.data["name"], event.payload.data["colour"]) for event in found]


def test_a_tag_is_added_renamed_retired_and_brought_back(admin, ticket):
    agent = signed_in(person("agent1", "agent", "first-line"))
    shows(admin.get("/setup/tags/"), "There is no tag yet")
    shows(admin.post("/setup/tags/new/", {"name": " Night  work ", "colour": "b"}, follow=True), "Saved.", "tag--b")
    tag = Tag.objects.get()
    of_tag = f"/setup/tags/{tag.pk}/"
    shows(agent.post(f"/desk/tickets/{ticket.number}/tags", {"tag": tag.pk}, follow=True), "Night work")
    shows(admin.get(of_tag), 'value="Night work"', 'value="b" checked')
    admin.post(of_tag, {"name": "At night", "colour": "d"})
    shows(agent.get("/desk/"), "tag--d", "At night")
    for _ in range(2):
        shows(admin.post(of_tag + "retirement", follow=True), "It stays on the tickets", "retired", "Use again")
    shows(agent.get(f"/desk/tickets/{ticket.number}/"), "Remove the tag At night")
    cache.clear()  # lists follow within a minute
    assert "At night</option>" not in agent.get("/desk/").content.decode()
    for _ in range(2):
        shows(admin.post(of_tag + "return", follow=True), "In use again.")
    cache.clear()
    shows(agent.get("/desk/"), "At night</option>")
    assert recorded() == [
        ("added", "Night work", "b"),
        ("changed", "At night", "d"),
        ("retired", "At night", "d"),
        ("brought_back", "At night", "d"),
    ]
    by = StaffProfile.objects.get(role="admin").actor().key
    assert set(Event.objects.filter(type="TagSetUp").values_list("actor", flat=True)) == {by}


@pytest.mark.parametrize(
    ("name", "colour", "words", "where"),
    [
        ("  ", "e", "Write a name", "name"),
        ("x" * 41, "e", "longer than 40", "name"),
        ("vip CLIENT", "e", "a tag of this name already", "name"),
        ("Kept", "red", "no such colour", "colour"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_keeps_what_was_typed(admin, vip, name, colour, words, where):
    other = Tag.objects.create(name="Other", colour="a")
    for address in ("/setup/tags/new/", f"/setup/tags/{other.pk}/"):
        answer = admin.post(address, {"name": name, "colour": colour})
        assert answer.status_code == 400
        shows(answer, words, "Error:", f'href="#{where}"', f'value="{name}"')
        if where == "name":
            shows(answer, 'value="e" checked')
    assert list(Tag.objects.order_by("pk").values_list("name", "colour")) == [("VIP client", "c"), ("Other", "a")]
    assert recorded() == []


def test_a_tag_may_be_written_otherwise_and_keep_its_own_name(admin, vip):
    assert admin.post(f"/setup/tags/{vip.pk}/", {"name": "vip client", "colour": "c"}).status_code == 302
    assert Tag.objects.get().name == "vip client"


@pytest.mark.parametrize("noun", ACTS[1:])
def test_a_tag_that_is_not_there_is_not_found(admin, noun):
    address = "/setup/tags/" + noun.format(tag=999)
    assert admin.post(address, {"name": "N", "colour": "a"}).status_code == 404


@pytest.mark.parametrize("role", ["agent", "lead", "quality"])
def test_nobody_but_an_administrator_makes_or_changes_tags(role, vip):
    somebody = signed_in(person("somebody", role, "first-line"))
    for page in PAGES:
        assert somebody.get("/setup/tags/" + page.format(tag=vip.pk)).status_code == 403
    for act in ACTS:
        answer = somebody.post("/setup/tags/" + act.format(tag=vip.pk), {"name": "Mine", "colour": "a"})
        assert answer.status_code == 403
    assert list(Tag.objects.values_list("name", "colour", "is_active")) == [("VIP client", "c", True)]
    assert recorded() == []


def test_who_is_not_signed_in_is_sent_to_the_door(client, vip):
    answer = client.post(f"/setup/tags/{vip.pk}/retirement")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/desk/login/")
    assert Tag.objects.get().is_active


@pytest.mark.parametrize(
    ("language", "heading", "add", "colour", "missing"),
    [
        ("en", "Tags", "Add a tag", "turquoise", "Write a name."),
        ("ru", "Метки", "Добавить метку", "бирюзовый", "Напишите название."),
    ],
)
def test_the_pages_speak_both_languages(language, heading, add, colour, missing):
    admin = signed_in(person("admin", "admin"), language=language)
    shows(admin.get("/setup/tags/"), f"<h1>{heading}</h1>", add)
    shows(admin.post("/setup/tags/new/", {"name": "", "colour": "b"}), colour, missing)
