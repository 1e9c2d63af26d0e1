"""What the database itself refuses."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.clock import now
from customers.services.on_file import AccountOnFile, PersonOnFile, put_on_file
from events.models import Event
from staff.models import StaffProfile
from users.models import User

pytestmark = pytest.mark.django_db


def an_event():
    return Event.objects.create(
        stream="ticket:1", sequence=1, type="X", actor="system", at=now(), payload_digest=b"", digest=b""
    )


@pytest.mark.parametrize("statement", ["UPDATE events_event SET type = 'Y'", "DELETE FROM events_event"])
def test_the_journal_refuses_changes(statement):
    an_event()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().type == "X"


def customer(user):
    put_on_file(
        AccountOnFile(
            kind="person",
            name="Anna",
            login="anna",
            contract="H-1",
            people=[PersonOnFile("Anna", "Smirnova", "anna@customer.example", "owner", user_id=user.pk)],
        ),
        now=now(),
    )


def staff(user):
    StaffProfile.objects.create(user=user, name="Anna", role="agent")


@pytest.mark.parametrize(
    ("first", "second"), [(customer, staff), (staff, customer)], ids=["contact first", "staff first"]
)
def test_nobody_is_both_staff_and_a_contact(first, second):
    user = User.objects.create_user("anna@customer.example")
    first(user)
    with pytest.raises(DatabaseError, match="cannot be both"), transaction.atomic():
        second(user)
