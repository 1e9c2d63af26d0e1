"""Requests behind `RealmMiddleware`: a person of the desk is known, or a customer."""

from django.http import HttpRequest

from customers.actor import Customer
from staff.actor import Actor
from users.models import User


class DeskRequest(HttpRequest):
    actor: Actor
    user: User


class PanelRequest(HttpRequest):
    customer: Customer
    user: User
