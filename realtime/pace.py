"""How much one socket may say."""

from dataclasses import dataclass

BURST = 20
A_SECOND = 2.0  # a page says far less: it watches once, types every three seconds, is there every fifteen


@dataclass(slots=True)
class Pace:
    """A bucket of frames that refills with time."""

    at: float
    left: float = BURST

    def allows(self, now: float) -> bool:
        """One more frame at `now`, in seconds of a clock that is never set back."""
        self.left = min(BURST, self.left + (now - self.at) * A_SECOND)
        self.at = now
        self.left -= 1
        return self.left >= 0
