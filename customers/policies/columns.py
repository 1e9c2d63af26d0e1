"""What each kind of file may hold, and by which headers its columns are known. Pure tables."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class ImportKind(StrEnum):
    ACCOUNTS = "accounts"
    CONTACTS = "contacts"
    CONTRACTS = "contracts"
    SERVICES = "services"


# Which account a line is about. Never a name and never an address: those are typed and shared.
_ACCOUNT = ("login", "contract", "tax_number")

# kind -> its fields in the order of an export
FIELDS: Mapping[ImportKind, tuple[str, ...]] = {
    ImportKind.ACCOUNTS: (
        *_ACCOUNT,
        "kind",
        "name",
        "language",
        "customer_since",
        "administrative_email",
        "administrative_email_since",
    ),
    ImportKind.CONTACTS: (
        *_ACCOUNT,
        "surname",
        "given_name",
        "patronymic",
        "full_name",
        "salutation",
        "language",
        "roles",
        "emails",
        "phones",
        "on_file_since",
    ),
    ImportKind.CONTRACTS: ("login", "tax_number", "number"),
    ImportKind.SERVICES: (*_ACCOUNT, "kind", "name", "domain", "paid_until", "is_working"),
}
# A file without these is no file of its kind: all of the first, and one of the second.
NEEDED: Mapping[ImportKind, tuple[frozenset[str], frozenset[str]]] = {
    ImportKind.ACCOUNTS: (frozenset(), frozenset(_ACCOUNT)),
    ImportKind.CONTACTS: (frozenset({"emails"}), frozenset(_ACCOUNT)),
    ImportKind.CONTRACTS: (frozenset({"number"}), frozenset({"login", "tax_number"})),
    ImportKind.SERVICES: (frozenset({"kind"}), frozenset(_ACCOUNT)),
}

# field -> headers, as `_folded`; the field's own name is one without saying
_SYNONYMS: Mapping[str, str] = {
    "login": "логин|имя пользователя|username|user|account|account login|аккаунт|учётная запись",
    "contract": "договор|номер договора|№ договора|contract number|agreement|договоры|contracts",
    "number": "договор|номер договора|№ договора|contract number|agreement|contract|номер|№",
    "tax_number": "инн|tax id|taxid|vat|vat number|inn|tin",
    "kind": "тип|вид|type|тип клиента|вид услуги|тип услуги|service type|customer type",
    "name": "название|наименование|имя|организация|клиент|компания|company|customer|client|title|услуга|service",
    "language": "язык|lang|locale",
    "customer_since": "клиент с|дата регистрации|registered|since|created|дата заключения",
    "administrative_email": "административная почта|административный email|административный адрес|admin email",
    "administrative_email_since": "административная почта с|admin email since",
    "surname": "фамилия|last name|lastname|family name",
    "given_name": "имя|first name|firstname|name",
    "patronymic": "отчество|middle name",
    "full_name": "фио|ф и о|контакт|контактное лицо|full name|fullname|contact|contact name",
    "salutation": "обращение|greeting",
    "roles": "роль|роли|role|должность",
    "emails": "email|e mail|почта|электронная почта|эл почта|адрес почты|mail|email address",
    "phones": "телефон|телефоны|тел|мобильный|phone|mobile|phone number|tel",
    "on_file_since": "с какого времени|в базе с|known since",
    "domain": "домен|доменное имя|сайт|domain name|site",
    "paid_until": "оплачено до|оплачен до|срок|действует до|expires|expiry|expiration|valid until",
    "is_working": "работает|активна|активен|active|works",
}
_HEADERS: Mapping[str, frozenset[str]] = {
    field: frozenset((*words.split("|"), field.replace("_", " "))) for field, words in _SYNONYMS.items()
}


def _folded(header: str) -> str:
    return re.sub(r"[^\w№]+|_", " ", header.lower().replace("ё", "е")).strip()


_KNOWN = {field: frozenset(_folded(word) for word in words) for field, words in _HEADERS.items()}


def guessed(kind: ImportKind, headers: Sequence[str]) -> list[str]:
    """The field of each column, "" for one nobody knows. A field is given once, to the first column that claims it."""
    taken: set[str] = set()
    mapping = []
    for header in headers:
        word = _folded(header)
        own = [field for field in FIELDS[kind] if _folded(field) == word]  # an export of ours is read as it is
        field = next((f for f in (*own, *FIELDS[kind]) if f not in taken and word in _KNOWN[f]), "")
        taken.add(field)
        mapping.append(field)
    return mapping


def faults_of(kind: ImportKind, mapping: Sequence[str]) -> list[str]:
    """Codes of what keeps a mapping from being read; none means it can."""
    fields = [field for field in mapping if field]
    all_of, one_of = NEEDED[kind]
    faults = []
    if not set(fields) <= set(FIELDS[kind]):
        faults.append("unknown_field")
    if len(fields) != len(set(fields)):
        faults.append("field_twice")
    if not all_of <= set(fields):
        faults.append(f"needs_{min(all_of - set(fields))}")
    if not one_of & set(fields):
        faults.append("needs_account")
    return faults
