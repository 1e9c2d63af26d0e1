"""What spoke for the askers of tickets: that it did, how much and until when stays; its words and addresses go."""

from collections.abc import Collection

from assurance.models import Evidence


def erase_facts(ticket_ids: Collection[int]) -> None:
    Evidence.objects.filter(ticket__in=ticket_ids).update(facts=[])
