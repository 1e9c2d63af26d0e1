from datetime import datetime

from django.db import connection

from core.models import key
from tickets.models import IssuedNumber
from tickets.numbers import number_for


def issue(count: int, *, now: datetime) -> list[str]:
    """The next numbers, entered in the register. Gaps are numbers that were not issued; none comes twice."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number_seq') FROM generate_series(1, %s)", [count])
        numbers = [number_for(place, key=key("ticket-numbers")) for (place,) in cursor.fetchall()]
    IssuedNumber.objects.bulk_create([IssuedNumber(number=number, issued_at=now) for number in numbers])
    return numbers
