from django.urls import path, re_path, register_converter

from api import customers, docs, files, tickets
from api.inputs import EXTERNAL_ID


class ExternalConverter:
    regex = EXTERNAL_ID.removeprefix("^").removesuffix(r"\Z")

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ExternalConverter, "external")
app_name = "api"

urlpatterns = [
    path("v1/schema/", docs.schema, name="schema"),
    path("v1/docs/", docs.page, name="docs"),
    path("v1/accounts/", customers.Accounts.as_view(), name="accounts"),
    path("v1/accounts/<external:external_id>/", customers.Account.as_view(), name="account"),
    path("v1/contacts/", customers.Contacts.as_view(), name="contacts"),
    path("v1/contacts/<external:external_id>/", customers.Contact.as_view(), name="contact"),
    path("v1/services/", customers.Services.as_view(), name="services"),
    path("v1/services/<external:external_id>/", customers.Service.as_view(), name="service"),
    path("v1/tickets/", tickets.Tickets.as_view(), name="tickets"),
    path("v1/tickets/<uuid:public_id>/", tickets.Ticket.as_view(), name="ticket"),
    path("v1/tickets/<uuid:public_id>/messages/", tickets.Messages.as_view(), name="messages"),
    path("v1/tickets/<uuid:public_id>/closing/", tickets.Closing.as_view(), name="closing"),
    path("v1/tickets/<uuid:public_id>/reopening/", tickets.Reopening.as_view(), name="reopening"),
    path("v1/tickets/<uuid:public_id>/evidence/", tickets.Evidence.as_view(), name="evidence"),
    path("v1/actions/", tickets.Actions.as_view(), name="actions"),
    path("v1/attachments/<uuid:public_id>/", files.File.as_view(), name="attachment"),
    path("v1/too-large/", docs.TooLarge.as_view(), name="too_large"),
    re_path(r"", docs.Nowhere.as_view(), name="nowhere"),
]
