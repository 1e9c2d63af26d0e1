"""Acts of destruction, to be shown and printed."""

from privacy.models import Destruction

SHOWN = 100


def acts() -> list[Destruction]:
    return list(Destruction.objects.order_by("-pk")[:SHOWN])


def act(number: int) -> Destruction | None:
    return Destruction.objects.filter(pk=number).first()
