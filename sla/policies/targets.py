"""First values of the response targets by priority, on the 24/7 calendar."""

from datetime import timedelta

FIRST_RESPONSE = {
    4: timedelta(minutes=15),
    3: timedelta(hours=1),
    2: timedelta(hours=4),
    1: timedelta(hours=24),
}
NEXT_RESPONSE = {
    4: timedelta(minutes=30),
    3: timedelta(hours=2),
    2: timedelta(hours=8),
    1: timedelta(hours=24),
}
