"""myna voices, models, trace, phonemize, bench, version, completions and help."""
import json
import os
import shutil
import subprocess

from support import MynaTest, models_home, wav_seconds

COMMANDS = ("say", "voices", "models", "lint", "trace", "phonemize", "bench", "version", "completions")


class Voices(MynaTest):
    def test_all_english_voices_are_listed(self):
        voices = json.loads(self.succeed("voices", "--json").stdout)
        self.assertEqual(len(voices), 28)
        self.assertEqual(sum(voice["accent"] == "British" for voice in voices), 8)
        table = self.succeed("voices").stdout.decode()
        for voice in voices:
            self.assertIn(voice["id"], table)

    def test_sample_of_one(self):
        self.succeed("voices", "--sample", "samples", "--voice", "emma")
        self.assertEqual(os.listdir(self.path("samples")), ["bf_emma.wav"])
        self.assertGreater(wav_seconds(self.path("samples/bf_emma.wav")), 4)


class Models(MynaTest):
    def test_list_names_the_studio_model(self):
        models = json.loads(self.succeed("models", "list", "--json").stdout)
        self.assertEqual({m["name"]: m["status"] for m in models}["kokoro-82m"], "installed")

    def test_verify_finds_one_flipped_byte_and_remove_removes(self):
        home = self.path("home")
        shutil.copytree(models_home() / "models/lexicon-en", home / "models/lexicon-en")
        self.succeed("models", "verify", home=home)
        package = home / "models/lexicon-en"
        victim = max((path for path in package.rglob("*") if path.is_file()),
                     key=lambda path: path.stat().st_size)
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        result = self.myna("models", "verify", "lexicon-en", home=home)
        self.assertEqual(result.returncode, 4)
        self.assertIn(victim.name, result.stdout.decode())
        self.succeed("models", "remove", "lexicon-en", home=home)
        self.assertFalse(package.exists())
        self.assertEqual(self.myna("models", "remove", "lexicon-en", home=home).returncode, 6)

    def test_truncated_model_is_refused(self):
        home = self.path("home")
        for name in ("lexicon-en", "pronunciation-en", "kokoro-82m"):
            shutil.copytree(models_home() / "models" / name, home / "models" / name)
        weights = max((home / "models/kokoro-82m").rglob("*.safetensors"),
                      key=lambda path: path.stat().st_size)
        os.truncate(weights, weights.stat().st_size // 2)
        self.assertIn(weights.name, self.fail_with(4, "say", "hi", "-o", "a.wav", home=home))

    def test_unknown_names_are_suggested(self):
        self.assertIn("kokoro-82m", self.fail_with(3, "models", "verify", "kokoro-82n"))
        self.fail_with(3, "models", "pull", "../../etc")


class Phonemize(MynaTest):
    def test_one_line_in_one_line_out(self):
        lines = ["Hello there.", "", "Dr. Smith paid $5. Twice!", "# not a heading", "   ", "last"]
        output = self.succeed("phonemize", stdin="\n".join(lines)).stdout.decode()
        self.assertTrue(output.endswith("\n"))
        phonemes = output[:-1].split("\n")
        self.assertEqual(len(phonemes), len(lines))
        for line, result in zip(lines, phonemes):
            self.assertEqual(bool(line.strip()), bool(result.strip()), line)

    def test_accents_differ(self):
        american = self.succeed("phonemize", "A better car.").stdout
        british = self.succeed("phonemize", "A better car.", "--accent", "gb").stdout
        self.assertNotEqual(american, british)
        george = self.succeed("phonemize", "A better car.", "--voice", "george").stdout
        self.assertEqual(george, british)


class Trace(MynaTest):
    def test_json_shows_every_step(self):
        trace = json.loads(self.succeed("trace", "Dr. Smith paid $5.", "--json").stdout)
        piece, = trace["utterances"]
        self.assertIn("five dollars", piece["normalized"].lower())
        self.assertEqual(len(piece["frames"]), piece["token_count"] + 2)
        self.assertEqual(len(piece["phonemes"]), piece["token_count"])
        self.assertGreater(len(piece["stages"]), 3)

    def test_text_steps_alone_give_the_same_phonemes(self):
        whole = json.loads(self.succeed("trace", "One. Two, three.", "--json").stdout)
        text = json.loads(self.succeed("trace", "One. Two, three.", "--json", "--no-audio").stdout)
        self.assertEqual([p["phonemes"] for p in whole["utterances"]],
                         [p["phonemes"] for p in text["utterances"]])

    def test_for_people(self):
        output = self.succeed("trace", "Good morning.").stdout.decode()
        for word in ("phonemes", "durations", "real time"):
            self.assertIn(word, output)


class Bench(MynaTest):
    def test_one_json_object(self):
        self.path("text.txt").write_text("A short text to measure.\n")
        result = self.succeed("bench", "say", "--file", "text.txt", "--tier", "studio", "--voice",
                              "heart", "--threads", "1", "--json")
        report = json.loads(result.stdout)
        for key in ("x_realtime", "audio_s", "wall_s", "first_audio_s", "peak_rss_bytes"):
            self.assertGreater(report[key], 0, key)
        self.assertEqual(report["threads"], 1)
        self.assertAlmostEqual(report["x_realtime"], report["audio_s"] / report["wall_s"], delta=0.1)

    def test_blind_page_and_its_votes(self):
        self.path("text.txt").write_text("Nobody knew.\n\nA second line.\n")
        result = self.succeed("bench", "voices", "--out", "blind", "--file", "text.txt", "--tiers",
                              "studio", "--voices", "heart,michael", "--count", "1")
        self.assertIn(b"2 recordings, 1 pairs", result.stdout)
        page = self.path("blind/index.html").read_text(encoding="utf-8")
        key = json.loads(self.path("blind/key.json").read_text(encoding="utf-8"))
        sounds = [name for name in os.listdir(self.path("blind")) if name.endswith(".wav")]
        self.assertEqual(len(sounds), 2)
        for name in sounds:
            self.assertIn(name, page)
            self.assertGreater(wav_seconds(self.path("blind") / name), 0.4)
        self.assertNotIn("michael", page)
        votes = {"format": "myna-blind-votes", "id": key["id"], "votes": [{"trial": 0, "choice": "a"}]}
        self.path("votes.json").write_text(json.dumps(votes))
        counted = self.succeed("bench", "voices", "--out", "blind", "--votes", "votes.json").stdout
        self.assertIn(b"studio heart", counted)
        self.path("votes.json").write_text("[]")
        self.fail_with(2, "bench", "voices", "--out", "blind", "--votes", "votes.json")


class Help(MynaTest):
    def test_every_command_has_examples_and_exit_codes(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = self.succeed(command, "--help").stdout.decode()
                self.assertIn(f"Usage: myna {command}", text)
                self.assertIn("Examples:", text)
                self.assertIn("Exit codes:", text)

    def test_version(self):
        report = json.loads(self.succeed("version", "--json").stdout)
        self.assertIn(report["isa"], report["supported_isas"])
        self.assertIn(report["version"], self.succeed("version").stdout.decode())

    def test_completions_are_valid_and_complete(self):
        script = self.succeed("completions", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, check=True, timeout=10)
        reply = subprocess.run(
            ["bash"], input=script + b"\nCOMP_WORDS=(myna say --tier ''); COMP_CWORD=3; _myna;"
            b" echo \"${COMPREPLY[@]}\"", capture_output=True, check=True, timeout=10)
        self.assertEqual(reply.stdout.decode().split(), ["studio", "flash", "auto"])
        for shell in ("zsh", "fish"):
            script = self.succeed("completions", shell).stdout
            for command in COMMANDS:
                self.assertIn(command.encode(), script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, check=True, timeout=10)
