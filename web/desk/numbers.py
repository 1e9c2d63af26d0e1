"""Numbers of tickets and calls as people write them into an address."""


def digits(number: str) -> str:
    """`HD-123-456-789`, `hd-123456789` and `123456789` are one ticket."""
    return number.upper().removeprefix("HD").removeprefix("CL").replace("-", "")
