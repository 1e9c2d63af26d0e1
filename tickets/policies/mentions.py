"""Who is called by `@name` in a text. A name is the whole name, one word of it, or the login, in capitals or not."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

Handles = Mapping[str, frozenset[int]]  # folded name: who is called so

_AT = re.compile(r"(?<![\w.+-])@(?=\w)")  # within an address it calls nobody
_GOES_ON = re.compile(r"\w|[.@-]\w")


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    end: int
    staff_ids: frozenset[int]  # several: the name alone does not say who


def handles(people: Mapping[int, tuple[str, str]]) -> Handles:
    """Of name and login by staff id. A login is one person's, whatever others are named."""
    called = defaultdict(set)
    for staff_id, (name, _) in people.items():
        for handle in {name, *name.split()}:
            called[_folded(handle)].add(staff_id)
    logins = {_folded(login): frozenset({staff_id}) for staff_id, (_, login) in people.items() if login}
    return {handle: frozenset(ids) for handle, ids in called.items()} | logins


def mentions(text: str, called: Handles) -> list[Mention]:
    """In the order of the text; of two names that begin alike the longer one counts."""
    folded, longest_first = _folded(text), sorted(called, key=len, reverse=True)
    found = []
    for at in _AT.finditer(folded):
        for handle in longest_first:
            end = at.end() + len(handle)
            if folded.startswith(handle, at.end()) and not _GOES_ON.match(folded, end):
                found.append(Mention(at.start(), end, called[handle]))
                break
    return found


def handle_of(staff_id: int, name: str, login: str, called: Handles) -> str:
    """What calls this person and nobody else: the name, unless another bears it."""
    return name if called[_folded(name)] == {staff_id} or not login else login


def _folded(text: str) -> str:
    """As long as it was."""
    letters = (letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return "".join(letters).replace("ё", "е").replace("\xa0", " ")
