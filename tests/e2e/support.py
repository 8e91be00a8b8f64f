"""What the end-to-end tests share: running the built binary and looking into what it wrote.

MYNA_BINARY is the program under test (ctest sets it); models come from $MYNA_HOME or its default
place, and have to be installed: `make setup`.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

BINARY = os.environ["MYNA_BINARY"]
SENTENCE = "The old clock struck seven, and nobody moved."


def models_home():
    """The data directory, found as src/base/paths.cc finds it."""
    if os.environ.get("MYNA_HOME"):
        return pathlib.Path(os.environ["MYNA_HOME"])
    if os.environ.get("XDG_DATA_HOME"):
        return pathlib.Path(os.environ["XDG_DATA_HOME"]) / "myna"
    return pathlib.Path.home() / ".local/share/myna"


class MynaTest(unittest.TestCase):
    """Each test has a directory of its own, which is the current one for the program."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="myna-e2e-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def myna(self, *arguments, stdin=b"", home=None, stdout=subprocess.PIPE):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        environment = dict(os.environ)
        if home is not None:
            environment["MYNA_HOME"] = str(home)
        return subprocess.run([BINARY, *map(str, arguments)], input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, cwd=self.directory, env=environment,
                              timeout=120, check=False)

    def succeed(self, *arguments, **keywords):
        result = self.myna(*arguments, **keywords)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result

    def fail_with(self, code, *arguments, **keywords):
        """The program ends with `code`, says why, and leaves no file behind."""
        before = sorted(os.listdir(self.directory))
        result = self.myna(*arguments, **keywords)
        message = result.stderr.decode()
        self.assertEqual(result.returncode, code, message)
        self.assertIn("myna: error: ", message)
        self.assertEqual(sorted(os.listdir(self.directory)), before)
        return message

    def say(self, *arguments, **keywords):
        """Runs say with --json and returns the report."""
        result = self.succeed("say", *arguments, "--json", **keywords)
        return json.loads(result.stdout)

    def path(self, name):
        return self.directory / name


def wav_samples(path):
    """The samples of a 16-bit mono WAV file as integers, and its rate."""
    import array
    import wave
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = array.array("h", file.readframes(file.getnframes()))
        assert len(samples) == file.getnframes()
        return samples, file.getframerate()


def wav_seconds(path):
    samples, rate = wav_samples(path)
    return len(samples) / rate


def flac_seconds(path):
    """From STREAMINFO: 20 bits of rate, 36 bits of sample count."""
    data = path.read_bytes()
    assert data[:4] == b"fLaC", data[:4]
    packed = int.from_bytes(data[18:26], "big")
    return (packed & (2**36 - 1)) / (packed >> 44)


def mp3_seconds(path):
    """From LAME's Xing/Info header; MPEG-2 frames (24 kHz and below) have 576 samples."""
    data = path.read_bytes()
    at = max(data.find(b"Xing"), data.find(b"Info", 10))
    frames, = struct.unpack(">I", data[at + 8:at + 12])
    header = data.rfind(b"\xff", 0, at)
    version = data[header + 1] >> 3 & 3
    rate = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000)}[version][data[header + 2] >> 2 & 3]
    return frames * (1152 if version == 3 else 576) / rate


def opus_seconds(path):
    """The granule position of the last Ogg page counts 48 kHz samples."""
    data = path.read_bytes()
    assert data[:4] == b"OggS" and b"OpusHead" in data[:64]
    granule, = struct.unpack("<q", data[data.rfind(b"OggS") + 6:][:8])
    return granule / 48000
