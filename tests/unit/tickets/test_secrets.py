"""What is taken out of a message, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.mail.files import clean_name
from tickets.policies.secrets import MARK, MARKED, SecretKind, is_secret_file, take_out

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("Логин anna, пароль: Qw3rty!7", "Qw3rty!7", "password"),
        ("Пароль от почты = ёлка2026.", "ёлка2026", "password"),
        ("password: hunter22", "hunter22", "password"),
        ("pwd=«секрет12»", "секрет12", "password"),
        ("подключаюсь к ftp://anna:S3cret99@ftp.annashop.example/", "S3cret99", "password"),
        (f"вот ключ\n{KEY}\nпроверьте", KEY, "key"),
        ("DB_PASSWORD=abcd1234\nDEBUG=1", "abcd1234", "key"),
        ('export STRIPE_API_KEY="pk12345678"', "pk12345678", "key"),
        ("token ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "key"),
        ("карта 4111 1111 1111 1111, до 12/27", "4111 1111 1111 1111", "card"),
        ("5555-5555-5555-4444", "5555-5555-5555-4444", "card"),
    ],
)
def test_a_secret_is_taken_out(text: str, value: str, kind: str) -> None:
    (marked,), _, (found,) = take_out(text)
    assert (found.value, found.kind) == (value, SecretKind(kind))
    assert value not in marked
    assert marked == text.replace(value, MARK.format(1))


@pytest.mark.parametrize(
    "text",
    [
        "Пароль не подходит, помогите",
        "Забыл пароль от панели. Что делать?",
        "номер заявки HD-123-456-789",
        "карта 4111 1111 1111 1112",
        "заказ 20261125000000001",
        "телефон 8 495 123-45-67",
        "https://annashop.example:8443/path",
        "MONKEY=банан",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert take_out(text)[0] == [text]


def test_what_one_text_gives_away_is_taken_out_of_the_others_and_of_the_html() -> None:
    texts, html, found = take_out("пароль: a&b12345", "> вы писали a&b12345", html="<b>a&amp;b12345</b>")
    assert [each.place for each in found] == [1]
    assert texts[1] == f"> вы писали {MARK.format(1)}"
    assert html == f"<b>{MARK.format(1)}</b>"


def test_a_short_one_is_taken_out_only_where_it_was_given_away() -> None:
    (marked,), _, _ = take_out("пароль: 2026. Оплачено до 2026 года")
    assert marked == f"пароль: {MARK.format(1)}. Оплачено до 2026 года"


def test_a_mark_is_no_secret_and_no_more_than_twenty_are_taken() -> None:
    assert take_out(f"пароль: {MARK.format(1)}")[2] == []
    assert len(take_out("\n".join(f"password: value-{n:04}" for n in range(50)))[2]) == 20


@given(st.text(max_size=300), st.text(alphabet="abcdefXYZ0189!#", min_size=6, max_size=20))
def test_whatever_stands_around_it_the_password_is_gone_and_can_be_put_back(around: str, password: str) -> None:
    text = f"{MARKED.sub('', around)}\nпароль: {password}\n"
    (marked,), _, found = take_out(text)
    assert password not in marked
    by_place = {str(each.place): each.value for each in found}
    assert MARKED.sub(lambda mark: by_place[mark[1]], marked) == text


@pytest.mark.parametrize(
    ("filename", "is_secret"),
    [
        (".env", True), ("prod.ENV", True), (".env.local", True), ("id_rsa", True), ("id_rsa.pub", False),
        ("server.key", True), ("wildcard.pem", True), ("backup.kdbx", True), ("wp-config.php", True),
        ("aws credentials.csv", True), ("environment.txt", False), ("keyboard.png", False), ("monkey", False),
        ("счёт.pdf", False), ("index.php", False),
    ],
)  # fmt: skip
def test_files_are_told_by_their_names(filename, is_secret):
    assert is_secret_file(filename) is is_secret


@pytest.mark.parametrize("filename", [".env (2)", "id_rsa (3)", "site(1).pem"])
def test_the_second_of_one_name_is_known_as_the_first(filename: str) -> None:
    assert is_secret_file(filename)


@pytest.mark.parametrize("sent", [".env", ".htpasswd", "project/.env.production", " .netrc"])
def test_what_a_letter_brings_is_still_known_by_its_name(sent: str) -> None:
    """Of a name that begins with a dot the dot is what tells it."""
    assert is_secret_file(clean_name(sent))


@pytest.mark.parametrize(
    ("sent", "name"), [("..", ""), (" . ", ""), ("..report.txt.", ".report.txt"), ("a.txt", "a.txt")]
)
def test_of_the_dots_around_a_name_one_before_it_stays(sent: str, name: str) -> None:
    assert clean_name(sent) == name
