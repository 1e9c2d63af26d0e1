"""Words of somebody else within a text of ours. Pure."""

from collections.abc import Sequence


def quoted(text: str) -> str:
    """Every line behind a `>`, as mail programs have it; what was quoted already gets one more."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in text.strip().split("\n"))


def forwarded(text: str, headers: Sequence[tuple[str, str]]) -> str:
    """A message as it is passed on: its headers, an empty line, every line behind a `>`."""
    head = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in headers if value)
    return quoted(f"{head}\n\n{text}")
