"""Word error rate that does not count spelling: numbers, British forms, punctuation, case."""

import json
import re
import unicodedata

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}
_CONTRACTIONS = (
    (r"\bwon't\b", "will not"), (r"\bcan't\b", "can not"), (r"n't\b", " not"), (r"'re\b", " are"),
    (r"'ll\b", " will"), (r"'ve\b", " have"), (r"'m\b", " am"), (r"\blet's\b", "let us"),
    (r"\bcannot\b", "can not"),
)
_TITLES = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint"}


def spell_number(number):
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10]] + ([_ONES[number % 10]] if number % 10 else [])
    for value, name in _SCALES:
        if number >= value:
            rest = spell_number(number % value) if number % value else []
            return spell_number(number // value) + [name] + rest
    raise AssertionError(number)


def spell_year(number):
    """1835 as eighteen thirty five; other numbers as they are."""
    high, low = divmod(number, 100)
    if not (1100 <= number <= 1999 or 2010 <= number <= 2099) or low == 0:
        return spell_number(number)
    return spell_number(high) + (["oh"] if low < 10 else []) + spell_number(low)


def _ordinal(words):
    last = words[-1]
    if last in _ORDINALS:
        last = _ORDINALS[last]
    else:
        last = (last[:-1] + "ie" if last.endswith("y") else last) + "th"
    return words[:-1] + [last]


def _spell(match):
    digits, suffix = match.group(2).replace(",", ""), match.group(3) or ""
    if len(digits) > 12:
        return match.group(0)
    number = int(digits)
    words = spell_year(number) if len(digits) == 4 and "," not in match.group(2) else spell_number(number)
    if suffix:
        words = _ordinal(words)
    if match.group(1):
        words = words + ["dollars" if match.group(1) == "$" else "pounds"]
    if match.group(4):
        words = words + ["percent"]
    return " " + " ".join(words) + " "


def normalised_words(text, spellings=None):
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = re.sub(r"[\[(].*?[\])]", " ", text)  # Whisper's remarks: (music)
    for pattern, replacement in _CONTRACTIONS:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"([$£])?(\d[\d,]*\d|\d)(st|nd|rd|th)?(\s?%)?", _spell, text)
    text = text.replace("'s", "s").replace("'", "").replace("per cent", "percent")
    words = re.sub(r"[^a-z0-9]+", " ", text).split()
    spellings = spellings or {}
    words = [_TITLES.get(word, spellings.get(word, word)) for word in words]
    # "and" comes and goes inside spoken numbers: a hundred and five.
    return [
        word
        for index, word in enumerate(words)
        if not (word == "and" and index and words[index - 1] in ("hundred", "thousand"))
    ]


def read_spellings(path):
    """British to American: the table of Whisper's own normaliser, when it is there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def errors(expected, heard):
    """Substitutions, insertions and deletions between two word lists (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(expected, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]

