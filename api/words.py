"""The words of the API's refusals, in both languages."""

from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TITLES: dict[int, str | Promise] = {
    400: _("The request cannot be read"),
    401: _("Who are you?"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not done here in this way"),
    406: _("Not to be had in this form"),
    409: _("In conflict with another request"),
    410: _("Gone"),
    412: _("It has changed"),
    413: _("Too large"),
    415: _("Not taken in this form"),
    422: _("Something in it is wrong"),
    429: _("Too fast"),
    500: _("Something broke here"),
    503: _("Not to be reached at this moment"),
}

WORDS: dict[str, str | Promise] = {
    "no_token": _("Send your token as “Authorization: Bearer …”."),
    "bad_token": _("This token opens nothing: it is wrong, revoked or too old."),
    "scope_missing": _("This token may not do that. It would need the scope “%(what)s”."),
    "not_found": _("There is no such thing, or it is not for you."),
    "permission_denied": _("You may not do that."),
    "parse_error": _("The body is no valid JSON."),
    "method_not_allowed": _("This address does not know this method."),
    "not_acceptable": _("Only JSON is sent from here."),
    "unsupported_media_type": _("Send JSON, or multipart/form-data where files go along."),
    "throttled": _("This token asks too fast. Wait as long as Retry-After says."),
    "broken": _("The fault is recorded. A request with an Idempotency-Key may be sent again."),
    "away": _("Send it again after Retry-After; with the same Idempotency-Key nothing is done twice."),
    "invalid": _("See “errors”: each names a field and what is wrong with it."),
    "no_idempotency_key": _(
        "Send a header Idempotency-Key of 1 to 128 printable characters, another for each request."
    ),
    "key_of_another_body": _("This Idempotency-Key was used for another request."),
    "key_in_use": _("The same request is being worked on at this moment."),
    "bad_cursor": _("This cursor was not given by us."),
    "bad_limit": _("A whole number from 1 to 100."),
    "changed_meanwhile": _("It is no longer as your If-Match says. Read it again."),
    "unknown_field": _("There is no such field."),
    "unknown_parameter": _("There is no such parameter."),
    "bad_parameter": _("This parameter holds a character that no text holds."),
    "no_such_contact": _("No contact has this external id."),
    "contact_needed": _("Say in whose name: “contact”."),
    "no_such_account": _("No account has this external id."),
    "no_such_service": _("This account has no service with this external id."),
    "no_such_queue": _("There is no such queue."),
    "account_needed": _("This contact has several accounts: say which."),
    "may_not_ask": _("This contact may not ask in this account."),
    "empty_text": _("Say something."),
    "no_subject": _("Say it in a line."),
    "promises_open": _("We promised the customer something that is not done. Say which of it is needed no more."),
    "answer_coming": _("An answer to the customer is just leaving. Read it in a moment, and close the ticket then."),
    "too_large": _("A file may have 25 MB, and all of them together."),
    "body_too_large": _("A request may have 40 MB, and 25 MB of files."),
    "login_taken": _("Another account has this login."),
    "contract_taken": _("Another account has this contract."),
    "owner_is_critical": _("The owner of an account changes only by a critical action, never by a push."),
    "several_people": _("Several people on file have these addresses."),
    "address_of_another": _("Another contact of this account has this address."),
    "at_the_same_moment": _("It was changed at the same moment. Send it again."),
    "one_of_two": _("Name a contact together with claims, or name and email of a stranger."),
    "bad_email": _("This is no e-mail address."),
    "bad_phone": _("This is no telephone number."),
    "bad_domain": _("This is no domain."),
    "link_too_old": _("This link has run out. Read the message again for a new one."),
    "file_missing": _("The file is missing from the storage. Tell your administrator."),
    "file_wiped": _("It is gone: what customers give away is wiped once their ticket is done."),
}


def title(status: int) -> str:
    return str(TITLES.get(status) or HTTPStatus(status).phrase)


def of(code: str, what: str = "") -> str:
    found = str(WORDS.get(code, ""))
    return found % {"what": what} if what else found
