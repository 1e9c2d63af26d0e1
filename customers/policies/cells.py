"""One cell of a file, brought to the form in which it is stored, or the code of why it cannot be. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core.normal_forms import normal_domain, normal_form
from core.phones import numbers_in
from core.spreadsheets import restored
from customers.policies.columns import ImportKind
from customers.policies.identity import contract_number

Value = Any  # JSON: a string, a boolean, a list of strings, or [number, literal] pairs
MOST_IN_A_LIST = 20
_LOGIN = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,63}")
_CONTRACT = re.compile(r"[\w./№ -]{1,64}")
_FOREIGN_TAX = re.compile(r"[A-Z]{2}[A-Z0-9]{4,18}")
_DATES = (("%Y-%m-%d", 10), ("%d.%m.%Y", 10), ("%d.%m.%y", 8))


@dataclass(frozen=True, slots=True)
class Office:
    """What the reader must know about where it reads."""

    now: datetime
    region: str  # of phone numbers written without a country
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    field: str  # "" for the whole line
    code: str
    cell: str = ""


class _Bad(Exception):
    pass


_KINDS = {
    "person": "person|individual|физлицо|физическое лицо|фл|частное лицо",
    "organisation": "organisation|organization|company|legal entity|юрлицо|юридическое лицо|юл|организация|компания|ип",
}
_ROLES = {
    "owner": "owner|владелец",
    "administrative": "administrative|administrator|admin|административный|администратор",
    "technical": "technical|tech|технический|техник",
    "billing": "billing|accountant|финансовый|бухгалтер|бухгалтерия|платежи",
}
_SERVICES = {
    "hosting": "hosting|хостинг|виртуальный хостинг",
    "domain": "domain|домен",
    "certificate": "certificate|ssl|tls|сертификат|ssl сертификат",
    "server": "server|vps|vds|dedicated|сервер|выделенный сервер",
}
_LANGUAGES = {"ru": "ru|rus|russian|русский", "en": "en|eng|english|английский"}
_BOOLEANS = {"yes": "yes|true|1|да|истина|+", "no": "no|false|0|нет|ложь|-"}


def _one_of(table: Mapping[str, str], code: str) -> Callable[[str, Office], Value]:
    words = {word: value for value, names in table.items() for word in names.split("|")}

    def read(text: str, office: Office) -> Value:
        found = words.get(text.lower().replace("-", " ").strip() or text)
        if found is None:
            raise _Bad(code)
        return found

    return read


def _boolean(text: str, office: Office) -> bool:
    return _one_of(_BOOLEANS, "not_yes_or_no")(text, office) == "yes"


def _text(most: int) -> Callable[[str, Office], str]:
    def read(text: str, office: Office) -> str:
        if len(text) > most:
            raise _Bad("too_long")
        return text

    return read


def _login(text: str, office: Office) -> str:
    if not _LOGIN.fullmatch(text.lower()):
        raise _Bad("bad_login")
    return text.lower()


def _contract(text: str, office: Office) -> str:
    if not _CONTRACT.fullmatch(text):
        raise _Bad("bad_contract")
    return contract_number(text)


def _tax_number(text: str, office: Office) -> str:
    """ИНН by its check digits; a foreign one with the letters of its country before it."""
    text = re.sub(r"[\s-]", "", text).upper()
    if _FOREIGN_TAX.fullmatch(text) or (text.isdecimal() and text.isascii() and _is_inn(text)):
        return text
    raise _Bad("bad_tax_number")


def _is_inn(digits: str) -> bool:
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)

    def check(length: int) -> int:
        total = sum(w * int(d) for w, d in zip(weights[11 - length :], digits[:length], strict=True))
        return total % 11 % 10

    if len(digits) == 10:
        return check(9) == int(digits[9])
    return len(digits) == 12 and check(10) == int(digits[10]) and check(11) == int(digits[11])


def _email(text: str, office: Office) -> str:
    email = normal_form(text)
    if not email:
        raise _Bad("bad_email")
    return email


def _domain(text: str, office: Office) -> str:
    text = re.sub(r"^https?://", "", text.lower()).rstrip("/")
    domain = normal_domain(text)
    if "." not in domain or domain.startswith("["):
        raise _Bad("bad_domain")
    return domain


def _date(text: str, office: Office) -> str:
    for form, length in _DATES:
        if text[length : length + 1] not in ("", " ", "T"):
            continue
        try:
            return datetime.strptime(text[:length], form).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    raise _Bad("bad_date")


def _moment(text: str, office: Office) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = datetime.fromisoformat(_date(text, office))
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at > office.now:
        raise _Bad("in_the_future")
    return at.astimezone(UTC).isoformat()


def _past_date(text: str, office: Office) -> str:
    day = _date(text, office)
    if date.fromisoformat(day) > office.now.date():
        raise _Bad("in_the_future")
    return day


def _phones(text: str, office: Office) -> list[list[str]]:
    found = numbers_in(text, region=office.region, area_code=office.area_code)
    if any(not phone.number for phone in found):
        raise _Bad("bad_phone")
    return [[phone.number, phone.literal[:100]] for phone in found[:MOST_IN_A_LIST]]


def _several(read: Callable[[str, Office], Value]) -> Callable[[str, Office], list[Value]]:
    def read_all(text: str, office: Office) -> list[Value]:
        parts = [part.strip() for part in re.split(r"[,;|\n]", text) if part.strip()]
        if len(parts) > MOST_IN_A_LIST:
            raise _Bad("too_many")
        return list(dict.fromkeys(read(part, office) for part in parts))

    return read_all


_READ: Mapping[str, Callable[[str, Office], Value]] = {
    "login": _login,
    "contract": _several(_contract),
    "number": _contract,
    "tax_number": _tax_number,
    "name": _text(200),
    "language": _one_of(_LANGUAGES, "bad_language"),
    "customer_since": _past_date,
    "administrative_email": _email,
    "administrative_email_since": _moment,
    "surname": _text(100),
    "given_name": _text(100),
    "patronymic": _text(100),
    "full_name": _text(300),
    "salutation": _text(150),
    "roles": _several(_one_of(_ROLES, "bad_role")),
    "emails": _several(_email),
    "phones": _phones,
    "on_file_since": _moment,
    "domain": _domain,
    "paid_until": _date,
    "is_working": _boolean,
}
_KIND_OF = {
    ImportKind.ACCOUNTS: _one_of(_KINDS, "bad_account_kind"),
    ImportKind.SERVICES: _one_of(_SERVICES, "bad_service_kind"),
}


def read_line(
    kind: ImportKind, mapping: Sequence[str], cells: Sequence[str], *, office: Office
) -> tuple[dict[str, Value], list[Problem]]:
    """The values of a line by field and everything wrong with it. An empty cell is no value: it changes nothing."""
    if len(cells) != len(mapping) and any(cell.strip() for cell in cells[len(mapping) :]):
        return {}, [Problem("", "too_many_cells")]
    if len(cells) < len(mapping):
        return {}, [Problem("", "too_few_cells")]
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for field, cell in zip(mapping, cells, strict=False):
        if not field:
            continue
        text = restored(cell) if field == "phones" else plain(restored(cell))
        if not text.strip():
            continue
        if fault := _letters(text):
            problems.append(Problem(field, fault, _shown(text)))
            continue
        try:
            values[field] = (_KIND_OF[kind] if field == "kind" else _READ[field])(text, office)
        except _Bad as bad:
            problems.append(Problem(field, str(bad), _shown(text)))
    if "full_name" in values:
        problems += _split_name(values)
    return values, problems


def plain(text: str) -> str:
    """Words with one space between, letters composed: two writings of one name are no change of it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _letters(text: str) -> str:
    if "\ufffd" in text:
        return "unreadable_letters"
    is_hidden = any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n" for letter in text)
    return "control_characters" if is_hidden else ""


def _shown(text: str) -> str:
    """At most eighty characters, as a table or PostgreSQL can hold them."""
    return "".join(letter if letter.isprintable() else "\u2423" for letter in text[:80])


def _split_name(values: dict[str, Value]) -> list[Problem]:
    """«ФИО» says its order: surname, given name, patronymic. Nothing is guessed for more or fewer words."""
    words = values.pop("full_name").split()
    if len(words) not in (2, 3):
        return [Problem("full_name", "bad_full_name", _shown(" ".join(words)))]
    for field, word in zip(("surname", "given_name", "patronymic"), words, strict=False):
        values.setdefault(field, word)
    return []
