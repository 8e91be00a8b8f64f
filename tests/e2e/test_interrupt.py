"""Ctrl-C keeps what was spoken; a huge text stays within its memory."""
import json
import os
import signal
import subprocess
import time

from support import BINARY, SENTENCE, MynaTest, mp3_seconds


class Interrupt(MynaTest):
    def start(self, text, *arguments):
        """Starts say and returns when its output file is under construction."""
        self.sentence_s = self.say(SENTENCE, "-o", "first.wav")["synthesis_s"]
        self.path("text.txt").write_text(text)
        process = subprocess.Popen([BINARY, "say", "text.txt", "--json", *arguments],
                                   cwd=self.directory, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not any(".part-" in name for name in os.listdir(self.directory)):
            self.assertIsNone(process.poll(), "ended early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return process

    def interrupt(self, process, signal_number):
        # A piece in work is given up: some have to be done by then, however busy the machine is.
        time.sleep(max(0.7, 5 * self.sentence_s))
        process.send_signal(signal_number)
        output, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, errors.decode())
        self.assertEqual([name for name in os.listdir(self.directory) if ".part-" in name], [])
        return json.loads(output), errors.decode()

    def test_keeps_audio_and_transcript(self):
        process = self.start("This sentence is said again and again.\n\n" * 400, "-o", "a.mp3", "--transcript", "a.json")
        report, _ = self.interrupt(process, signal.SIGINT)
        self.assertTrue(report["cancelled"])
        self.assertAlmostEqual(mp3_seconds(self.path("a.mp3")), report["audio_s"], delta=0.1)
        transcript = json.loads(self.path("a.json").read_text())
        self.assertGreater(len(transcript["words"]), 5)
        self.assertLessEqual(transcript["words"][-1]["end_s"], report["audio_s"])

    def test_ten_megabytes_of_text(self):
        line = "The river went on, as rivers do, past mills and small grey towns.\n\n"
        process = self.start(line * (10_500_000 // len(line)), "-o", "a.mp3")
        report, errors = self.interrupt(process, signal.SIGTERM)
        self.assertIn("long text", errors)
        self.assertGreater(report["audio_s"], 1)
        self.assertLess(report["peak_rss_bytes"], 700e6)
