"""What the makers of chat data change: an answer, its request, and the instructions that it follows."""

import re
from dataclasses import dataclass, field

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
COMMON = set(
    "about after again also another because been before being between both could does doing down during each from "
    "further have having here into just like made make many more most much only other over same should some such "
    "than that their them then there these they this those through under until very were what when where which "
    "while will with would your yours something anything everything nothing things thing right little first never "
    "always going looked asked said says many every often used using well even known called example called usually since".split()
)


@dataclass
class Draft:
    request: str
    sentences: list  # the answer's, each complete
    title: str
    kind: str  # "answer", "own", "story" or "letter"
    related: list  # words that one would expect in such an answer and that are not in it
    text: str = ""
    instructions: list = field(default_factory=list)  # words, in the order of being made
    checks: list = field(default_factory=list)  # (name, arguments)
    tags: set = field(default_factory=set)

    def add(self, rng, texts, check, arguments=None, **slots):
        self.instructions.append(rng.choice(texts).format(**slots))
        self.checks.append((check, arguments or {}))


def count_of(rng, n):
    return NUMBERS[n] if n < len(NUMBERS) and rng.random() < 0.5 else str(n)


def words_of(text):
    return re.findall(r"[A-Za-z][A-Za-z'-]*", text)


def content_words(text):
    seen = {}
    for word in words_of(text):
        if len(word) > 4 and word.islower() and word not in COMMON and "'" not in word:
            seen[word] = seen.get(word, 0) + 1
    return seen


def groups(rng, sentences, n):
    """The sentences as n runs, none of them empty."""
    cuts = sorted(rng.sample(range(1, len(sentences)), n - 1))
    return [sentences[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentences)])]
