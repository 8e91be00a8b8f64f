"""Features of words in their sentence, for the tagger and the homograph model.

src/text/g2p/context_features.cc computes the same numbers; src/text/g2p/context_features_test.cc compares them. A feature is a
32-bit hash of a template number and of what stands in the template's places; the models take it
modulo the size of their tables.

A sentence is a list of tokens: words as they are spoken ("Read", "twenty", "don't") and marks
(",", "?"). Words are compared in lower case; outside of the sentence stands "" (hash 0).
"""

import numpy as np

MASK = 0xFFFFFFFF


def text_hash(text):
    """32-bit FNV-1a of the UTF-8 bytes; 0 for no text."""
    if not text:
        return 0
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & MASK
    return value


def mix(a, b):
    value = ((a ^ ((b * 0x9E3779B1) & MASK)) * 0x85EBCA6B) & MASK
    value ^= value >> 15
    value = (value * 0xC2B2AE35) & MASK
    return value ^ (value >> 13)


def combine(template, *values):
    result = template + 1
    for value in values:
        result = mix(result, value)
    return result


_HASHES = {}


class Token:
    """A word or mark with the hashes that the templates use."""

    __slots__ = ("text", "lower", "word", "suffix1", "suffix2", "suffix3", "prefix", "stem", "shape")

    def __init__(self, text):
        self.text = text
        # ASCII letters alone, as in C++.
        lower = "".join(c.lower() if "A" <= c <= "Z" else c for c in text)
        raw = lower.encode()
        self.lower = lower
        self.word = text_hash(lower)

        def part(piece):
            value = 0x811C9DC5
            for byte in piece:
                value = ((value ^ byte) * 0x01000193) & MASK
            return value if piece else 0

        self.suffix1 = part(raw[-1:])
        self.suffix2 = part(raw[-2:])
        self.suffix3 = part(raw[-3:])
        self.prefix = part(raw[:2])
        self.stem = part(raw[:5])
        upper = sum("A" <= c <= "Z" for c in text)
        self.shape = (
            (1 if text and "A" <= text[0] <= "Z" else 0)
            | (2 if upper >= 2 and upper == sum(c.isascii() and c.isalpha() for c in text) else 0)
            | (4 if "'" in text else 0)
            | (8 if "-" in text else 0)
        )


NOTHING = Token("")


def token(text):
    found = _HASHES.get(text)
    if found is None:
        found = _HASHES[text] = Token(text)
    return found


def is_mark(text):
    return not any(c.isascii() and c.isalnum() for c in text)


def _mix_arrays(a, b):
    value = (a ^ (b * np.uint32(0x9E3779B1))) * np.uint32(0x85EBCA6B)
    value ^= value >> np.uint32(15)
    value *= np.uint32(0xC2B2AE35)
    return value ^ (value >> np.uint32(13))


def _combine_arrays(template, *values):
    result = np.full_like(values[0], template + 1)
    for value in values:
        result = _mix_arrays(result, value)
    return result


PADDING = 3  # empty tokens around each sentence


def _flatten(sentences, of_token):
    nothing = [0] * PADDING
    flat = list(nothing)
    for sentence in sentences:
        flat.extend(of_token(one) for one in sentence)
        flat.extend(nothing)
    return np.array(flat, dtype=np.uint32)


def tagger_features(sentences, tags=None):
    """[tokens of all sentences, features]. tags: the first pass's tags (from 1) for the second pass."""
    real = _flatten(sentences, lambda t: 1).astype(bool)
    mark = _flatten(sentences, lambda t: 1 + is_mark(t.text))
    fields = {
        name: _flatten(sentences, lambda t, name=name: getattr(t, name))
        for name in ("word", "suffix1", "suffix2", "suffix3", "prefix", "shape")
    }

    def at(array, offset):
        return np.roll(array, -offset)

    # Of the two tokens before, those that there are, are marks.
    start = ((at(mark, -1) != 1) & (at(mark, -2) != 1)).astype(np.uint32) * np.uint32(16)
    word, suffix1, suffix2, suffix3 = (fields[n] for n in ("word", "suffix1", "suffix2", "suffix3"))
    bare = fields["shape"]
    shape = bare | start
    c = _combine_arrays
    p1, p2, n1, n2 = (at(word, d) for d in (-1, -2, 1, 2))
    features = [
        c(0, word),
        c(1, p1),
        c(2, n1),
        c(3, p2),
        c(4, n2),
        c(5, p1, word),
        c(6, word, n1),
        c(7, suffix3, shape),
        c(8, suffix2, shape),
        c(9, suffix1, shape),
        c(10, fields["prefix"], suffix2),
        c(11, at(suffix3, -1)),
        c(12, at(suffix3, 1)),
        c(13, word, shape),
        c(14, p1, n1),
        c(15, at(suffix2, -1), at(suffix2, 1)),
        c(16, p2, p1),
        c(17, n1, n2),
        c(18, at(bare, -1), shape, at(bare, 1)),
        c(19, at(suffix2, -1), suffix2),
        c(20, suffix2, at(suffix2, 1)),
    ]
    if tags is not None:
        t0 = np.zeros_like(word)
        t0[real] = np.fromiter((tag for one in tags for tag in one), dtype=np.uint32)
        tp1, tp2, tp3, tn1, tn2, tn3 = (at(t0, d) for d in (-1, -2, -3, 1, 2, 3))
        features += [
            c(30, t0),
            c(31, tp1, t0),
            c(32, t0, tn1),
            c(33, tp2, tp1, t0),
            c(34, t0, tn1, tn2),
            c(35, tp1, t0, tn1),
            c(36, word, tp1),
            c(37, word, tn1),
            c(38, word, tp1, tn1),
            c(39, tp2, tp1, t0, tn1),
            c(40, tp1, t0, tn1, tn2),
            c(41, p1, t0),
            c(42, n1, t0),
            c(43, tp3, tp2, tp1, t0),
            c(44, t0, tn1, tn2, tn3),
        ]
    return np.stack([feature[real] for feature in features], axis=1)


# Numbers of tags, as PartOfSpeech in src/text/g2p/part_of_speech.h.
_ADVERBS, _MARK = {14}, 27
_PASTS, _PRESENTS = {19}, {22, 23}
_FINITE = _PASTS | _PRESENTS | {7}
_VERBAL = _FINITE | {18, 16, 21, 20}
_NOMINAL = {8, 9, 10, 12}
CLAUSE_REACH = 12


def _clause_features(get, tag):
    finite = in_clause = pasts = presents = 0
    for step in (-1, 1):
        same_clause = True
        for distance in range(1, CLAUSE_REACH + 1):
            found = tag(step * distance)
            if found == 0:
                break
            if found == _MARK:
                same_clause = False
            finite += found in _FINITE
            in_clause += same_clause and found in _FINITE
            pasts += found in _PASTS
            presents += found in _PRESENTS
    before, after = -1, 1
    while tag(before) in _ADVERBS and before > -4:
        before -= 1
    while tag(after) in _ADVERBS and after < 4:
        after += 1
    verb = subject = -1
    while tag(verb) != 0 and tag(verb) not in _VERBAL and verb > -8:
        verb -= 1
    while tag(subject) != 0 and tag(subject) not in _NOMINAL and subject > -8:
        subject -= 1
    t0 = tag(0)
    tenses = min(pasts, 2) * 3 + min(presents, 2)
    return [
        combine(150, min(finite, 3)),
        combine(151, min(in_clause, 2)),
        combine(152, min(in_clause, 2), tag(-1), tag(1)),
        combine(153, tenses),
        combine(154, tenses, t0),
        combine(155, tag(before), tag(after)),
        combine(156, get(before).word),
        combine(157, tag(before), get(after).word),
        combine(158, get(verb).word),
        combine(159, tag(verb), -verb),
        combine(160, tag(subject), -subject),
        combine(161, get(subject).word),
        combine(162, tag(subject), tag(verb), tag(before)),
        combine(163, tenses, tag(subject), tag(before)),
    ]


def homograph_features(tokens, tags, at):
    """(grammar, topic): features about the grammar around the word, and about what it is about."""

    def get(index):
        return tokens[index] if 0 <= index < len(tokens) else NOTHING

    def tag(index):
        return tags[index] if 0 <= index < len(tags) else 0

    w0 = get(at)
    p1, p2, p3, n1, n2, n3 = (get(at + d) for d in (-1, -2, -3, 1, 2, 3))
    t0, tp1, tp2, tp3, tn1, tn2, tn3 = (tag(at + d) for d in (0, -1, -2, -3, 1, 2, 3))
    start = 16 if at == 0 or all(is_mark(t.text) for t in tokens[max(0, at - 2) : at]) else 0
    grammar = [
        combine(100, 0),
        combine(101, p1.word),
        combine(102, n1.word),
        combine(103, p2.word),
        combine(104, n2.word),
        combine(105, p3.word),
        combine(106, n3.word),
        combine(107, p2.word, p1.word),
        combine(108, n1.word, n2.word),
        combine(109, p1.word, n1.word),
        combine(110, t0),
        combine(111, tp1),
        combine(112, tn1),
        combine(113, tp2),
        combine(114, tn2),
        combine(115, tp2, tp1),
        combine(116, tn1, tn2),
        combine(117, tp1, tn1),
        combine(118, tp1, t0),
        combine(119, t0, tn1),
        combine(120, tp2, tp1, tn1),
        combine(121, tp1, tn1, tn2),
        combine(122, p1.suffix3),
        combine(123, n1.suffix3),
        combine(124, w0.shape | start),
        combine(125, p1.shape, w0.shape | start, n1.shape),
        combine(126, tp3, tp2, tp1),
        combine(127, tn1, tn2, tn3),
        combine(128, p1.word, tn1),
        combine(129, tp1, n1.word),
        combine(130, p2.word, tp1),
        combine(131, tn1, n2.word),
        combine(132, t0, w0.shape | start),
    ]
    grammar += _clause_features(lambda d: get(at + d), lambda d: tag(at + d))
    topic = []
    seen = set()
    for distance in range(1, 11):
        for index in (at - distance, at + distance):
            other = get(index)
            if other is NOTHING or is_mark(other.text) or len(other.lower) < 3:
                continue
            for feature in (combine(140, other.word), combine(141, other.stem)):
                if feature not in seen:
                    seen.add(feature)
                    topic.append(feature)
    return grammar, topic
