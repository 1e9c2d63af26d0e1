"""A second path for what stands red on the front page: a letter to the administrators."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from automation.book_words import BOOKS
from events.models import Book
from staff.actor import SYSTEM
from staff.roles import Role
from staff.services import letters

RED_FOR = timedelta(minutes=5)
QUIET_FOR = timedelta(hours=1)  # of one book: it may turn green and red again


@transaction.atomic
def send(now: datetime) -> None:
    """Chore of the relay. One letter for all books that are due; each is told once as long as it stays red."""
    is_new = Q(alarmed_at=None) | Q(alarmed_at__lt=F("red_since")) & Q(alarmed_at__lte=now - QUIET_FOR)
    due = Book.objects.filter(is_new, red_since__lte=now - RED_FOR, name__in=BOOKS).order_by("name")
    books = list(due.select_for_update(skip_locked=True))
    if not books:
        return
    Book.objects.filter(pk__in=[book.pk for book in books]).update(alarmed_at=now)
    context: dict[str, object] = {
        "books": [(book.name, *BOOKS[book.name], book.count, book.red_since) for book in books],
        "link": f"{settings.SITE_URL}/desk/",
    }
    letters.notify(
        Role.ADMIN, "alarm", subject=_("Something is wrong with the desk"), context=context, by=SYSTEM.key, now=now
    )
