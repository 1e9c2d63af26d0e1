"""The end of somebody's sign-in: nobody signs in so again, and no row says who he was."""

from collections.abc import Collection
from datetime import datetime

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet

from users import second_factor, sessions
from users.models import Realm, User


def close(user_id: int) -> None:
    """In the caller's transaction."""
    user = User.objects.select_for_update().get(pk=user_id)
    sessions.end_all(user_id, realm=Realm.PANEL)
    second_factor.forget_all(user)
    user.email, user.login, user.is_active = f"erased-{user_id}@erased.invalid", None, False
    user.password = make_password(None)
    user.save(update_fields=["email", "login", "is_active", "password"])


def forget_attempts(logins: Collection[str]) -> None:
    """To sign in, with these names."""
    for log in (AccessAttempt, AccessFailureLog, AccessLog):
        log.objects.filter(username__in=logins).delete()


def old_attempts(before: datetime) -> QuerySet[AccessAttempt]:
    """Sign-ins that failed."""
    return AccessAttempt.objects.filter(attempt_time__lt=before)
