from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import JSONField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from users.models import User
from users.names import named

# By hand: the ORM takes longer to write it than a query of its own would cost.
_TEAMS = RawSQL(
    "ARRAY(SELECT team_id FROM staff_staffprofile_teams AS t WHERE t.staffprofile_id = staff_staffprofile.id)", ()
)
_LOOK = RawSQL(
    "(SELECT jsonb_build_object('name', name, 'accent', accent, 'logo', logo_digest) FROM core_look)",
    (),
    output_field=JSONField(),
)


class LoginBackend(BaseBackend):
    """Sign-in by e-mail or login, case-folded. An unknown name costs as long as a wrong password."""

    def authenticate(
        self, request: HttpRequest | None, login: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not login or password is None:
            return None
        user = named(login).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """With what every page of the desk asks for, in one query: the profile, `staff_teams`, the desk's `look`."""
        users = User.objects.filter(pk=user_id, is_active=True).select_related("staff")
        return users.annotate(staff_teams=_TEAMS, look=_LOOK).first()
