"""What the API takes. A field it does not know is refused: nothing is set by naming it."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from api import words
from api.moments import Moment
from core.normal_forms import normal_domain, normal_form
from core.phones import numbers_in
from customers.policies.identity import contract_number
from tickets.enums import Kind
from tickets.services.promises import MOST_OPEN

EXTERNAL_ID = r"^[A-Za-z0-9._:@-]{1,100}\Z"
KINDS = [kind.value for kind in Kind if kind is not Kind.RESTRICTED]
ROLES = ["owner", "administrative", "technical", "billing"]
FACTORS = ["none", "totp", "passkey", "other"]


class Input(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail(words.of("unknown_field"), "unknown_field")] for name in unknown}
                )
        return super().to_internal_value(data)


_readers: dict[type[Input], Input] = {}


def read(kind: type[Input], data: Any) -> dict[str, Any]:
    """Raises ValidationError. The reader is built once: building its fields takes longer than reading with them."""
    reader = _readers.get(kind) or _readers.setdefault(kind, kind())
    found: dict[str, Any] = reader.run_validation(data)
    return found


def external_id(**more: Any) -> serializers.RegexField:
    return serializers.RegexField(EXTERNAL_ID, max_length=100, **more)


class EmailField(serializers.CharField):
    """In its normal form."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=254, **more)

    def to_internal_value(self, data: Any) -> str:
        typed = super().to_internal_value(data)
        email = normal_form(typed)
        if typed and not email:
            raise serializers.ValidationError(words.of("bad_email"), "bad_email")
        return email


class PhoneField(serializers.CharField):
    """(E.164, as written)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=100, **more)

    def to_internal_value(self, data: Any) -> Any:
        typed = super().to_internal_value(data)
        found = numbers_in(typed, region=settings.PHONE_REGION, area_code=settings.PHONE_AREA_CODE)
        if len(found) != 1 or not found[0].number:
            raise serializers.ValidationError(words.of("bad_phone"), "bad_phone")
        return found[0].number, typed


class DomainField(serializers.CharField):
    """As A-labels."""

    def to_internal_value(self, data: Any) -> str:
        typed = super().to_internal_value(data)
        domain = normal_domain(typed)
        if typed and not domain:
            raise serializers.ValidationError(words.of("bad_domain"), "bad_domain")
        return domain


class ContractField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        return contract_number(super().to_internal_value(data))


class LoginField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).lower()


class LanguageField(serializers.ChoiceField):
    def __init__(self, **more: Any) -> None:
        super().__init__(choices=["ru", "en"], required=False, allow_blank=True, default="", **more)


class AccountInput(Input):
    kind = serializers.ChoiceField(choices=["person", "organisation"])
    name = serializers.CharField(max_length=200)
    login = LoginField(max_length=64, required=False, allow_blank=True, default="")
    contracts = serializers.ListField(child=ContractField(max_length=64), max_length=20, required=False, default=list)
    language = LanguageField()
    customer_since = serializers.DateField(required=False, allow_null=True, default=None)
    tax_number = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Left out or empty: stays as it is."
    )
    administrative_email = EmailField(
        required=False, allow_blank=True, default="", help_text="Left out or empty: stays as it is. A new one is weak."
    )


class RoleInput(Input):
    account = external_id(help_text="External id of the account.")
    role = serializers.ChoiceField(choices=ROLES)


class ContactInput(Input):
    surname = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    given_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    patronymic = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    salutation = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    language = LanguageField()
    roles = RoleInput(many=True, max_length=200, allow_empty=False)
    emails = serializers.ListField(child=EmailField(), max_length=20, required=False, default=list)
    phones = serializers.ListField(child=PhoneField(), max_length=20, required=False, default=list)


class ServiceInput(Input):
    account = external_id(help_text="External id of the account.")
    kind = serializers.ChoiceField(choices=["hosting", "domain", "certificate", "server"])
    name = serializers.CharField(max_length=200)
    domain = DomainField(max_length=253, required=False, allow_blank=True, default="")
    paid_until = serializers.DateField(required=False, allow_null=True, default=None)
    is_working = serializers.BooleanField(required=False, default=True)


class ClaimsInput(Input):
    """What your system saw of the session in which the customer asks. It gives level 4 at most."""

    signed_in_at = Moment()
    second_factor = serializers.ChoiceField(choices=FACTORS, default="none")
    role = serializers.ChoiceField(
        choices=ROLES, required=False, help_text="Counts only if it is on file, and only to claim less."
    )
    ip = serializers.IPAddressField(required=False)
    session = serializers.CharField(max_length=200, required=False, help_text="Only its digest is kept.")


class StrangerInput(Input):
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    email = EmailField()
    phone = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    login = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    contract = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class DetailInput(Input):
    label = serializers.CharField(max_length=100)
    value = serializers.CharField(max_length=5000)


class TicketInput(Input):
    subject = serializers.CharField(max_length=500)
    text = serializers.CharField(max_length=100_000)
    kind = serializers.ChoiceField(choices=KINDS, default=Kind.INCIDENT.value)
    contact = external_id(required=False, help_text="External id of the contact in whose name you ask.")
    claims = ClaimsInput(required=False)
    stranger = StrangerInput(required=False, help_text="Instead of contact and claims: nobody on file, level 1.")
    account = external_id(required=False, help_text="Needed where the contact has several.")
    service = external_id(required=False)
    queue = serializers.SlugField(max_length=50, required=False)
    language = LanguageField()
    details = DetailInput(many=True, required=False, max_length=40, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_of_contact = "contact" in attrs and "claims" in attrs
        if is_of_contact == ("stranger" in attrs) or ("contact" in attrs) != ("claims" in attrs):
            wrong = serializers.ErrorDetail(words.of("one_of_two"), "one_of_two")
            raise serializers.ValidationError({"contact": [wrong]})
        return attrs


class AnswerInput(Input):
    contact = external_id()
    claims = ClaimsInput()
    text = serializers.CharField(max_length=100_000)


class ChangeInput(Input):
    contact = external_id()
    claims = ClaimsInput()


class ClosingInput(ChangeInput):
    waived = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        max_length=MOST_OPEN,
        default=list,
        help_text="Promises of a deed, by id, that the contact needs no more. While another is open it is not closed.",
    )
