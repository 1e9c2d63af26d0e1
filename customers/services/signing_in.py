"""Whom a contact on file signs in as."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q

from customers.actor import RIGHTS, Right
from customers.models import Contact, ContactRole
from users.models import User


@dataclass(frozen=True, slots=True)
class Entrance:
    contact_id: int
    user_id: int


@transaction.atomic
def entrance_of(external_id: str, *, account: str = "") -> Entrance | None:
    """For a contact named by the provider's own system, with a role (in this account, if one is named) that may ask.

    A contact who has never signed in gets a user without a password, under his first address on file. Nothing for one
    without an address, and for an address somebody else signs in with: that a system names it makes nobody him.
    """
    contact = Contact.objects.select_for_update(of=("self",)).filter(external_id=external_id).first()
    if contact is None:
        return None
    roles = ContactRole.objects.filter(contact=contact)
    if account:
        roles = roles.filter(account__external_id=account)
    if not any(Right.ASK in RIGHTS[role] for role in roles.values_list("role", flat=True)):
        return None
    if contact.user_id is not None:
        is_active = User.objects.filter(pk=contact.user_id, is_active=True).exists()
        return Entrance(contact.pk, contact.user_id) if is_active else None
    email = contact.points.filter(kind="email").order_by("id").values_list("value", flat=True).first()
    if not email:
        return None
    try:
        with transaction.atomic():
            contact.user = User.objects.create_user(email, None, language=contact.language)
            contact.save(update_fields=["user"])
    except IntegrityError:
        return None
    return Entrance(contact.pk, contact.user.pk)


@dataclass(frozen=True, slots=True)
class SignIn:
    """`is_shared`: he has roles in other accounts too."""

    contact_id: int
    user: User
    is_shared: bool


def sign_in_of(login: str, *, account_id: int) -> SignIn | None:
    """The contact of this account who signs in by this address or login."""
    named = Q(user__email=login.strip().lower()) | Q(user__login__iexact=login.strip())
    contact = Contact.objects.filter(named, roles__account_id=account_id).select_related("user").first()
    if contact is None or contact.user is None:
        return None
    return SignIn(contact.pk, contact.user, contact.roles.exclude(account_id=account_id).exists())
