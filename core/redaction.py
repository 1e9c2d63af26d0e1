"""A person's name goes out of words that stay."""

from typing import Any

from django.db.models import F, Func, JSONField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from core.named import Named

_INSTEAD = "•••"


def replace(rows: QuerySet[Any], field: str, person: Named) -> None:
    """Only rows that name him are written."""
    is_json = isinstance(rows.model._meta.get_field(field), JSONField)
    words = Cast(field, TextField()) if is_json else F(field)
    without = Func(words, Value(person.pattern), Value(_INSTEAD), Value("gi"), function="regexp_replace")
    found = rows.alias(said=words).filter(said__iregex=person.pattern).values_list("pk", flat=True)
    changed = rows.model._default_manager.filter(pk__in=list(found))
    changed.update(**{field: Cast(without, JSONField()) if is_json else without})
