"""Whom a contact on file signs in as, and how he begins anew once all he proved himself with was taken away."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from core.normal_forms import normal_form
from customers.actor import RIGHTS, Right
from customers.models import Contact, ContactPoint, ContactRole
from users import second_factor, sessions
from users.models import Realm, User


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
class OnFile:
    account_id: int
    email: str


def address_on_file(user: User) -> OnFile | None:
    """Where a letter reaches him and nobody else: the address of his sign-in, while it is on file as his. One query."""
    points = ContactPoint.objects.filter(contact__user=user, kind="email", value=normal_form(user.email))
    point = points.order_by("id").first()
    return OnFile(point.account_id, point.value) if point else None


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


def somebody_signs_in(account_id: int) -> bool:
    """Whether anybody of the account comes into our panel, and not only into another system."""
    return Contact.objects.filter(roles__account_id=account_id, user__isnull=False).exists()


class _Links(PasswordResetTokenGenerator):
    """Good for PASSWORD_RESET_TIMEOUT and until a password is chosen; a sign-in by another way does not void them."""

    key_salt = "customers.beginning"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}{user.password}{timestamp}{user.email}"


_links = _Links()


def end_all(user: User) -> None:
    """Password and sessions, in the caller's transaction; every link of before as well."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    sessions.end_all(user.pk, realm=Realm.PANEL)


def link_to_begin(user: User) -> str:
    """By SITE_URL, never by a Host header."""
    where = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.SITE_URL}/panel/beginning/{where}/{_links.make_token(user)}/"


def beginner(where: str, token: str) -> User | None:
    """Whom a link lets begin anew; None for one that is wrong, used or too old."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(where)), is_active=True, contact__isnull=False).first()
    except (ValueError, OverflowError):
        return None
    is_open = user is not None and not user.has_usable_password()
    return user if is_open and _links.check_token(user, token) else None


@transaction.atomic
def begin_anew(where: str, token: str, *, password: str, totp_key: str, now: datetime) -> bool:
    """He has chosen a password and the app that shows his codes. False: the link was used meanwhile."""
    found = beginner(where, token)
    if found is None:
        return False
    User.objects.select_for_update().get(pk=found.pk)
    user = beginner(where, token)
    if user is None:
        return False
    user.set_password(password)
    user.save(update_fields=["password"])
    second_factor.forget_all(user)
    second_factor.begin_app(user, totp_key, person=f"contact:{user.contact.pk}", now=now)
    return True
