"""Whether a door may still say yes: mail is refused for a while before the disk is full, not after."""

import shutil
import time
from pathlib import Path

from django.conf import settings

LEAST_FREE_BYTES = 1024**3
LEAST_FREE_SHARE = 0.05
SECONDS_KEPT = 5.0

_seen: tuple[float, bool] = (float("-inf"), True)


def has_room() -> bool:
    """Asks the file system at most every five seconds."""
    global _seen
    now = time.monotonic()
    if now - _seen[0] >= SECONDS_KEPT:
        _seen = (now, is_roomy(settings.DATA_DIR))
    return _seen[1]


def is_roomy(path: Path) -> bool:
    """Whether the disk of `path` has what a door wants to see free."""
    usage = shutil.disk_usage(path)
    return usage.free >= max(LEAST_FREE_BYTES, LEAST_FREE_SHARE * usage.total)
