import pytest

from channels_app.mail.parse import parse
from tests.fixtures.mail.build import plain
from tests.fixtures.mail.machines import DELAYED, EXCHANGE_GERMAN, GMAIL, MACHINES, PEOPLE, POSTFIX, QMAIL
from tests.unit.mail.reading import ARRIVED, read
from tickets.contracts import BouncedRecipient, Nature


@pytest.mark.parametrize("name", MACHINES)
def test_machine_is_recognised_with_its_reason(name):
    raw, nature, reason = MACHINES[name]
    message = read(raw)
    assert (message.nature, message.nature_reasons[0]) == (nature, reason)


@pytest.mark.parametrize("name", PEOPLE)
def test_ordinary_letter_stays_a_persons(name):
    message = read(PEOPLE[name], envelope_from="anna@hosting-client.example")
    assert (message.nature, message.nature_reasons) == (Nature.PERSON, ())


@pytest.mark.parametrize("path", ["", "<>", " "])
def test_null_return_path_of_the_envelope_makes_a_machine(path):
    assert read(plain(), envelope_from=path).nature is Nature.MACHINE


@pytest.mark.parametrize("raw", [POSTFIX, EXCHANGE_GERMAN, GMAIL, QMAIL], ids=["postfix", "exchange", "gmail", "qmail"])
def test_bounce_names_the_letter_it_returns(raw):
    assert read(raw).bounced_message_ids == ("reply-17@example.com",)


def test_bounce_of_postfix_names_each_failed_recipient_and_not_the_delayed_one():
    assert read(POSTFIX).bounced == (
        BouncedRecipient("boris@other-client.example", "5.1.1", "550 5.1.1 No such user"),
        BouncedRecipient("full@other-client.example", "5.2.2", "552 5.2.2 Mailbox full"),
    )


@pytest.mark.parametrize(
    ("raw", "address"),
    [(EXCHANGE_GERMAN, "weg@firma.example"), (GMAIL, "gone@gmail.example"), (QMAIL, "nobody@old.example")],
    ids=["exchange", "gmail", "qmail"],
)
def test_bounce_names_its_recipient_and_status(raw, address):
    (failed,) = read(raw).bounced
    assert (failed.address, failed.status) == (address, "5.1.1")


def test_delay_notice_marks_no_address():
    message = read(DELAYED)
    assert message.bounced == ()
    assert "delivery_delayed" in message.remarks


def test_parser_needs_no_envelope():
    assert parse(plain(), received_at=ARRIVED).nature is Nature.PERSON
