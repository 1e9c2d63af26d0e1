"""What somebody who searches may have meant. Pure; never raises, whatever is typed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tickets import numbers

MOST_CHARACTERS = 200
MOST_WORDS = 8

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_CYRILLIC = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_SWAP = {
    **dict(zip(_LATIN, _CYRILLIC, strict=True)),
    **dict(zip(_CYRILLIC, _LATIN, strict=True)),
}
_EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;]+")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.)+(?:xn--[\w-]{2,59}|[^\W\d_]{2,24})")
_CODE = re.compile(r"[^\W_][\w.-]{1,62}[^\W_]")
_PHONE = re.compile(r"\+?[\d\s().\u00a0-]{6,28}")
_NUMBER = re.compile(r"(?:\[?\s*(?:HD|НД|CL)?[\s#№-]*)?((?:\d[\s\u00a0\u2010-\u2015-]*){9})\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """What stood between two spaces, and the same keys in the other layout. The index takes them apart."""

    own: str
    twin: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as typed, read in every way it can be meant."""

    text: str  # without what nobody can search for
    number: str = ""  # nine digits with a right check digit
    is_number_wrong: bool = False  # nine digits, but one of them was mistyped
    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()  # as typed
    codes: tuple[str, ...] = ()  # what may be a login or the number of a contract
    phone: str = ""  # as typed
    words: tuple[Word, ...] = ()
    is_cut: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.number or self.phone)


def understand(typed: str) -> Asked:
    """Numbers, addresses, codes and words of what was typed; 200 characters and eight words are looked at."""
    text = " ".join(typed[: MOST_CHARACTERS * 4].replace("\0", " ").split())
    is_cut = len(text) > MOST_CHARACTERS or len(typed) > MOST_CHARACTERS * 4
    if is_cut:
        text = text[:MOST_CHARACTERS].rpartition(" ")[0] or text[:MOST_CHARACTERS]
    whole = _NUMBER.fullmatch(text)
    digits = "".join(character for character in whole[1] if character in "0123456789") if whole else ""
    is_number = len(digits) == 9 and numbers.is_valid(digits)
    all_words = tuple(dict.fromkeys(filter(None, map(_word, text.split()))))
    emails = tuple(found.lower().strip(".") for found in _EMAIL.findall(text))
    rest = _EMAIL.sub(" ", text)
    return Asked(
        text=text,
        number=digits if is_number else "",
        is_number_wrong=len(digits) == 9 and not is_number,
        emails=emails[:MOST_WORDS],
        domains=tuple(found.lower() for found in _DOMAIN.findall(rest))[:MOST_WORDS],
        codes=tuple(dict.fromkeys(_CODE.findall(rest)))[:MOST_WORDS],
        phone=text if _PHONE.fullmatch(text) and sum(c.isdigit() for c in text) >= 6 else "",
        words=all_words[:MOST_WORDS],
        is_cut=is_cut or len(all_words) > MOST_WORDS,
    )


_YO = str.maketrans("ё", "е")


def in_other_layout(text: str) -> str:
    """What the same keys write in the other layout."""
    return "".join(_SWAP.get(character, character) for character in text).translate(_YO)


def _word(token: str) -> Word | None:
    """None for a token without any letter or digit in either layout."""
    token = token.lower().translate(_YO)
    twin = in_other_layout(token)
    if any(map(str.isalnum, token)):
        return Word(token, twin if twin != token else "")
    return Word("", twin) if sum(map(str.isalpha, twin)) > 1 else None


@dataclass(frozen=True, slots=True)
class Stem:
    """A stem of the index. `texts` says in how many it occurs, None that nobody counts such words."""

    stem: str
    texts: int | None


@dataclass(frozen=True, slots=True)
class Term:
    """What every found text must hold."""

    stem: str
    texts: int = 0
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Terms to look for. `instead` names words that stand for others: typed -> searched."""

    terms: tuple[Term, ...]
    instead: tuple[tuple[str, str], ...] = ()

    @property
    def rarest(self) -> int:
        return min((term.texts for term in self.terms), default=0)


def read(
    words: Iterable[Word],
    *,
    stems: Mapping[str, tuple[Stem, ...]],
    longer: Mapping[str, int],
    alike: Mapping[str, Stem],
) -> Reading:
    """For each word the first that occurs: itself, the other layout, the beginning of a longer one, one like it.

    `stems` has those of every own word and twin; a word without any is too common to be looked for. `longer` says
    in how many texts words begin with a stem, `alike` the nearest word that occurs. A word that occurs nowhere
    stays: nothing is found then, which is the truth.
    """
    terms: dict[str, Term] = {}
    instead: list[tuple[str, str]] = []
    for word in words:
        own, twin = stems.get(word.own, ()), stems.get(word.twin, ())
        is_typed = bool(word.own) and all(stem.texts is None or stem.texts for stem in own)
        if not is_typed and twin and all(stem.texts for stem in twin):
            chosen = [_exact(stem) for stem in twin]
            instead.append((word.own, word.twin))
        else:
            chosen = [_nearest(stem, longer, alike) for stem in own]
            if any(term.stem != stem.stem for term, stem in zip(chosen, own, strict=True)):
                instead.append((word.own, " ".join(term.stem for term in chosen)))
        terms |= {term.stem: term for term in chosen}
    return Reading(tuple(terms.values()), tuple(instead))


def unknown(words: Iterable[Word], stems: Mapping[str, tuple[Stem, ...]]) -> list[str]:
    """Stems that occur nowhere: a beginning or a near word may stand for them."""
    return sorted({stem.stem for word in words for stem in stems.get(word.own, ()) if stem.texts == 0})


def _exact(stem: Stem) -> Term:
    return Term(stem.stem, stem.texts or 0)


def _nearest(stem: Stem, longer: Mapping[str, int], alike: Mapping[str, Stem]) -> Term:
    if stem.texts is None or stem.texts:
        return _exact(stem)
    if longer.get(stem.stem):
        return Term(stem.stem, longer[stem.stem], is_prefix=True)
    near = alike.get(stem.stem)
    return Term(near.stem, near.texts or 0) if near else Term(stem.stem)


def marks(text: str, stems: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces; those that begin with a stem are what was found. Pieces joined give the text."""
    wanted = tuple(stem for stem in stems if stem)
    pieces: list[tuple[str, bool]] = []
    for piece in re.split(r"(\w+)", text):
        is_hit = bool(wanted) and piece.lower().translate(_YO).startswith(wanted)
        if pieces and pieces[-1][1] == is_hit:
            pieces[-1] = (pieces[-1][0] + piece, is_hit)
        elif piece:
            pieces.append((piece, is_hit))
    return pieces


def snippet(text: str, stems: Iterable[str], *, width: int = 160) -> str:
    """The part of a text around the first word found, on one line."""
    wanted = tuple(stem for stem in stems if stem)
    plain = " ".join(text.split())
    low = plain.lower().translate(_YO)
    at = next((word.start() for word in re.finditer(r"\w+", low) if wanted and word[0].startswith(wanted)), 0)
    if at <= width // 3:
        return plain[:width] + ("…" if len(plain) > width else "")
    start = plain.rfind(" ", 0, at - width // 4) + 1
    return ("…" if start else "") + plain[start : start + width] + ("…" if start + width < len(plain) else "")
