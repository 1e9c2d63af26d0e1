"""What stands under a reply. Pure."""

from collections.abc import Mapping

PLACEHOLDERS = ("name", "queue", "number")


def chosen(*, own: str, queues: str, name: str) -> str:
    """The person's own signature in the ticket's language, else the queue's, else the name alone."""
    return own.strip() or queues.strip() or name


def filled(signature: str, values: Mapping[str, str]) -> str:
    """`{name}`, `{queue}` and `{number}` become words; anything else in braces stays as it was typed."""
    for placeholder in PLACEHOLDERS:
        signature = signature.replace(f"{{{placeholder}}}", values[placeholder])
    return signature
