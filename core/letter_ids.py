"""Message-IDs of the desk's own letters, without brackets."""

from urllib.parse import urlsplit
from uuid import NAMESPACE_OID, uuid4, uuid5

from django.conf import settings


def letter_id(kind: str, *, once: str = "") -> str:
    """A new one; the same again for the same `once`, by which a letter is known that was queued before."""
    name = uuid5(NAMESPACE_OID, once) if once else uuid4()
    return f"{kind}.{name.hex}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"
