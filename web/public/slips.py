"""Slips of the hand in the domains that most people write from. Pure."""

KNOWN = (
    "gmail.com", "mail.ru", "yandex.ru", "yandex.com", "inbox.ru", "list.ru", "rambler.ru", "outlook.com",
    "hotmail.com", "yahoo.com", "icloud.com", "proton.me",
)  # fmt: skip


def meant(email: str) -> str:
    """The address that was probably meant, "" where nothing looks like a slip."""
    local, _, domain = email.rpartition("@")
    if domain in KNOWN:
        return ""
    return next((f"{local}@{known}" for known in KNOWN if _is_one_slip(domain, known)), "")


def _is_one_slip(typed: str, known: str) -> bool:
    """One letter too many, too few, wrong, or two swapped."""
    same = 0
    while same < min(len(typed), len(known)) and typed[same] == known[same]:
        same += 1
    left, right = typed[same:], known[same:]
    is_swapped = len(left) == len(right) >= 2 and left[:2] == right[1::-1] and left[2:] == right[2:]
    return is_swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
