"""Tickets and messages as customers see them; opened and answered in the name of a signed-in customer."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import claims, files, idempotency, inputs, outputs, pages
from api.base import ApiView, must_match
from api.described import ACCOUNT, CONTACT, IF_MATCH, IF_NONE_MATCH, KEY, NEEDED_CONTACT, PAGED, described
from api.problems import Problem
from assurance.queries import evidence_of
from channels_app.queries import front_door
from core.clock import written
from customers import external
from customers.actor import Customer
from tickets.contracts import NewRequest, StoredFile, Typed
from tickets.enums import Kind
from tickets.queries.checklist import ItemView
from tickets.queries.critical import actions_for
from tickets.queries.customer import CustomerTicket, any_ticket, customer_ticket
from tickets.queries.customer_lists import tickets_of, tickets_of_all
from tickets.queries.promises import PromiseView
from tickets.services import customer_side, proofs
from tickets.services.refused import Refused
from tickets.services.requests import open_within
from users.api_tokens import Program, Scope

_POINTERS = {
    "no_subject": "/subject",
    "empty_text": "/text",
    "no_such_queue": "/queue",
    "promises_open": "/waived",
}


class Tickets(ApiView):
    scopes = {"GET": Scope.TICKETS_READ, "POST": Scope.TICKETS_WRITE}
    parameters = pages.PARAMETERS | {"contact", "account"}
    parser_classes = (JSONParser, MultiPartParser)

    @described("list_tickets", "The newest first", gives={200: outputs.TicketPage}, fails=(404,),
               parameters=[*PAGED, CONTACT, ACCOUNT], tag="tickets")  # fmt: skip
    def get(self, request: Request) -> Response:
        limit, before = pages.limit_of(request), pages.place_of(request)
        chosen: dict[str, Any] = {"account_id": None, "before": before, "limit": limit, "now": self.now}
        if name := request.query_params.get("account"):
            account = external.account(name)
            if account is None:
                return Response(pages.page([], None))
            chosen["account_id"] = account.pk
        if contact := request.query_params.get("contact"):
            found = tickets_of(claims.customer_named(contact), **chosen)
        else:
            found = tickets_of_all(**chosen)
        return Response(pages.page([_row(row) for row in found.rows], found.next_before))

    @described("open_ticket", "Open a ticket", takes=inputs.TicketInput, with_files=True, parameters=[KEY],
               gives={200: outputs.OpenedOutput, 201: outputs.OpenedOutput}, fails=(409, 413, 415, 422),
               tag="tickets")  # fmt: skip
    def post(self, request: Request) -> Response:
        body, given_files = files.body_and_files(request)

        def create(named: UUID) -> tuple[int, dict[str, Any]]:
            given = inputs.read(inputs.TicketInput, body)
            asked = _new_request(named, given, given_files, request.user)
            try:
                opened = open_within(asked, now=self.now)
            except Refused as refused:
                raise Problem(422, refused.code, pointer=_POINTERS.get(refused.code, "")) from None
            return 201 if opened.is_new else 200, {"id": str(opened.public_id), "number": opened.number}

        return idempotency.once(request, [body, files.told(given_files)], create, now=self.now)


def _new_request(named: UUID, given: dict[str, Any], sent: list[StoredFile], program: Program) -> NewRequest:
    door = front_door()
    values: dict[str, Any] = {
        "request_id": named,
        "door": "api",
        "queue": given.get("queue") or door.queue,
        "our_address": door.address,
        "kind": Kind(given["kind"]),
        "subject": given["subject"],
        "text": given["text"],
        "details": [(detail["label"], detail["value"]) for detail in given["details"]],
        "language": given["language"],
        "files": sent,
    }
    if stranger := given.get("stranger"):
        return NewRequest(**values, **stranger)
    who = claims.signed_in(
        given["contact"], given["claims"], program, account=given.get("account", ""), service=given.get("service", "")
    )
    values["language"] = given["language"] or who.language
    return NewRequest(
        **values,
        name=who.name,
        email=who.email,
        contact_id=who.customer.contact_id,
        account_id=who.account_id,
        service_id=who.service_id,
        facts=who.facts,
    )


class _OfTicket(ApiView):
    parameters = frozenset({"contact"})

    def find(self, request: Request, public_id: UUID) -> CustomerTicket:
        """As the contact sees it where one is named. The view log has the program that read it."""
        if contact := request.query_params.get("contact"):
            ticket = customer_ticket(claims.customer_named(contact), public_id, now=self.now)
        else:
            ticket = any_ticket(public_id, now=self.now)
        proofs.read_by_program(ticket.id, request.user.token_id, now=self.now)
        return ticket


class Ticket(_OfTicket):
    scopes = {"GET": Scope.TICKETS_READ}

    @described("read_ticket", "One ticket", gives={200: outputs.TicketOutput, 304: None}, fails=(404,),
               parameters=[CONTACT, IF_NONE_MATCH], tag="tickets")  # fmt: skip
    def get(self, request: Request, public_id: UUID) -> Response:
        return Response(_whole(self.find(request, public_id)))


class Messages(_OfTicket):
    scopes = {"GET": Scope.TICKETS_READ, "POST": Scope.TICKETS_WRITE}
    parser_classes = (JSONParser, MultiPartParser)

    @described("list_messages", "What was said to and by the customer, the last 500", fails=(404,),
               gives={200: outputs.MessageList, 304: None}, parameters=[CONTACT, IF_NONE_MATCH],
               tag="messages")  # fmt: skip
    def get(self, request: Request, public_id: UUID) -> Response:
        ticket = self.find(request, public_id)
        said = [
            {
                "id": item.public_id,
                "at": item.at,
                "is_ours": item.is_ours,
                "is_automatic": item.is_automatic,
                "author": item.author,
                "level": item.level,
                "reasons": item.reasons,
                "text": item.text,
                "files": [
                    {
                        "id": file.public_id,
                        "filename": file.filename,
                        "content_type": file.content_type,
                        "size_bytes": file.size_bytes,
                        "url": files.link(file, request.user.token_id, now=self.now),
                    }
                    for file in item.files
                ],
            }
            for item in ticket.items
            if item.kind == "message"
        ]
        return Response({"items": said})

    @described("answer", "Go on in the name of a signed-in customer", takes=inputs.AnswerInput, with_files=True,
               gives={201: outputs.WrittenOutput}, fails=(404, 409, 412, 413, 415, 422), parameters=[KEY, IF_MATCH],
               tag="messages")  # fmt: skip
    def post(self, request: Request, public_id: UUID) -> Response:
        body, given_files = files.body_and_files(request)

        def create(named: UUID) -> tuple[int, dict[str, Any]]:
            given = inputs.read(inputs.AnswerInput, body)
            customer, ticket = _his(self, request, public_id, given)
            fact = claims.fact(customer, ticket.account_id, given["claims"], request.user)
            typed = Typed(request_id=named, text=given["text"], files=given_files, facts=(fact,))
            try:
                message = customer_side.answer(customer, public_id, typed, now=self.now)
            except Refused as refused:
                raise Problem(422, refused.code, pointer=_POINTERS.get(refused.code, "")) from None
            return 201, {"id": str(message.public_id), "level": message.level}

        return idempotency.once(request, [body, files.told(given_files)], create, now=self.now)


class _Change(ApiView):
    scopes = {"POST": Scope.TICKETS_WRITE}

    takes: type[inputs.ChangeInput] = inputs.ChangeInput

    def change(self, request: Request, public_id: UUID, put: Callable[[Customer, dict[str, Any]], object]) -> Response:
        def create(named: UUID) -> tuple[int, dict[str, Any]]:
            given = inputs.read(self.takes, request.data)
            customer, ticket = _his(self, request, public_id, given)
            try:
                put(customer, given)
            except Refused as refused:
                raise Problem(422, refused.code, pointer=_POINTERS.get(refused.code, "")) from None
            proofs.read_by_program(ticket.id, request.user.token_id, now=self.now)
            # Through JSON: what is kept must be what is said.
            return 200, _plain(_whole(customer_ticket(customer, public_id, now=self.now)))

        return idempotency.once(request, request.data, create, now=self.now)


class Closing(_Change):
    takes = inputs.ClosingInput

    @described("close_ticket", "The customer needs nothing more", takes=inputs.ClosingInput,
               gives={200: outputs.TicketOutput}, fails=(404, 409, 412, 415, 422), parameters=[KEY, IF_MATCH],
               tag="tickets")  # fmt: skip
    def post(self, request: Request, public_id: UUID) -> Response:
        def close(customer: Customer, given: dict[str, Any]) -> object:
            waived = [str(promise) for promise in given["waived"]]
            return customer_side.close(customer, public_id, waived=waived, now=self.now)

        return self.change(request, public_id, close)


class Reopening(_Change):
    @described("reopen_ticket", "It is not solved", takes=inputs.ChangeInput, gives={200: outputs.TicketOutput},
               fails=(404, 409, 412, 415, 422), parameters=[KEY, IF_MATCH], tag="tickets")  # fmt: skip
    def post(self, request: Request, public_id: UUID) -> Response:
        def reopen(customer: Customer, _given: dict[str, Any]) -> object:
            return customer_side.reopen(customer, public_id, now=self.now)

        return self.change(request, public_id, reopen)


class Evidence(_OfTicket):
    scopes = {"GET": Scope.EVIDENCE_READ}

    @described("list_evidence", "What proves the right to ask", gives={200: outputs.EvidenceList, 304: None},
               fails=(404,), parameters=[CONTACT, IF_NONE_MATCH], tag="evidence")  # fmt: skip
    def get(self, request: Request, public_id: UUID) -> Response:
        items = evidence_of(self.find(request, public_id).id)
        return Response({"items": outputs.EvidenceOutput(items, many=True).data})


class Actions(ApiView):
    """Read alone: a customer proves to the desk itself, never through a program."""

    scopes = {"GET": Scope.ACTIONS_READ}
    parameters = frozenset({"contact"})

    @described("list_actions", "Critical actions that this contact may authorise, the last twenty", fails=(404,),
               gives={200: outputs.ActionList, 304: None}, parameters=[NEEDED_CONTACT, IF_NONE_MATCH],
               tag="actions")  # fmt: skip
    def get(self, request: Request) -> Response:
        contact = request.query_params.get("contact", "")
        if not contact:
            raise Problem(400, "contact_needed", parameter="contact")
        found = actions_for(claims.customer_named(contact))
        return Response({"items": outputs.ActionOutput(found, many=True).data})


def _his(view: ApiView, request: Request, public_id: UUID, given: dict[str, Any]) -> tuple[Any, CustomerTicket]:
    found = external.claimed(given["contact"])
    if found is None:
        raise Problem(422, "no_such_contact", pointer="/contact")
    ticket = customer_ticket(found.customer, public_id, now=view.now)
    must_match(request, _whole(ticket))
    return found.customer, ticket


def _plain(shown: Any) -> Any:
    if isinstance(shown, dict):
        return {name: _plain(value) for name, value in shown.items()}
    if isinstance(shown, list):
        return [_plain(value) for value in shown]
    return written(shown) if isinstance(shown, datetime) else shown


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "number": row.number,
        "subject": row.subject,
        "state": row.state,
        "status": row.status,
        "account": row.account or None,
        "service": row.service,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "due_at": row.due_at,
        "is_erased": row.is_erased,
    }


def _whole(ticket: CustomerTicket) -> dict[str, Any]:
    return {
        "id": ticket.public_id,
        "number": ticket.number,
        "subject": ticket.subject,
        "state": ticket.state,
        "status": ticket.status,
        "kind": ticket.kind,
        "level": ticket.level,
        "language": ticket.language,
        "service": ticket.service,
        "details": [{"label": label, "value": value} for label, value in ticket.details],
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "due_at": ticket.due_at,
        "is_erased": ticket.erased_at is not None,
        "promises": [_promise(promise) for promise in ticket.promises],
        "checklist": [_item(item) for item in ticket.checklist],
    }


def _promise(promise: PromiseView) -> dict[str, Any]:
    return {
        "id": promise.public_id,
        "is_answer": promise.is_answer,
        "words": promise.words,
        "due_at": promise.due_at,
        "made_at": promise.made_at,
        "kept_at": promise.kept_at,
        "withdrawn_at": promise.withdrawn_at,
        "is_waived": promise.is_waived,
        "reason": promise.reason,
    }


def _item(item: ItemView) -> dict[str, Any]:
    return {
        "id": item.public_id,
        "words": item.words,
        "kind": item.kind.value,
        "asked_at": item.asked_at,
        "done_at": item.done_at,
    }
