"""Instructions that give the body of an answer its form: see chat_constraints.py."""

import json
import re

from chat_draft import count_of, groups, words_of


def bullets(draft, rng):
    if len(draft.sentences) < 2 or draft.kind == "letter" or any("\n" in s for s in draft.sentences):
        return False
    n = min(len(draft.sentences), rng.randint(2, 7))
    mark = rng.choice("*-")
    draft.sentences = draft.sentences[:n]
    draft.text = "\n".join(f"{mark} {sentence}" for sentence in draft.sentences)
    draft.add(
        rng,
        [
            "Give exactly {n} bullet points, in Markdown, each on its own line ({m} item).",
            "The answer must be a list of {n} bullets, no more and no fewer. A bullet looks like this: {m} text.",
            "Answer as a bulleted list with {n} entries, starting every entry with '{m} '.",
            "I want precisely {n} bullet points in Markdown style, for instance:\n{m} One thing.",
            "List {n} points. Begin each line with {m} so that Markdown shows it as a bullet.",
            "Use {n} Markdown bullets, not one more.",
        ],
        "detectable_format:number_bullet_lists",
        {"num_bullets": n},
        n=count_of(rng, n),
        m=mark,
    )
    return True


def starred_paragraphs(draft, rng):
    if len(draft.sentences) < 3:
        return False
    n = rng.randint(2, min(5, len(draft.sentences)))
    draft.text = "\n\n***\n\n".join(" ".join(g) for g in groups(rng, draft.sentences, n))
    draft.add(
        rng,
        [
            "Write {n} paragraphs and put the divider *** between them.",
            "There have to be {n} paragraphs. A line with *** parts one from the next.",
            "Split the answer into exactly {n} paragraphs, divided by three asterisks: ***",
            "Use *** to divide your text into {n} paragraphs.",
            "Make it {n} paragraphs long; the Markdown divider *** stands between paragraphs.",
        ],
        "length_constraints:number_paragraphs",
        {"num_paragraphs": n},
        n=count_of(rng, n),
    )
    return True


LEADS = ["Firstly", "Finally", "Moreover", "However", "Similarly", "Today", "Indeed", "Besides", "Overall", "Still"]


def first_word(draft, rng):
    if len(draft.sentences) < 3 or draft.kind == "letter":
        return False
    n = rng.randint(2, min(5, len(draft.sentences)))
    paragraphs = groups(rng, draft.sentences, n)
    nth = rng.randint(1, n)
    first = paragraphs[nth - 1][0]
    word = words_of(first)[0] if words_of(first) else ""
    if len(word) < 5 or not first.startswith(word):
        word = rng.choice(LEADS)
        rest = first if first.split()[0] in ("I",) or not first.split()[0].isalpha() else first[0].lower() + first[1:]
        paragraphs[nth - 1][0] = f"{word}, {rest}"
    draft.text = "\n\n".join(" ".join(g) for g in paragraphs)
    draft.add(
        rng,
        [
            "Write {n} paragraphs with an empty line between them. Paragraph {i} has to begin with the word {w}.",
            "The text has {n} paragraphs, divided by blank lines, and number {i} of them opens with \"{w}\".",
            "Only two line breaks part one paragraph from the next; there are {n} of them. The first word of paragraph "
            "{i} must be {w}.",
            "Structure: {n} paragraphs, a blank line after each. Let paragraph {i} start with {w}.",
        ],
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": n, "nth_paragraph": nth, "first_word": word.lower()},
        n=count_of(rng, n),
        i=nth,
        w=word.lower() if rng.random() < 0.5 else word,
    )
    return True


def sections(draft, rng):
    if len(draft.sentences) < 3:
        return False
    n = rng.randint(2, min(5, len(draft.sentences)))
    word = rng.choice(["SECTION", "Section", "Part", "PART", "Chapter", "PARAGRAPH", "Day", "Topic"])
    mark = rng.choice(["", ":", "."])
    parts = groups(rng, draft.sentences, n)
    draft.text = "\n\n".join(f"{word} {i + 1}{mark}\n{' '.join(g)}" for i, g in enumerate(parts))
    draft.add(
        rng,
        [
            "Divide it into {n} sections. Head each with {w} and its number, like {w} 1.",
            "The answer needs {n} sections, each marked at its beginning: {w} 1, {w} 2 and so on.",
            "Put the heading {w} X over each of the {n} sections, X being the number of the section.",
            "Make {n} parts and write '{w} X' (X = 1, 2, ...) before each.",
        ],
        "detectable_format:multiple_sections",
        {"section_spliter": word, "num_sections": n},
        n=count_of(rng, n),
        w=word,
    )
    return True


def two_answers(draft, rng, least=2):
    half = len(draft.sentences) // 2
    # The second half has to stand by itself.
    if half < least or draft.kind not in ("answer", "own") or re.match(r"(He|She|It|They|This|These|Then|But|And|His|Her)\b", draft.sentences[half]):
        return False
    a, b = draft.sentences[:half], draft.sentences[half:]
    draft.text = f"{' '.join(a)}\n\n******\n\n{' '.join(b)}"
    draft.add(
        rng,
        [
            "Give two different answers and separate them with six asterisks: ******",
            "I would like to choose between two answers. Part them by ****** and nothing else.",
            "Answer twice, in two different ways. Between the answers write ******.",
            "Offer exactly two versions, with ****** (six asterisks) between the first and the second.",
        ],
        "combination:two_responses",
    )
    return True


def two_short_answers(draft, rng):
    return two_answers(draft, rng, least=1)


def as_json(draft, rng):
    if draft.kind == "letter" or not 1 <= len(draft.sentences) <= 8:
        return False
    form = rng.randrange(4)
    if form == 0:
        value = {"title": draft.title, "text": " ".join(draft.sentences)}
    elif form == 1:
        value = {"question": draft.request, "answer": " ".join(draft.sentences)}
    elif form == 2:
        value = {"answer": draft.sentences}
    else:
        value = {"topic": draft.title, "points": [{"number": i + 1, "text": s} for i, s in enumerate(draft.sentences)]}
    body = json.dumps(value, indent=rng.choice([1, 2, 4]), ensure_ascii=False)
    draft.text = f"```json\n{body}\n```" if rng.random() < 0.4 else body
    draft.tags |= {"json"}
    draft.add(
        rng,
        [
            "The complete output has to be valid JSON.",
            "Reply with one JSON object and nothing around it.",
            "Put everything you write into JSON. A Markdown code fence (```) is allowed.",
            "Format: JSON, the whole of it.",
            "Use JSON for the entire answer, without a word before or after it.",
        ],
        "detectable_format:json_format",
    )
    return True


def plain(draft, rng):
    if draft.kind == "letter":
        draft.text = "\n\n".join(draft.sentences)
    elif draft.kind == "story" and len(draft.sentences) > 5:
        draft.text = "\n\n".join(" ".join(g) for g in groups(rng, draft.sentences, max(2, len(draft.sentences) // 5)))
    else:
        draft.text = " ".join(draft.sentences)
    return True


SHAPES = [bullets] * 3 + [starred_paragraphs] * 3 + [first_word, sections] * 2 + [two_answers] * 4 + [as_json] * 2
