"""What beat does. The relay sweeps every few seconds by itself; this is the net under it."""

from typing import Any

BEAT: dict[str, dict[str, Any]] = {
    "ring all bells": {"task": "events.sweep", "schedule": 60.0, "options": {"expires": 60}},
    "forget what was done a week ago": {"task": "events.forget_done", "schedule": 3600.0, "options": {"expires": 600}},
    "forget what has run out": {"task": "channels_app.forget_ended", "schedule": 3600.0, "options": {"expires": 600}},
    "destroy what is past its time": {"task": "privacy.destroy_old", "schedule": 600.0, "options": {"expires": 600}},
}
