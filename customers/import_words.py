"""What the codes of an import read like: on the pages, in the report and at the command line."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.policies.columns import ImportKind
from customers.policies.importing import Verdict

Words = Mapping[str, str | Promise]

KINDS: Words = {
    ImportKind.ACCOUNTS: _("Accounts"),
    ImportKind.CONTACTS: _("Contacts"),
    ImportKind.CONTRACTS: _("Contracts"),
    ImportKind.SERVICES: _("Services"),
}
STATES: Words = {
    "mapping": _("Columns are being chosen"),
    "reading": _("Dry run at work"),
    "ready": _("Dry run is ready"),
    "applying": _("Being applied"),
    "done": _("Applied"),
    "stopped": _("Stopped"),
    "failed": _("Broken off"),
}
VERDICTS: Words = {
    Verdict.CREATED: _("New on file"),
    Verdict.CHANGED: _("Changes"),
    Verdict.UNCHANGED: _("Without change"),
    Verdict.DUPLICATE: _("Repeated in the file"),
    Verdict.BAD: _("Bad"),
}
FIELDS: Words = {
    "": _("The whole line"),
    "login": _("Login"),
    "contract": _("Contract"),
    "number": _("Contract number"),
    "tax_number": _("Tax number (INN)"),
    "kind": _("Kind"),
    "name": _("Name"),
    "language": _("Language"),
    "customer_since": _("Customer since"),
    "administrative_email": _("Administrative address"),
    "administrative_email_since": _("Administrative address since"),
    "surname": _("Surname"),
    "given_name": _("Given name"),
    "patronymic": _("Patronymic"),
    "full_name": _("Surname, name, patronymic in one"),
    "salutation": _("Salutation"),
    "roles": _("Roles"),
    "emails": _("E-mail"),
    "phones": _("Phone"),
    "on_file_since": _("On file since"),
    "domain": _("Domain"),
    "paid_until": _("Paid until"),
    "is_working": _("Working"),
}
ENCODINGS: Words = {"utf-8": "UTF-8", "cp1251": _("Windows Cyrillic (cp1251)")}
SEPARATORS: Words = {";": _("semicolon"), ",": _("comma"), "\t": _("tab")}

# code -> (what is wrong with the line, how to put it right)
PROBLEMS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "quotes": (_("A quotation mark is not closed"), _("Double every quotation mark inside a quoted cell")),
    "line_too_long": (_("The line is longer than 64 KB"), _("Look for a quotation mark or a line break gone astray")),
    "too_many_columns": (_("More than 100 columns"), _("Leave only the columns the import knows")),
    "too_many_cells": (_("More cells than the header has"), _("Put a cell that holds the separator in quotes")),
    "too_few_cells": (_("Fewer cells than the header has"), _("Leave the empty cells in, with their separators")),
    "unreadable_letters": (_("Letters that cannot be read"), _("Choose another encoding or save as UTF-8")),
    "control_characters": (_("Invisible control characters"), _("Delete them from the cell")),
    "too_long": (_("Too long"), _("Shorten it")),
    "too_many": (_("More than twenty in one cell"), _("Spread them over several lines")),
    "bad_login": (_("No login"), _("Latin letters, digits, dot, hyphen, at most 64")),
    "bad_contract": (_("No contract number"), _("Letters, digits and hyphens, at most 64")),
    "bad_tax_number": (
        _("No tax number"),
        _("10 or 12 digits that check; abroad the country’s letters first"),
    ),
    "bad_email": (_("No e-mail address"), _("One address, or several with commas between")),
    "bad_phone": (_("No phone number"), _("Write it with the country, such as +7 495 123-45-67")),
    "bad_domain": (_("No domain name"), _("Only the name, such as example.com")),
    "bad_date": (_("No date"), _("Write 31.12.2027 or 2027-12-31")),
    "in_the_future": (_("Lies in the future"), _("Write the day on which it really was")),
    "not_yes_or_no": (_("Neither yes nor no"), _("Write yes or no")),
    "bad_language": (_("No language of the desk"), _("Write ru or en")),
    "bad_role": (_("No role"), _("Owner, administrative, technical or billing")),
    "bad_account_kind": (_("No kind of account"), _("Write person or organisation")),
    "bad_service_kind": (_("No kind of service"), _("Write hosting, domain, certificate or server")),
    "bad_full_name": (_("Not two or three words"), _("Surname, given name, patronymic; or a column for each")),
    "missing": (_("Missing"), _("Fill the cell in")),
    "account_unknown": (_("No such account on file"), _("Import the accounts first, or correct its login or contract")),
    "accounts_differ": (
        _("Login, contract and tax number belong to different accounts"),
        _("Correct the wrong one; an import never moves a contract or renames a login"),
    ),
    "several_accounts": (_("Several accounts have this tax number"), _("Add a login or a contract")),
    "several_people": (_("The addresses belong to different people"), _("Give each of them a line")),
    "several_services": (_("Several services fit"), _("Write the name as it is on file")),
    "contract_of_another": (_("The contract belongs to another account"), _("Correct the number or the login")),
    "owner_is_critical": (
        _("The account has an owner"),
        _("Another owner needs proof: it is a matter of the control panel"),
    ),
    "same_as_line": (_("The file has said this before, in line"), _("Leave one of the two")),
    "refused_by_database": (
        _("The database refused the line"),
        _("Try again; if it stays, look into the log of the desk"),
    ),
}
REFUSALS: Words = {
    "no_file": _("Choose a file."),
    "unknown_kind": _("Choose what the file holds."),
    "file_too_large": _("The file is larger than 25 MB. Split it in two."),
    "spreadsheet": _("This is a workbook of Excel or LibreOffice. Save it as “CSV UTF-8” and give that file."),
    "not_csv": _("This is no text file. Give a CSV file."),
    "empty_file": _("The file is empty."),
    "no_header": _("The first line cannot be read as the names of the columns."),
    "unknown_dialect": _("Choose one of the encodings and separators offered."),
    "mapping_does_not_fit": _("The columns have changed meanwhile. Choose them again."),
    "unknown_field": _("A column was given a field that this kind of file does not have."),
    "field_twice": _("Two columns have the same field. Leave one of them out."),
    "needs_account": _("Choose the column that names the account: login, contract or tax number."),
    "needs_emails": _("Choose the column with the e-mail address: by it a contact is known."),
    "needs_number": _("Choose the column with the contract number."),
    "needs_kind": _("Choose the column with the kind of service."),
    "already_further": _("The import has gone on meanwhile."),
    "already_ended": _("The import has ended already."),
    "file_gone": _("The file is missing from the storage. Give it again."),
}


def word(table: Words, code: str) -> str:
    return str(table.get(code, code))


def problem(code: str, cell: str) -> tuple[str, str]:
    """What is wrong, with the cell it is about, and the cure."""
    what, cure = PROBLEMS.get(code, (code, ""))
    return (f"{what}: {cell}" if cell else str(what)), str(cure)
