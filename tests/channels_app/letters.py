"""Small mails for the doors."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def letter(
    text: str = "My site is down.", *, message_id: str = "one@bare.example", received: str = "", answers: str = ""
) -> bytes:
    lines = [f"Received: {received}"] if received else []
    lines += ["From: Sam <sam@bare.example>", "To: support@example.com", "Subject: Help"]
    lines += ["Date: Mon, 23 Nov 2026 11:59:00 +0000"]
    lines += [f"Message-ID: <{message_id}>"] if message_id else []
    lines += [f"In-Reply-To: <{answers}>"] if answers else []
    return "\r\n".join([*lines, "", text, ""]).encode()
