"""Lists of what is asked for: as an administrator keeps them, and as an agent takes one into a reply."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Service
from events.models import Event
from staff.models import StaffProfile
from tests.cast import anna
from tests.web.conftest import person, shows, signed_in
from tickets.models import AskList, Attachment, ChecklistItem, Message, Ticket
from tickets.services.checklists import read

PAGES = ("", "new/", "{list}/")
ACTS = ("new/", "{list}/", "{list}/retirement", "{list}/return")
TYPED = {"name_ru": "Сайт", "name_en": "Site", "lines_ru": "Адрес страницы\n\nСнимок [файл]",
         "lines_en": "Address of the page\nScreenshot [file]", "kinds": "incident", "place": "3"}  # fmt: skip


@pytest.fixture(autouse=True)
def none() -> None:
    AskList.objects.all().delete()


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def made(name: str = "Site", **more: object) -> AskList:
    words = {"name_ru": name, "lines_ru": "Адрес\nСнимок [файл]", "lines_en": "Address\nScreenshot [file]"}
    return AskList.objects.create(name_en=name, **words | more)


def recorded() -> list[tuple[str, str]]:
    found = Event.objects.filter(stream="system", type="AskListSetUp").order_by("sequence")
    return [(event.payload.data["what"], event.payload.data["name_en"]) for event in found]


def test_a_list_is_added_changed_retired_and_brought_back(admin):
    shows(admin.get("/setup/asks/"), "There is no list yet.")
    shows(admin.post("/setup/asks/new/", TYPED, follow=True), "Saved.", "Site", "Incident", "<td>2 things</td>")
    kept = AskList.objects.get()
    assert (kept.lines_ru, kept.kinds, kept.service_kinds) == ("Адрес страницы\nСнимок [файл]", ["incident"], [])
    of_list = f"/setup/asks/{kept.pk}/"
    shows(admin.get(of_list), 'value="Сайт"', 'value="incident" checked', "Screenshot [file]</textarea>")
    admin.post(of_list, TYPED | {"name_en": "Page", "lines_en": "", "service_kinds": ["server", "hosting"]})
    kept.refresh_from_db()
    assert (kept.name_en, kept.lines_en, kept.service_kinds) == ("Page", kept.lines_ru, ["hosting", "server"])
    for _ in range(2):
        shows(admin.post(of_list + "retirement", follow=True), "stays asked", "retired", "Use again")
    for _ in range(2):
        shows(admin.post(of_list + "return", follow=True), "In use again.")
    assert recorded() == [("added", "Site"), ("changed", "Page"), ("retired", "Page"), ("brought_back", "Page")]
    by = StaffProfile.objects.get(role="admin").actor().key
    assert set(Event.objects.filter(type="AskListSetUp").values_list("actor", flat=True)) == {by}


@pytest.mark.parametrize(
    ("typed", "where", "words"),
    [
        ({"name_ru": " ", "name_en": "\x00"}, "name_ru", "Write a name."),
        ({"name_en": "x" * 61}, "name_en", "longer than 60"),
        ({"lines_ru": " \n-\n", "lines_en": ""}, "lines_ru", "Write at least one thing"),
        ({"lines_ru": "\n".join(f"{n}-й вопрос" for n in range(21))}, "lines_ru", "Twenty things at most"),
        ({"lines_en": "x" * 301}, "lines_en", "longer than 300"),
        ({"kinds": ["incident", "riot"]}, "kinds", "Choose kinds of the list."),
        ({"service_kinds": "telephone"}, "service_kinds", "Choose kinds of the list."),
        ({"place": "first"}, "place", "from 0 to 999"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_keeps_what_was_typed(admin, typed, where, words):
    answer = admin.post("/setup/asks/new/", TYPED | {"name_ru": "Стойка"} | typed)
    assert answer.status_code == 400
    shows(answer, words, "Error:", f'href="#{where}"')
    if where != "name_ru":
        shows(answer, 'value="Стойка"')
    assert not AskList.objects.exists() and recorded() == []


@pytest.mark.parametrize("role", ["agent", "lead", "quality"])
def test_nobody_but_an_administrator_makes_or_changes_lists(role):
    kept, somebody = made(), signed_in(person("somebody", role, "first-line"))
    for page in PAGES:
        assert somebody.get("/setup/asks/" + page.format(list=kept.pk)).status_code == 403
    for act in ACTS:
        assert somebody.post("/setup/asks/" + act.format(list=kept.pk), TYPED).status_code == 403
    assert list(AskList.objects.values_list("name_en", "is_active")) == [("Site", True)]


def test_a_list_that_is_not_there_is_not_found(admin):
    for page in PAGES[2:]:
        assert admin.get("/setup/asks/" + page.format(list=999)).status_code == 404
    for act in ACTS[1:]:
        assert admin.post("/setup/asks/" + act.format(list=999), TYPED).status_code == 404


def test_forty_lists_at_most_are_in_use(admin):
    AskList.objects.bulk_create(AskList(name_ru="П", name_en="L", lines_ru="a", lines_en="a") for _ in range(40))
    shows(admin.post("/setup/asks/new/", TYPED), "Forty lists at most", 'value="Сайт"')
    assert AskList.objects.count() == 40


def test_those_that_fit_the_ticket_are_offered_first_those_retired_not_at_all(agent, ticket):
    made("General"), made("Papers", kinds=["administrative"]), made("Gone", is_active=False)
    made("Of domains", service_kinds=["domain"]), made("Of servers", service_kinds=["server"])
    Ticket.objects.update(service=Service.objects.filter(kind="domain").first() or _a_domain(), kind="incident")
    page = agent.get(f"/desk/tickets/{ticket.number}/").content.decode()
    fitting, others = page.index('label="For this ticket"'), page.index('label="Others"')
    names = sorted(("General", "Papers", "Of domains", "Of servers"), key=lambda name: page.index(f">{name}</option>"))
    assert names == ["Of domains", "General", "Papers", "Of servers"]
    assert fitting < page.index(">Of domains</option>") and others < page.index(">Papers</option>")
    assert "Gone" not in page


def _a_domain() -> Service:
    return Service.objects.create(account=anna(), kind="domain", name="x.example", domain="x.example")


def test_without_scripts_a_list_comes_into_the_form_and_nothing_of_it_is_lost_or_sent(agent, ticket):
    kept = made(lines_ru="Адрес\nСнимок [файл]")
    Ticket.objects.update(language="ru")
    form = {"text": "Уточните, пожалуйста", "asks": "Телефон\nАдрес", "ask_list": kept.pk, "cc": "boss@x.example"}
    form["files"] = SimpleUploadedFile("plan.txt", b"plan")
    page = agent.post(f"/desk/tickets/{ticket.number}/asks", form)
    assert page.status_code == 200
    shows(page, "Уточните, пожалуйста", "Телефон\nАдрес\nСнимок [файл]</textarea>", "boss@x.example", "plan.txt")
    assert "Nothing was sent" not in page.content.decode()
    assert not Message.objects.filter(author="agent").exists() and not Attachment.objects.exists()
    shows(agent.post(f"/desk/tickets/{ticket.number}/asks", form | {"ask_list": "999"}), "Телефон\nАдрес</textarea>")


def test_what_was_taken_in_is_asked_as_it_was_changed(agent, ticket):
    kept = made()
    taken = agent.post(f"/desk/tickets/{ticket.number}/asks", {"text": "Hello", "ask_list": kept.pk})
    shows(taken, "Снимок [файл]</textarea>" if ticket.language == "ru" else "Screenshot [file]</textarea>")
    agent.post(f"/desk/tickets/{ticket.number}/replies", {"text": "Hello", "asks": "Address\nScreenshot of it [file]"})
    assert list(ChecklistItem.objects.order_by("place").values_list("kind", "words")) == [
        ("text", "Address"), ("file", "Screenshot of it"),
    ]  # fmt: skip
    kept.delete()
    assert ChecklistItem.objects.count() == 2


def test_who_only_reads_takes_nothing_in(ticket):
    made()
    reader = signed_in(person("reader", "quality"))
    page = reader.get(f"/desk/tickets/{ticket.number}/")
    assert "ask-list" not in page.content.decode()


def test_the_page_asks_as_often_with_lists(agent, ticket, django_assert_num_queries):
    agent.get(f"/desk/tickets/{ticket.number}/")
    with CaptureQueriesContext(connection) as plain:
        agent.get(f"/desk/tickets/{ticket.number}/")
    for _ in range(5):
        made()
    with django_assert_num_queries(len(plain)):
        agent.get(f"/desk/tickets/{ticket.number}/")


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("<h1>Lists to ask for</h1>", "Add a list", "Write a name.")),
     ("ru", ("<h1>Списки вопросов</h1>", "Добавить список", "Напишите название."))],
)  # fmt: skip
def test_the_pages_speak_both_languages(language, texts):
    admin = signed_in(person("admin", "admin"), language=language)
    shows(admin.get("/setup/asks/"), *texts[:2])
    shows(admin.post("/setup/asks/new/", {"name_ru": ""}), texts[2])


def test_a_desk_begins_with_lists_whose_lines_can_be_asked():
    import_module("tickets.migrations.0038_lists_a_desk_begins_with").seed(apps, None)
    for each in AskList.objects.all():
        russian, english = read(each.lines_ru), read(each.lines_en)
        assert [item.kind for item in russian] == [item.kind for item in english] and len(russian) > 2, each.name_en
