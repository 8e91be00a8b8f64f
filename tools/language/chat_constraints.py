"""Instructions that can be checked, and answers that follow them because they are built so.

Each maker takes a Draft and a random generator, changes the answer, adds the instruction in words of our own
and its check (the name and arguments that src/evaluation/instruction_checks.h knows), and returns whether it
could. Stages: SHAPES (chat_shapes.py, at most one) give the body its form, MARKS set parts of it off, AROUND
add what comes before and after it, CASES change all letters, COUNTS describe the finished text, OUTERMOST
wrap it.
"""

import re

from chat_draft import content_words, count_of, words_of

# --- MARKS --------------------------------------------------------------------------------------------------


def highlights(draft, rng):
    if "*" in draft.text:
        return False
    spots = list(re.finditer(r"\b[a-z]{4,}(?: [a-z]{4,})?\b", draft.text))
    n = rng.randint(2, 5)
    if len(spots) < 2 * n:
        return False
    mark = rng.choice(["*", "*", "**"])
    chosen = sorted(rng.sample(spots, n + rng.randint(0, 1)), key=lambda m: -m.start())
    for spot in chosen:
        draft.text = f"{draft.text[:spot.start()]}{mark}{spot[0]}{mark}{draft.text[spot.end():]}"
    draft.add(
        rng,
        [
            "Set at least {n} phrases in italics with Markdown asterisks, like {m}this phrase{m}.",
            "Highlight {n} or more parts of the text in Markdown: {m}a part{m}.",
            "Put {m}asterisks{m} around no fewer than {n} passages to stress them.",
            "Stress what matters: {n} highlighted passages or more, written as {m}passage{m}.",
            "Emphasise a minimum of {n} sections of your answer, {m}in this way{m}.",
        ],
        "detectable_format:number_highlighted_sections",
        {"num_highlights": n},
        n=count_of(rng, n),
        m=mark,
    )
    draft.tags.add("marked")
    return True


def capital_words(draft, rng):
    spots = list(re.finditer(r"\b[a-z]{4,}\b", draft.text))
    n = rng.randint(2, 6)
    if len(spots) < 3 * n or "*" in draft.text:
        return False
    if rng.random() < 0.3:
        n += len(re.findall(r"\b[A-Z][A-Z]*\b", draft.text)) + 1
        relation, words = "less than", ["Use fewer than {n} words in all capitals.", "Words in CAPITALS: less than {n}.",
                                        "Write less than {n} words entirely in capital letters."]
    else:
        for spot in sorted(rng.sample(spots, n), key=lambda m: -m.start()):
            draft.text = draft.text[: spot.start()] + spot[0].upper() + draft.text[spot.end() :]
        relation, words = "at least", ["Write at least {n} words in ALL CAPITALS.",
                                       "Use capital letters throughout for {n} or more of the words, to stress them.",
                                       "No fewer than {n} words must be in capital letters only."]
    draft.add(rng, words, "change_case:capital_word_frequency",
              {"capital_relation": relation, "capital_frequency": n}, n=count_of(rng, n))
    draft.tags.add("capitals")
    return True


def exclamations(draft, rng):
    spots = [m.start() for m in re.finditer(r"\.(?=\s|$)", draft.text)]
    if len(spots) < 2:
        return False
    n = rng.randint(2, min(6, len(spots)))
    for at in rng.sample(spots, n):
        draft.text = draft.text[:at] + "!" + draft.text[at + 1 :]
    n = draft.text.count("!")
    draft.add(rng, ["Use the exclamation mark ! at least {n} times.", "Put {n} or more exclamation marks into it.",
                    "I want to see no fewer than {n} exclamation marks (!)."],
              "keywords:letter_frequency", {"letter": "!", "let_relation": "at least", "let_frequency": n},
              n=count_of(rng, n))
    return True


MARKS = [highlights, highlights, capital_words, exclamations]


# --- AROUND -------------------------------------------------------------------------------------------------


def title(draft, rng):
    draft.text = f"<<{draft.title}>>\n\n{draft.text}"
    draft.add(
        rng,
        [
            "Give it a title in double angular brackets, as in <<A Title>>.",
            "Begin with a title, written between << and >>.",
            "It needs a title, and the title stands in double angle brackets: <<like this>>.",
            "Put a heading over it and wrap the heading like this: <<heading>>.",
            "Name your text: the name goes between double angular brackets, <<name>>.",
        ],
        "detectable_format:title",
    )
    return True


NOTES = [
    "Tell me if you would like to know more.", "Ask me when anything is unclear.", "I hope that this was of use.",
    "There is more to say about it another time.", "Take care and stay curious.", "Let me know how it went.",
    "Write to me when you have read it.", "Do not forget to share it with a friend.", "Have a pleasant day.",
    "The next answer may be shorter.", "Sources should be checked twice.", "A good book says more about it.",
]


def postscript(draft, rng):
    marker = rng.choice(["P.S.", "P.S.", "P.P.S"])
    draft.text = f"{draft.text}\n\n{marker} {rng.choice(NOTES)}"
    draft.add(
        rng,
        [
            "Close with a postscript that begins with {m}",
            "Add a postscript at the end. Mark it with {m}",
            "After the last line comes a note that starts with {m}",
            "Do not forget a postscript ({m}) at the very end.",
            "End with one more remark, introduced by {m}",
        ],
        "detectable_content:postscript",
        {"postscript_marker": marker},
        m=marker,
    )
    draft.tags.add("postscript")
    return True


ENDS = [
    "That is all I know about it.", "What do you think of that?", "Now it is your turn.", "This is where I stop.",
    "And so the matter rests.", "I wish you good luck with it.", "May it help you on your way.", "Nothing more to add.",
    "These are the facts.", "Remember this well.", "Thank you for listening to me.", "Which part surprised you most?",
    "Let us talk again soon.", "The rest is up to you.", "Everything else is a detail.", "Here ends my answer.",
]


def end_phrase(draft, rng):
    phrase = rng.choice(ENDS)
    draft.text = f"{draft.text}\n\n{phrase}" if rng.random() < 0.6 else f"{draft.text} {phrase}"
    draft.add(
        rng,
        [
            "The last words must be exactly: {p} Nothing comes after them.",
            "Finish with this very sentence: \"{p}\"",
            "End your answer with the phrase {p} and do not go on after it.",
            "Your closing line is: {p}",
            "Let it end on the words '{p}' without anything behind them.",
        ],
        "startend:end_checker",
        {"end_phrase": phrase},
        p=phrase,
    )
    draft.tags.add("end")
    return True


AROUND = [title, title, postscript, end_phrase]


# --- CASES --------------------------------------------------------------------------------------------------


def lower_case(draft, rng):
    draft.text = draft.text.lower()
    draft.add(
        rng,
        [
            "Use lowercase letters only; there must be no capital letter.",
            "write everything in small letters.",
            "The entire answer is to be in English and in lowercase. Capitals are not allowed.",
            "No capital letters anywhere, please: all in lowercase English.",
            "Keep every letter of the answer in lower case, also at the beginning of sentences.",
            "All letters have to be lowercase.",
        ],
        "change_case:english_lowercase",
    )
    return True


def upper_case(draft, rng):
    draft.text = draft.text.upper()
    draft.add(
        rng,
        [
            "Use capital letters only.",
            "WRITE THE WHOLE ANSWER IN CAPITALS.",
            "The entire answer is to be in English and in upper case.",
            "Every letter has to be a capital one; no lowercase letters, please.",
            "Make it look like a telegram: all in capital letters, in English.",
        ],
        "change_case:english_capital",
    )
    return True


def no_comma(draft, rng):
    if draft.text.count(",") > max(4, len(draft.text) // 90) or re.search(r"\d,\d", draft.text):
        return False
    text = re.sub(r",(\s+)(and|or|but|so|which|who|because|while|as|then)\b", r"\1\2", draft.text)
    # "a, b and c" reads as "a and b and c".
    text = re.sub(r",(\s+)(?=\w+(?:[,]| and| or)\b)", r" and\1", text)
    draft.text = text.replace(",", "")
    draft.add(
        rng,
        [
            "Do not use any commas.",
            "Commas are forbidden in the whole answer.",
            "Write it without a single comma.",
            "Please avoid commas altogether.",
            "The answer may contain no comma at all.",
            "Leave out all commas.",
        ],
        "punctuation:no_comma",
    )
    draft.tags.add("no_comma")
    return True


CASES = [lower_case, lower_case, upper_case, no_comma, no_comma, no_comma]


# --- COUNTS -------------------------------------------------------------------------------------------------


def round_down(n):
    step = 50 if n > 150 else 10 if n > 40 else 5 if n > 12 else 1
    return max(1, n // step * step)


def number_words(draft, rng):
    n = len(re.findall(r"\w+", draft.text))
    if n < 12:
        return False
    if rng.random() < (0.55 if n < 120 else 0.85):
        least = round_down(int(n * rng.uniform(0.75, 1)))
        draft.add(rng, ["Write at least {n} words.", "It must not be shorter than {n} words.", "Use {n} words or more.",
                        "The length: a minimum of {n} words.", "I expect {n} or more words."],
                  "length_constraints:number_words", {"relation": "at least", "num_words": least}, n=least)
    else:
        most = round_down(int(n * rng.uniform(1.1, 1.7)) + 10) + 1
        most += 0 if most > n else n - most + 5
        draft.add(rng, ["Stay below {n} words.", "Use fewer than {n} words.", "It has to be shorter than {n} words.",
                        "Answer in less than {n} words.", "Do not reach {n} words."],
                  "length_constraints:number_words", {"relation": "less than", "num_words": most}, n=most)
    return True


def number_sentences(draft, rng):
    n = len(re.findall(r"[.?!](?=\s|$)", draft.text))
    if n < 1:
        return False
    if n > 2 and rng.random() < 0.5:
        least = rng.randint(max(2, n * 2 // 3), n)
        draft.add(rng, ["Write at least {n} sentences.", "Use {n} sentences or more.", "No fewer than {n} sentences, please."],
                  "length_constraints:number_sentences", {"relation": "at least", "num_sentences": least},
                  n=count_of(rng, least))
    else:
        most = n + rng.randint(1, 2)
        draft.add(rng, ["Use fewer than {n} sentences.", "Answer in less than {n} sentences.",
                        "The number of sentences has to be below {n}.", "Do not write {n} sentences or more."],
                  "length_constraints:number_sentences", {"relation": "less than", "num_sentences": most},
                  n=count_of(rng, most))
    return True


def keywords(draft, rng):
    found = list(content_words(draft.text))
    n = rng.randint(1, 4)
    if len(found) < n + 2:
        return False
    chosen = rng.sample(found, n)
    draft.add(rng, ["Use the following words: {k}.", "These words have to occur: {k}.", "Work in the keywords {k}.",
                    "Make sure to mention {k}.", "Include {k} in the text."],
              "keywords:existence", {"keywords": chosen},
              k=", ".join(chosen) if n < 3 or rng.random() < 0.6 else " and ".join(chosen))
    return True


def keyword_frequency(draft, rng):
    lower = draft.text.lower()
    counted = {word: lower.count(word) for word in content_words(draft.text)}
    twice = [word for word, n in counted.items() if n >= 2]
    if twice and rng.random() < 0.8:
        word = rng.choice(twice)
        n = counted[word]
        draft.add(rng, ["Use the word {w} at least {n} times.", "The word \"{w}\" has to occur {n} times or more.",
                        "Repeat {w}: it should be in the text no fewer than {n} times."],
                  "keywords:frequency", {"relation": "at least", "keyword": word, "frequency": n},
                  w=word, n=count_of(rng, n))
        return True
    if not counted:
        return False
    word = rng.choice(list(counted))
    n = counted[word] + rng.randint(1, 2)
    draft.add(rng, ["Use the word {w} fewer than {n} times.", "The word '{w}' must occur less than {n} times."],
              "keywords:frequency", {"relation": "less than", "keyword": word, "frequency": n}, w=word,
              n=count_of(rng, n))
    return True


def forbidden(draft, rng):
    lower = set(word.lower() for word in words_of(draft.text))
    free = [word for word in draft.related if word not in lower]
    n = rng.randint(1, 4)
    if len(free) < n:
        return False
    chosen = rng.sample(free, n)
    draft.add(rng, ["Do not use these words: {k}.", "Avoid the words {k}.", "The answer may not contain {k}.",
                    "Leave out the following words: {k}.", "Do without the words {k}."],
              "keywords:forbidden_words", {"forbidden_words": chosen}, k=", ".join(chosen))
    return True


def letter_frequency(draft, rng):
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    n = draft.text.lower().count(letter)
    if n >= 3 and rng.random() < 0.5:
        least = max(2, int(n * rng.uniform(0.5, 1)))
        draft.add(rng, ["The letter {c} has to appear at least {n} times.", "Use the letter {c} {n} times or more."],
                  "keywords:letter_frequency", {"letter": letter, "let_relation": "at least", "let_frequency": least},
                  c=letter, n=least)
    else:
        most = n + rng.randint(1, 4)
        draft.add(rng, ["The letter {c} has to appear less than {n} times.", "Use the letter {c} fewer than {n} times."],
                  "keywords:letter_frequency", {"letter": letter, "let_relation": "less than", "let_frequency": most},
                  c=letter, n=most)
    return True


def placeholders(draft, rng):
    n = len(re.findall(r"\[[^\]\n]+\]", draft.text))
    if n < 1:
        return False
    least = rng.randint(max(1, n - 2), n)
    draft.add(rng, ["Leave at least {n} things open as placeholders in square brackets, such as [name].",
                    "Use {n} or more placeholders, each in square brackets, e.g. [date].",
                    "What is not known yet goes into square brackets like [place]; there must be at least {n} of those."],
              "detectable_content:number_placeholders", {"num_placeholders": least}, n=count_of(rng, least))
    return True


COUNTS = [number_words, number_words, number_words, number_sentences, number_sentences, keywords, keywords,
          keyword_frequency, keyword_frequency, forbidden, forbidden, letter_frequency]


# --- OUTERMOST ----------------------------------------------------------------------------------------------


def quotation(draft, rng):
    draft.text = '"' + draft.text.replace('"', "'") + '"'
    draft.add(
        rng,
        [
            "Wrap the whole answer in double quotation marks.",
            "Your answer must begin and end with a double quotation mark.",
            "Put double quotes (\") around everything you write.",
            "Enclose the entire text in double quotation marks, please.",
            "The first and the last character of the answer is \".",
        ],
        "startend:quotation",
    )
    draft.tags.add("quoted")
    return True


def repeat_request(draft, rng):
    # What was asked for so far is part of the request.
    draft.request = " ".join([draft.request, *draft.instructions])
    draft.instructions = []
    draft.text = f"{draft.request}\n\n{draft.text}"
    draft.add(
        rng,
        [
            "Before you answer, repeat the request above word for word. Do not change it and say nothing before it.",
            "First write down my request once more without any change, then give the answer. Do not repeat this sentence.",
            "Say the request again exactly as it is and only then answer it. (What is to be repeated ends before this line.)",
            "Start with a word-for-word copy of the request, then answer. This instruction is not part of the request.",
        ],
        "combination:repeat_prompt",
        {"prompt_to_repeat": draft.request},
    )
    draft.tags.add("repeat")
    return True


OUTERMOST = [quotation, repeat_request]
