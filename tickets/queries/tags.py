"""The desk's tags."""

from dataclasses import dataclass

from tickets.models import Tag


@dataclass(frozen=True, slots=True)
class TagView:
    """As it is shown; `id` is 0 in lists, where nothing is done with it."""

    name: str
    colour: str
    id: int = 0
    is_active: bool = True


def tags(*, with_retired: bool = False) -> list[TagView]:
    """By name, those in use first. `with_retired` is for the page where they are made."""
    found = Tag.objects.all() if with_retired else Tag.objects.filter(is_active=True)
    return [
        TagView(**values) for values in found.order_by("-is_active", "name").values("id", "name", "colour", "is_active")
    ]
