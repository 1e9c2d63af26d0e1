"""Reads about the people of the desk for its pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from staff.actor import Actor
from staff.models import StaffProfile, Team
from staff.roles import Role
from users import second_factor


@dataclass(frozen=True, slots=True)
class PersonView:
    staff_id: int
    user_id: int
    name: str
    public_name: str
    email: str
    language: str
    role: str
    teams: tuple[str, ...]  # slugs
    is_active: bool
    has_password: bool  # no: the invitation was not taken yet
    has_second_factor: bool
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class TeamView:
    slug: str
    name_ru: str
    name_en: str
    tier: int
    is_active: bool = True
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Colleague:
    actor: Actor
    login: str


def colleagues() -> list[Colleague]:
    """Everybody who may sign in, by name. One query."""
    found = StaffProfile.objects.filter(user__is_active=True).select_related("user").order_by("name", "pk")
    rows = found.annotate(team_ids=ArrayAgg("teams__pk", filter=Q(teams__isnull=False), default=[]))
    return [Colleague(row.actor(row.team_ids), row.user.login or "") for row in rows]


def colleague(staff_id: int) -> Actor | None:
    """As he is at this moment; None: he may not sign in. Two queries."""
    found = StaffProfile.objects.filter(pk=staff_id, user__is_active=True).first()
    return found.actor() if found else None


def people() -> list[PersonView]:
    """Who may sign in first, then by name. One query."""
    return _people()


def person(staff_id: int) -> PersonView | None:
    return next(iter(_people(pk=staff_id)), None)


def names_by_key() -> dict[str, str]:
    """Everybody who ever worked here, by `Actor.key`: for journals, which outlive people. One query."""
    return {f"staff:{pk}": name for pk, name in StaffProfile.objects.values_list("pk", "name")}


def teams() -> list[TeamView]:
    """All of them, those in use first. One query."""
    members = ArrayAgg("members__pk", filter=Q(members__isnull=False), default=[], order_by="members__name")
    rows = Team.objects.annotate(who=members).order_by("-is_active", "tier", "id")
    return [TeamView(row.slug, row.name_ru, row.name_en, row.tier, row.is_active, tuple(row.who)) for row in rows]


def _people(**chosen: Any) -> list[PersonView]:
    has_device = Q()
    for model in second_factor.KINDS.values():
        has_device |= Q(Exists(model.objects.filter(user=OuterRef("user_id"), confirmed=True)))
    rows = (
        StaffProfile.objects.filter(**chosen)
        .select_related("user")
        .annotate(
            slugs=ArrayAgg("teams__slug", filter=Q(teams__isnull=False), default=[], order_by="teams__slug"),
            has_device=ExpressionWrapper(has_device, BooleanField()),
        )
        .order_by("-user__is_active", "name")
    )
    return [
        PersonView(
            row.pk, row.user_id, row.name, row.public_name, row.user.email, row.user.language, row.role,
            tuple(row.slugs), row.user.is_active, row.user.has_usable_password(), row.has_device, row.user.last_login,
        )
        for row in rows
    ]  # fmt: skip


def holders(*roles: Role) -> list[int]:
    """Staff ids of those who hold one of the roles now: an event that names them tells them. One query."""
    held = [role.value for role in roles]
    people = StaffProfile.objects.filter(role__in=held, user__is_active=True)
    return list(people.order_by("pk").values_list("pk", flat=True))
