#!/usr/bin/env python3
"""Makes the dialogues that myna-chat-1 is tuned on.

    chat_data.py --data ../shared/data --out DIR --myna build/release/bin/myna [--examples 3000] [--seed 1] [--mix even]
                 [--apart-from PROMPTS.jsonl]... [--own-answers OWN.jsonl] [--held-out N]

Good answers (chat_sources.py) get instructions that can be checked (chat_constraints.py) and are changed so that
they follow them; `myna eval lm` judges every one, and what does not follow is dropped. Written are
DIR/chat.jsonl for `myna-train tokens`, and DIR/report.json: how many of what, and from where. A prompt that has
eight words in a row in common with one of --apart-from (a test set) is dropped, too, and counted. Every dialogue
begins with the system message that the base's chat template puts before one without. --own-answers are the base's
to chat_requests.py's requests. The last --held-out dialogues of one question go to DIR/held-out.jsonl instead, for
`myna eval lm --ifeval`.
The same seed and data give the same bytes. Standard library only.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
from collections import Counter

import chat_letters
import chat_sources
from chat_constraints import AROUND, number_words, placeholders, repeat_request
from chat_draft import Draft
from chat_mixes import MIXES
from chat_shapes import plain

OVERLAP = 8  # words in a row
# Of the examples; what remains are constrained answers.
PLAIN, SECOND_TURN, CHOICE = 0.06, 0.02, 0.01
KINDS = {"story": 0.10, "letter": 0.07, "own": 0.33}
# SmolLM2-Instruct's template puts it before a dialogue that has none: what is trained without it is not what is asked.
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
LONGEST_DIALOGUE = 880  # characters: with the system message 256 tokens
HOW_MANY = [1, 1, 1, 1, 1, 2, 2, 2, 3]


def shortened(sentences, longest):
    """The first sentences, one at least, that have up to `longest` words."""
    kept, words = [], 0
    for sentence in sentences:
        words += len(sentence.split())
        if kept and words > longest:
            break
        kept.append(sentence)
    return kept


def constrain(pair, rng, mix):
    """A Draft that follows one to three instructions, or None where they do not go together."""
    wanted = rng.choice(HOW_MANY)
    stages = [rng.choice(mix.stages) for _ in range(wanted)]
    longest = rng.choice(mix.longest[2:] if "shape" in stages else mix.longest)
    sentences = list(pair.sentences) if pair.kind == "letter" else shortened(pair.sentences, longest)
    draft = Draft(pair.request, sentences, pair.title, pair.kind, pair.related or [])
    if pair.kind == "letter" and rng.random() < 0.7:
        stages[0] = "placeholders"
    if "shape" in stages:
        if not any(maker(draft, rng) for maker in rng.sample(mix.shapes, len(mix.shapes))):
            return None
    else:
        plain(draft, rng)
    if "json" in draft.tags:
        stages = [stage for stage in stages if stage in ("shape", "counts")][:2]
    steps = [("marks", mix.marks), ("around", mix.around), ("case", mix.cases)]
    for name, makers in steps:
        if name in stages and not rng.choice(makers)(draft, rng):
            return None
    if stages.count("around") > 1 and "end" not in draft.tags and "postscript" not in draft.tags:
        AROUND[rng.choice([2, 3])](draft, rng)
    if "placeholders" in stages and not placeholders(draft, rng):
        return None
    counts = rng.sample(mix.counts, min(stages.count("counts"), 2))
    if counts and len(draft.text) > 700 and rng.random() < 0.6:  # long texts are rare: their length is the lesson
        counts[0] = number_words
    for maker in counts:
        if not maker(draft, rng):
            return None
    names = [name for name, _ in draft.checks]
    if len(set(names)) < len(names):
        return None
    if len(draft.instructions) > 1:
        order = list(range(len(draft.instructions)))
        rng.shuffle(order)
        draft.instructions = [draft.instructions[i] for i in order]
    if "outer" in stages:
        maker = rng.choice(mix.outermost)
        if maker is repeat_request and any(name.startswith(("change_case", "punctuation")) for name in names):
            return None
        maker(draft, rng)
    return draft if draft.instructions else None


def prompt_of(draft, rng):
    request, instructions = draft.request, draft.instructions
    form = rng.random()
    if "repeat" in draft.tags:
        return f"{request}\n\n{' '.join(instructions)}" if form < 0.5 else f"{request} {' '.join(instructions)}"
    if form < 0.62:
        return " ".join([request, *instructions])
    if form < 0.75:
        return "\n".join([request, *instructions])
    if form < 0.87:
        return " ".join([*instructions, request])
    return request + "\n\n" + "\n".join("- " + instruction for instruction in instructions)


def second_turn(pair, rng):
    """A plain answer, then the same answer in another form."""
    name, asked, change = rng.choice(chat_letters.SECOND_TURNS)
    answer = " ".join(shortened(pair.sentences, 50))
    changed = change(answer)
    messages = [("user", pair.request), ("assistant", answer), ("user", rng.choice(asked)), ("assistant", changed)]
    return messages, [(name, {})], changed


def eights(text):
    for answer in chat_letters.CHOICES:  # three sentences that the check itself prescribes
        text = text.replace(answer, "").replace(answer.rstrip("."), "")
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[i : i + OVERLAP]) for i in range(len(words) - OVERLAP + 1)}


def make(pools, rng, count, mix):
    """`count` examples as dictionaries of messages, checks, kind and source; each pair is used in turn."""
    order = {kind: [] for kind in pools}
    made, seen = [], set()

    def take(kind):
        if not order[kind]:
            order[kind] = rng.sample(pools[kind], len(pools[kind]))
        return order[kind].pop()

    while len(made) < count:
        draw = rng.random()
        if draw < CHOICE:
            (prompt, answer), kind, source = next(chat_letters.choices(rng, 1)), "choice", "own"
            messages, checks = [("user", prompt), ("assistant", answer)], [("detectable_format:constrained_response", {})]
        elif draw < CHOICE + SECOND_TURN:
            pair = take("answer")
            messages, checks, answer = second_turn(pair, rng)
            kind, source, prompt = "second turn", pair.source, messages[0][1] + messages[2][1]
        elif draw < CHOICE + SECOND_TURN + PLAIN:
            pair = take("own" if pools["own"] and rng.random() < 0.7 else "answer")
            prompt, kind, source = pair.request, "plain", pair.source
            answer = " ".join(shortened(pair.sentences, 120))
            messages, checks = [("user", prompt), ("assistant", answer)], []
        else:
            kind = rng.choices([*KINDS, "answer"], [*KINDS.values(), 1 - sum(KINDS.values())])[0]
            pair = take(kind if pools[kind] else "answer")
            draft = constrain(pair, rng, mix)
            if draft is None:
                continue
            prompt, answer, checks, source = prompt_of(draft, rng), draft.text, draft.checks, pair.source
            messages = [("user", prompt), ("assistant", answer)]
        if prompt in seen or sum(len(text) for _, text in messages) > LONGEST_DIALOGUE:
            continue
        seen.add(prompt)
        made.append({"messages": messages, "checks": checks, "answer": answer, "prompt": prompt, "kind": kind,
                     "source": source})
    return made


def write_checks(rows, path):
    """Prompts with the instructions to be checked, as IFEval has them."""
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            ids = [name for name, _ in row["checks"]]
            kwargs = [arguments for _, arguments in row["checks"]]
            file.write(json.dumps({"prompt": row["prompt"], "instruction_id_list": ids, "kwargs": kwargs}) + "\n")


def judged(made, myna, out):
    """Those whose every instruction the checker finds followed, strictly."""
    checks, answers, verdicts = out / "checks.jsonl", out / "answers.jsonl", out / "verdicts.jsonl"
    write_checks(made, checks)
    with open(answers, "w") as b:
        for row in made:
            b.write(json.dumps({"prompt": row["prompt"], "response": row["answer"]}) + "\n")
    command = [myna, "eval", "lm", "--ifeval", checks, "--answers", answers, "--verdicts", verdicts, "--json"]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    good, failed = [], Counter()
    for row, line in zip(made, open(verdicts, encoding="utf-8")):
        strict = json.loads(line)["strict"]
        failed.update(name for (name, _), right in zip(row["checks"], strict) if not right)
        if all(strict):
            good.append(row)
    return good, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--myna", required=True, type=pathlib.Path, help="the program that judges")
    parser.add_argument("--examples", type=int, default=3000)
    parser.add_argument("--mix", choices=list(MIXES), default="even", help="how often which instruction")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--apart-from", action="append", default=[], type=pathlib.Path, metavar="JSONL")
    parser.add_argument("--own-answers", type=pathlib.Path, metavar="JSONL")
    parser.add_argument("--held-out", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    data = arguments.data
    answers = list(chat_sources.questions(data / "dlg_dolly_subset/dolly_subset.jsonl"))
    seeds = data / "llm_seed_tasks"
    answers += chat_sources.tasks(
        [seeds / "data/seed_tasks.jsonl", seeds / "human_eval/user_oriented_instructions.jsonl"])
    books = sorted(data.glob("text_pratham/en/*.md")) + sorted(data.glob("text_african_storybook/en/*.md"))
    pools = {
        "answer": answers,
        "story": list(chat_sources.stories(books, rng)),
        "letter": list(chat_letters.letters(rng, 400)),
        "own": list(chat_sources.own_answers(arguments.own_answers)) if arguments.own_answers else [],
    }
    chat_sources.add_related(answers + pools["story"] + pools["own"], rng)
    made = make(pools, rng, arguments.examples, MIXES[arguments.mix])
    good, failed = judged(made, arguments.myna, arguments.out)
    foreign = set()
    for path in arguments.apart_from:
        with open(path, encoding="utf-8") as file:
            for line in file:
                foreign |= eights(json.loads(line)["prompt"])
    kept = [row for row in good if not any(foreign & eights(text) for role, text in row["messages"] if role == "user")]
    overlapping = len(good) - len(kept)
    if arguments.held_out:
        apart = [row for row in kept if row["checks"] and len(row["messages"]) == 2][-arguments.held_out :]
        numbers = {id(row) for row in apart}
        kept = [row for row in kept if id(row) not in numbers]
        write_checks(apart, arguments.out / "held-out.jsonl")
    with open(arguments.out / "chat.jsonl", "w", encoding="utf-8") as file:
        for row in kept:
            messages = [{"role": role, "content": text} for role, text in [("system", SYSTEM), *row["messages"]]]
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    report = {
        "seed": arguments.seed, "mix": arguments.mix,
        "pairs": {kind: len(pool) for kind, pool in pools.items()},
        "held_out": arguments.held_out,
        "made": len(made), "not_followed": len(made) - len(good), "not_followed_by_check": dict(failed.most_common()),
        "dropped_for_overlap": overlapping, "kept": len(kept),
        "kinds": dict(Counter(row["kind"] for row in kept).most_common()),
        "sources": dict(Counter(row["source"] for row in kept).most_common()),
        "checks": dict(Counter(name for row in kept for name, _ in row["checks"]).most_common()),
        "words_of_answers": sum(len(row["answer"].split()) for row in kept),
    }
    (arguments.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
