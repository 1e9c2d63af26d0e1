from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from users.models import User


class LoginBackend(BaseBackend):
    """Sign-in by e-mail or login, case-folded. An unknown name costs as long as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, login: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not login or password is None:
            return None
        name = login.strip().lower()
        user = User.objects.filter(**{"email" if "@" in name else "login__iexact": name}).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).select_related("staff").first()
