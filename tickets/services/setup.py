from staff.models import Team
from tickets.models import Queue


def ensure_queue(slug: str, *, name_ru: str, name_en: str, team_slug: str) -> None:
    team = Team.objects.get(slug=team_slug)
    Queue.objects.get_or_create(slug=slug, defaults={"name_ru": name_ru, "name_en": name_en, "team": team})
