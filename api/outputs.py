"""What the API says."""

from typing import Any

from rest_framework import serializers

from api.moments import Moment


class RoleOutput(serializers.Serializer[Any]):
    account = serializers.CharField(allow_null=True)
    role = serializers.CharField()


class AccountOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    name = serializers.CharField()
    login = serializers.CharField(allow_null=True)
    language = serializers.CharField()
    customer_since = serializers.DateField(allow_null=True)
    contracts = serializers.ListField(child=serializers.CharField())


class ContactOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    surname = serializers.CharField()
    given_name = serializers.CharField()
    patronymic = serializers.CharField()
    salutation = serializers.CharField()
    language = serializers.CharField()
    roles = RoleOutput(many=True)
    emails = serializers.ListField(child=serializers.CharField())
    phones = serializers.ListField(child=serializers.CharField())


class ServiceOutput(serializers.Serializer[Any]):
    external_id = serializers.CharField(allow_null=True)
    account = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    name = serializers.CharField()
    domain = serializers.CharField()
    paid_until = serializers.DateField(allow_null=True)
    is_working = serializers.BooleanField()


class OpenedOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField(help_text="For people: tell it the customer at once.")


class FileOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    url = serializers.CharField(help_text="Good for five to ten minutes, without a token.")


class MessageOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = Moment()
    is_ours = serializers.BooleanField()
    is_automatic = serializers.BooleanField()
    author = serializers.CharField()
    level = serializers.IntegerField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField()
    files = FileOutput(many=True)


class TicketRowOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    subject = serializers.CharField()
    state = serializers.ChoiceField(choices=["working", "yours", "done"])
    status = serializers.CharField()
    account = serializers.CharField(allow_null=True)
    service = serializers.CharField()
    created_at = Moment()
    updated_at = Moment()
    due_at = Moment(allow_null=True)
    is_erased = serializers.BooleanField(help_text="Its words and files were destroyed; it is changed no more.")


class DetailOutput(serializers.Serializer[Any]):
    label = serializers.CharField()
    value = serializers.CharField()


class PromiseOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    is_answer = serializers.BooleanField()
    words = serializers.CharField(help_text="Empty: an answer, no more.")
    due_at = Moment()
    made_at = Moment()
    kept_at = Moment(allow_null=True)
    withdrawn_at = Moment(allow_null=True)
    is_waived = serializers.BooleanField(help_text="Withdrawn because the customer closed the ticket.")
    reason = serializers.CharField(help_text="Of our own withdrawal.")


class ItemOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    words = serializers.CharField()
    kind = serializers.ChoiceField(choices=["text", "file", "done"])
    asked_at = Moment()
    done_at = Moment(allow_null=True)


class TicketOutput(TicketRowOutput):
    account = None
    kind = serializers.CharField()
    level = serializers.IntegerField()
    language = serializers.CharField()
    details = DetailOutput(many=True)
    promises = PromiseOutput(many=True)
    checklist = ItemOutput(many=True)


class EvidenceOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    level = serializers.IntegerField()
    scope = serializers.CharField()
    established_by = serializers.CharField()
    at = Moment()
    expires_at = Moment(allow_null=True)
    revokes = serializers.IntegerField(allow_null=True)


class ActionOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    words = serializers.CharField(help_text="As the customer reads them before he proves.")
    state = serializers.CharField()
    level_needed = serializers.IntegerField()
    ticket_number = serializers.CharField(source="number")
    requested_at = Moment()
    expires_at = Moment()
    authorised_at = Moment(allow_null=True)
    hold_until = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)


class WrittenOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    level = serializers.IntegerField(allow_null=True)


class FieldOutput(serializers.Serializer[Any]):
    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOutput(serializers.Serializer[Any]):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    instance = serializers.CharField(required=False)
    errors = FieldOutput(many=True, required=False)


class Page(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="Send it as `cursor` for the next page.")


class AccountPage(Page):
    items = AccountOutput(many=True)


class ContactPage(Page):
    items = ContactOutput(many=True)


class ServicePage(Page):
    items = ServiceOutput(many=True)


class TicketPage(Page):
    items = TicketRowOutput(many=True)


class MessageList(serializers.Serializer[Any]):
    items = MessageOutput(many=True)


class EvidenceList(serializers.Serializer[Any]):
    items = EvidenceOutput(many=True)


class ActionList(serializers.Serializer[Any]):
    items = ActionOutput(many=True)
