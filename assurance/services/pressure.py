"""Raising and lifting the flag that holds critical actions of an account."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from assurance.event_types import PressureLifted
from assurance.models import CriticalAction, Evidence, FailedProof, Pressure, SpokenCode
from assurance.policies.critical import ActionState
from assurance.policies.pressure import Signs, reasons
from events import outbox
from staff.actor import Actor
from staff.roles import Perm

DAY = timedelta(days=1)
SOON = timedelta(hours=1)


def signs_of(account_id: int, *, calls: int, accounts_of_caller: int, now: datetime) -> Signs:
    """What the last day of an account shows; its calls are the caller's to count. Five queries, each by an index."""
    since = now - DAY
    actions = CriticalAction.objects.filter(account_id=account_id, requested_at__gt=since)
    refused = CriticalAction.objects.filter(
        account_id=account_id, state=ActionState.REFUSED.value, ended_at__gt=now - SOON
    )
    proofs = Evidence.objects.filter(ticket__account_id=account_id, kind__in=("spoken_code", "call_back"), at__gt=since)
    codes = SpokenCode.objects.filter(account_id=account_id, purpose="customer", made_at__gt=since)
    return Signs(
        failed_proofs=FailedProof.objects.filter(account_id=account_id, at__gt=since).count(),
        codes_asked=codes.count(),
        calls=calls + proofs.exclude(scope="call").count(),  # each of a call that nobody registered
        accounts_of_caller=accounts_of_caller,
        requests=actions.count(),
        asked_after_refusal=refused.exists(),
    )


def seen_in(account_id: int, *, calls: int, accounts_of_caller: int, now: datetime) -> tuple[str, ...]:
    return reasons(signs_of(account_id, calls=calls, accounts_of_caller=accounts_of_caller, now=now))


def raise_flag(
    account_id: int, why: Sequence[str], *, ticket_id: int | None, by: str, now: datetime
) -> Pressure | None:
    """None where it is raised already. In the caller's transaction, which tells the leads."""
    try:
        with transaction.atomic():
            return Pressure.objects.create(
                account_id=account_id, ticket_id=ticket_id, reasons=list(why), raised_by=by, raised_at=now
            )
    except IntegrityError:
        return None


def is_raised(account_id: int) -> bool:
    return Pressure.objects.filter(account_id=account_id, lifted_at=None).exists()


@transaction.atomic
def lift(account_id: int, *, by: Actor, now: datetime) -> bool:
    """By a lead alone. False where there is none to lift, or for anybody else."""
    if not by.may(Perm.LIFT_PRESSURE):
        return False
    flag = Pressure.objects.select_for_update().filter(account_id=account_id, lifted_at=None).first()
    if flag is None:
        return False
    flag.lifted_at, flag.lifted_by = now, by.key
    flag.save(update_fields=["lifted_at", "lifted_by"])
    outbox.record(PressureLifted(account_id=account_id, pressure_id=flag.pk), by=by.key, now=now)
    return True
