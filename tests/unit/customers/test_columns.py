import pytest

from customers import import_words
from customers.policies.columns import FIELDS, ImportKind, faults_of, guessed


@pytest.mark.parametrize(
    ("kind", "headers", "expected"),
    [
        ("accounts", "ИНН;№ договора;Логин;Наименование", "tax_number contract login name"),
        ("accounts", "tax_id,LOGIN,Company Name", "tax_number login "),
        ("contacts", "Договор;ФИО;E-mail;Тел.;Имя", "contract full_name emails phones given_name"),
        ("contracts", "login;Номер договора", "login number"),
        ("services", "логин;Вид услуги;Домен;Оплачено до", "login kind domain paid_until"),
        ("contacts", "email;email", "emails "),
    ],
)  # fmt: skip
def test_headers_are_known_in_both_languages(kind, headers, expected):
    separator = ";" if ";" in headers else ","
    assert guessed(ImportKind(kind), headers.split(separator)) == expected.split(" ")


@pytest.mark.parametrize("kind", ImportKind)
def test_an_export_of_ours_is_read_as_it_is(kind):
    assert guessed(kind, FIELDS[kind]) == list(FIELDS[kind])
    assert faults_of(kind, FIELDS[kind]) == []
    assert set(FIELDS[kind]) <= set(import_words.FIELDS)


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        (["login", "login", "emails"], "field_twice"),
        (["login"], "needs_emails"),
        (["emails"], "needs_account"),
        (["login", "emails", "password"], "unknown_field"),
    ],
)
def test_a_mapping_that_does_not_do_says_why(mapping, fault):
    assert fault in faults_of(ImportKind.CONTACTS, mapping)
    assert fault in import_words.REFUSALS
