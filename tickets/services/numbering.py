from datetime import datetime

from django.db import connection

from core.models import key
from tickets.models import IssuedNumber
from tickets.numbers import number_for


def issue(count: int, *, prefix: str = "HD", now: datetime) -> list[str]:
    """The next numbers, entered in the register. Gaps are numbers that were not issued; none comes twice."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number_seq') FROM generate_series(1, %s)", [count])
        numbers = [number_for(place, key=key("ticket-numbers")) for (place,) in cursor.fetchall()]
    IssuedNumber.objects.bulk_create([IssuedNumber(number=number, prefix=prefix, issued_at=now) for number in numbers])
    return numbers


RESTORE_JUMP = 1_000_000


def jump(*, at_least: int = 0) -> int:
    """Past every number that may have been issued after a backup was made, or up to `at_least`. Returns the place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('tickets_number_seq', greatest(last_value, %s) + %s) FROM tickets_number_seq",
            [at_least, RESTORE_JUMP],
        )
        return int(cursor.fetchone()[0])


def place() -> int:
    """How far the sequence behind the numbers has counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM tickets_number_seq")
        return int(cursor.fetchone()[0])
