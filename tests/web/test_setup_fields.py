"""The desk's own fields: as an administrator makes them, and as agents fill them in."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Event
from staff.models import StaffProfile
from tests.web.conftest import person, shows, signed_in
from tickets.models import CustomField, SavedView, Ticket

PAGES = ("", "new/", "{field}/")
ACTS = ("new/", "{field}/", "{field}/retirement", "{field}/return")
TYPED = {"name_ru": "Номер сервера", "name_en": "Server", "kind": "text", "place": "1"}
OS = [{"id": "1", "name_ru": "Линукс", "name_en": "Linux", "is_offered": True},
      {"id": "2", "name_ru": "Виндоус", "name_en": "Windows", "is_offered": True}]  # fmt: skip


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


@pytest.fixture
def server() -> CustomField:
    return CustomField.objects.create(name_ru="Сервер", name_en="Server", kind="text")


def recorded() -> list[tuple[str, str]]:
    found = Event.objects.filter(stream="system", type="FieldSetUp").order_by("sequence")
    return [(event.payload.data["what"], event.payload.data["name_en"]) for event in found]


def page_of(ticket: Ticket, noun: str = "") -> str:
    return f"/desk/tickets/{ticket.number}/{noun}"


def filled(ticket: Ticket) -> list[tuple[str, str]]:
    found = Event.objects.filter(stream=f"ticket:{ticket.pk}", type="FieldFilled").order_by("sequence")
    return [(event.payload.data["before"], event.payload.data["after"]) for event in found]


def fill(client: Client, ticket: Ticket, field: CustomField, value: str, *, shown: str = "", follow: bool = True):
    form = {f"field-{field.pk}": value, f"shown-{field.pk}": shown}
    return client.post(page_of(ticket, "fields"), form, follow=follow)


def test_a_field_is_added_changed_retired_and_brought_back(admin, agent, ticket):
    shows(admin.get("/setup/fields/"), "There is no field yet")
    shows(admin.post("/setup/fields/new/", TYPED, follow=True), "Saved.", "Server")
    field = CustomField.objects.get()
    of_field = f"/setup/fields/{field.pk}/"
    shows(admin.get(of_field), 'value="Номер сервера"', 'value="1"')
    shows(fill(agent, ticket, field, "srv-7"), "Saved.", "<dt>Server</dt><dd>srv-7</dd>", "Server: – → srv-7")
    admin.post(of_field, TYPED | {"name_en": "Machine", "kind": "date"})
    field.refresh_from_db()
    assert (field.name_en, field.kind) == ("Machine", "text")
    for _ in range(2):
        shows(admin.post(of_field + "retirement", follow=True), "stays on its tickets", "retired", "Use again")
    page = agent.get(page_of(ticket))
    shows(page, "<dt>Machine</dt><dd>srv-7</dd>", "Machine: – → srv-7")
    assert f'name="field-{field.pk}"' not in page.content.decode()
    assert fill(agent, ticket, field, "other", shown="srv-7").status_code == 200
    assert Ticket.objects.get().field_values == {str(field.pk): "srv-7"}
    for _ in range(2):
        shows(admin.post(of_field + "return", follow=True), "In use again.")
    shows(agent.get(page_of(ticket)), f'name="field-{field.pk}" value="srv-7"')
    assert recorded() == [("added", "Server"), ("changed", "Machine"), ("retired", "Machine"),
                          ("brought_back", "Machine")]  # fmt: skip
    by = StaffProfile.objects.get(role="admin").actor().key
    assert set(Event.objects.filter(type="FieldSetUp").values_list("actor", flat=True)) == {by}


@pytest.mark.parametrize(
    ("typed", "where", "words"),
    [
        ({"name_ru": " ", "name_en": ""}, "name_ru", "Write a name."),
        ({"name_en": "x" * 61}, "name_en", "longer than 60"),
        ({"kind": "colour"}, "kind", "Choose a kind."),
        ({"queues": ["hosting", "nowhere"]}, "queues", "Choose queues of the list."),
        ({"place": "first"}, "place", "from 0 to 999"),
        ({"kind": "choice"}, "choices", "At least one choice"),
        (
            {"kind": "choice", "choice_id": ["", ""], "choice_ru": ["Один", "один"], "choice_en": ["", ""]},
            "choices",
            "have the same name",
        ),
        ({"kind": "choice", "choice_id": "", "choice_ru": "ж" * 61, "choice_en": ""}, "choices", "A choice is longer"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_keeps_what_was_typed(admin, typed, where, words):
    answer = admin.post("/setup/fields/new/", TYPED | {"name_ru": "Стойка", "is_required": "on"} | typed)
    assert answer.status_code == 400
    shows(answer, words, "Error:", f'href="#{where}"', 'name="is_required" checked')
    if where != "name_ru":
        shows(answer, 'value="Стойка"')
    assert not CustomField.objects.exists()
    assert recorded() == []


def test_choices_are_renamed_withheld_and_never_lost(admin, agent, ticket):
    field = CustomField.objects.create(name_ru="ОС", name_en="System", kind="choice", choices=OS)
    shows(fill(agent, ticket, field, "2"), "<dd>Windows</dd>", "System: – → Windows")
    form = {"name_ru": "ОС", "name_en": "System", "place": "0", "choice_id": ["1", "2", "", ""],
            "choice_ru": ["Линукс", "Окна", "Бэ-эс-дэ", ""], "choice_en": ["Linux", "Win", "BSD", ""],
            "choice_offered": ["1"]}  # fmt: skip
    shows(admin.post(f"/setup/fields/{field.pk}/", form, follow=True), "Saved.")
    page = agent.get(page_of(ticket))
    shows(page, "<dd>Win</dd>", '<option value="2" selected>Win</option>', '<option value="3">BSD</option>')
    fill(agent, ticket, field, "3", shown="2")
    assert "Win</option>" not in agent.get(page_of(ticket)).content.decode()
    shows(fill(agent, ticket, field, "2", shown="3"), "Choose one of the list.")
    assert Ticket.objects.get().field_values == {str(field.pk): "3"}
    for lost in ({"choice_en": ["", "Win", "BSD"], "choice_ru": ["", "Окна", "Бэ"]}, {"choice_id": ["1", "2", ""]}):
        form = form | {"choice_id": ["1", "2", "3"]} | lost
        shows(admin.post(f"/setup/fields/{field.pk}/", form), "keeps a name")
    assert [choice["name_en"] for choice in CustomField.objects.get().choices] == ["Linux", "Win", "BSD"]


@pytest.mark.parametrize(
    ("kind", "value", "kept", "reads"),
    [
        ("number", "1 234,5", "1234.5", "1,234.5"),
        ("date", "2026-11-25", "2026-11-25", "25.11.2026"),
        ("yes_no", "yes", "yes", "yes"),
        ("text", "<b>open</b>", "<b>open</b>", "&lt;b&gt;open&lt;/b&gt;"),
    ],
)
def test_each_kind_is_kept_in_one_form_and_read_as_people_do(agent, ticket, kind, value, kept, reads):
    field = CustomField.objects.create(name_ru="Поле", name_en="Field", kind=kind)
    shows(fill(agent, ticket, field, value), f"<dd>{reads}</dd>", f"Field: – → {reads}")
    assert filled(ticket) == [("", kept)]
    fill(agent, ticket, field, "", shown=kept)
    assert Ticket.objects.get().field_values == {}
    assert filled(ticket)[1:] == [(kept, "")]


def test_what_does_not_fit_is_refused_at_its_field_and_nothing_is_lost(agent, ticket, server):
    number = CustomField.objects.create(name_ru="Порт", name_en="Port", kind="number", place=1)
    form = {f"field-{server.pk}": "srv-9", f"field-{number.pk}": "eighty"}
    answer = agent.post(page_of(ticket, "fields"), form)
    assert answer.status_code == 400
    shows(answer, "<title>Error:", "This is no number", f'id="f-{number.pk}-e"', 'value="eighty"', 'value="srv-9"')
    assert Ticket.objects.get().field_values == {}
    assert filled(ticket) == []


def test_two_people_fill_in_different_fields_and_neither_wipes_out_the_other(agent, ticket, server):
    other = CustomField.objects.create(name_ru="Стойка", name_en="Rack", kind="text")
    fill(agent, ticket, other, "A1")
    both = {f"field-{server.pk}": "srv-1", f"shown-{server.pk}": "", f"field-{other.pk}": "", f"shown-{other.pk}": ""}
    agent.post(page_of(ticket, "fields"), both)
    assert Ticket.objects.get().field_values == {str(other.pk): "A1", str(server.pk): "srv-1"}
    shows(fill(agent, ticket, server, "srv-2"), "Somebody else has filled this in", 'value="srv-2"')
    assert Ticket.objects.get().field_values[str(server.pk)] == "srv-1"
    fill(agent, ticket, server, "srv-2", shown="srv-1")
    assert Ticket.objects.get().field_values[str(server.pk)] == "srv-2"


def test_saving_the_same_again_changes_nothing(agent, ticket, server):
    fill(agent, ticket, server, "srv-1")
    version = Ticket.objects.get().version
    fill(agent, ticket, server, "srv-1", shown="srv-1")
    assert Ticket.objects.get().version == version
    assert len(filled(ticket)) == 1


def test_a_field_needed_is_filled_in_before_the_ticket_is_resolved(agent, ticket, server):
    CustomField.objects.filter(pk=server.pk).update(is_required=True)
    CustomField.objects.create(
        name_ru="Не здесь", name_en="Elsewhere", kind="text", is_required=True, queues=["domains"]
    )
    shows(agent.get(page_of(ticket)), "is-missing", "needed before it is resolved")
    assert "Elsewhere" not in agent.get(page_of(ticket)).content.decode()
    shows(agent.post(page_of(ticket, "status"), {"status": "resolved"}, follow=True), "Fill in first")
    assert Ticket.objects.get().status == "new"
    many = {"ticket": [ticket.number], "status": "resolved"}
    shows(agent.post("/desk/changes/", many, follow=True), "Fill in first")
    assert Ticket.objects.get().status == "new"
    agent.post(page_of(ticket, "status"), {"status": "waiting_customer"})
    fill(agent, ticket, server, "srv-1")
    agent.post(page_of(ticket, "status"), {"status": "resolved"})
    assert Ticket.objects.get().status == "resolved"


def test_fields_of_a_queue_are_asked_there_only(agent, ticket, server):
    CustomField.objects.filter(pk=server.pk).update(queues=["domains"])
    assert "<dt>Server</dt>" not in agent.get(page_of(ticket)).content.decode()
    fill(agent, ticket, server, "srv-1")
    assert Ticket.objects.get().field_values == {}


def test_who_does_not_see_or_work_the_ticket_fills_nothing_in(ticket, server):
    for role, team in (("agent", "specialists"), ("quality", "first-line")):
        client = signed_in(person(role, role, team))
        assert fill(client, ticket, server, "srv-1").status_code == 404
    assert Ticket.objects.get().field_values == {}
    reads = signed_in(StaffProfile.objects.get(role="quality").user.email).get(page_of(ticket))
    shows(reads, "<dt>Server</dt>")
    assert f'name="field-{server.pk}"' not in reads.content.decode()


def test_the_page_of_a_ticket_asks_as_often_with_fields(agent, ticket, django_assert_num_queries):
    agent.get(page_of(ticket))
    with CaptureQueriesContext(connection) as without:
        agent.get(page_of(ticket))
    asked = len(without)
    for n in range(10):
        field = CustomField.objects.create(name_ru=f"П{n}", name_en=f"F{n}", kind="text")
    fill(agent, ticket, field, "srv-1")
    with django_assert_num_queries(asked):
        shows(agent.get(page_of(ticket)), "srv-1", "<dt>F0</dt>")


@pytest.mark.parametrize("noun", ACTS[1:])
def test_a_field_that_is_not_there_is_not_found(admin, noun):
    assert admin.post("/setup/fields/" + noun.format(field=999), TYPED).status_code == 404


@pytest.mark.parametrize("role", ["agent", "lead", "quality"])
def test_nobody_but_an_administrator_makes_or_changes_fields(role, server):
    somebody = signed_in(person("somebody", role, "first-line"))
    for page in PAGES:
        assert somebody.get("/setup/fields/" + page.format(field=server.pk)).status_code == 403
    for act in ACTS:
        assert somebody.post("/setup/fields/" + act.format(field=server.pk), TYPED).status_code == 403
    assert list(CustomField.objects.values_list("name_en", "is_active")) == [("Server", True)]


def test_forty_fields_at_most_are_in_use(admin, server):
    CustomField.objects.bulk_create(CustomField(name_ru="П", name_en="F", kind="text") for _ in range(39))
    shows(admin.post("/setup/fields/new/", TYPED), "Forty fields at most", 'value="Номер сервера"')
    assert CustomField.objects.count() == 40


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("<h1>Fields</h1>", "Add a field", "Write a name.")),
     ("ru", ("<h1>Поля</h1>", "Добавить поле", "Напишите название."))],
)  # fmt: skip
def test_the_pages_speak_both_languages(language, texts):
    admin = signed_in(person("admin", "admin"), language=language)
    shows(admin.get("/setup/fields/"), *texts[:2])
    shows(admin.post("/setup/fields/new/", {"name_ru": ""}), texts[2])


def test_a_list_is_narrowed_to_a_choice_without_a_statement_more(agent, ticket, django_assert_num_queries):
    field = CustomField.objects.create(name_ru="ОС", name_en="System", kind="choice", choices=OS)
    answer = CustomField.objects.create(name_ru="Срочно?", name_en="Hurry?", kind="yes_no")
    CustomField.objects.create(name_ru="Сервер", name_en="Server", kind="text")
    cache.clear()
    fill(agent, ticket, field, "2")
    fill(agent, ticket, answer, "no")
    for asked in (f"{field.pk}:2", f"{answer.pk}:no"):
        page = agent.get(f"/desk/?field={asked}")
        shows(page, ticket.subject, f'<option value="{asked}" selected>', '<optgroup label="System">')
        assert 'label="Server"' not in page.content.decode()
    for asked in (f"{field.pk}:1", f"{answer.pk}:yes", f"{field.pk}:no", "999:1"):
        assert ticket.subject not in agent.get(f"/desk/?field={asked}").content.decode()
    shows(agent.get("/desk/?field=' OR 1=1"), ticket.subject)
    with CaptureQueriesContext(connection) as plain:
        agent.get("/desk/?door=email")
    with django_assert_num_queries(len(plain)):
        agent.get(f"/desk/?door=email&field={field.pk}:2")


def test_a_list_narrowed_to_a_choice_is_saved_and_counted(agent, ticket):
    field = CustomField.objects.create(name_ru="ОС", name_en="System", kind="choice", choices=OS)
    fill(agent, ticket, field, "2")
    for name, value in (("Windows", "2"), ("Linux", "1")):
        agent.post("/desk/views/", {"name": name, "view": "all", "field": f"{field.pk}:{value}"})
    assert list(SavedView.objects.order_by("pk").values_list("query", flat=True)) == [
        f"view=all&field={field.pk}%3A{value}" for value in ("2", "1")
    ]
    told = re.findall(r"<span>(Windows|Linux)</span>(?:<[^>]*>)*([0-9]+)?", agent.get("/desk/").content.decode())
    assert told == [("Windows", "1"), ("Linux", "")]
