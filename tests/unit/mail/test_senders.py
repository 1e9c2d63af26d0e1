import pytest

from core.trust import FactKind
from tests.fixtures.mail.senders import LETTERS
from tests.unit.mail.reading import fact, read

# letter: (address, display name, what the From header was)
SENDERS = {
    "several_from_one_garbage": ("anna@hosting-client.example", "Anna", "several"),
    "two_valid_from": ("anna@hosting-client.example", "Anna", "several"),
    "two_mailboxes_in_from": ("a@one.example", "", "several"),
    "no_from_but_reply_to": ("anna@hosting-client.example", "Anna", "missing"),
    "no_from_but_return_path": ("anna@hosting-client.example", "", "missing"),
    "no_from_but_sender": ("anna@hosting-client.example", "", "missing"),
    "nothing_names_a_sender": ("", "", "missing"),
    "quoted_local_part_and_loose_bracket": ('"millions of euro transfer"@example.com', "", "unreadable"),
    "empty_brackets_then_an_address": ("ly@yangzhou.example", "LTD", "unreadable"),
    "brackets_in_the_name": ("kohl@example.com", "Max Kohl | [example.com]", "single"),
    "name_without_brackets": ("test@example.com", "Test", "unreadable"),
    "name_with_unquoted_comma": ("ivan@one.example", "Petrov, Ivan", "single"),
    "name_in_raw_latin_1": ("joerg@one.example", "Jörg Müller", "single"),
    "name_in_raw_utf_8": ("anna@hosting-client.example", "Анна Смирнова", "single"),
    "name_in_raw_windows_1251": ("anna@hosting-client.example", "Анна Смирнова", "single"),
    "name_in_raw_koi8_without_label": ("anna@hosting-client.example", "Анна Смирнова", "single"),
    "name_in_raw_gb2312": ("zhang@one.example", "张伟", "single"),
    "name_in_raw_big5": ("chen@one.example", "陳大文", "single"),
    "emoji_in_raw_utf_8": ("анна@xn--e1afmkfd.example", "Анна 🚀", "single"),
    "address_as_its_own_name": ("anna@hosting-client.example", "anna@hosting-client.example", "single"),
    "another_address_as_name": ("mallory@evil.example", "ceo@bank.example", "unreadable"),
    "quoted_other_address_as_name": ("mallory@evil.example", "ceo@bank.example", "single"),
    "at_sign_in_quoted_local_part": ('"a@victim.example"@evil.example', "", "single"),
    "comment_holds_an_address": ("mallory@evil.example", "ceo@bank.example", "single"),
    "encoded_word_holds_all": ("anna@hosting-client.example", "Anna", "unreadable"),
    "encoded_word_as_local_part": ("", "ceo@bank.example>@evil.example", "unreadable"),
    "route_address": ("anna@hosting-client.example", "", "unreadable"),
    "group": ("anna@hosting-client.example", "", "single"),
    "look_alike_domain": ("info@xn--bnk-6cd.example", "Bank", "single"),
    "cyrillic_domain": ("ivan@xn--80a1acny.xn--p1ai", "Иван", "single"),
    "twenty_thousand_brackets": ("", "", "unreadable"),
    "header_line_without_colon": ("anna@hosting-client.example", "Anna", "single"),
    "no_headers_at_all": ("", "", "missing"),
    "mbox_line_first": ("anna@hosting-client.example", "", "single"),
    "bare_carriage_returns": ("anna@hosting-client.example", "", "single"),
    "empty": ("", "", "missing"),
    "folded_subject_of_24_lines": ("anna@hosting-client.example", "", "single"),
    "no_to_at_all": ("anna@hosting-client.example", "", "single"),
}


def test_every_letter_has_its_row():
    assert SENDERS.keys() == LETTERS.keys()


@pytest.mark.parametrize("name", SENDERS)
def test_sender_is_chosen_and_the_from_header_judged(name):
    message = read(LETTERS[name])
    email, shown, verdict = SENDERS[name]
    if name != "twenty_thousand_brackets":
        assert (message.sender.email, message.sender.name) == (email, shown)
    header = fact(message, FactKind.FROM_HEADER)
    assert header is not None
    assert header.verdict == verdict


def test_envelope_serves_as_contact_when_nothing_else_names_a_sender():
    message = read(LETTERS["nothing_names_a_sender"], envelope_from="Anna@Hosting-Client.example")
    assert message.sender.email == "anna@hosting-client.example"
    assert "no_from" in message.remarks


def test_literal_from_header_is_kept_beside_the_address():
    message = read(LETTERS["empty_brackets_then_an_address"])
    assert message.sender.literal == '"Yangzhou Co." <>, "LTD" <ly@yangzhou.example>'


def test_domain_of_mixed_scripts_is_a_fact():
    look_alike = fact(read(LETTERS["look_alike_domain"]), FactKind.LOOK_ALIKE)
    assert look_alike is not None
    assert (look_alike.verdict, look_alike.subject) == ("mixed_script", "xn--bnk-6cd.example")
    assert look_alike.detail["shown"] == "bаnk.example"


@pytest.mark.parametrize("name", ["cyrillic_domain", "emoji_in_raw_utf_8", "name_in_raw_utf_8"])
def test_honest_domain_is_no_look_alike(name):
    assert fact(read(LETTERS[name]), FactKind.LOOK_ALIKE) is None


@pytest.mark.parametrize(
    "name", ["another_address_as_name", "quoted_other_address_as_name", "comment_holds_an_address"]
)
def test_name_that_holds_another_address_is_remarked(name):
    assert "name_holds_other_address" in read(LETTERS[name]).remarks


def test_header_block_that_stops_being_headers_is_read_on():
    message = read(LETTERS["header_line_without_colon"])
    assert (message.subject, message.text, message.message_id) == ("After the gap", "Body", "gap@x.example")
    assert "broken_header_block" in message.remarks


def test_text_without_headers_is_all_body():
    assert read(LETTERS["no_headers_at_all"]).text == "Hello,\nthis is only text: nothing else.\n\nBye"


def test_endless_subject_is_cut_for_display():
    message = read(LETTERS["folded_subject_of_24_lines"])
    assert message.subject.startswith("word line 00 of a very long")
    assert len(message.subject) == 500
    assert "subject_cut" in message.remarks


def test_letter_without_to_has_no_recipients():
    assert read(LETTERS["no_to_at_all"]).to == ()
