"""What is measured of a finished show: its script against its sources, captions, loudness, and what
independent readers make of its files."""

import json
import re
import shutil
import subprocess
import wave
import xml.etree.ElementTree as ElementTree

PODCAST = "{https://podcastindex.org/namespace/1.0}"
# The words of questions and of the hosts that stand in lines with a source (docs/podcast.md).
QUESTION_WORDS = set(
    "what when where who why how long much is are was were does do did can could will has have had would so and about "
    "happened happens tell me should i know it that to for of the a such as always used mean come from consist depend on "
    "called work explain find say think".split()
)
# What pronouns of the writer become.
THIRD_PERSON = set("the author author's authors authors' narrator narrator's they their them theirs themselves".split())


def words(text):
    return re.findall(r"[\w'’-]+", text.lower())


def supported(text, span, names=()):
    """Words of a line occur in its span in the same order: extraction only leaves words out. A question
    has its words from its answer, in any order."""
    given = words(span)
    stems = set(given) | {word.rstrip("s") for word in given} | {re.sub("e?d$", "", word) for word in given}
    if text.endswith("?") or text.startswith("Tell me about "):
        return all(word in QUESTION_WORDS or word in stems or word + "e" in given for word in words(text))
    said = words(re.sub(r"^(No|Not quite)\. ", "", text))
    if any(word in THIRD_PERSON or word in names for word in said):
        # The writer's pronouns and the verb behind them are changed, nothing else.
        return all(w in stems or w.rstrip("s") in stems or w in THIRD_PERSON or w in names or w in ("is", "has", "does")
                   for w in said)
    rest = iter(given)
    return all(word in rest for word in said if word not in ("but",))


def similarity(a, b):
    a, b = set(words(a)), set(words(b))
    return len(a & b) / max(1, len(a | b))


def check_script(script):
    sources = {source["id"]: source["text"].encode() for source in script["sources"]}
    lines, held, longest, told = 0, 0, 0, []
    turns, questions, speaker = 0, 0, None
    for segment in script["segments"]:
        for line in segment["lines"]:
            longest = max(longest, *(len(words(s)) for s in re.split(r"(?<=[.!?]) ", line["text"])))
            turns += line["speaker"] != speaker
            speaker = line["speaker"]
            questions += line["text"].endswith("?") or line["text"].startswith("Tell me about ")
            for reference in line.get("references", [])[:1]:
                if reference["source"] == "weather":
                    continue
                lines += 1
                span = sources[reference["source"]][reference["begin"] : reference["end"]].decode()
                ok = supported(line["text"], span)
                held += ok
                if not ok:
                    print("  not supported:", line["text"], "|", span)
                if segment["kind"] in ("lead", "item", "closer", "talk") and not line["text"].endswith("?"):
                    told.append(line["text"])
    worst = max(((similarity(a, b), a, b) for i, a in enumerate(told) for b in told[:i]), default=(0, "", ""))
    return {
        "sentences": lines,
        "supported_percent": 100 * held / max(1, lines),
        "longest_sentence_words": longest,
        "most_similar_pair": round(worst[0], 2),
        "turns": turns,
        "questions": questions,
    }


def cue_times(vtt):
    for start, end in re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})", vtt):
        yield tuple(sum(float(p) * f for p, f in zip(t.split(":"), (3600, 60, 1))) for t in (start, end))


def check_captions(path):
    times = list(cue_times(path.read_text()))
    in_order = all(a[1] <= b[0] + 1e-6 and a[0] < a[1] for a, b in zip(times, times[1:]))
    gaps = [b[0] - a[1] for a, b in zip(times, times[1:])]
    edges = (0.0, 0.15, 0.35, 0.7, 1.2, 3.0, 1e9)
    return {
        "captions": len(times),
        "in_order": in_order,
        "gaps_s": {
            (f"{low} to {high}" if high < 1e9 else f"over {low}"): sum(low <= gap < high for gap in gaps)
            for low, high in zip(edges, edges[1:])
        },
    }


def loudness(path):
    """ITU-R BS.1770-4 for one channel, written out here so that it is not the program's own meter."""
    import numpy

    with wave.open(str(path)) as file:
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    peak = 20 * numpy.log10(numpy.max(numpy.abs(samples)))
    spectrum = numpy.fft.rfft(samples)
    z = numpy.exp(-2j * numpy.pi * numpy.fft.rfftfreq(len(samples)))
    # The two filters of the standard, for any rate (De Man 2014).
    for kind, f0, gain, q in (("shelf", 1681.974450955533, 3.999843853973347, 0.7071752369554196),
                              ("high", 38.13547087602444, 0, 0.5003270373238773)):
        k = numpy.tan(numpy.pi * f0 / rate)
        if kind == "shelf":
            vh, vb = 10 ** (gain / 20), (10 ** (gain / 20)) ** 0.4996667741545416
            b = numpy.array([vh + vb * k / q + k * k, 2 * (k * k - vh), vh - vb * k / q + k * k])
        else:
            b = numpy.array([1.0, -2.0, 1.0]) * (1 + k / q + k * k)
        a = numpy.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
        spectrum *= (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    weighted = numpy.fft.irfft(spectrum, len(samples))
    size, step = int(0.4 * rate), int(0.1 * rate)
    power = numpy.cumsum(numpy.concatenate([[0], weighted**2]))
    starts = numpy.arange(0, len(samples) - size, step)
    blocks = (power[starts + size] - power[starts]) / size
    blocks = blocks[-0.691 + 10 * numpy.log10(blocks + 1e-15) > -70]
    gate = -0.691 + 10 * numpy.log10(numpy.mean(blocks)) - 10
    blocks = blocks[-0.691 + 10 * numpy.log10(blocks) > gate]
    return {"lufs": round(float(-0.691 + 10 * numpy.log10(numpy.mean(blocks))), 2), "sample_peak_dbfs": round(float(peak), 2)}




def check_files(show, feed, namespace_schema):
    """Problems that other people's readers have with the files of a show: mutagen, webvtt-py, feedparser,
    xmllint with the schema of Podcasting 2.0. An empty list when they have none."""
    import feedparser
    import mutagen.id3
    import webvtt

    problems = []
    chapters = json.loads(show.with_suffix(".chapters.json").read_text())
    if chapters["version"] != "1.2.0" or chapters["chapters"][0]["startTime"] != 0:
        problems.append("chapters: version or start")
    starts = [chapter["startTime"] for chapter in chapters["chapters"]]
    if starts != sorted(starts):
        problems.append("chapters: not in order")
    tags = mutagen.id3.ID3(show)
    marks = sorted(tags.getall("CHAP"), key=lambda frame: frame.start_time)
    if [round(start * 1000) for start in starts] != [frame.start_time for frame in marks]:
        problems.append("ID3: chapters differ from the JSON")
    if [c["title"] for c in chapters["chapters"]] != [str(frame.sub_frames["TIT2"]) for frame in marks]:
        problems.append("ID3: titles of chapters differ")
    contents = tags.getall("CTOC")
    if len(contents) != 1 or len(contents[0].child_element_ids) != len(marks):
        problems.append("ID3: contents")
    if not tags.getall("APIC") or tags.getall("APIC")[0].data[:4] != b"\x89PNG":
        problems.append("ID3: no picture")
    if not webvtt.read(str(show.with_suffix(".vtt"))).captions:
        problems.append("WebVTT: no captions")
    parsed = feedparser.parse(str(feed))
    if parsed.bozo or not parsed.entries:
        problems.append(f"feed: {parsed.get('bozo_exception', 'no entries')}")
    elif parsed.entries[0].enclosures[0]["length"] != str(show.stat().st_size) or not parsed.entries[0].published_parsed:
        problems.append("feed: enclosure or date")
    if shutil.which("xmllint") and namespace_schema.exists():
        # The schema describes each element by itself, below "root" and without a namespace.
        names = {element.get("name") for element in
                 ElementTree.parse(namespace_schema).iter("{http://www.w3.org/2001/XMLSchema}element")}
        root = ElementTree.Element("root")
        for element in ElementTree.parse(feed).iter():
            if element.tag.startswith(PODCAST) and element.tag.removeprefix(PODCAST) in names:
                ElementTree.SubElement(root, element.tag.removeprefix(PODCAST), element.attrib).text = element.text
        check = subprocess.run(["xmllint", "--noout", "--schema", namespace_schema, "-"],
                               input=ElementTree.tostring(root), capture_output=True)
        if check.returncode or len(root) == 0:
            problems.append("feed: " + check.stderr.decode())
    else:
        print("left out: the schema of Podcasting 2.0, xmllint or the schema is not there")
    return problems
