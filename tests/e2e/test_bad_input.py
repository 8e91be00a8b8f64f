"""What is wrong is said, with the documented exit code, and nothing is left behind."""
import json
import os
import subprocess
import unittest

from support import BINARY, SENTENCE, MynaTest, wav_seconds


class WrongText(MynaTest):
    def test_nothing_to_speak(self):
        self.assertIn("empty", self.fail_with(2, "say", "", "-o", "a.wav"))
        self.assertIn("empty", self.fail_with(2, "say", "-", "-o", "a.wav", stdin=" \n\n"))
        self.assertIn("nothing to speak", self.fail_with(2, "say", "... !!! ---", "-o", "a.wav"))

    def test_only_emoji_never_crashes(self):
        result = self.myna("say", "\U0001F600\U0001F680\u2764\uFE0F", "-o", "a.wav")
        # Reading emoji by name is as good as saying that there is nothing to read.
        self.assertIn(result.returncode, (0, 2), result.stderr)
        self.assertEqual(self.path("a.wav").exists(), result.returncode == 0)

    def test_invalid_utf8_is_placed_and_skipped(self):
        result = self.succeed("say", "-", "-o", "a.wav", stdin=b"First line.\nGood \xff\xfe words.\n")
        self.assertIn("standard input:2:6:", result.stderr.decode())
        self.assertGreater(wav_seconds(self.path("a.wav")), 1.0)

    def test_control_characters(self):
        self.succeed("say", "-", "-o", "a.wav", stdin=b"A\x07 bell\x1b[31m rang\x00 twice\x7f.\r\n\x0b")
        self.assertGreater(wav_seconds(self.path("a.wav")), 0.8)

    def test_missing_and_wrong_files(self):
        self.assertIn("missing.txt", self.fail_with(3, "say", "missing.txt", "-o", "a.wav"))
        self.path("picture.txt").write_bytes(b"\x89PNG\0\0\0\r" * 40)
        self.fail_with(2, "say", "picture.txt", "-o", "a.wav")
        self.fail_with(2, "say", "--file", ".", "-o", "a.wav")


class WrongMarkup(MynaTest):
    def findings(self, *arguments, stdin=b""):
        result = self.myna("lint", *arguments, stdin=stdin)
        self.assertEqual(result.returncode, 1, result.stderr.decode())
        return result.stdout.decode()

    def test_a_circle_of_aliases_is_an_error_with_its_place(self):
        self.path("words.txt").write_text("foo =bar\nbar =foo\n", encoding="utf-8")
        found = self.findings("--lexicon", "words.txt", "--text", "The foo met bar.")
        self.assertIn("words.txt:2:", found)
        self.assertIn("leads back", found)
        report = json.loads(self.findings("--json", "--lexicon", "words.txt", "--text", "The foo."))
        self.assertEqual((report["errors"], report["diagnostics"][0]["file"]), (1, "words.txt"))

    def test_a_hundred_thousand_tags_inside_of_each_other(self):
        text = "<speak>" + "<p>" * 100_000 + "deep" + "</p>" * 100_000 + "</speak>"
        found = self.findings("-", stdin=text)
        self.assertIn("inside of each other", found)
        self.assertLess(len(found), 2_000)

    def test_times_that_make_no_sense(self):
        found = self.findings("-", stdin='<speak>a<break time="-1s"/>b<break time="86400s"/></speak>')
        self.assertIn(":1:22: error: the time '-1s' is negative", found)
        self.assertIn("shortened to 60 s", found)


class WrongOptions(MynaTest):
    def test_unknown_voice_is_suggested(self):
        message = self.fail_with(2, "say", SENTENCE, "--voice", "hart", "-o", "a.wav")
        self.assertIn("'heart'", message)
        message = self.fail_with(2, "say", SENTENCE, "--voice", "heart*0.5+bela", "-o", "a.wav")
        self.assertIn("character 11", message)
        self.assertIn("'bella'", message)

    def test_usage(self):
        for arguments in (["say", "a", "b"], ["say", "hi", "--speed", "9"], ["say", "hi", "--nope"],
                          ["sya", "hi"], ["say", "hi", "-o", "a.xyz"], ["say", "hi", "--tier", "x"],
                          ["say", "hi", "--loudness", "loud"], ["models"], ["bench", "say"],
                          ["say", "hi", "-o", "a.wav", "--transcript", "a.doc"]):
            with self.subTest(arguments):
                self.fail_with(2, *arguments)

    def test_tier_without_a_model(self):
        self.fail_with(6, "say", "hi", "--tier", "flash", "--device", "cuda", "-o", "a.wav")

    def test_models_not_installed(self):
        empty = self.path("home")
        empty.mkdir()
        self.assertIn("myna models pull", self.fail_with(6, "say", "hi", "-o", "a.wav", home=empty))


class WrongPlaces(MynaTest):
    def test_missing_output_directory(self):
        self.fail_with(3, "say", "hi", "-o", "nowhere/a.wav")
        self.fail_with(3, "say", "hi", "-o", "a.wav", "--transcript", "nowhere/a.vtt")

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_directory_without_permission(self):
        self.path("locked").mkdir(mode=0o500)
        self.fail_with(5, "say", "hi", "-o", "locked/a.wav")

    def test_full_disk(self):
        for name in ("a.wav", "a.mp3"):
            self.path(name).symlink_to("/dev/full")
            message = self.fail_with(5, "say", "hi", "-o", name)
            self.assertIn("No space left on device", message)
        with open("/dev/full", "wb") as full:
            self.fail_with(5, "say", "hi", "-o", "-", stdout=full)
            self.fail_with(5, "version", stdout=full)

    def test_reader_that_goes_away_is_no_error(self):
        command = f"'{BINARY}' say '{SENTENCE}' -o - | head -c 100 > /dev/null; echo ${{PIPESTATUS[0]}}"
        result = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=True)
        self.assertEqual(result.stdout.decode().strip(), "141")
        self.assertEqual(result.stderr.decode(), "")

    def test_closed_standard_streams(self):
        command = f"'{BINARY}' say hi -o a.wav --json <&- >&- 2>&-"
        subprocess.run(["bash", "-c", command], cwd=self.directory, timeout=60, check=True)
        self.assertEqual(self.path("a.wav").read_bytes()[:4], b"RIFF")
        self.assertEqual([name for name in os.listdir(self.directory)], ["a.wav"])


