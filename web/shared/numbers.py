"""Numbers that addresses and forms carry."""


def number_in(text: str) -> int | None:
    """None for what names no row: nothing, words, or more digits than a key of the database has."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None
