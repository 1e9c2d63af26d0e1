"""Small parts of the letters to people of an account."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from core.clock import dated

register = template.Library()


@register.filter
def zoned(at: datetime) -> str:
    """`26.11.2026 18:44 MSK`, in the language of the letter."""
    return dated(timezone.localtime(at), get_language() or "")
