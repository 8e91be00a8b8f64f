"""The words that the spelling model learns from, and the ones that are kept apart.

Reads the four JSON lexicons of the misaki package (Apache-2.0): {us,gb}_{gold,silver}.json.
Standard library only, so that the evaluation can share it.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

DIALECTS = ("us", "gb")
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
# One in so many: words whose whole family is kept apart, and words kept apart alone.
STEM_SHARE = 40
WORD_SHARE = 40

_SUFFIXES = (
    "'s ation ations ition ator ators ating ated ate ates izing ized izes izer izers ize ising ised "
    "ises iser ise ization isation ness nesses less lessly ful fully ment ments able ably ability "
    "ible ibly ibility ing ings ingly ed edly er ers est ies ied ier iest ily iness ly ity ities ism "
    "isms ist ists istic istically ical ically ic ics al ally ality ous ously ousness ive ively "
    "iveness ion ions ian ians ia ium es s y e ish like ship ships hood dom man men woman women"
).split()
_SUFFIXES = sorted(set(_SUFFIXES), key=len, reverse=True)
_PREFIXES = (
    "un non re pre dis mis over under out super inter anti multi micro mega counter co sub semi "
    "hyper ultra trans de in im ir il en em fore mid up down auto bio neo post pro pseudo"
).split()
_PREFIXES.sort(key=len, reverse=True)


class LexiconWord(NamedTuple):
    spelling: str  # as in the lexicon, "Bellini"
    phonemes: str
    dialect: str  # us or gb
    gold: bool


def stem_of(word):
    """What the words of a family share, roughly: unhelpfully -> help. For the hold-out alone."""
    stem = word.lower().replace("'s", "").replace("'", "")
    for _ in range(3):
        for suffix in _SUFFIXES:
            if stem.endswith(suffix) and len(stem) - len(suffix) >= 4:
                stem = stem[: -len(suffix)]
                break
        else:
            break
    for _ in range(2):
        for prefix in _PREFIXES:
            if stem.startswith(prefix) and len(stem) - len(prefix) >= 4:
                stem = stem[len(prefix) :]
                break
        else:
            break
    if len(stem) > 4 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    if len(stem) > 4 and stem[-1] == "i":
        stem = stem[:-1]
    return stem


def _bucket(text, salt, buckets):
    return int.from_bytes(hashlib.sha256(f"{salt}:{text}".encode()).digest()[:8], "big") % buckets


def held_out(spelling):
    """'stem': its whole family is kept out of training; 'word': it alone (with its forms in other
    cases) is; None: it may be trained on."""
    word = spelling.lower()
    if _bucket(stem_of(word), "stem", STEM_SHARE) == 0:
        return "stem"
    if _bucket(word, "word", WORD_SHARE) == 0:
        return "word"
    return None


def is_word(spelling):
    """Letters and apostrophes, at most the first one a capital: not FBI, mother-in-law, iPhone."""
    return re.fullmatch(r"[A-Za-z][a-z']+", spelling) is not None


def read_lexicons(directory):
    """Every word that has one pronunciation, per dialect. Of a homograph the DEFAULT is taken."""
    words = []
    for dialect in DIALECTS:
        gold = {}
        for tier in ("gold", "silver"):
            path = Path(directory) / f"{dialect}_{tier}.json"
            for spelling, value in json.loads(path.read_text(encoding="utf-8")).items():
                if tier == "silver" and spelling in gold:
                    continue
                phonemes = value.get("DEFAULT") if isinstance(value, dict) else value
                if tier == "gold":
                    gold[spelling] = phonemes
                if not phonemes or not is_word(spelling):
                    continue
                words.append(LexiconWord(spelling, phonemes, dialect, tier == "gold"))
    return words
