"""People of the desk: invite, change, block. The only writer of profiles; every change is in their journal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from events import outbox
from events.event import DomainEvent
from staff.event_types import (
    InvitationTaken,
    SecondFactorReset,
    SessionsEnded,
    StaffBlocked,
    StaffInvited,
    StaffRoleChanged,
    StaffTeamsChanged,
    StaffUnblocked,
)
from staff.guards import Standing, refusal
from staff.models import StaffProfile, Team
from staff.roles import Role
from staff.services import letters
from users import app_codes, second_factor, sessions
from users.models import Realm, User

_LOCK = 0x57AFF  # advisory: who may still set the desk up is asked and changed by one at a time


class Refused(Exception):
    """A change that must not be made; `code` says why, `field` where in the form."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class About:
    """What the desk knows of one of its people."""

    name: str
    role: Role
    teams: tuple[str, ...] = ()  # slugs
    public_name: str = ""
    language: str = ""


@transaction.atomic
def invite(email: str, about: About, *, by: str, now: datetime) -> StaffProfile:
    """A new person with a letter whose link lets him choose a password. Refused: bad_email, email_taken, no_name."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused("bad_email", "email") from None
    _check(about)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, language=about.language)
    except IntegrityError:
        raise Refused("email_taken", "email") from None
    person = StaffProfile.objects.create(
        user=user, name=about.name.strip(), role=about.role.value, public_name=about.public_name.strip()
    )
    person.teams.set(_teams(about.teams))
    outbox.record(StaffInvited(staff_id=person.pk, role=about.role.value), by=by, now=now)
    send_invitation(person, by=by, now=now)
    return person


def send_invitation(person: StaffProfile, *, by: str, now: datetime) -> None:
    """Once more: every link stops to work as soon as one is used."""
    link = invitation_link(person.user)
    subject = _("Your access to the desk")
    letters.queue(person, "invitation", subject=subject, context={"link": link}, by=by, now=now)


@transaction.atomic
def invite_again(staff_id: int, *, by: str, now: datetime) -> None:
    person = _locked(staff_id)
    if not person.user.is_active:
        raise Refused("blocked")
    send_invitation(person, by=by, now=now)


def invitation_link(user: User) -> str:
    """By SITE_URL, never by a Host header. Good for PASSWORD_RESET_TIMEOUT and for one use."""
    where = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.SITE_URL}/desk/invitation/{where}/{default_token_generator.make_token(user)}/"


def invited(where: str, token: str) -> User | None:
    """Whom a link invites; None for one that is wrong, used, too old or of somebody blocked since."""
    try:
        user = User.objects.filter(pk=int(urlsafe_base64_decode(where)), is_active=True, staff__isnull=False).first()
    except (ValueError, OverflowError):
        return None
    return user if user and default_token_generator.check_token(user, token) else None


@transaction.atomic
def take_invitation(user: User, *, password: str, totp_key: str, now: datetime) -> None:
    """The person has chosen a password and, with `totp_key` (hex), the app that shows his codes."""
    user.set_password(password)
    user.save(update_fields=["password"])
    second_factor.forget_all(user)
    if totp_key:
        TOTPDevice.objects.create(user=user, name="app", key=totp_key, confirmed=True)
    person = user.staff
    outbox.record(InvitationTaken(staff_id=person.pk), by=f"staff:{person.pk}", now=now)


@transaction.atomic
def change(staff_id: int, about: About, *, by: str, now: datetime) -> StaffProfile:
    """Name, role and teams. Refused as `guards.refusal` says; what is the same is not written."""
    _check(about)
    person = _locked(staff_id)
    _guard(Standing(staff_id, about.role, person.user.is_active), by=by)
    teams = _teams(about.teams)
    before = tuple(sorted(person.teams.values_list("slug", flat=True)))
    after = tuple(sorted(team.slug for team in teams))
    happened: list[DomainEvent] = []
    if person.role != about.role.value:
        happened.append(StaffRoleChanged(staff_id=staff_id, before=person.role, after=about.role.value))
    if before != after:
        happened.append(StaffTeamsChanged(staff_id=staff_id, before=before, after=after))
    person.name, person.role = about.name.strip(), about.role.value
    person.public_name = about.public_name.strip()
    person.save()
    person.teams.set(teams)
    User.objects.filter(pk=person.user_id).update(language=about.language)
    outbox.record(*happened, by=by, now=now)
    return person


@transaction.atomic
def block(staff_id: int, *, released: int, by: str, now: datetime) -> None:
    """Ends every session at its next step and every invitation. Tickets are re-homed by tickets.services.staffing."""
    person = _locked(staff_id)
    _guard(Standing(staff_id, Role(person.role), is_active=False), by=by)
    User.objects.filter(pk=person.user_id).update(is_active=False)
    outbox.record(StaffBlocked(staff_id=staff_id, released=released), by=by, now=now)


@transaction.atomic
def unblock(staff_id: int, *, by: str, now: datetime) -> None:
    person = _locked(staff_id)
    User.objects.filter(pk=person.user_id).update(is_active=True)
    outbox.record(StaffUnblocked(staff_id=staff_id), by=by, now=now)


@transaction.atomic
def begin_recovery(staff_id: int, *, by: str, now: datetime) -> None:
    """What he had opens nothing any more and his sessions end; a link lets him begin again, password included."""
    person = _locked(staff_id)
    second_factor.forget_all(person.user)
    person.user.set_unusable_password()
    person.user.save(update_fields=["password"])
    outbox.record(SecondFactorReset(staff_id=staff_id), by=by, now=now)
    link = invitation_link(person.user)
    subject = _("The recovery of your access has begun")
    letters.queue(person, "second_factor", subject=subject, context={"link": link}, by=by, now=now)


@transaction.atomic
def open_app(staff_id: int, *, by: str, now: datetime) -> None:
    """Too many wrong codes closed it for a day: it is open again."""
    person = _locked(staff_id)
    app_codes.open_again(person.user, person=f"staff:{staff_id}", by=by, now=now)


@transaction.atomic
def end_sessions(
    staff_id: int, *, signed_in_id: int | None = None, but: str | None = None, by: str, now: datetime
) -> int:
    """One session of a person, or all of them, all but the one with the key `but`; how many ended. Refused: nobody."""
    person = _locked(staff_id)
    if signed_in_id is None:
        ended = sessions.end_all(person.user_id, realm=Realm.DESK, but=but)
    else:
        ended = sessions.end(person.user_id, signed_in_id, realm=Realm.DESK)
    if ended:
        outbox.record(SessionsEnded(staff_id=staff_id, count=ended), by=by, now=now)
    return ended


def _check(about: About) -> None:
    if not about.name.strip():
        raise Refused("no_name", "name")
    if len(about.name.strip()) > 150 or len(about.public_name.strip()) > 150:
        raise Refused("name_too_long", "name")


def _teams(slugs: Collection[str]) -> Sequence[Team]:
    return list(Team.objects.filter(slug__in=slugs))


def _locked(staff_id: int) -> StaffProfile:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    person = StaffProfile.objects.select_for_update(of=("self",)).select_related("user").filter(pk=staff_id).first()
    if person is None:
        raise Refused("nobody")
    return person


def _guard(changed: Standing, *, by: str) -> None:
    everybody = [
        Standing(pk, Role(role), is_active)
        for pk, role, is_active in StaffProfile.objects.values_list("pk", "role", "user__is_active")
    ]
    kind, _, number = by.partition(":")
    if code := refusal(everybody, changed=changed, by=int(number) if kind == "staff" else None):
        raise Refused(code)
