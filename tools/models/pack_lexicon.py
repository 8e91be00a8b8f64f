#!/usr/bin/env python3
"""Packs the pronunciation dictionaries of the misaki package into lexicon.bin.

    pack_lexicon.py --sources DIR --out DIR

DIR of --sources holds us_gold.json, us_silver.json, gb_gold.json and gb_silver.json somewhere below
it (they are found by name). The result, one memory-mappable file for both dialects, is described in
docs/formats/lexicon.md; the same input gives the same bytes. Standard library only.
"""

import argparse
import json
import os
import pathlib
import struct
import sys

MAGIC = b"MYNALEX\0"
VERSION = 1
HEADER_SIZE = 64
ALPHABET_ENTRIES = 64
SECTION_SIZE = 32

# The order is the tag's number in the file; src/text/g2p/lexicon.h has the same list.
TAGS = ["DEFAULT", "NOUN", "VERB", "ADJ", "ADV", "VBD", "VBN", "VBP", "DT", "None"]
SPELLED = 0xFF  # as a length: the variant has no reading of its own, its letters are named
GOLD, SILVER = 0, 1
DIALECTS = [(b"en-US\0\0\0", "us"), (b"en-GB\0\0\0", "gb")]


def fnv1a(key):
    value = 0x811C9DC5
    for byte in key:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def checksum(data):
    """FNV-1a over little-endian 64-bit words; data is a multiple of 8 bytes."""
    value = 0xCBF29CE484222325
    for (word,) in struct.iter_unpack("<Q", data):
        value = ((value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def find_source(root, name):
    matches = sorted(root.rglob(name))
    if not matches:
        sys.exit(f"pack_lexicon: {name} is nowhere below {root}; unpack the misaki wheel there")
    return matches[0]


def read_entries(root, prefix):
    """[(key, tier, [(tag, phonemes or None)])], sorted by key bytes; gold hides silver."""
    entries = {}
    for tier, name in ((SILVER, "silver"), (GOLD, "gold")):
        path = find_source(root, f"{prefix}_{name}.json")
        with open(path, encoding="utf-8") as stream:
            words = json.load(stream)
        for word, value in words.items():
            variants = [("DEFAULT", value)] if isinstance(value, str) else list(value.items())
            for tag, _ in variants:
                if tag not in TAGS:
                    sys.exit(f"pack_lexicon: {path}: '{word}' has the unknown tag '{tag}'")
            variants.sort(key=lambda variant: TAGS.index(variant[0]))
            if variants[0][0] != "DEFAULT":
                sys.exit(f"pack_lexicon: {path}: '{word}' has no DEFAULT reading")
            entries[word.encode()] = (tier, variants)
    return [(key, *entries[key]) for key in sorted(entries)]


def pack_section(entries, code_of):
    """The slot table, the entry table and the heap of one dialect."""
    heap = bytearray()
    records = bytearray()
    for key, tier, variants in entries:
        if len(key) > 255:
            sys.exit(f"pack_lexicon: the key '{key.decode()}' is longer than 255 bytes")
        records += struct.pack("<IBBH", len(heap), len(key), tier, len(variants))
        heap += key
        for tag, phonemes in variants:
            if phonemes is None:
                heap += bytes((TAGS.index(tag), SPELLED))
            else:
                if len(phonemes) >= SPELLED:
                    sys.exit(f"pack_lexicon: '{key.decode()}' has {len(phonemes)} phonemes")
                heap += bytes((TAGS.index(tag), len(phonemes)))
                heap += bytes(code_of[symbol] for symbol in phonemes)
    heap += bytes(-len(heap) % 8)
    slot_count = 1
    while slot_count < 2 * len(entries):
        slot_count *= 2
    slots = [0] * slot_count
    for index, (key, _, _) in enumerate(entries):
        slot = fnv1a(key) & (slot_count - 1)
        while slots[slot]:
            slot = (slot + 1) & (slot_count - 1)
        slots[slot] = index + 1
    return struct.pack(f"<{slot_count}I", *slots), bytes(records), bytes(heap), slot_count


def pack(root):
    dialects = [(name, read_entries(root, prefix)) for name, prefix in DIALECTS]
    symbols = sorted({symbol for _, entries in dialects for _, _, variants in entries
                      for _, phonemes in variants for symbol in phonemes or ""})
    if len(symbols) > ALPHABET_ENTRIES:
        sys.exit(f"pack_lexicon: {len(symbols)} phoneme symbols, at most {ALPHABET_ENTRIES} fit")
    code_of = {symbol: code for code, symbol in enumerate(symbols)}
    alphabet = [ord(symbol) for symbol in symbols]
    alphabet += [0] * (ALPHABET_ENTRIES - len(symbols))

    tables = bytearray(struct.pack(f"<{ALPHABET_ENTRIES}I", *alphabet))
    directory_at = HEADER_SIZE + len(tables)
    body = bytearray()
    body_at = directory_at + SECTION_SIZE * len(dialects)
    directory = bytearray()
    for name, entries in dialects:
        slots, records, heap, slot_count = pack_section(entries, code_of)
        slots_at = body_at + len(body)
        entries_at = slots_at + len(slots)
        heap_at = entries_at + len(records)
        body += slots + records + heap
        directory += struct.pack("<8sIIIIII", name, slot_count, len(entries), slots_at, entries_at,
                                 heap_at, len(heap))
    content = bytes(tables + directory + body)
    header = struct.pack("<8sIIQQII", MAGIC, VERSION, len(dialects), HEADER_SIZE + len(content),
                         checksum(content), len(symbols), 0)
    return header.ljust(HEADER_SIZE, b"\0") + content


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR")
    arguments = parser.parse_args()
    data = pack(arguments.sources)
    arguments.out.mkdir(parents=True, exist_ok=True)
    final = arguments.out / "lexicon.bin"
    temporary = arguments.out / f"lexicon.bin.part-{os.getpid()}"
    temporary.write_bytes(data)
    os.replace(temporary, final)
    print(f"{final}: {len(data)} bytes")


if __name__ == "__main__":
    main()
