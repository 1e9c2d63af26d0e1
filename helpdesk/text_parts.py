"""What was typed into a form whose files are too large: those are let go as they stream by, the words are kept."""

import re

MOST_BYTES = 512 * 1024  # of words, in memory; a form with more of them is none of ours
MOST_PARTS = 1000
MOST_HEAD_BYTES = 8 * 1024
_FORM = re.compile(rb"multipart/form-data\s*;(?:.*;)?\s*boundary=(?:\"([^\"\r\n]{1,70})\"|([^\s;\"]{1,70}))", re.I)
_OF_FILE = re.compile(rb";\s*filename\*?\s*=", re.I)


def boundary_of(content_type: bytes) -> bytes:
    """What stands between the parts of a form with files; empty for any other body."""
    found = _FORM.match(content_type.strip())
    return (found[1] or found[2]) if found else b""


class TextParts:
    """Is fed a body piece by piece; holds its words, and of a file never more than one piece."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        self._left = b"\r\n"  # what is not yet judged; the first mark may be the very beginning
        self._is_in_head = False
        self._head = b""  # of the part whose content is read, if that is words
        self._words = bytearray()
        self._kept = bytearray()
        self._parts = 0
        self._is_whole = self._is_odd = False

    def feed(self, chunk: bytes) -> None:
        if self._is_whole or self._is_odd:
            return
        self._left += chunk
        while self._read_head() if self._is_in_head else self._read_content():
            pass

    def body(self) -> bytes:
        """The form with its words alone; empty if it did not come whole or was none."""
        return bytes(self._kept) + self._mark[2:] + b"--\r\n" if self._is_whole else b""

    def _read_content(self) -> bool:
        """Up to the next mark; whether it is there."""
        found = self._left.find(self._mark)
        end = found if found >= 0 else max(0, len(self._left) - len(self._mark) + 1)
        if self._head:
            self._words += self._left[:end]
            self._is_odd = len(self._kept) + len(self._words) > MOST_BYTES
        self._left = self._left[end:]
        if found < 0 or self._is_odd:
            return False
        if self._head:
            self._kept += self._mark[2:] + self._head + self._words + b"\r\n"
        self._head, self._words, self._left = b"", bytearray(), self._left[len(self._mark) :]
        self._is_in_head = True
        return True

    def _read_head(self) -> bool:
        """The lines that say what comes next, whether they are all there; two dashes where nothing does."""
        if self._left.startswith(b"--"):
            self._is_whole = True
            return False
        end = self._left.find(b"\r\n\r\n")
        if end < 0:
            self._is_odd = len(self._left) > MOST_HEAD_BYTES
            return False
        head, self._left = self._left[: end + 2], self._left[end + 2 :]  # the empty line is before the content
        self._head = b"" if _OF_FILE.search(head) else head
        self._is_in_head = False
        self._parts += 1
        self._is_odd = self._parts > MOST_PARTS
        return not self._is_odd
