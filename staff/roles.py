"""The role table: which person of the desk may do what. Pure; the one place that says so."""

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    QUALITY = "quality"
    ADMIN = "admin"


class Perm(StrEnum):
    SEE_TICKETS = "see_tickets"  # of queues his teams serve
    SEE_ALL_TICKETS = "see_all_tickets"
    WORK_TICKETS = "work_tickets"  # claim, release, state, note, reply
    ASSIGN_OTHERS = "assign_others"
    KEEP_SENDER_LISTS = "keep_sender_lists"  # of blocked and allowed senders
    HANDLE_QUARANTINE = "handle_quarantine"
    SHARE_VIEWS = "share_views"  # lists with a name that everybody has
    EXECUTE_ACTIONS = "execute_actions"  # ask for critical actions, second them, carry them out
    BREAK_GLASS = "break_glass"  # open what the level keeps closed, with a reason
    LIFT_PRESSURE = "lift_pressure"
    TAKE_EVIDENCE = "take_evidence"  # of a ticket, as a file
    SEE_MAIL_HEALTH = "see_mail_health"  # whether mail comes and goes
    SET_UP = "set_up"


_AGENT = frozenset(
    {
        Perm.SEE_TICKETS,
        Perm.WORK_TICKETS,
        Perm.HANDLE_QUARANTINE,
        Perm.EXECUTE_ACTIONS,
        Perm.BREAK_GLASS,
    }
)
_LEAD = _AGENT | {
    Perm.SEE_ALL_TICKETS,
    Perm.ASSIGN_OTHERS,
    Perm.KEEP_SENDER_LISTS,
    Perm.SHARE_VIEWS,
    Perm.SEE_MAIL_HEALTH,
    Perm.TAKE_EVIDENCE,
    Perm.LIFT_PRESSURE,
}

PERMISSIONS: dict[Role, frozenset[Perm]] = {
    Role.AGENT: _AGENT,
    Role.LEAD: _LEAD,
    # Quality control reads everything and touches nothing: it judges the work, so it must not do it.
    Role.QUALITY: frozenset({Perm.SEE_TICKETS, Perm.SEE_ALL_TICKETS, Perm.TAKE_EVIDENCE}),
    # An administrator sets the desk up; reading tickets is not part of that (least disclosure).
    Role.ADMIN: frozenset({Perm.SEE_MAIL_HEALTH, Perm.SET_UP}),
}


def may(role: Role, perm: Perm) -> bool:
    return perm in PERMISSIONS[role]
