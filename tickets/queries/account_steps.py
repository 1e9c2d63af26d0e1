"""What the journal tells of a whole account: its people, and what was decided in its name."""

from datetime import datetime

from customers.actor import Customer, Right
from tickets.policies.told import OF_ACCOUNT, OF_TICKET, Step, Told, steps, types_told
from tickets.queries.together import together

_MOST = 50
_MOST_ACTIONS = 20
_EVENTS = """
    SELECT * FROM (
        (SELECT event.id, type, at, data,
            concat_ws(' ', nullif(given_name, ''), nullif(surname, '')) AS about
        FROM events_event AS event JOIN events_eventpayload ON event_id = event.id
        LEFT JOIN customers_contact AS person ON person.id = coalesce(data->>'contact_id', data->>'target_id')::bigint
        WHERE stream = %(stream)s AND type = ANY(%(of_people)s)
            AND coalesce(data->>'what', data->>'kind', 'contact') IN ('contact', 'contacts')
        ORDER BY sequence DESC LIMIT %(most)s)
        UNION ALL
        (SELECT event.id, type, at, data, action.words
        FROM (SELECT id, words, ticket_id FROM assurance_criticalaction
            WHERE account_id = %(account)s ORDER BY id DESC LIMIT %(most_actions)s) AS action
        JOIN events_event AS event ON stream = 'ticket:' || action.ticket_id AND type = ANY(%(of_actions)s)
        JOIN events_eventpayload ON event_id = event.id AND (data->>'action_id')::bigint = action.id)
    ) AS told ORDER BY id DESC LIMIT %(most)s"""
_OF_ACTIONS = [name for name, entry in OF_TICKET.items() if isinstance(entry, Told) and entry.to_deciders]


def account_steps(customer: Customer, account_id: int, *, now: datetime) -> tuple[Step, ...]:
    """For whoever decides about the account, the oldest first; nothing for others. One query."""
    if not customer.may(account_id, Right.AUTHORISE):
        return ()
    found = together(
        {"events": _EVENTS},
        account=account_id,
        stream=f"account:{account_id}",
        of_people=types_told(OF_ACCOUNT),
        of_actions=_OF_ACTIONS,
        most=_MOST,
        most_actions=_MOST_ACTIONS,
    )
    rows = [{**row, "at": datetime.fromisoformat(row["at"])} for row in found["events"]]
    return tuple(steps(rows, OF_TICKET | OF_ACCOUNT, decides=True, now=now))
