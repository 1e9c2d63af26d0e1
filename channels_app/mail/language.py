"""Which language a text is written in, as far as the desk has words for it."""

import re

_SAMPLE = 4_000
_WORD = re.compile(r"[^\W\d_]+")
_UKRAINIAN_AND_KIN = re.compile("[іїєґўћђџљњјќѓѕә]", re.IGNORECASE)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_ENGLISH_WORDS = """
the and you for not with that this have are was but can will from please thanks thank hello your our what
when how is it to of in on my we i a be do does did has there need help problem cannot can't don't am would
could should get login password account invoice order server site website error regards dear hi
"""
_OTHER_WORDS = """
der die das und ist nicht mit ein eine für ich sie wir zu auf le la les des et est pas avec pour vous nous
je une un que el los las y es no con por para una como se il di che per non sono della è w na z nie
jest się och att det som en på av til og de het een van dat
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHER = frozenset(_OTHER_WORDS.split())


def language_of(text: str, subject: str = "") -> str:
    """ "ru", "en", or "" when the text does not tell or is written in something else."""
    sample = _ADDRESS.sub(" ", f"{text[:_SAMPLE]}\n{subject[:300]}")
    cyrillic = len(_CYRILLIC.findall(sample))
    latin = len(_LATIN.findall(sample))
    if cyrillic >= 2 and cyrillic * 4 >= latin:
        return "" if len(_UKRAINIAN_AND_KIN.findall(sample)) * 50 > cyrillic else "ru"
    words = [word.lower() for word in _WORD.findall(sample)]
    if not words:
        return ""
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _OTHER for word in words)
    return "en" if english > other and english * 12 >= len(words) else ""
