"""A pipe into a pipe: spoken as it comes, each word once, and stopped at once."""
import json
import os
import signal
import subprocess
import threading
import time

from support import BINARY, SENTENCE, MynaTest


class Stream(MynaTest):
    def start(self, *arguments):
        return subprocess.Popen([BINARY, "say", "-", "-o", "-", "--json", *arguments],
                                cwd=self.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def collect(self, process):
        """Reads the audio on the side; the list gets (time, bytes)."""
        audio = []

        def read():
            while True:
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    return
                audio.append((time.monotonic(), len(data)))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return audio, thread

    def finish(self, process, thread, code=0):
        if not process.stdin.closed:
            process.stdin.close()
        errors = process.stderr.read().decode()
        thread.join(timeout=120)
        self.assertEqual(process.wait(timeout=120), code, errors)
        process.stdout.close()
        process.stderr.close()
        return json.loads(errors.splitlines()[-1])

    def write(self, process, text):
        process.stdin.write(text.encode())
        process.stdin.flush()

    def wait_for_audio(self, audio, seconds=90):
        deadline = time.monotonic() + seconds
        while not audio:
            self.assertLess(time.monotonic(), deadline, "no audio")
            time.sleep(0.01)

    def test_the_first_clause_is_heard_before_the_text_is_complete(self):
        process = self.start()
        audio, thread = self.collect(process)
        for token in ("The", " old", " clock", " struck", " seven", ",", " and"):
            self.write(process, token)
        self.wait_for_audio(audio)
        self.assertIsNone(process.poll())
        self.write(process, " nobody moved.")
        report = self.finish(process, thread)
        self.assertEqual(sum(size for _, size in audio),
                         2 * round(report["audio_s"] * report["sample_rate"]))
        whole = self.say(SENTENCE, "-o", "a.wav")
        self.assertEqual([(word["spoken"], word["source_begin"], word["source_end"])
                          for word in report["words"]],
                         [(word["spoken"], word["source_begin"], word["source_end"])
                          for word in whole["words"]])

    def test_a_pause_ends_a_clause_but_cuts_nothing(self):
        process = self.start("--flush-after", "200")
        audio, thread = self.collect(process)
        for part in ("I saw Dr.", " Smith, who paid $3", ".50 for it"):
            self.write(process, part)
            time.sleep(0.6)
        report = self.finish(process, thread)
        self.assertEqual(" ".join(word["spoken"] for word in report["words"]),
                         "I saw doctor Smith who paid three dollars fifty cents for it")

    def test_nothing_and_bad_bytes(self):
        for data, code in ((b"", 2), (b"\n\n", 2), (b"\xff\xfeh\x00i\x00", 2)):
            result = self.myna("say", "-", "-o", "-", stdin=data)
            self.assertEqual((result.returncode, result.stdout), (code, b""), result.stderr)

    def test_ctrl_c_ends_what_is_heard(self):
        process = self.start()
        self.write(process, "This sentence is said again and again. " * 60)
        process.stdin.close()
        audio = []
        # A listener in real time: much waits for him.
        while sum(audio) < 24000:
            audio.append(len(os.read(process.stdout.fileno(), 4800)))
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        asked = time.monotonic()
        while True:
            data = os.read(process.stdout.fileno(), 1 << 16)
            if not data:
                break
            audio.append(len(data))
        errors = process.stderr.read().decode()
        self.assertEqual(process.wait(timeout=60), 130, errors)
        self.assertLess(time.monotonic() - asked, 10)
        process.stdout.close()
        process.stderr.close()
        report = json.loads(errors.splitlines()[-1])
        self.assertTrue(report["cancelled"])
        self.assertAlmostEqual(sum(audio) / 2 / report["sample_rate"], report["audio_s"], delta=0.01)
        for word in report["words"]:
            self.assertLessEqual(word["end_s"], report["audio_s"] + 0.001)
