import pytest

from core.phones import numbers_in


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+7 (495) 123-45-67", [("+74951234567", "")]),
        ("8 495 123 45 67", [("+74951234567", "")]),
        ("123-45-67", [("+74951234567", "")]),
        ("+7 495 123-45-67 доб. 12", [("+74951234567", "12")]),
        ("+7 495 123-45-67, вн. 3; 8-916-123-45-67", [("+74951234567", "3"), ("+79161234567", "")]),
        ("8(812)3123456 и 89161234567", [("+78123123456", ""), ("+79161234567", "")]),
        ("+49 30 901820 ext 5", [("+4930901820", "5")]),
        ("12", [("", "")]),
        ("+7 000 000-00-00", [("", "")]),
        ("позвонить Маше", [("", "")]),
        ("", []),
    ],
    ids=[
        "with brackets", "by the eight", "local", "extension", "list with extensions", "and", "abroad", "too short",
        "no such code", "words", "nothing",
    ],
)  # fmt: skip
def test_numbers_are_found_in_their_normal_form(written, expected):
    found = numbers_in(written, region="RU", area_code="495")
    assert [(phone.number, phone.extension) for phone in found] == expected
    assert all(phone.literal in written for phone in found)
