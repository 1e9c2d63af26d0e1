"""A request behind `RealmMiddleware`: a person of the desk is known."""

from django.http import HttpRequest

from staff.actor import Actor
from users.models import User


class DeskRequest(HttpRequest):
    actor: Actor
    user: User
