"""A logo as a stranger's file becomes one of ours: PNG only, its picture and nothing else of it."""

import struct
import zlib

MAX_BYTES = 200_000
MAX_SIDE = 512
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


class NoPicture(ValueError):
    """Its `str` is the reason's code."""


def cleaned(data: bytes) -> bytes:
    """The same picture without text, places, profiles and whatever else was hidden in the file.

    Raises `NoPicture`: `no_png`, `too_many_bytes`, `too_large` (in pixels) or `broken`.
    """
    if len(data) > MAX_BYTES:
        raise NoPicture("too_many_bytes")
    if not data.startswith(_SIGNATURE):
        raise NoPicture("no_png")
    chunks = _chunks(data)
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or chunks[-1][0] != b"IEND":
        raise NoPicture("broken")
    width, height, depth, colour, squeezed, filtered, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth not in _DEPTHS.get(colour, ()) or (squeezed, filtered) != (0, 0) or interlaced > 1:
        raise NoPicture("broken")
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise NoPicture("too_large")
    _unpack(b"".join(content for name, content in chunks if name == b"IDAT"), most=height * (width * 8 + 16) * 2)
    if colour == 3 and not any(name == b"PLTE" for name, _ in chunks):
        raise NoPicture("broken")
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks if name in _KEPT)


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Up to IEND; what follows it is no part of the picture."""
    found, at = [], len(_SIGNATURE)
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, content, check = data[at + 4 : at + 8], data[at + 8 : at + 8 + size], data[at + 8 + size : at + 12 + size]
        if len(check) != 4 or struct.pack(">I", zlib.crc32(name + content)) != check:
            raise NoPicture("broken")
        found.append((name, content))
        if name == b"IEND":
            break
        at += 12 + size
    return found


def _unpack(squeezed: bytes, *, most: int) -> None:
    """Reads the pixels to their end, never more than such a picture can have."""
    reader = zlib.decompressobj()
    try:
        pixels = reader.decompress(squeezed, most)
    except zlib.error:
        raise NoPicture("broken") from None
    if not pixels or not reader.eof:
        raise NoPicture("broken")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
