#!/usr/bin/env python3
"""One line for `make demo`: the first sentence of a text in Myna and in ONNX Runtime, both warm.

  compare_sentence.py [--myna build/release/bin/myna] TEXT_FILE

Prints nothing, and succeeds, when `make bench` has not yet installed ONNX Runtime and its graph.
"""

import argparse
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent
sys.path.insert(0, str(REPOSITORY / "tools" / "setup"))

import python_env  # noqa: E402


def compare(arguments):
    import run  # needs nothing beyond the standard library, but belongs to the bench

    package = run.find_package("kokoro-82m", "studio.safetensors")
    graph = run.find_package("kokoro-82m-onnx", "kokoro.onnx") / "kokoro.onnx"
    threads = len(os.sched_getaffinity(0))
    myna = run.Myna(arguments.myna, "int8")
    peer = run.OnnxRuntime(graph, package, "int8")
    with tempfile.TemporaryDirectory() as directory:
        sentence = pathlib.Path(directory) / "sentence.txt"
        sentence.write_text(myna.first_text(arguments.text) + "\n", encoding="utf-8")
        pieces = pathlib.Path(directory) / "pieces"
        pieces.write_text("\n".join(myna.pieces(sentence)) + "\n", encoding="utf-8")
        ours = myna.warm(sentence, pieces, threads)
        theirs = peer.warm(sentence, pieces, threads)
    print(
        f"The first sentence, {threads} threads: Myna {ours['wall_s']:.2f} s, ONNX Runtime "
        f"{theirs['wall_s']:.2f} s ({theirs['wall_s'] / ours['wall_s']:.1f} times as long)."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--myna", default=REPOSITORY / "build/release/bin/myna", type=pathlib.Path)
    parser.add_argument("text", type=pathlib.Path)
    arguments = parser.parse_args()
    graph = python_env.data_directory() / "models" / "kokoro-82m-onnx" / "kokoro.onnx"
    interpreter = python_env.interpreter("bench")
    if interpreter is None or not graph.exists():
        return 0
    if pathlib.Path(sys.prefix).resolve() != interpreter.parent.parent.resolve():
        os.execv(interpreter, [str(interpreter), __file__, *sys.argv[1:]])
    try:
        compare(arguments)
    except Exception as error:  # a demo must not fail for want of a comparison
        print(f"No comparison with ONNX Runtime: {error}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
