"""Words of somebody else within a text of ours. Pure."""


def quoted(text: str) -> str:
    """Every line behind a `>`, as mail programs have it; what was quoted already gets one more."""
    return "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in text.strip().split("\n"))
