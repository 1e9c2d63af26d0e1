import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheets import as_csv, restored, safe
from customers.policies.csv_reading import (
    MOST_LINE_BYTES,
    SAMPLE_BYTES,
    Dialect,
    NotCsv,
    Place,
    recognised,
    records,
    transcoded,
)

TEXT = "Логин;Название;Договор\nanna;ООО «Ромашка»;Н-100001\n"
UTF8 = Dialect("utf-8", ";")


def read(content: bytes, dialect: Dialect = UTF8):
    return [(record.number, record.cells or record.fault) for record in records(io.BytesIO(content), dialect)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TEXT.encode(), Dialect("utf-8", ";")),
        (b"\xef\xbb\xbf" + TEXT.encode(), Dialect("utf-8", ";")),
        (TEXT.encode("cp1251"), Dialect("cp1251", ";")),
        (TEXT.encode("utf-16"), Dialect("utf-16-le", ";")),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), Dialect("utf-16-be", ";")),
        ("login,name,contract\na,b,c\n".encode("utf-16-le"), Dialect("utf-16-le", ",")),
        (b"login,name;x,contract\n", Dialect("utf-8", ",")),
        (b"login\tname\n", Dialect("utf-8", "\t")),
        (TEXT.encode().replace("Р".encode(), b"\xff") * 20, Dialect("utf-8", ";")),
        (b"login", Dialect("utf-8", ";")),
    ],
    ids=[
        "utf-8", "utf-8 with a mark", "cp1251", "utf-16 with a mark", "utf-16 big end first", "utf-16 without a mark",
        "commas", "tabs", "a damaged letter is no cp1251", "one column",
    ],
)  # fmt: skip
def test_a_file_is_recognised(content, expected):
    assert recognised(content[:SAMPLE_BYTES]) == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "spreadsheet"),
        (b"%PDF-1.7", "not_csv"),
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file"),
    ],
    ids=["xlsx", "xls", "pdf", "empty", "only empty lines"],
)
def test_what_is_no_csv_is_told_by_name(content, code):
    with pytest.raises(NotCsv) as refused:
        recognised(content)
    assert refused.value.code == code


def test_utf_16_is_read_as_utf_8():
    assert transcoded(TEXT.encode("utf-16"), "utf-16-le").decode() == TEXT


def test_lines_keep_their_numbers_over_empty_ones_and_quoted_breaks():
    content = b'login;name\r\n\r\na;"two\r\nlines"\r\n;\r\nb;"say ""hi"""\r\nc;19" rack'
    assert read(content) == [
        (1, ("login", "name")),
        (3, ("a", "two\nlines")),
        (6, ("b", 'say "hi"')),
        (7, ("c", '19" rack')),
    ]


def test_a_quote_that_never_closes_costs_one_line():
    lines = [b"a;b", b'c;"never closed', *(b"%d;x" % n for n in range(100)), b"y;z"]
    found = read(b"\n".join(lines))
    assert found[1] == (2, "quotes")
    assert len(found) == len(lines)
    assert found[-1] == (103, ("y", "z"))


def test_broken_quotes_cost_one_line():
    assert read(b'a;"b"c;d\ne;f') == [(1, "quotes"), (2, ("e", "f"))]


def test_a_line_of_ten_megabytes_is_told_and_not_held():
    class Watched(io.BytesIO):
        longest = 0

        def readline(self, size=-1):
            piece = super().readline(size)
            Watched.longest = max(Watched.longest, len(piece))
            return piece

    file = Watched(b"a;b\n" + b"x" * 10_000_000 + b"\nc;d\n")
    found = [(record.number, record.cells or record.fault) for record in records(file, UTF8)]
    assert found == [(1, ("a", "b")), (2, "line_too_long"), (3, ("c", "d"))]
    assert Watched.longest <= MOST_LINE_BYTES


def test_more_columns_than_a_table_has_are_a_fault():
    assert read(b";".join([b"x"] * 101)) == [(1, "too_many_columns")]


def test_zero_bytes_and_undecodable_ones_stay_in_their_cell():
    assert read(b"a\0b;\xff\n") == [(1, ("a\0b", "\ufffd"))]


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "cp1251"]))
def test_any_bytes_are_read_to_the_end_and_can_be_read_on_from_every_record(content, encoding):
    dialect = Dialect(encoding, ";")
    every = list(records(io.BytesIO(content), dialect))
    for index, record in enumerate(every):
        assert list(records(io.BytesIO(content), dialect, place=record.end)) == every[index + 1 :]
    assert all(record.end.offset <= len(content) for record in every)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\ufeff"), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4).map(lambda row: ["x", *row]), max_size=5))
def test_what_is_exported_comes_back_and_is_never_a_formula(rows):
    back = list(records(io.BytesIO(b"".join(as_csv(rows))), Dialect("utf-8", ",")))
    assert [[restored(cell) for cell in record.cells] for record in back] == rows
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\0")) for record in back for cell in record.cells)


@pytest.mark.parametrize("cell", ["=1+1", "+7", "-1", "@x", "\tx", "'=1", "''=1", "'x", "x", ""])
def test_a_cell_made_safe_can_be_restored(cell):
    assert restored(safe(cell)) == cell
    assert not re.search(r"(^|[;\t\r\n])[=+\-@\t＝＋－＠]", safe(cell))


@pytest.mark.parametrize("cell", ["Ромашка;=1+1;", "a\n=1+1", "＝1+1", ";\t@x", "'=1;'+1"])
def test_no_cell_begins_a_formula_where_a_semicolon_parts_cells(cell):
    assert not re.search(r"(^|[;\t\r\n])[=+\-@\t＝＋－＠]", safe(cell))
    assert restored(safe(cell)) == cell


def test_reading_on_starts_where_it_is_told():
    assert [r.number for r in records(io.BytesIO(b"a;b\nc;d\ne;f"), UTF8, place=Place(4, 2))] == [2, 3]
