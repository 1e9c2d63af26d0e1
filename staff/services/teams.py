"""Teams and their tiers: added, changed, retired."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from events import outbox
from staff.event_types import TeamSetUp
from staff.models import StaffProfile, Team
from staff.services.people import Refused

TIERS = (1, 2, 3)
LONGEST_NAME = 100


@transaction.atomic
def save(slug: str, *, name_ru: str, name_en: str, tier: int, members: Collection[int], by: str, now: datetime) -> Team:
    """A new team for an empty `slug`. Refused: no_name, name_too_long, bad_tier, no_team."""
    ru, en = name_ru.strip(), name_en.strip()
    if not (ru or en):
        raise Refused("no_name", "name_ru")
    if max(len(ru), len(en)) > LONGEST_NAME:
        raise Refused("name_too_long", "name_ru")
    if tier not in TIERS:
        raise Refused("bad_tier", "tier")
    team = _locked(slug) if slug else Team(slug=_free_slug(en or ru))
    team.name_ru, team.name_en, team.tier = ru or en, en or ru, tier
    team.save()
    team.members.set(StaffProfile.objects.filter(pk__in=members))
    outbox.record(TeamSetUp(team=team.slug, what="changed" if slug else "added"), by=by, now=now)
    return team


@transaction.atomic
def retire(slug: str, *, serves: Collection[str], by: str, now: datetime) -> None:
    """Refused while it `serves` queues: what comes in there would be seen by nobody."""
    team = _locked(slug)
    if serves:
        raise Refused("team_serves")
    team.is_active = False
    team.save()
    outbox.record(TeamSetUp(team=slug, what="retired"), by=by, now=now)


@transaction.atomic
def reopen(slug: str, *, by: str, now: datetime) -> None:
    team = _locked(slug)
    team.is_active = True
    team.save()
    outbox.record(TeamSetUp(team=slug, what="reopened"), by=by, now=now)


def _locked(slug: str) -> Team:
    team = Team.objects.select_for_update().filter(slug=slug).first()
    if team is None:
        raise Refused("no_team")
    return team


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:40] or "team"
    taken = set(Team.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    return next(slug for slug in (wanted, *(f"{wanted}-{n}" for n in range(2, 10_000))) if slug not in taken)
