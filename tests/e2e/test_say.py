"""myna say: formats, transcripts, pipes, options."""
import array
import hashlib
import json
import re

from support import (SENTENCE, MynaTest, flac_seconds, mp3_seconds, opus_seconds, wav_samples,
                     wav_seconds)


class Formats(MynaTest):
    def test_each_format_holds_the_whole_audio(self):
        for name, seconds, tolerance in (("a.wav", wav_seconds, 0.001), ("a.flac", flac_seconds, 0.001),
                                         ("a.mp3", mp3_seconds, 0.1), ("a.opus", opus_seconds, 0.1)):
            with self.subTest(name):
                report = self.say(SENTENCE, "-o", name)
                self.assertGreater(report["audio_s"], 1.5)
                self.assertLess(report["audio_s"], 6)
                self.assertAlmostEqual(seconds(self.path(name)), report["audio_s"], delta=tolerance)
                self.assertEqual(report["clipped_samples"], 0)
                self.assertGreater(report["x_realtime"], 0)
                self.assertGreater(report["peak_rss_bytes"], 1 << 20)
                self.assertLessEqual(report["first_audio_s"], report["wall_s"])

    def test_tags_name_the_synthetic_voice(self):
        self.say(SENTENCE, "-o", "a.mp3", "--title", "A clock")
        data = self.path("a.mp3").read_bytes()
        text = data.replace(b"\x00", b"")
        self.assertIn(b"A clock", text)
        self.assertIn(b"Synthetic voice", text)

    def test_rate_and_peak(self):
        self.say(SENTENCE, "-o", "a.wav", "--rate", "44100")
        samples, rate = wav_samples(self.path("a.wav"))
        self.assertEqual(rate, 44100)
        self.assertLess(max(map(abs, samples)), 32768 * 10 ** (-1 / 20) + 1)
        self.assertGreater(max(map(abs, samples)), 3000)

    def test_name_without_o_is_free(self):
        self.path("talk.md").write_text("Hello.\n")
        self.say("talk.md")
        self.say("talk.md")
        self.assertTrue(self.path("talk.wav").exists())
        self.assertTrue(self.path("talk-2.wav").exists())


class Determinism(MynaTest):
    def test_same_seed_same_file(self):
        for name in ("a.wav", "b.wav"):
            self.say(SENTENCE, "-o", name, "--seed", "7")
        a, b = (hashlib.sha256(self.path(name).read_bytes()).hexdigest()
                for name in ("a.wav", "b.wav"))
        self.assertEqual(a, b)

    def test_threads_change_at_most_one_step(self):
        for name, threads in (("a.wav", 1), ("b.wav", 2)):
            self.say(SENTENCE, "-o", name, "--threads", threads, "--loudness", "off")
        a, b = (wav_samples(self.path(name))[0] for name in ("a.wav", "b.wav"))
        self.assertEqual(len(a), len(b))
        self.assertLessEqual(max(abs(x - y) for x, y in zip(a, b)), 1)


class Pipes(MynaTest):
    def test_raw_pcm_is_as_long_as_the_report_says(self):
        result = self.succeed("say", "-", "-o", "-", "--json", stdin=SENTENCE)
        report = json.loads(result.stderr.decode().splitlines()[-1])
        self.assertEqual(len(result.stdout), round(report["audio_s"] * report["sample_rate"]) * 2)
        samples = array.array("h", result.stdout)
        self.assertGreater(max(map(abs, samples)), 3000)

    def test_stdin_is_read_without_an_argument(self):
        self.say("-o", "a.wav", stdin="Hello there.")
        self.assertGreater(wav_seconds(self.path("a.wav")), 0.5)


class Options(MynaTest):
    def test_speed_and_blend(self):
        normal = self.say(SENTENCE, "-o", "a.wav", "--voice", "heart*0.6+bella*0.4")
        fast = self.say(SENTENCE, "-o", "a.wav", "--voice", "heart*0.6+bella*0.4", "--speed", "2")
        self.assertAlmostEqual(fast["audio_s"] / normal["audio_s"], 0.5, delta=0.15)

    def test_one_word(self):
        for word in ("Yes", "I", "Strengths."):
            report = self.say(word, "-o", "a.wav")
            self.assertGreater(report["audio_s"], 0.25, word)
            self.assertLess(report["audio_s"], 2.0, word)


class Transcripts(MynaTest):
    TEXT = 'Ann paid $5.20 on May 3rd. "Really?" asked Bob & Co.\n\n# Next\n\nIt <ended> there.\n'

    def timed(self, name):
        self.path("talk.md").write_text(self.TEXT)
        report = self.say("talk.md", "-o", "talk.flac", "--transcript", name)
        return report, self.path(name).read_text()

    def test_json_points_into_the_source(self):
        report, text = self.timed("talk.json")
        transcript = json.loads(text)
        self.assertAlmostEqual(transcript["audio_s"], report["audio_s"], delta=0.002)
        words = transcript["words"]
        source = self.TEXT.encode()
        end = 0.0
        for word in words:
            self.assertGreaterEqual(word["start_s"], end - 0.002)
            self.assertGreaterEqual(word["end_s"], word["start_s"])
            end = word["end_s"]
            self.assertEqual(source[word["source_begin"]:word["source_end"]].decode(), word["text"])
        self.assertLessEqual(end, report["audio_s"])
        spoken = [word["text"].strip(".,?\"") for word in words]
        for expected in ("Ann", "paid", "$5.20", "Really", "Bob", "Co", "Next", "It", "there"):
            self.assertIn(expected, spoken)

    def test_vtt_is_word_timed(self):
        report, text = self.timed("talk.vtt")
        self.assertTrue(text.startswith("WEBVTT"))
        self.assertIn("&amp;", text)
        stamps = re.findall(r"(\d+):(\d\d):(\d\d)\.(\d{3})", text)
        times = [int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in stamps]
        self.assertGreater(len(times), 10)
        self.assertLessEqual(max(times), report["audio_s"] + 0.001)
        cues = [block for block in text.split("\n\n") if "-->" in block]
        self.assertGreaterEqual(len(cues), 4)
        for cue in cues:
            start, end = re.match(r"(\S+) --> (\S+)", cue).groups()
            inner = re.findall(r"<([\d:.]+)>", cue)
            self.assertEqual([start, *inner, end], sorted({start, *inner, end}))

    def test_srt(self):
        _, text = self.timed("talk.srt")
        blocks = text.strip().split("\n\n")
        self.assertEqual([block.split("\n")[0] for block in blocks],
                         [str(i + 1) for i in range(len(blocks))])
        self.assertRegex(blocks[0], r"\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}\nAnn paid \$5\.20")
