from datetime import datetime

from django.db import connection

from core.models import key
from tickets.models import IssuedNumber
from tickets.numbers import number_for


def issue(*, now: datetime) -> str:
    """The next number, entered in the register. Gaps are numbers that were not issued; none comes twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number_seq')")
        number = number_for(cursor.fetchone()[0], key=key("ticket-numbers"))
    IssuedNumber.objects.create(number=number, issued_at=now)
    return number
