"""myna chat and history: once, in a pipe, in a terminal, stopped, spoken, kept."""
import json
import os
import pty
import select
import signal
import subprocess
import termios
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from support import BINARY, MynaTest, models_home

MODEL = models_home() / "models" / "smollm2-135m-instruct" / "model.gguf"


OWN_MODEL = models_home() / "models" / "myna-chat-1" / "model.gguf"


class ChatTest(MynaTest):
    """A data directory of its own, with the installed models."""

    def setUp(self):
        super().setUp()
        self.home = self.directory / "home"
        self.home.mkdir()
        (self.home / "models").symlink_to(models_home() / "models")
        os.environ.pop("MYNA_CHAT_MODEL", None)

    def chat(self, *arguments, **keywords):
        return self.succeed("chat", "--temperature", "0", "--context", "1024", "--lm-threads", "1", *arguments,
                            home=self.home, **keywords).stdout.decode()

    def history(self, *arguments):
        return self.succeed("history", *arguments, home=self.home).stdout.decode()


@unittest.skipUnless(OWN_MODEL.exists(), "myna-chat-1 is not installed")
class OwnModel(ChatTest):
    """The default."""

    def test_the_merged_model_loads_and_knows_what_its_base_knows(self):
        report = json.loads(self.chat("What is the capital of France?", "--max-tokens", "16", "--json"))
        self.assertIn("Paris", report["answer"])
        self.assertIn("myna-chat-1", report["model"])

    def test_it_follows_an_instruction_that_it_was_taught(self):
        answer = self.chat("Name two rivers. Wrap the whole answer in double quotation marks.", "--max-tokens", "40").strip()
        self.assertRegex(answer, r'^".+"$')


@unittest.skipUnless(MODEL.exists(), "smollm2-135m-instruct is not installed")
class Chat(ChatTest):
    """The program, with a model that goes on until it is stopped."""

    def setUp(self):
        super().setUp()
        os.environ["MYNA_CHAT_MODEL"] = "smollm2-135m-instruct"
        self.addCleanup(os.environ.pop, "MYNA_CHAT_MODEL", None)

    def test_answers_once_and_goes_on(self):
        report = json.loads(self.chat("What is the capital of France?", "--max-tokens", "12", "--json"))
        self.assertIn("Paris", report["answer"])
        self.assertEqual(report["chat"], 1)
        answer = self.chat("Summarise:", "-", "--resume", "last", "--max-tokens", "4", stdin="some text")
        self.assertTrue(answer.endswith("\n"))
        shown = self.history("show", "what is the")
        self.assertIn("## You\n\nWhat is the capital of France?", shown)
        self.assertIn("Summarise:\n\nsome text", shown)
        self.assertIn("(4 messages)", self.history("list"))
        self.assertIn("capital", self.history("search", "capital"))
        self.history("rename", "1", "Cities")
        self.history("export", "cities", "-o", str(self.path("cities.json")))
        self.history("delete", "1")
        self.assertIn("no chat yet", self.history("list"))
        self.assertIn("1 chats imported", self.history("import", str(self.path("cities.json"))))
        self.assertIn("Cities", self.history("list"))

    def test_keeps_to_a_schema_and_nothing_of_a_temporary_chat(self):
        self.path("schema.json").write_text(json.dumps({
            "type": "object", "properties": {"city": {"enum": ["Paris", "Rome"]}},
            "required": ["city"], "additionalProperties": False}))
        answer = self.chat("The capital of Italy?", "--json-schema", str(self.path("schema.json")),
                           "--temporary")
        self.assertIn(json.loads(answer)["city"], ("Paris", "Rome"))
        self.assertFalse((self.home / "chat").exists())

    def test_lines_are_one_conversation_that_is_reused(self):
        result = self.succeed("chat", "--lines", "--stats", "--temperature", "0", "--max-tokens", "8",
                              "--lm-threads", "1", "--temporary", stdin="Hello!\n\nHow are you?\n", home=self.home)
        figures = [line for line in result.stderr.decode().splitlines() if "reused" in line]
        self.assertEqual(len(figures), 2)
        self.assertRegex(figures[0], r"\b0 of \d+ prompt tokens")
        self.assertRegex(figures[1], r"\b[1-9]\d+ of \d+ prompt tokens")

    def test_speaks_while_it_writes(self):
        self.chat("Say hello to everybody in the room.", "--max-tokens", "24", "--temporary",
                  "--voice", "emma", "--player", f"cat > '{self.path('speech.pcm')}'")
        self.assertGreater(self.path("speech.pcm").stat().st_size, 24000)

    def terminal(self, kind):
        """myna chat in a terminal of that kind: (process, write, wait_for)."""
        main, child = pty.openpty()
        environment = dict(os.environ, MYNA_HOME=str(self.home), TERM=kind)
        process = subprocess.Popen([BINARY, "chat", "--temperature", "0", "--lm-threads", "1", "--context", "1024"], stdin=child, stdout=child,
                                   stderr=child, env=environment, start_new_session=True)
        os.close(child)
        self.addCleanup(os.close, main)
        self.addCleanup(process.kill)
        seen = ""

        def wait_for(text, seconds=60):
            nonlocal seen
            deadline = time.monotonic() + seconds
            while text not in seen:
                self.assertLess(time.monotonic(), deadline, seen)
                if select.select([main], [], [], 0.1)[0]:
                    seen += os.read(main, 65536).decode(errors="replace")
            seen = seen[seen.index(text) + len(text):]
            # libedit shows its prompt before it takes single keys.
            while kind != "dumb" and text == "> " and termios.tcgetattr(main)[3] & termios.ICANON:
                self.assertLess(time.monotonic(), deadline, "the terminal still edits lines itself")
                time.sleep(0.01)

        return process, lambda text: os.write(main, text.encode()), wait_for

    def test_ctrl_c_stops_the_answer_not_the_program(self):
        self.check_ctrl_c("xterm")

    def test_ctrl_c_where_lines_cannot_be_edited(self):
        self.check_ctrl_c("dumb")

    def check_ctrl_c(self, kind):
        process, write, wait_for = self.terminal(kind)
        wait_for("/quit ends.")
        wait_for("> ")
        process.send_signal(signal.SIGINT)
        wait_for("(Ctrl-D or /quit ends the chat)")
        wait_for("> ")
        write("Write a long story about a lighthouse keeper.\n")
        wait_for(" the ")
        process.send_signal(signal.SIGINT)
        wait_for("[stopped]")
        wait_for("> ")
        write("/nonsense\n")
        wait_for("there is no command /nonsense")
        write("/memory add I like tea.\n")
        wait_for("1  I like tea.")
        write("/show\n")
        wait_for("[stopped]")
        write("/quit\n")
        self.assertEqual(process.wait(30), 0)
        self.assertIn("(2 messages)", self.history("list"))
        self.assertIn("I like tea.", self.history("memory"))

    def test_a_line_can_be_edited_and_got_again(self):
        left, up, home = "\x1b[D", "\x1b[A", "\x1b[H"
        process, write, wait_for = self.terminal("xterm")
        wait_for("> ")
        write(f"nonseXé{left}\x7f{home}/\x05n\n")  # backspace, Home, Ctrl-E
        wait_for("there is no command /nonseén")
        wait_for("> ")
        write(f"dropped{home}")
        process.send_signal(signal.SIGINT)
        wait_for("(Ctrl-D or /quit ends the chat)")
        wait_for("> ")
        write(f"{up}s\n")  # the line before, with a letter more
        wait_for("there is no command /nonseéns")
        wait_for("> ")  # before, the terminal takes Ctrl-D for itself
        write("\x04")  # Ctrl-D
        self.assertEqual(process.wait(30), 0)


class Evaluation(ChatTest):
    """Answers that are there are judged without a model."""

    GOOD = "Put a little salt in the water, bring it to the boil, and cook the rice for eleven minutes."

    def files(self):
        (self.path("questions.jsonl")).write_text('{"turns": ["How do I cook rice?", "And pasta?"]}\n{"prompt": "Name a river."}\n')
        for name, rice in (("mine", self.GOOD), ("theirs", "I'm sorry, but as an AI I cannot cook")):
            lines = [{"prompt": "How do I cook rice?", "response": rice},
                     {"prompt": "Name a river.", "response": "The river Lisle is one, and the Marle is another."}]
            self.path(name + ".jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return [f"--{option}={self.path(name)}.jsonl" for option, name in
                (("chat", "questions"), ("answers", "mine"), ("against", "theirs"))]

    def test_a_win_rate_by_the_rubric(self):
        report = json.loads(self.succeed("eval", "lm", *self.files(), "--json", home=self.home).stdout)
        rate = report["chat_win_rate"]
        self.assertEqual((rate["n"], rate["wins"], rate["losses"], rate["ties"]), (2, 1, 0, 1))
        self.assertEqual(rate["value"], 0.75)
        self.assertEqual(report["chat_no_evasion"]["value"], 1)
        self.assertEqual(report["other_no_evasion"]["value"], 0.5)

    def test_wrong_ones_are_refused(self):
        files = self.files()
        questions, mine = self.path("questions.jsonl"), self.path("mine.jsonl")
        questions.write_text('{"prompt": "Name a river."}\n{"turns": []}\n')
        self.assertIn("line 2", self.fail_with(4, "eval", "lm", *files, home=self.home))
        questions.write_text('{"prompt": "Why?"}\n')
        mine.write_text('{"prompt": "Why?", "response": "Because."}\n')
        self.assertIn("has no answer to 'Why?'", self.fail_with(2, "eval", "lm", *files, home=self.home))
        self.assertIn("a judge compares", self.fail_with(2, "eval", "lm", *files[:2], "--judge=x.gguf", home=self.home))
        self.assertIn("of one set", self.fail_with(2, "eval", "lm", *files, f"--ifeval={questions}", home=self.home))


class BadInput(ChatTest):
    def test_files_that_are_no_models(self):
        self.path("none.gguf").write_bytes(b"GGUF" + bytes(100))
        self.path("text.gguf").write_text("hello")
        for name in ("none.gguf", "text.gguf"):
            message = self.fail_with(4, "chat", "--model", self.path(name), "hi", "--temporary")
            self.assertIn("no usable model", message)
        self.fail_with(3, "chat", "--model", "missing.gguf", "hi", "--temporary")
        self.fail_with(6, "chat", "--model", "no-such-package", "hi", "--temporary")

    def test_imports_that_are_none(self):
        self.path("bad.json").write_text('[{"title": "cut')
        self.assertIn("no JSON", self.fail_with(4, "history", "import", "bad.json", home=self.home))
        self.fail_with(3, "history", "show", "7", home=self.home)

    def test_endpoint(self):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                question = body["messages"][-1]["content"]
                if question == "fail":
                    self.send_error(500)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                for piece in ("You said ", question):
                    data = json.dumps({"choices": [{"delta": {"content": piece}}]})
                    self.wfile.write(f"data: {data}\n\n".encode())
                if question != "break":
                    self.wfile.write(b"data: [DONE]\n\n")

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}/v1"
        answer = self.succeed("chat", "--endpoint", url, "hello", home=self.home).stdout.decode()
        self.assertEqual(answer, "You said hello\n")
        result = self.myna("chat", "--endpoint", url, "break", home=self.home)
        self.assertEqual(result.returncode, 5)
        self.assertIn(b"You said break", result.stdout)
        self.assertIn("*(stopped here)*", self.history("show", "last"))
        self.assertIn("answers 500", self.fail_with(6, "chat", "--endpoint", url, "fail", home=self.home))


if __name__ == "__main__":
    unittest.main()
