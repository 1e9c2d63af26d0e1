from datetime import UTC, datetime

import pytest

from tests.fixtures.mail.build import OLE, PDF, PNG
from tests.fixtures.mail.structures import LETTERS
from tests.unit.mail.reading import read, the_file

# letter: text of the body
TEXTS = {
    "plain_and_html": "Письмо с файлом",
    "html_only": "Only rich words",
    "empty_plain_beside_html": "Rich words",
    "text_html_text": "Письмо с файлом\n\nRich words\n\nAnd a footer",
    "flowed": "One paragraph that was wrapped by the mail program.",
    "pdf_as_whole_body": "",
    "image_as_whole_body": "",
    "octet_stream_as_whole_body": "",
    "uuencoded_within_text": "See the file:\n\nBye",
    "encoding_7_dash_bit": "just =41 words",
    "encoding_spam": "just =41 words",
    "encoding_text_html": "just =41 words",
    "encoding_empty": "just =41 words",
    "encoding_plain": "just =41 words",
    "encoding_with_semicolon": "just =41 words",
    "quoted_printable_with_semicolon": "just A words",
    "nested_six_deep": "words 5",
    "forty_multiparts_deep": "deep inside",
    "equal_prefix_boundaries": "plain words",
    "quoted_boundary_with_specials": "words",
    "boundary_in_utf_8": "words",
    "boundary_of_one_kilobyte": "words",
    "boundary_missing_in_header": "words\n\nrich",
    "boundary_never_met": "only words",
    "close_is_missing": "words",
    "close_comes_first": "words",
    "empty_parts": "words",
    "overlapping_boundaries": "words",
    "multipart_in_base64": "words",
    "smime_signed": "Письмо с файлом",
    "smime_encrypted": "",
    "pgp_mime_encrypted": "",
    "image_between_texts": "above\n\nbelow",
    "ole_as_whole_body": "",
    "ole_as_whole_mail": "",
    "invitation_beside_text": "Please come",
    "no_message_id_no_date": "Body",
}


@pytest.mark.parametrize("name", TEXTS)
def test_body_is_found(name):
    assert read(LETTERS[name]).text == TEXTS[name]


# letter: (file name, type, content, note, is_damaged)
FILES = {
    "pdf_as_whole_body": ("скан.pdf", "application/pdf", PDF, "", False),
    "image_as_whole_body": ("image-1.png", "image/png", PNG, "", False),
    "octet_stream_as_whole_body": ("file-1", "application/octet-stream", b"\x01\x02\x03", "", False),
    "damaged_base64": ("x.pdf", "application/pdf", b"%PDF-1.4\n", "", True),
    "base64_without_padding": ("x.pdf", "application/pdf", b"%PDF-1.4", "", True),
    "uuencoded_within_text": ("note.txt", "text/plain", b"Cat", "", False),
    "uuencode_as_encoding": ("note.txt", "text/plain", b"Cat", "", False),
    "name_rfc_2231": ("договор.pdf", "application/pdf", PDF, "", False),
    "name_in_encoded_words": ("договор.pdf", "application/pdf", PDF, "", False),
    "name_raw_latin_1": ("résumé.pdf", "application/pdf", PDF, "", False),
    "name_without_quotes": ("my report.pdf", "application/pdf", PDF, "", False),
    "name_with_path": ("x.pdf", "application/pdf", PDF, "", False),
    "name_with_slashes": ("passwd", "application/pdf", PDF, "", False),
    "name_with_controls": ("a bfdp.exe", "application/pdf", PDF, "", False),
    "no_name": ("file-1.pdf", "application/pdf", PDF, "", False),
    "damaged_winmail": ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22\x00\x00broken", "unreadable", False),
    "smime_signed": ("smime.p7s", "application/pkcs7-signature", b"0\x80sig", "signature", False),
    "smime_encrypted": ("smime.p7m", "application/pkcs7-mime", b"0\x80encrypted", "encrypted", False),
    "close_is_missing": ("image-1.png", "image/png", PNG, "", False),
    # The outer delimiter ended the inner multipart, so the inner close is content of what follows.
    "overlapping_boundaries": ("image-1.png", "image/png", PNG + b"\r\n--inner--", "", False),
    "equal_prefix_boundaries": ("p.pdf", "application/pdf", PDF, "", False),
    "ole_as_whole_body": ("file-1", "application/x-ole-storage", OLE, "unreadable", False),
    "ole_as_whole_mail": ("message.msg", "application/vnd.ms-outlook", OLE, "unreadable", False),
}


@pytest.mark.parametrize("name", FILES)
def test_file_is_kept(name):
    file = the_file(read(LETTERS[name]))
    assert (file.filename, file.content_type, file.content, file.note, file.is_damaged) == FILES[name]


TYPES = {"svg_called_png": "image/svg+xml", "svg_called_html": "image/svg+xml", "html_called_image": "text/html"}


@pytest.mark.parametrize("name", TYPES)
def test_type_is_judged_from_the_content(name):
    assert the_file(read(LETTERS[name])).content_type == TYPES[name]


def test_winmail_is_unpacked():
    message = read(LETTERS["winmail"])
    assert message.text == "Смотрите файл"
    assert [(file.filename, file.content_type, file.content, file.note) for file in message.attachments] == [
        ("scan.pdf", "application/pdf", PDF, "unpacked_tnef"),
        ("photo.png", "image/png", PNG, "unpacked_tnef"),
    ]


def test_first_text_is_the_body_and_stays_a_file_if_it_has_a_name():
    message = read(LETTERS["text_with_a_name_comes_first"])
    assert message.text == "Words in a file"
    assert [file.filename for file in message.attachments] == ["letter.txt", "more.txt"]


def test_long_name_is_cut_to_255_bytes_with_its_extension():
    name = the_file(read(LETTERS["name_too_long"])).filename
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 255


def test_same_name_twice_becomes_two_names():
    names = [file.filename for file in read(LETTERS["same_name_twice"]).attachments]
    assert names == ["a.png", "A (2).png"]


@pytest.mark.parametrize(
    ("name", "filename"), [("nested_letter", "Привет.eml"), ("nested_letter_in_base64", "Inner words.eml")]
)
def test_nested_letter_becomes_a_file_named_from_its_subject(name, filename):
    message = read(LETTERS[name])
    file = the_file(message)
    assert (file.filename, file.content_type, file.note) == (filename, "message/rfc822", "nested_mail")
    assert file.content.startswith(b"From: x@y.example")
    assert message.message_id == "q2@hosting-client.example"


def test_letter_six_deep_keeps_the_outer_message_id_and_nests_in_one_file():
    message = read(LETTERS["nested_six_deep"])
    assert message.message_id == "level5@x.example"
    assert the_file(message).filename == "level 4.eml"
    assert b"Inner words" in the_file(message).content


def test_html_is_kept_as_received_and_empty_plain_part_does_not_win():
    assert read(LETTERS["empty_plain_beside_html"]).html == "<p>Rich <b>words</b></p>"
    assert read(LETTERS["invitation_beside_text"]).html == ""


def test_inline_images_are_marked_by_cid_in_tag_and_in_style():
    files = read(LETTERS["inline_image_by_cid"]).attachments
    assert [(file.content_id, file.is_inline) for file in files] == [("logo@x.example", True), ("bg@x", True)]


def test_inline_image_is_found_by_its_location():
    file = the_file(read(LETTERS["inline_image_by_location"]))
    assert file.is_inline
    assert file.content_location == "http://x.example/logo.png"


def test_image_in_the_middle_of_the_text_is_shown_there():
    message = read(LETTERS["image_between_texts"])
    file = the_file(message)
    assert file.is_inline
    above, image, below = (message.html.find(part) for part in ("above", f"cid:{file.content_id}", "below"))
    assert 0 <= above < image < below


@pytest.mark.parametrize("name", ["smime_encrypted", "pgp_mime_encrypted", "pgp_inline"])
def test_encrypted_letter_is_said_to_be_encrypted(name):
    message = read(LETTERS[name])
    assert "encrypted" in message.remarks
    assert message.text or any(file.note == "encrypted" for file in message.attachments)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("invitation_request", "invitation"),
        ("invitation_cancel", "invitation_cancelled"),
        ("invitation_reply", "invitation_reply"),
    ],
)
def test_invitation_is_readable_and_kept(name, note):
    message = read(LETTERS[name])
    file = the_file(message)
    assert (file.filename, file.content_type, file.note) == ("invite.ics", "text/calendar", note)
    assert message.text.startswith(
        "Встреча по серверу\n2026-10-05 12:30 (Europe/Moscow) – 2026-10-05 13:30 (Europe/Moscow)\nОфис, комната 5"
    )
    assert ("Accepted" in message.text) == (name == "invitation_reply")


IDS = {
    "no_message_id_no_date": ("", "no_message_id"),
    "empty_message_id": ("", "no_message_id"),
    "two_message_ids": ("q2@hosting-client.example", "several_message_ids"),
}


@pytest.mark.parametrize("name", IDS)
def test_message_id_is_taken_or_missed_aloud(name):
    message = read(LETTERS[name])
    assert message.message_id == IDS[name][0]
    assert IDS[name][1] in message.remarks


DATES = {
    "no_message_id_no_date": (None, "no_date"),
    "impossible_time": (None, "bad_date"),
    "year_1995": (datetime(1995, 10, 5, 9, 30, tzinfo=UTC), "date_far_off"),
    "far_future": (None, "bad_date"),
}


@pytest.mark.parametrize("name", DATES)
def test_date_is_only_shown_and_may_be_missing(name):
    message = read(LETTERS[name])
    assert message.sent_at == DATES[name][0]
    assert DATES[name][1] in message.remarks


def test_boundary_repairs_are_remarked():
    assert "wrong_boundary" in read(LETTERS["boundary_missing_in_header"]).remarks
    assert "boundary_not_found" in read(LETTERS["boundary_never_met"]).remarks


def test_long_line_is_kept_whole():
    assert read(LETTERS["line_over_998_bytes"]).text == ("word " * 1000).strip()


def test_forged_results_become_no_facts():
    kinds = {str(fact.kind) for fact in read(LETTERS["forged_authentication_results"]).facts}
    assert kinds == {"from_header"}
