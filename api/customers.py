"""Accounts, contacts and services, pushed under the names that your own system gives them."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from api import inputs, outputs, pages
from api.base import ApiView, must_match
from api.described import ACCOUNT, IF_MATCH, IF_NONE_MATCH, PAGED, described
from api.problems import Problem
from customers import external
from customers.services import pushing
from users.api_tokens import Scope

_PUT = (404, 409, 412, 415, 422)


class _Things(ApiView):
    scopes = {"GET": Scope.ACCOUNTS_READ}
    parameters = pages.PARAMETERS | {"account"}
    output: Any
    found: Callable[..., list[Any]]

    def page(self, request: Request, **chosen: str) -> Response:
        limit = pages.limit_of(request)
        rows = type(self).found(after=pages.place_of(request) or 0, limit=limit + 1, **chosen)
        more = rows[limit - 1].pk if len(rows) > limit else None
        return Response(pages.page(self.output(rows[:limit], many=True).data, more))


class _Thing(ApiView):
    scopes = {"GET": Scope.ACCOUNTS_READ, "PUT": Scope.ACCOUNTS_WRITE}
    input: Any
    output: Any
    find: Callable[[str], Any]

    def shown(self, external_id: str) -> Any:
        found = type(self).find(external_id)
        return None if found is None else self.output(found).data

    def read(self, external_id: str) -> Response:
        shown = self.shown(external_id)
        if shown is None:
            raise Problem(404, "not_found")
        return Response(shown)

    def push(self, request: Request, external_id: str, put: Callable[[dict[str, Any]], bool]) -> Response:
        given = inputs.read(self.input, request.data)
        try:
            with transaction.atomic():
                if "If-Match" in request.headers:
                    must_match(request, self.shown(external_id))
                is_new = put({**given, "external_id": external_id})
        except pushing.Refused as refused:
            if refused.code == "at_the_same_moment":
                raise Problem(409, refused.code, retry_after=1) from None
            raise Problem(422, refused.code, pointer=refused.pointer) from None
        return Response(self.shown(external_id), status=201 if is_new else 200)


class Accounts(_Things):
    parameters = pages.PARAMETERS
    output, found = outputs.AccountOutput, staticmethod(external.accounts)

    @described("list_accounts", "All accounts, page by page", gives={200: outputs.AccountPage}, parameters=PAGED,
               tag="accounts")  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.page(request)


class Account(_Thing):
    input, output, find = inputs.AccountInput, outputs.AccountOutput, staticmethod(external.account)

    @described("read_account", "One account", gives={200: outputs.AccountOutput, 304: None}, fails=(404,),
               parameters=[IF_NONE_MATCH], tag="accounts")  # fmt: skip
    def get(self, request: Request, external_id: str) -> Response:
        return self.read(external_id)

    @described("put_account", "Put an account on file, or change it", takes=inputs.AccountInput, fails=_PUT,
               gives={200: outputs.AccountOutput, 201: outputs.AccountOutput}, parameters=[IF_MATCH],
               tag="accounts")  # fmt: skip
    def put(self, request: Request, external_id: str) -> Response:
        def put(values: dict[str, Any]) -> bool:
            return pushing.put_account(pushing.AccountPush(**values), by=request.user.key, now=self.now)

        return self.push(request, external_id, put)


class Contacts(_Things):
    output, found = outputs.ContactOutput, staticmethod(external.contacts)

    @described("list_contacts", "Contacts of an account or of all", gives={200: outputs.ContactPage},
               parameters=[*PAGED, ACCOUNT], tag="contacts")  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.page(request, account=request.query_params.get("account", ""))


class Contact(_Thing):
    input, output, find = inputs.ContactInput, outputs.ContactOutput, staticmethod(external.contact)

    @described("read_contact", "One contact", gives={200: outputs.ContactOutput, 304: None}, fails=(404,),
               parameters=[IF_NONE_MATCH], tag="contacts")  # fmt: skip
    def get(self, request: Request, external_id: str) -> Response:
        return self.read(external_id)

    @described("put_contact", "Put a contact on file, or change it; what is not named is taken away",
               takes=inputs.ContactInput, gives={200: outputs.ContactOutput, 201: outputs.ContactOutput}, fails=_PUT,
               parameters=[IF_MATCH], tag="contacts")  # fmt: skip
    def put(self, request: Request, external_id: str) -> Response:
        def put(values: dict[str, Any]) -> bool:
            values["roles"] = list(dict.fromkeys((role["account"], role["role"]) for role in values["roles"]))
            values["emails"] = list(dict.fromkeys(values["emails"]))
            return pushing.put_contact(pushing.ContactPush(**values), by=request.user.key, now=self.now)

        return self.push(request, external_id, put)


class Services(_Things):
    output, found = outputs.ServiceOutput, staticmethod(external.services)

    @described("list_services", "Services of an account or of all", gives={200: outputs.ServicePage},
               parameters=[*PAGED, ACCOUNT], tag="services")  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.page(request, account=request.query_params.get("account", ""))


class Service(_Thing):
    input, output, find = inputs.ServiceInput, outputs.ServiceOutput, staticmethod(external.service)

    @described("read_service", "One service", gives={200: outputs.ServiceOutput, 304: None}, fails=(404,),
               parameters=[IF_NONE_MATCH], tag="services")  # fmt: skip
    def get(self, request: Request, external_id: str) -> Response:
        return self.read(external_id)

    @described("put_service", "Put a service on file, or change it", takes=inputs.ServiceInput, fails=_PUT,
               gives={200: outputs.ServiceOutput, 201: outputs.ServiceOutput}, parameters=[IF_MATCH],
               tag="services")  # fmt: skip
    def put(self, request: Request, external_id: str) -> Response:
        def put(values: dict[str, Any]) -> bool:
            return pushing.put_service(pushing.ServicePush(**values), by=request.user.key, now=self.now)

        return self.push(request, external_id, put)
