"""Letters that name what their readers have not proved enough to be told are stopped, whoever writes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assurance.access import guarded
from assurance.policies.disclosure import disclosed
from core.trust import Level
from tickets.enums import Author
from tickets.models import Message, Participant, Ticket
from tickets.policies.level import level_now
from tickets.services.refused import Refused


def stop_to_third_party(ticket: Ticket, text: str) -> None:
    """A third party has proved nothing, whatever the requester has."""
    if ticket.account_id is not None:
        _refuse(disclosed(text, guarded(ticket.account_id), level=Level.CONTRADICTED))


def stop_in_reply(
    ticket: Ticket, text: str, *, people: Sequence[Participant], answers: Message | None, now: datetime
) -> None:
    """By the lowest of the ticket's level, that of the message it answers, and what each reader has proved.

    What the requester has written himself may stand in a letter to nobody else.
    """
    if ticket.account_id is None:
        return
    proved = _proved(ticket, [person for person in people if not person.is_requester])
    proved.append(level_now(ticket.level, ticket.level_until, now=now))
    if answers is not None and answers.level is not None:
        proved.append(Level(answers.level))
    level = min(proved)
    values, known = guarded(ticket.account_id), [person.email for person in people]
    if not disclosed(text, values, level=level, known=known):
        return
    is_his_alone = all(person.is_requester for person in people)
    _refuse(disclosed(text, values, level=level, known=known, own_words=_own_words(ticket) if is_his_alone else ""))


def _proved(ticket: Ticket, others: Sequence[Participant]) -> list[Level]:
    """By the newest letter of each; who only gets copies has proved nothing."""
    if not others:
        return []
    wrote = Message.objects.filter(ticket=ticket, direction="in", held__in=("", "accepted")).order_by("id")
    levels = dict(wrote.filter(sender_email__in=[p.email for p in others]).values_list("sender_email", "level"))
    return [Level(levels.get(p.email) or Level.CLAIMED) if p.may_reply else Level.CLAIMED for p in others]


def _own_words(ticket: Ticket) -> str:
    theirs = Message.objects.filter(ticket=ticket, author=Author.REQUESTER, sender_email=ticket.requester_email)
    return "\n".join(theirs.values_list("text", flat=True))


def _refuse(fields: Iterable[str]) -> None:
    for field in fields:
        raise Refused(f"names_{field}")
