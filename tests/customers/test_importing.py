"""From a file to the tables, in slices as the worker does it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from customers.models import Account, Contact, ContactPoint, ContactRole, Contract, ImportLine, ImportRun, Service
from customers.policies.columns import ImportKind
from customers.services import confidential, import_work, importing
from events.chain import Link, first_break
from events.models import Event
from staff.actor import Actor
from staff.roles import Role
from tests.cast import ANNA, NOW, anna
from tests.past import gone_by

pytestmark = pytest.mark.django_db
ADMIN = Actor(key="staff:1", staff_id=1, role=Role.ADMIN)
INN, OTHER_INN = "7707083893", "500100732259"


@pytest.fixture(autouse=True)
def _old_account(db):
    """Anna came a year ago: nothing about her is new any more."""
    account = anna()
    Account.objects.filter(pk=account.pk).update(created_at=NOW - timedelta(days=365))


def run_of(text, kind="accounts", *, now=NOW, encoding="utf-8") -> ImportRun:
    """The dry run of a file, all of it."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    public_id = importing.take(content, filename="clients.csv", kind=ImportKind(kind), by=ADMIN)
    importing.begin_reading(public_id, mapping=ImportRun.objects.get(public_id=public_id).mapping, by=ADMIN)
    while import_work.work(now=now):
        pass
    return ImportRun.objects.get(public_id=public_id)


def applied(text, kind="accounts", *, now=NOW, encoding="utf-8") -> ImportRun:
    run = run_of(text, kind, now=now, encoding=encoding)
    importing.begin_applying(run.public_id, by=ADMIN, now=now)
    while import_work.work(now=now):
        pass
    run.refresh_from_db()
    assert run.state == "done"
    return run


def verdicts(run):
    return [(line.number, line.verdict) for line in ImportLine.objects.filter(run=run).order_by("number")]


def problems(run):
    rows = ImportLine.objects.filter(run=run).exclude(problems=[]).order_by("number")
    return [(row.number, field, code) for row in rows for field, code, _ in row.problems]


def everything():
    tables = (Account, Contract, Contact, ContactRole, ContactPoint, Service)
    return [list(table.objects.order_by("pk").values()) for table in tables]


ACCOUNTS = (
    "Логин;Договор;ИНН;Тип;Название;Язык;Клиент с;Административная почта;Менеджер\n"
    f"boris;Н-100002;{INN};юрлицо;ООО «Вектор»;ru;01.02.2020;Admin@Почта.рф;Иванов\n"
    "clara;H-100003, H-100004;;физлицо;Клара Цеткин;;;;\n"
)


def test_a_dry_run_says_what_would_happen_and_changes_nothing():
    before = everything()
    run = run_of(ACCOUNTS + "annahost;;;;ООО «Лютик»;;;;\nannahost;;;;;;;;\nx y;;;фирма;;;вчера;;\n")
    assert verdicts(run) == [(2, "created"), (3, "created"), (4, "changed"), (5, "duplicate"), (6, "bad")]
    assert problems(run) == [
        (5, "", "same_as_line"),
        (6, "login", "bad_login"),
        (6, "kind", "bad_account_kind"),
        (6, "customer_since", "bad_date"),
    ]
    assert ImportLine.objects.get(run=run, number=4).changes == {"name": ["ООО «Ромашка»", "ООО «Лютик»"]}
    assert (run.created, run.changed, run.unchanged, run.duplicate, run.bad) == (2, 1, 0, 1, 1)
    assert run.mapping[-1] == ""  # «Менеджер» is nobody's column
    assert everything() == before


def test_accounts_are_put_on_file_in_their_normal_forms():
    applied(ACCOUNTS)
    boris = Account.objects.get(login="boris")
    assert (boris.kind, boris.name, boris.language) == ("organisation", "ООО «Вектор»", "ru")
    assert boris.customer_since.isoformat() == "2020-02-01"
    assert [contract.number for contract in boris.contracts.all()] == ["H-100002"]
    assert confidential.on_file([boris.pk])[boris.pk] == confidential.Confidential(
        INN, "admin@xn--80a1acny.xn--p1ai", NOW
    )
    assert set(Account.objects.get(login="clara").contracts.values_list("number", flat=True)) == {
        "H-100003",
        "H-100004",
    }


CONTACTS = (
    "login;ФИО;Роль;Email;Телефон\n"
    "annahost;Сидорова Мария Ивановна;технический;Maria@Hosting-Client.example;8 (495) 123-45-67 доб. 12\n"
    f"annahost;Петрова Анна;владелец;{ANNA};\n"
)
SERVICES = (
    "Договор;Вид;Услуга;Домен;Оплачено до;Работает\n"
    "H-100001;домен;Домен;annashop.example;31.12.2027;нет\n"
    "H-100001;хостинг;Бизнес;магазин.рф;2027-01-15;\n"
)
CONTRACTS = "Логин;Номер договора\nannahost;H-200001\n"


@pytest.mark.parametrize(
    ("kind", "text"),
    [("accounts", ACCOUNTS), ("contacts", CONTACTS), ("services", SERVICES), ("contracts", CONTRACTS)],
    ids=["accounts", "contacts", "services", "contracts"],
)
def test_the_same_file_twice_changes_nothing(kind, text):
    first = applied(text, kind)
    assert first.applied == text.count("\n") - 1
    before = everything()
    again = run_of(text, kind)
    assert {verdict for _, verdict in verdicts(again)} == {"unchanged"}
    applied(text, kind, now=NOW + timedelta(days=90))
    assert everything() == before


def test_people_get_names_roles_addresses_and_numbers():
    applied(CONTACTS, "contacts")
    maria = Contact.objects.get(given_name="Мария")
    assert (maria.surname, maria.patronymic) == ("Сидорова", "Ивановна")
    assert [role.role for role in maria.roles.all()] == ["technical"]
    points = {(point.kind, point.value, point.literal) for point in maria.points.all()}
    assert points == {
        ("email", "maria@hosting-client.example", ""),
        ("phone", "+74951234567", "8 (495) 123-45-67 доб. 12"),
    }


def test_services_change_by_their_domain():
    applied(SERVICES, "services")
    domain = Service.objects.get(kind="domain")
    assert (domain.name, domain.is_working, str(domain.paid_until)) == ("Домен", False, "2027-12-31")
    assert Service.objects.get(kind="hosting").domain == "xn--80aairftm.xn--p1ai"


def test_an_empty_cell_leaves_what_is_there():
    applied("login;name;language\nannahost;;\n")
    account = Account.objects.get(login="annahost")
    assert (account.name, account.language) == ("ООО «Ромашка»", "ru")


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("accounts", "login;contract;kind;name\nboris;H-100001;person;B\n", "accounts_differ"),
        ("accounts", "login;name\nboris;B\n", "missing"),
        ("accounts", "login;name\n;B\n", "missing"),
        ("accounts", "login;name\nboris\n", "too_few_cells"),
        ("accounts", "login;name\nboris;B;C\n", "too_many_cells"),
        ("accounts", "login;name;kind\nboris;B\0B;person\n", "control_characters"),
        ("accounts", 'login;name;kind\nboris;"B;person\n', "quotes"),
        ("accounts", "login;tax_number\nboris;7707083894\n", "bad_tax_number"),
        ("accounts", "login;customer_since\nannahost;2031-01-01\n", "in_the_future"),
        ("contacts", "login;email\nnobody;a@b.example\n", "account_unknown"),
        ("contacts", "login;email\nannahost;a@b@c\n", "bad_email"),
        ("contacts", "login;email;phone\nannahost;a@b.example;12\n", "bad_phone"),
        ("contacts", "login;contract;email\nannahost;H-7;a@b.example\n", "accounts_differ"),
        ("contracts", "login;number\nboris;H-100001\n", "account_unknown"),
        ("services", "login;kind;name\nannahost;телефония;X\n", "bad_service_kind"),
        ("services", "login;kind;name\nannahost;домен;\n", "missing"),
    ],
)  # fmt: skip
def test_a_bad_line_says_why_and_stays_out(kind, text, code):
    before = everything()
    run = applied(text, kind)
    assert [found for _, _, found in problems(run)][:1] == [code]
    assert everything() == before


def test_a_name_or_an_address_names_no_account():
    applied("login;kind;name\nromashka;organisation;ООО «Ромашка»\n")
    assert Account.objects.filter(name="ООО «Ромашка»").count() == 2
    applied(f"login;email;given_name\nromashka;{ANNA};Ольга\n", "contacts")
    assert ContactPoint.objects.filter(value=ANNA).values("contact").distinct().count() == 2


def test_a_tax_number_that_two_accounts_have_names_neither():
    applied(f"login;kind;name;tax_number\na;organisation;A;{INN}\nb;organisation;B;{INN}\nc;person;C;{OTHER_INN}\n")
    run = applied(f"ИНН;Название\n{INN};Новое\n{OTHER_INN};Новое\n")
    assert verdicts(run) == [(2, "bad"), (3, "changed")]
    assert Account.objects.get(name="Новое").login == "c"


def test_a_contract_of_another_account_is_not_taken_away():
    applied("login;kind;name\nboris;person;B\n")
    assert problems(applied("login;number\nboris;H-100001\n", "contracts")) == [(2, "number", "contract_of_another")]


# Rule 8: fresh contact data is weak.


def since(email):
    return ContactPoint.objects.get(value=email).on_file_since


def test_a_file_may_say_since_when_only_while_a_company_moves_in():
    applied("login;kind;name\nboris;person;B\n")
    text = "login;email;on_file_since\n{};{};2020-05-01\n"
    applied(text.format("boris", "b@new.example"), "contacts")
    assert since("b@new.example") == datetime(2020, 5, 1, tzinfo=UTC)
    applied(text.format("annahost", "x@new.example"), "contacts")
    assert since("x@new.example") == NOW
    applied(text.format("boris", "late@new.example"), "contacts", now=NOW + timedelta(days=31))
    assert since("late@new.example") == NOW + timedelta(days=31)


def test_an_address_on_file_does_not_grow_older_by_a_file():
    before = since(ANNA)
    run = applied(f"login;email;on_file_since\nannahost;{ANNA};2001-01-01\n", "contacts")
    assert verdicts(run) == [(2, "unchanged")]
    assert since(ANNA) == before


def test_a_changed_administrative_address_is_new_whatever_the_file_says():
    header = "login;kind;name;administrative_email;administrative_email_since\n"
    applied(header + "boris;person;B;old@new.example;2020-05-01\n")
    boris = Account.objects.get(login="boris").pk
    assert confidential.on_file([boris])[boris].administrative_email_since == datetime(2020, 5, 1, tzinfo=UTC)
    run = applied(header + "boris;person;B;other@new.example;2020-05-01\n")
    assert confidential.on_file([boris])[boris].administrative_email_since == NOW
    assert ImportLine.objects.get(run=run).changes == {"administrative_email": ["•••", "•••"]}


def test_a_second_owner_of_an_old_account_is_no_matter_of_a_file():
    text = "login;email;role\nannahost;a@new.example;owner\nannahost;b@new.example;owner\n"
    applied(text.replace("annahost;b@new.example;owner\n", ""), "contacts")
    assert problems(applied(text, "contacts")) == [(3, "roles", "owner_is_critical")]


# The machinery.


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_any_encoding_gives_the_same(encoding):
    applied(ACCOUNTS, encoding=encoding)
    assert Account.objects.get(login="boris").name == "ООО «Вектор»"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04", "spreadsheet"),
        (b"", "empty_file"),
        (b"x" * (importing.MOST_BYTES + 1), "file_too_large"),
        (b'"login;name', "no_header"),
    ],
    ids=["xlsx", "empty", "too large", "header with open quotes"],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(content, code):
    with pytest.raises(importing.Refused) as refused:
        importing.take(content, filename="x.csv", kind=ImportKind.ACCOUNTS, by=ADMIN)
    assert refused.value.code == code


def test_a_header_alone_is_an_import_of_nothing():
    assert applied("login;name\n").applied == 0


def test_columns_that_name_no_account_are_refused():
    public_id = importing.take(b"email;name\n", filename="x.csv", kind=ImportKind.CONTACTS, by=ADMIN)
    with pytest.raises(importing.Refused, match="needs_account"):
        importing.begin_reading(public_id, mapping=["emails", "given_name"], by=ADMIN)


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.QUALITY])
def test_only_who_sets_the_desk_up_imports(role):
    with pytest.raises(PermissionError):
        importing.take(b"login\n", filename="x.csv", kind=ImportKind.ACCOUNTS, by=Actor(key="staff:2", role=role))


def many(number):
    return "login;kind;name\n" + "".join(f"u{n};person;Имя {n}\n" for n in range(number))


def test_a_hundred_thousand_lines_go_slice_by_slice(request):
    """By day a twentieth of them, all with `manage.py test --full`."""
    lines = 100_000 if request.config.getoption("--full") else 5_000
    run = applied(many(lines))
    assert run.applied == lines
    assert Account.objects.count() == lines + 1
    assert Event.objects.filter(type="AccountImported").count() == lines


def test_stopped_in_the_middle_it_keeps_what_was_applied_and_the_file_goes_on_later():
    run = run_of(many(1200))
    importing.begin_applying(run.public_id, by=ADMIN, now=NOW)
    import_work.work(now=NOW)
    importing.stop(run.public_id, by=ADMIN, now=NOW)
    assert not import_work.work(now=NOW)
    assert Account.objects.count() == 501
    assert applied(many(1200)).applied == 700
    assert Account.objects.count() == 1201


def test_a_process_that_dies_in_a_slice_leaves_nothing_of_it():
    run = run_of(many(600))
    importing.begin_applying(run.public_id, by=ADMIN, now=NOW)
    import_work.work(now=NOW)
    with connection.cursor() as cursor:  # the slice dies when it writes down how far it came
        cursor.execute(
            "CREATE FUNCTION dies() RETURNS trigger AS $$ BEGIN RAISE 'killed'; END $$ LANGUAGE plpgsql;"
            "CREATE TRIGGER dies BEFORE UPDATE ON customers_importrun FOR EACH ROW EXECUTE FUNCTION dies()"
        )
    with pytest.raises(Exception, match="killed"):
        import_work.work(now=NOW)
    assert Account.objects.count() == 501
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER dies ON customers_importrun; DROP FUNCTION dies()")
    while import_work.work(now=NOW):
        pass
    assert Account.objects.count() == 601
    run.refresh_from_db()
    assert (run.state, run.applied) == ("done", 600)


def test_two_imports_of_the_same_file_make_no_doubles():
    first, second = run_of(many(50)), run_of(many(50))
    for run in (first, second):
        importing.begin_applying(run.public_id, by=ADMIN, now=NOW)
    while import_work.work(now=NOW):
        pass
    second.refresh_from_db()
    assert Account.objects.count() == 51
    assert (second.applied, second.unchanged, second.created) == (0, 50, 0)


def test_lines_that_the_database_refuses_stay_out_alone():
    run = run_of("login;kind;name\n" + "u1;person;A\nu2;person;B\n")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_account ADD CONSTRAINT no_a CHECK (name <> 'A')")
    importing.begin_applying(run.public_id, by=ADMIN, now=NOW)
    while import_work.work(now=NOW):
        pass
    run.refresh_from_db()
    assert (run.state, run.applied, run.created, run.bad) == ("done", 1, 1, 1)
    assert problems(run) == [(2, "", "refused_by_database")]


def test_each_line_is_in_the_journal_of_its_account_without_values():
    applied(ACCOUNTS)
    boris = Account.objects.get(login="boris").pk
    event = Event.objects.select_related("payload").get(stream=f"account:{boris}")
    assert event.actor == ADMIN.key
    assert "Вектор" not in str(event.payload.data)
    assert INN not in str(event.payload.data)
    links = [
        Link(e.stream, e.sequence, e.type, e.at, e.actor, bytes(e.payload_digest), bytes(e.digest))
        for e in Event.objects.filter(stream__startswith="import:").order_by("sequence")
    ]
    assert [link.type for link in links] == ["ImportBegun", "ImportEnded"]
    assert first_break(links) is None


def test_a_week_after_the_end_only_counts_are_left():
    run = applied(ACCOUNTS)
    waiting = run_of(many(3))
    ImportRun.objects.filter(pk=waiting.pk).update(created_at=NOW)
    gone_by(NOW + timedelta(days=6))
    run.refresh_from_db()
    assert run.digest
    gone_by(NOW + timedelta(days=8))
    run.refresh_from_db()
    waiting.refresh_from_db()
    assert (run.digest, run.applied, run.lines.count()) == ("", 2, 0)
    assert (waiting.state, waiting.digest) == ("stopped", "")


def test_a_file_that_is_gone_is_told():
    public_id = importing.take(many(3).encode() + b"#", filename="x.csv", kind=ImportKind.ACCOUNTS, by=ADMIN)
    run = ImportRun.objects.get(public_id=public_id)
    importing.begin_reading(public_id, mapping=run.mapping, by=ADMIN)
    ImportRun.objects.update(digest="0" * 64)
    import_work.work(now=NOW)
    run.refresh_from_db()
    assert (run.state, run.failure) == ("failed", "file_gone")
