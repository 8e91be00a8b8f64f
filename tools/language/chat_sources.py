"""Requests with good answers, from permissively licensed data and from our own templates.

A source yields Pair(request, sentences, title, kind, source); what looks like a poor answer is left out.
"""

import json
import re
from dataclasses import dataclass

from chat_draft import content_words, words_of


@dataclass
class Pair:
    request: str
    sentences: list
    title: str
    kind: str  # "answer", "own", "story" or "letter"
    source: str
    related: list = None


# Requests that lean on a text which is not there.
LEANING = re.compile(
    r"\b(passage|paragraph|(?:this|the|reference|following|above|below|given) (?:text|article|list|sentence|"
    r"information|table|data|statement|document|post|piece)|extract|summari[sz]e|given the|provided|"
    r"reference text|from the|classify|identify which|according to|listed)\b",
    re.IGNORECASE,
)
STALE = re.compile(r"\b(as an ai|language model|i am not sure|i don't know|click|http|www\.)", re.IGNORECASE)
# Apostrophes and blanks that got lost on the way; lists that were drawn into one line.
BROKEN = re.compile(r" \d+\. [A-Z]| - [A-Z].* - [A-Z]|\b[A-Za-z]+ (?:t|s|re|ve|ll|m) |[a-z][.!?][A-Za-z]|[a-z]{2},[a-z]| [.,]")
ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Jr|Sr|vs|etc|Inc|Co|No|e\.g|i\.e|U\.S|[A-Z])\.$")


def plain_text(text):
    for a, b in (("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2013", "-"), ("\u2014", " - "),
                 ("\u2026", "..."), ("\u00a0", " ")):
        text = text.replace(a, b)
    return re.sub(r"[ \t]+", " ", text).strip()


def sentences_of(text):
    found = []
    for line in text.split("\n"):
        for part in re.split(r"(?<=[.!?])(?<!\.\.)[ ]+(?=[\"'A-Z0-9])", line.strip()):
            if found and ABBREVIATION.search(found[-1]):
                found[-1] += " " + part
            elif part:
                found.append(part.strip())
    return found


def title_of(request):
    words = [w for w in words_of(request) if w.lower() not in
             {"what", "why", "how", "is", "are", "the", "a", "an", "do", "does", "did", "can", "some", "me", "give", "of",
              "write", "please", "list", "tell", "i", "you", "to", "for", "in", "should", "my", "was", "were", "who",
              "when", "where", "which", "would", "and", "that", "it", "name"}]
    chosen = words[:5] or ["An", "Answer"]
    return " ".join(w[0].upper() + w[1:] for w in chosen)


def is_good(request, sentences, least=18):
    text = " ".join(sentences)
    return (
        10 <= len(request) <= 220
        and text.isascii() and request.isascii()
        and not LEANING.search(request) and not STALE.search(text) and not BROKEN.search(text)
        and least <= len(words_of(text)) <= 260
        and all(s[0].isupper() or s[0] in "\"'(0123456789" for s in sentences)
        and all(s[-1] in ".!?\")" for s in sentences)
        and "[" not in text and "*" not in text and "<" not in text
        and text.count("(") == text.count(")") and text.count('"') % 2 == 0
    )


def questions(path):
    """Dolly's: an answer's line is mostly a sentence."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            request = plain_text(row["instruction"])
            sentences = sentences_of(plain_text(row["response"]))
            ended = [s[-1:] in ".!?\")" for s in sentences]
            # Long answers are cut off in this copy of the data: what is left of the last sentence goes.
            if len(ended) > 1 and not ended[-1] and (sum(ended) * 2 > len(ended) or len(row["response"]) > 450):
                del sentences[-1]
            # Lists: numbers are taken off, a full stop is put where the line is one.
            sentences = [re.sub(r"^(?:\d+[.)]|[-*\u2022]) ?", "", s) for s in sentences]
            sentences = [s if s[-1:] in ".!?\")" else s + "." for s in sentences if len(s) > 2]
            sentences = [s[0].upper() + s[1:] for s in sentences]
            if request and request[-1] not in ".?!":
                request += "?" if re.match(r"(?i)(what|why|how|who|when|where|which|is|are|do|does|can)\b", request) else "."
            if sentences and is_good(request, sentences):
                yield Pair(request[0].upper() + request[1:], sentences, title_of(request), "answer", "dolly")


def tasks(paths):
    """Self-instruct's tasks that people wrote, those without an input."""
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                instance = row["instances"][0]
                request, answer = plain_text(row["instruction"]), plain_text(instance["output"])
                if instance["input"]:
                    if len(instance["input"]) > 400:
                        continue
                    request += "\n\n" + plain_text(instance["input"])
                sentences = sentences_of(answer)
                if sentences and is_good(request, sentences):
                    yield Pair(request, sentences, title_of(row["instruction"]), "answer", "self-instruct")


def own_answers(path):
    """A model's own, as `myna eval lm --answers` keeps them: what precedes the first repetition or the cut."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            sentences, known = [], set()
            text = re.sub(r"(?<![.!?:\n])\n(?!\n)", " ", plain_text(row["response"]))  # verses
            for sentence in sentences_of(re.sub(r"[*#]", "", text)):
                words = words_of(sentence.lower())
                runs = {tuple(words[i : i + 4]) for i in range(len(words) - 3)}
                if re.fullmatch(r"\d+\.", sentence) or runs & known or sentence in sentences or sentence[-1] not in ".!?\")":
                    if sentences:
                        break
                    continue  # a heading
                known |= runs
                sentences.append(sentence[0].upper() + sentence[1:])
            if sentences and is_good(row["prompt"], sentences, least=8):
                yield Pair(row["prompt"], sentences, title_of(row["prompt"]), "own", "base")


STORY_REQUESTS = [
    "Write a story with the title \"{t}\".", "Tell me a story about {w}.", "Make up a short story called {t}.",
    "Write a tale for children about {w}.", "I need a bedtime story. It is called \"{t}\".",
    "Write a simple story in which {w} play a part.", "Can you tell the story of \"{t}\"?",
]


def stories(paths, rng):
    """Storybooks: the longer ones are cut where a page ends."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        footer = text.rsplit("##", 1)[-1]
        if not re.search(r"License: \[(CC-BY|CC BY|PD|CC0)[^-]*\]", footer):
            continue
        name = re.search(r"^# (.+)$", text, re.MULTILINE)
        pages = [plain_text(" ".join(page.split("\n"))) for page in text.split("##")[1:-1]]
        sentences, limit = [], rng.choice([100, 180, 280, 420])
        for page in pages:
            more = sentences_of(page)
            if len(words_of(" ".join(sentences + more))) > limit:
                break
            sentences += more
        joined = " ".join(sentences)
        if not name or len(words_of(joined)) < 50 or not joined.isascii() or "*" in joined or "[" in joined:
            continue
        if any(not s[0].isalnum() and s[0] not in "\"'" for s in sentences) or sentences[-1][-1] not in ".!?\"'":
            continue
        title = plain_text(name[1]).strip("!?. ")
        about = sorted(content_words(joined).items(), key=lambda item: -item[1])[:2]
        if not title.isascii() or len(about) < 2:
            continue
        request = rng.choice(STORY_REQUESTS).format(t=title, w=" and ".join(word for word, _ in about))
        yield Pair(request, sentences, title, "story", path.parent.parent.name)


def add_related(pairs, rng):
    """To each pair the words of answers to similar requests, which its own answer does not use."""
    by_word = {}
    for index, pair in enumerate(pairs):
        for word in content_words(pair.request.lower() + " " + " ".join(pair.sentences)):
            by_word.setdefault(word, []).append(index)
    for index, pair in enumerate(pairs):
        own = " ".join([pair.request, *pair.sentences]).lower()
        near = []
        for word in content_words(pair.request.lower()):
            near += [other for other in by_word.get(word, []) if other != index][:8]
        found = set()
        for other in near or [rng.randrange(len(pairs)) for _ in range(4)]:
            found |= {word for word in content_words(" ".join(pairs[other].sentences)) if word not in own}
        pair.related = sorted(found)
