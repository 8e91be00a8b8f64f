#!/usr/bin/env python3
"""Requests of many genres, for answers of the base's own.

    chat_requests.py --out requests.jsonl [--count 600] [--seed 1]
    myna eval lm --model smollm2-135m-instruct --chat requests.jsonl --max-tokens 110 --at-once 24 --answers own.jsonl
    chat_data.py ... --own-answers own.jsonl

What a model says by itself costs it nothing to learn again: of such an answer, changed so that it follows an
instruction, the instruction is all that is new. Genres, topics and wording are ours. Standard library only.
"""

import argparse
import json
import pathlib
import random
import sys

GENRES = [
    "Write a short blog post about {t}.", "Write a poem about {t}.", "Compose a song about {t}.", "Write an essay on {t}.",
    "Write a limerick about {t}.", "Tell me a joke about {t}.", "Write a riddle about {t}.", "Explain {t} to a child.",
    "Write an advertisement for a product to do with {t}.", "Write an article about {t} for a local newspaper.",
    "Summarise what is known about {t}.", "Give me advice on {t}.", "Write a product description for {t}.",
    "Draft a tweet about {t}.", "Write a letter to a friend about {t}.", "Write a review of a book about {t}.",
    "Write a rap about {t}.", "What should everybody know about {t}?", "Write a dialogue between two people about {t}.",
    "Write a diary entry about {t}.", "Brainstorm names for a company that deals with {t}.", "Write a speech about {t}.",
    "Describe the pros and cons of {t}.", "Write a plan for a week that has to do with {t}.", "Why do people care about {t}?",
    "Write a short play in which {t} matters.", "Write a cover letter of somebody who loves {t}.", "Write a haiku about {t}.",
    "Write a rubric for judging an essay on {t}.", "Write the outline of a lesson on {t}.", "Argue against {t}.",
    "Write a slogan for {t}.", "Write a press release about {t}.", "Rewrite this more formally: I like {t} a lot.",
    "Continue this sentence: When I first heard of {t}, I", "Write a template for an email about {t}.",
    "Write an obituary of an imaginary expert on {t}.", "Make a list of facts about {t}.", "What is the history of {t}?",
    "How do I begin with {t}?", "Is {t} worth the trouble?", "Write a social media post about {t} for teenagers.",
]
TOPICS = [
    "rain", "gardening", "night trains", "bicycles", "old maps", "sourdough bread", "the Moon", "public libraries", "chess",
    "bees", "learning to swim", "lighthouses", "folk music", "electric cars", "houseplants", "street markets", "volcanoes",
    "patience", "school lunches", "football", "rivers", "photography", "moving to a new city", "recycling", "cats", "dogs",
    "the number zero", "tea", "winter sports", "remote work", "birdsong", "board games", "deserts", "knitting", "honesty",
    "robots", "camping", "solar power", "grandparents", "the sea", "typewriters", "ice cream", "kites", "mathematics",
    "sleep", "traffic jams", "museums", "woodwork", "penguins", "job interviews", "running shoes", "elections", "umbrellas",
    "painting", "comets", "vegetables", "friendship", "clocks", "whales", "pottery", "small talk", "dinosaurs", "jazz",
    "budgeting", "mountain huts", "cooking for one", "languages", "earthquakes", "wedding guests", "computers", "noise",
    "fishing", "snow", "moths", "coffee shops", "spelling", "bridges", "first aid", "dreams", "vaccination", "tomatoes",
    "holidays at home", "handwriting", "horses", "the first day at school", "thunderstorms", "hats", "online courses",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    every = [genre.format(t=topic) for genre in GENRES for topic in TOPICS]
    chosen = random.Random(arguments.seed).sample(every, arguments.count)
    with open(arguments.out, "w", encoding="utf-8") as file:
        for prompt in chosen:
            file.write(json.dumps({"prompt": prompt}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
