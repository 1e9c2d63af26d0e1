"""What beat does. The relay sweeps every few seconds by itself; this is the net under it."""

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "ring all bells": {"task": "events.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "forget imports of a week ago": {
        "task": "customers.forget_imports",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget what was told three months ago": {
        "task": "automation.forget_told",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget what mail servers were refused two weeks ago": {
        "task": "channels_app.forget_turned_away",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget what was done a week ago": {"task": "events.forget_done", "schedule": 3600.0, "options": {"expires": 600}},
    "forget visitors of yesterday": {
        "task": "channels_app.forget_visitors",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}
