"""What one mail may ask of the parser. Counted while its structure is found, before anything is decoded.

The figures are far above honest mail and far below what hurts: a mail of 100,000 empty parts costs the
standard library 22 seconds, one of 1,500 nested multiparts ends it in a RecursionError.
"""

from dataclasses import dataclass

MAX_BYTES = 64 * 1024 * 1024  # the doors refuse at 36 MB; this holds whatever they are set to
MAX_HEADER_BYTES = 4 * 1024 * 1024  # one header block; 10,000 recipients are 0.4 MB
MAX_PARTS = 5_000
MAX_DEPTH = 60  # multiparts within multiparts
MAX_TEXT = 1_000_000  # characters of a body kept as text; a longer one is also attached whole
MAX_HTML = 3_000_000
MAX_ADDRESSES = 100
MAX_SUBJECT = 500
MAX_LITERAL = 1_000
MAX_REFERENCES = 100
MAX_MESSAGE_ID = 500


class Unparseable(Exception):
    """The mail is kept raw for a person. `reason_code` says what was in the way."""

    def __init__(self, reason_code: str) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code


@dataclass(slots=True)
class Budget:
    """Counts parts and depth of one mail while its structure is read."""

    parts: int = 0

    def take_parts(self, number: int) -> None:
        self.parts += number
        if self.parts > MAX_PARTS:
            raise Unparseable("too_many_parts")

    def enter(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise Unparseable("too_deep")


def check_size(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise Unparseable("too_large")
