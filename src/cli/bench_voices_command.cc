// myna bench voices: the same unseen sentences by several tiers and other programs, for blind
// listening.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "audio/decoder.h"
#include "audio/encoder.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "cli/blind_test.h"
#include "cli/child_process.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/input_text.h"
#include "cli/interrupt.h"
#include "cli/narration_run.h"
#include "voice/piece_phonemes.h"
#include "voice/speech_output.h"
#include "weights/catalog.h"

namespace myna::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExamples =
    "Each line of the file is read by every voice of every tier, and by the peers, at one "
    "loudness.\n"
    "--out gets the recordings, index.html to listen and vote, and key.json that says who is who.\n"
    "With --votes the votes of the page are counted instead.\n\n"
    "Examples:\n"
    "  myna bench voices --out blind --voices heart,michael --count 10\n"
    "  myna bench voices --out blind --peers hibari,piper\n"
    "  myna bench voices --out blind --votes votes-1f2e.json\n\n";

struct VoicesBenchOptions {
  std::string out;
  std::string file;
  std::string tiers = "studio,flash";
  std::string voices = "heart,michael,emma,george";
  std::string peers;
  std::string votes;
  size_t count = 10;
  unsigned threads = 0;
  uint64_t seed = 1;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::vector<std::string> read_sentences(const VoicesBenchOptions& options) {
  const std::string file =
      options.file.empty() ? (share_directory() / "bench/texts/unseen.txt").string() : options.file;
  std::istringstream stream(read_input_text(file, InputKind::kFile).text);
  std::vector<std::string> sentences;
  for (std::string line; sentences.size() < options.count && std::getline(stream, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) sentences.push_back(line);
  }
  if (sentences.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "there is no sentence in '" + file + "'");
  }
  return sentences;
}

class Bench {
 public:
  explicit Bench(const VoicesBenchOptions& options)
      : options_(options), directory_(options.out), sentences_(read_sentences(options)) {
    std::error_code error;
    fs::create_directories(directory_, error);
    if (error) {
      throw errno_error("cannot make the directory '" + directory_.string() + "'", error.value());
    }
  }

  void run() {
    const InterruptGuard guard;
    for (const std::string& tier : split(options_.tiers)) render_tier(tier);
    for (const std::string& peer : split(options_.peers)) {
      try {
        render_peer(peer);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kCancelled) throw;
        print_warning(fmt::format("{} is left out: {}", peer, error.message()));
      }
    }
    const std::vector<Trial> trials = make_trials(recordings_, options_.seed);
    if (trials.empty()) {
      throw Error(ErrorCode::kInvalidArgument, "there is nothing to compare",
                  "name at least two tiers, voices or peers");
    }
    std::string names;
    for (const Recording& recording : recordings_) names += recording.file;
    const std::string id = sha256_hex(std::as_bytes(std::span(names))).substr(0, 12);
    write_file_atomically(directory_ / "key.json", blind_key(trials, id));
    write_file_atomically(directory_ / "index.html", blind_page(trials, id));
    write_stdout(fmt::format("{}: {} recordings, {} pairs\n", (directory_ / "index.html").string(),
                             recordings_.size(), trials.size()));
  }

 private:
  void render_tier(const std::string& tier) {
    for (const std::string& name : split(options_.voices)) {
      EngineOptions engine_options;
      engine_options.tier = tier;
      engine_options.voice = name;
      engine_options.threads = options_.threads;
      engine_options.seed = options_.seed;
      Engine engine = open_engine(engine_options);
      print_note(fmt::format("{} {}", tier, name));
      for (const std::string& sentence : sentences_) {
        auto output =
            open_output(fmt::format("{} {}", tier, name), sentence, engine.voice->sample_rate());
        NarrationCallbacks callbacks;
        callbacks.sink = [&](std::span<const float> samples) { output->write(samples); };
        const NarrationResult result =
            run_narration(engine, sentence, callbacks, KeepWords::kNo, &InterruptGuard::cancel(),
                          std::chrono::steady_clock::now());
        if (result.cancelled) throw Error(ErrorCode::kCancelled, "interrupted");
        output->finish();
      }
    }
  }

  // bench/peers.py speaks the phonemes of Myna's front end.
  void render_peer(const std::string& peer) {
    const fs::path script = share_directory() / "bench/peers.py";
    const fs::path python_env = share_directory() / "tools/setup/python_env.py";
    const fs::path pieces = directory_ / ("." + peer + ".pieces");
    const fs::path raw = directory_ / ("." + peer);
    std::string python;
    run_python({"python3", python_env.string(), "peers"}, &python);
    write_pieces(pieces);
    std::error_code ignored;
    fs::create_directories(raw, ignored);
    print_note(peer);
    run_python({python, script.string(), peer, "--pieces", pieces.string(), "--threads", "1",
                "--wav", raw.string()},
               nullptr);
    for (size_t i = 0; i < sentences_.size(); ++i) {
      const audio::DecodedAudio sound = audio::read_audio_file(raw / fmt::format("{:04}.wav", i));
      auto output = open_output(peer, sentences_[i], sound.sample_rate);
      output->write(sound.samples);
      output->finish();
    }
    fs::remove(pieces, ignored);
    fs::remove_all(raw, ignored);
  }

  void write_pieces(const fs::path& path) {
    const auto front_end = open_front_end();
    std::string lines;
    for (const std::string& sentence : sentences_) {
      for (const text::Utterance& utterance : front_end->process(sentence, {}).utterances) {
        for (const text::Phoneme& phoneme : utterance.phonemes) {
          append_utf8(lines, phoneme.symbol);
        }
      }
      lines += '\n';
    }
    write_file_atomically(path, lines);
  }

  static void run_python(const std::vector<std::string>& command, std::string* last_line) {
    const int status = run_child(
        command,
        [&](std::string_view line) {
          if (last_line != nullptr) *last_line = line;
        },
        InterruptGuard::cancel());
    if (InterruptGuard::cancel()) throw Error(ErrorCode::kCancelled, "interrupted");
    if (status != 0) {
      throw Error(ErrorCode::kUnavailable,
                  command[1] + " ended with status " + std::to_string(status));
    }
  }

  std::unique_ptr<voice::SpeechOutput> open_output(const std::string& system,
                                                   const std::string& sentence, int rate) {
    const std::string file = blind_file_name(system, sentence, options_.seed, "wav");
    recordings_.push_back({system, sentence, file});
    voice::SpeechOutputOptions options;
    options.voice_rate = rate;
    options.output_rate = kPageRate;
    // No tag names the voice: a player may show it.
    audio::AudioTags tags;
    tags.comment = "Synthetic voice, for a blind comparison.";
    tags.software = "Myna";
    return std::make_unique<voice::SpeechOutput>(
        audio::make_file_encoder(directory_ / file, audio::AudioFormat::kWav, kPageRate, tags),
        options);
  }

  static constexpr int kPageRate = 24000;

  const VoicesBenchOptions& options_;
  fs::path directory_;
  std::vector<std::string> sentences_;
  std::vector<Recording> recordings_;
};

void count(const VoicesBenchOptions& options) {
  const auto counts =
      count_votes(read_file(fs::path(options.out) / "key.json"), read_file(options.votes));
  std::string table =
      fmt::format("{:<24}{:<24}{:>6}{:>8}{:>6}\n", "ONE", "OTHER", "ONE", "OTHER", "SAME");
  for (const auto& [pair, votes] : counts) {
    table += fmt::format("{:<24}{:<24}{:>6}{:>8}{:>6}\n", pair.first, pair.second, votes.first,
                         votes.second, votes.same);
  }
  write_stdout(table);
}

}  // namespace

void add_bench_voices_command(CLI::App& group) {
  auto options = std::make_shared<VoicesBenchOptions>();
  CLI::App* command =
      group.add_subcommand("voices", "Record sentences by several voices, for blind listening");
  command->footer(std::string(kExamples) + kExitCodeHelp);
  command->add_option("--out", options->out, "Directory of the page and the recordings")
      ->required();
  command->add_option("--file", options->file,
                      "Sentences, one a line; without it twenty that no voice has learnt");
  command->add_option("--count", options->count, "At most so many sentences")
      ->check(CLI::Range(size_t{1}, size_t{1000}))
      ->capture_default_str();
  command->add_option("--tiers", options->tiers, "Tiers, with commas between")
      ->capture_default_str();
  command->add_option("--voices", options->voices, "Voices or blends, with commas between")
      ->capture_default_str();
  command->add_option("--peers", options->peers, "Other programs: hibari, piper");
  command->add_option("--threads", options->threads, "Threads; 0 is one a core")
      ->check(CLI::Range(0u, 256u))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Another seed, another order")
      ->capture_default_str();
  command->add_option("--votes", options->votes, "Count the votes of this file");
  command->callback([options] {
    if (options->votes.empty()) {
      Bench(*options).run();
    } else {
      count(*options);
    }
  });
}

}  // namespace myna::cli
