"""Small parts of the letters to people of an account."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from core.clock import zone_of

register = template.Library()


@register.filter
def zoned(at: datetime) -> str:
    """`26.11.2026 18:44 MSK`, in the language of the letter."""
    local = timezone.localtime(at)
    return f"{local:%d.%m.%Y %H:%M} {zone_of(local, get_language() or '')}"
