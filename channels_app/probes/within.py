"""A look at another server that answers the person who asked in time, whatever that server does."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
SECONDS = 10.0
STEP_SECONDS = 5.0


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """What `work` gives, or what it raises; `TimeoutError` when it takes longer. Names are resolved in there, too.

    The thread of a server that drips its answer is left behind and ends by the limits of its own steps.
    """
    results: list[Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="probe")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
