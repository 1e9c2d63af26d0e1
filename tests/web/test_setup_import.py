"""Importing customers through the pages, as an administrator does it without JavaScript."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from core.clock import now
from customers.models import Account, ImportRun
from customers.services import import_work
from tests.web.conftest import person, shows, signed_in
from tests.web.looking import looks

FILE = (
    "Логин;Договор;Тип;Название;Менеджер\n"
    "boris;H-100002;юрлицо;=ООО «Вектор»;Иванов\n"
    "annahost;;;ООО «Лютик»;\n"
    "clara;;фирма;Клара;\n"
)


@pytest.fixture
def admin() -> Client:
    return signed_in(person("admin", "admin"))


def given(client, content, *, kind="accounts", name="clients.csv"):
    return client.post("/setup/import/files", {"kind": kind, "file": SimpleUploadedFile(name, content)}, follow=True)


def work() -> None:
    while import_work.work(now=now()):
        pass


def where(answer) -> str:
    return answer.redirect_chain[-1][0]


def fields_on(answer) -> list[str]:
    """What a browser would send of the columns."""
    html = answer.content.decode()
    selects = re.findall(r'name="field">(.*?)</select>', html, re.DOTALL)
    return [(re.findall(r'value="(\w*)" selected', select) or [""])[0] for select in selects]


def test_a_file_goes_from_the_look_over_the_dry_run_to_the_tables(admin):
    looked = given(admin, FILE.encode("cp1251"))
    shows(looked, "Windows Cyrillic (cp1251)", "semicolon", "nobody knows these headers", "Менеджер", "ООО «Вектор»")
    run, fields = where(looked), fields_on(looked)
    assert fields == ["login", "contract", "kind", "name", ""]
    admin.post(f"{run}reading", {"field": fields})
    shows(admin.get(run), "Dry run at work")
    work()
    dry = admin.get(run)
    shows(dry, "Dry run is ready", "Apply 2 lines", "No kind of account: фирма", "Write person or organisation")
    shows(admin.get(f"{run}?lines=changed"), "ООО «Ромашка»", "ООО «Лютик»")
    assert not Account.objects.filter(login="boris").exists()
    shows(admin.post(f"{run}application", follow=True), "The lines are being applied.")
    work()
    shows(admin.get(run), "Applied")
    assert Account.objects.get(login="boris").name == "=ООО «Вектор»"
    assert Account.objects.get(login="annahost").name == "ООО «Лютик»"
    shows(admin.get("/setup/import/"), "clients.csv")


def test_the_report_is_a_csv_of_every_line_with_a_word_and_no_formula(admin):
    looked = given(admin, FILE.encode())
    admin.post(f"{where(looked)}reading", {"field": fields_on(looked)})
    work()
    answer = admin.get(f"{where(looked)}report.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert ["4", "Bad", "", "Kind", "No kind of account: фирма", "Write person or organisation"] in rows
    assert ["2", "New on file", "", "Name", "", "'=ООО «Вектор»"] in rows


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\x03\x04...", "This is a workbook of Excel or LibreOffice."),
        (b"", "The file is empty."),
        (None, "Choose a file."),
    ],
    ids=["xlsx", "empty", "none"],
)
def test_what_is_no_csv_is_refused_in_words(admin, content, told):
    sent = {"kind": "contacts"} | ({"file": SimpleUploadedFile("x.csv", content)} if content is not None else {})
    answer = admin.post("/setup/import/files", sent)
    assert answer.status_code == 409
    shows(answer, told, 'value="contacts" checked')
    assert not ImportRun.objects.exists()


def test_another_encoding_and_separator_can_be_chosen(admin):
    run = where(given(admin, "login,name\nа,б\n".encode()))
    answer = admin.post(f"{run}dialect", {"encoding": "cp1251", "separator": ";"}, follow=True)
    shows(answer, "login,name")
    assert admin.post(f"{run}dialect", {"encoding": "utf-7", "separator": ";"}).status_code == 409


def test_columns_that_do_not_do_are_refused_and_kept_as_chosen(admin):
    run = where(given(admin, b"login;name\nboris;B\n"))
    answer = admin.post(f"{run}reading", {"field": ["name", "name"]})
    assert answer.status_code == 409
    shows(answer, "Two columns have the same field.")
    assert fields_on(answer) == ["name", "name"]


def test_a_run_can_be_discarded_and_not_gone_on_with(admin):
    run = where(given(admin, FILE.encode()))
    shows(admin.post(f"{run}stop", follow=True), "Stopped. What was applied stays.")
    shows(admin.post(f"{run}application", follow=True), "The import has gone on meanwhile.")
    shows(admin.post(f"{run}stop", follow=True), "The import has ended already.")


def test_bad_lines_are_shown_a_hundred_at_a_time(admin):
    looked = given(admin, ("login;name\n" + "x y;Z\n" * 150).encode())
    admin.post(f"{where(looked)}reading", {"field": fields_on(looked)})
    work()
    first = admin.get(where(looked)).content.decode()
    assert first.count('<th scope="row"') == 100
    assert "?lines=bad&amp;after=101" in first
    assert admin.get(f"{where(looked)}?lines=bad&after=101").content.decode().count('<th scope="row"') == 50


def test_the_pages_cost_few_queries(admin, django_assert_max_num_queries):
    looked = given(admin, FILE.encode())
    admin.post(f"{where(looked)}reading", {"field": fields_on(looked)})
    work()
    admin.get(where(looked))
    with django_assert_max_num_queries(10):
        admin.get(where(looked))


def test_a_run_that_is_not_there_is_not_found(admin):
    nowhere = "/setup/import/00000000-0000-4000-8000-000000000000/"
    assert admin.get(nowhere).status_code == 404
    assert admin.post(f"{nowhere}stop").status_code == 404


# At the command line.


def test_the_command_makes_a_dry_run_and_tells_the_bad_lines(tmp_path, capsys):
    (tmp_path / "clients.csv").write_text(FILE)
    with pytest.raises(CommandError, match="1 bad"):
        call_command("import_customers", str(tmp_path / "clients.csv"), kind="accounts")
    told = capsys.readouterr().out
    assert "line 4: Kind: No kind of account: фирма. Write person or organisation" in told
    assert "left out: Менеджер" in told
    assert not Account.objects.filter(login="boris").exists()


def test_the_command_applies_what_is_good(tmp_path, capsys):
    (tmp_path / "clients.csv").write_text(FILE.replace("фирма", "физлицо"))
    call_command("import_customers", str(tmp_path / "clients.csv"), kind="accounts", apply=True)
    assert Account.objects.filter(login__in=("boris", "clara")).count() == 2
    assert "applied: 3" in capsys.readouterr().out


def test_the_command_says_what_is_no_csv(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="workbook"):
        call_command("import_customers", str(tmp_path / "x.csv"), kind="accounts")


# With other eyes.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_are_for_everybody(admin_page, live_server: LiveServer, views, tmp_path):
    (tmp_path / "clients.csv").write_text(FILE)
    admin_page.goto(f"{live_server.url}/setup/import/")
    admin_page.set_input_files("#file", str(tmp_path / "clients.csv"))
    admin_page.click("form[enctype] button")
    admin_page.wait_for_selector("#field-0")
    looks(admin_page, views(390, "light"), "columns and fields")
    admin_page.click("form[action$=reading] button")
    admin_page.wait_for_selector("[data-again]")
    looks(admin_page, views(1440, "light"), "reading")
    work()
    admin_page.wait_for_selector("form[action$=application]")  # the page asks again by itself
    looks(admin_page, views(390, "dark"), "dry run")
