// Makes training data for the Flash voice: the Studio voice speaks a corpus, and what it decided on
// the way (durations, pitch, energy) is kept beside the audio. Format: docs/formats/voice-shard.md.
//
//   myna-voice-data --corpus corpus.tsv --out DIR [--voices a,b*3] [--vary 0.3] [--first 0]
//                   [--shards 40] [--per-shard 64] [--threads 1] [--seed 1] [--prosody-only 0]
//
// With --prosody-only 1 the shards have no audio: what the teacher decides, many times as fast as
// what it sounds like.
//
// Resumable: a shard that the manifest lists is not made again, and which sentence, voice and
// controls an utterance has follows from its number and the seed alone. Shard 0 is for validation.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "text/front_end.h"
#include "voice/piece_phonemes.h"
#include "voice/registry.h"
#include "weights/model_package.h"
#include "weights/safetensors.h"

namespace {

using namespace myna;

constexpr int kFrameSamples = 300;
constexpr size_t kMaximumFrames = 80 * 20;  // of an utterance: 20 s

struct Options {
  std::filesystem::path corpus, out;
  std::string voices;  // empty: all alike
  double vary = 0.3;   // share of utterances with controls other than neutral
  size_t first = 0, shards = 40, per_shard = 64;
  unsigned threads = 1;
  uint64_t seed = 1;
  bool prosody_only = false;
};

Options parse(int count, char** arguments) {
  Options options;
  std::map<std::string, std::string> values;
  for (int i = 1; i < count; i += 2) {
    if (i + 1 >= count || std::string_view(arguments[i]).substr(0, 2) != "--") {
      throw Error(ErrorCode::kInvalidArgument, fmt::format("'{}' needs a value", arguments[i]));
    }
    values[arguments[i] + 2] = arguments[i + 1];
  }
  const auto take = [&](const char* name, auto store) {
    const auto found = values.find(name);
    if (found == values.end()) return;
    store(found->second);
    values.erase(found);
  };
  const auto number = [](size_t& target) {
    return
        [&target](const std::string& text) { target = std::strtoull(text.c_str(), nullptr, 10); };
  };
  size_t threads = options.threads, seed = options.seed, prosody_only = 0;
  take("corpus", [&](const std::string& text) { options.corpus = text; });
  take("out", [&](const std::string& text) { options.out = text; });
  take("voices", [&](const std::string& text) { options.voices = text; });
  take("vary", [&](const std::string& text) { options.vary = std::strtod(text.c_str(), nullptr); });
  take("first", number(options.first));
  take("shards", number(options.shards));
  take("per-shard", number(options.per_shard));
  take("threads", number(threads));
  take("seed", number(seed));
  take("prosody-only", number(prosody_only));
  options.prosody_only = prosody_only != 0;
  options.threads = static_cast<unsigned>(threads);
  options.seed = seed;
  if (!values.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("there is no option --{}", values.begin()->first));
  }
  if (options.corpus.empty() || options.out.empty() || options.per_shard == 0) {
    throw Error(ErrorCode::kInvalidArgument, "--corpus and --out are needed");
  }
  return options;
}

// Reproducible draws that depend on their place only (SplitMix64).
class Draw {
 public:
  explicit Draw(uint64_t state) : state_(state) {}
  uint64_t bits() {
    uint64_t value = state_ += 0x9E3779B97F4A7C15ull;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
  }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  double between(double least, double most) { return least + (most - least) * uniform(); }

 private:
  uint64_t state_;
};

// Round to nearest, ties to even; what is too small for a normal number becomes 0.
Float16 to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const int exponent = static_cast<int>((bits >> 23) & 0xFF) - 127 + 15;
  if (exponent <= 0) return {sign};
  if (exponent >= 31) return {static_cast<uint16_t>(sign | 0x7BFF)};
  const uint32_t mantissa = bits & 0x7FFFFF;
  uint32_t half = static_cast<uint32_t>(exponent << 10) | (mantissa >> 13);
  const uint32_t rest = mantissa & 0x1FFF;
  if (rest > 0x1000 || (rest == 0x1000 && (half & 1) != 0)) ++half;
  return {static_cast<uint16_t>(sign | half)};
}

struct Sentence {
  std::string source, text;
};

std::vector<Sentence> read_corpus(const std::filesystem::path& path) {
  std::vector<Sentence> sentences;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t tab = line.find('\t');
    if (tab != std::string::npos) sentences.push_back({line.substr(0, tab), line.substr(tab + 1)});
  }
  if (sentences.empty()) {
    throw Error(ErrorCode::kNotFound, fmt::format("no sentences in '{}'", path.string()),
                "make it with tools/teacher/corpus.py");
  }
  return sentences;
}

// Speakers with their shares: "heart*3,emma".
std::vector<double> voice_shares(const std::string& list,
                                 std::span<const voice::Speaker> speakers) {
  std::vector<double> shares(speakers.size(), list.empty() ? 1.0 : 0.0);
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    const std::string entry = list.substr(begin, end - begin);
    const size_t star = entry.find('*');
    const double share =
        star == std::string::npos ? 1.0 : std::strtod(entry.c_str() + star + 1, nullptr);
    if (entry.substr(0, star) == "all") {
      for (double& value : shares) value += share;
    } else {
      shares[voice::parse_speaker_blend(entry.substr(0, star), speakers).parts[0].speaker] += share;
    }
    begin = end + 1;
  }
  return shares;
}

// Ends a synthesis before it sounds.
struct ProsodyIsKnown {};

struct Controls {
  float speed = 1, pitch_semitones = 0, pitch_range = 1, effort_db = 0;
};

class Shard {
 public:
  void add(const std::vector<int>& tokens, const voice::Speech& speech, std::vector<float> f0,
           std::vector<float> energy, size_t speaker, const Controls& controls,
           const Sentence& sentence) {
    const size_t frames = f0.size();
    const auto put = [&](size_t value) { index_.push_back(static_cast<int32_t>(value)); };
    put(tokens_.size());
    put(tokens.size());
    put(f0_.size());
    put(frames);
    put(speaker);
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    const int scale = speech.samples_per_frame / kFrameSamples;
    for (const int count : speech.frame_counts) durations_.push_back(count * scale);
    f0_.insert(f0_.end(), f0.begin(), f0.end());
    energy_.insert(energy_.end(), energy.begin(), energy.end());
    for (const float value :
         {controls.speed, controls.pitch_semitones, controls.pitch_range, controls.effort_db}) {
      controls_.push_back(value);
    }
    for (const float sample : speech.samples) audio_.push_back(to_half(sample));
    texts_ += sentence.source + '\t' + sentence.text + '\n';
  }

  size_t utterances() const { return index_.size() / 5; }
  double seconds() const { return static_cast<double>(f0_.size() * kFrameSamples) / 24000; }

  void write(const std::filesystem::path& path,
             const std::map<std::string, std::string>& metadata) {
    const auto tensor = [](const char* name, const auto& values, const Shape& shape) {
      using T = typename std::remove_reference_t<decltype(values)>::value_type;
      return NamedTensor{name, TensorView::of<T>(std::span<const T>(values), shape)};
    };
    const std::vector<uint8_t> texts(texts_.begin(), texts_.end());
    const std::vector<NamedTensor> tensors = {
        tensor("utterances", index_, {utterances(), 5}),
        tensor("tokens", tokens_, {tokens_.size()}),
        tensor("durations", durations_, {durations_.size()}),
        tensor("f0", f0_, {f0_.size()}),
        tensor("energy", energy_, {energy_.size()}),
        tensor("controls", controls_, {utterances(), 4}),
        tensor("audio", audio_, {audio_.size()}),
        tensor("texts", texts, {texts.size()}),
    };
    write_safetensors(path, tensors, metadata);
  }

 private:
  std::vector<int32_t> index_, tokens_, durations_;
  std::vector<float> f0_, energy_, controls_;
  std::vector<Float16> audio_;
  std::string texts_;
};

class Maker {
 public:
  explicit Maker(const Options& options)
      : options_(options),
        sentences_(read_corpus(options.corpus)),
        front_end_(ModelPackage::open("lexicon-en").directory()),
        vocabulary_(ModelPackage::open("kokoro-82m").card().parameters.integer_map("vocabulary")) {
    voice::OpenVoiceOptions voice_options;
    voice_options.tier = voice::Tier::kStudio;
    voice_options.threads = options.threads;
    voice_ = voice::open_voice(voice_options);
    shares_ = voice_shares(options.voices, voice_->speakers());
    for (const auto& [symbol, id] : vocabulary_) ids_[symbol] = static_cast<int>(id);
  }

  void run() {
    std::filesystem::create_directories(options_.out);
    const std::filesystem::path manifest = options_.out / "manifest.jsonl";
    const std::set<std::string> done = listed(manifest);
    for (size_t i = options_.first; i < options_.first + options_.shards; ++i) {
      const std::string name = fmt::format("shard-{:05}.safetensors", i);
      if (done.contains(name)) continue;
      const auto start = std::chrono::steady_clock::now();
      Shard shard;
      for (size_t n = 0; n < options_.per_shard; ++n) add(shard, i * options_.per_shard + n);
      write(shard, name, i == 0 ? "validation" : "training", manifest);
      const double wall =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      fmt::print("{}: {} utterances, {:.1f} s of audio in {:.1f} s\n", name, shard.utterances(),
                 shard.seconds(), wall);
      std::fflush(stdout);
    }
  }

 private:
  static std::set<std::string> listed(const std::filesystem::path& manifest) {
    std::set<std::string> names;
    std::ifstream file(manifest);
    for (std::string line; std::getline(file, line);) {
      const auto entry = nlohmann::json::parse(line, nullptr, false);
      if (entry.is_object() && entry.contains("file")) names.insert(entry["file"]);
    }
    return names;
  }

  size_t draw_speaker(Draw& draw) const {
    double sum = 0;
    for (const double share : shares_) sum += share;
    double rest = draw.uniform() * sum;
    for (size_t i = 0; i < shares_.size(); ++i) {
      rest -= shares_[i];
      if (rest < 0) return i;
    }
    return shares_.size() - 1;
  }

  void add(Shard& shard, size_t number) {
    const Sentence& sentence = sentences_[number % sentences_.size()];
    Draw draw(options_.seed * 0x9E3779B97F4A7C15ull + number);
    draw.bits();
    const size_t speaker = draw_speaker(draw);
    Controls controls;
    if (draw.uniform() < options_.vary) {
      controls.speed = static_cast<float>(std::exp2(draw.between(-0.4, 0.4)));
      controls.pitch_semitones = static_cast<float>(draw.between(-4, 4));
      controls.pitch_range = static_cast<float>(std::exp2(draw.between(-1, 0.8)));
      controls.effort_db = static_cast<float>(draw.between(-6, 6));
    }
    text::FrontEndOptions text_options;
    text_options.format = text::TextFormat::kPlain;
    text_options.dialect = voice_->speakers()[speaker].accent == voice::Accent::kBritish
                               ? text::Dialect::kBritish
                               : text::Dialect::kAmerican;
    for (const text::Utterance& utterance :
         front_end_.process(sentence.text, text_options).utterances) {
      const std::u32string symbols = voice::prepare_piece(utterance, *voice_).symbols;
      if (!symbols.empty()) speak(shard, symbols, speaker, controls, sentence);
    }
  }

  void speak(Shard& shard, const std::u32string& symbols, size_t speaker, const Controls& controls,
             const Sentence& sentence) {
    std::vector<float> f0, energy;
    std::vector<int> counts;
    voice::SynthesisRequest request;
    request.phonemes = symbols;
    request.speaker.parts = {{speaker, 1.0f}};
    request.speed = controls.speed;
    if (controls.pitch_semitones != 0 || controls.pitch_range != 1 || controls.effort_db != 0) {
      voice::PhonemeControl control;
      control.pitch_semitones = controls.pitch_semitones;
      control.pitch_range = controls.pitch_range;
      control.effort_db = controls.effort_db;
      request.phoneme_controls.assign(symbols.size(), control);
    }
    request.observer = [&](const voice::StageReport& report) {
      if (report.name == "performed_f0") f0.assign(report.values.begin(), report.values.end());
      if (report.name == "performed_energy") {
        energy.assign(report.values.begin(), report.values.end());
        if (options_.prosody_only) throw ProsodyIsKnown();
      }
      if (report.name == "durations") {
        for (const float count : report.values) counts.push_back(static_cast<int>(count));
      }
    };
    voice::Speech speech;
    try {
      speech = voice_->synthesize(request);
    } catch (const ProsodyIsKnown&) {
      speech.frame_counts = counts;
    }
    if (f0.size() > kMaximumFrames) return;
    const size_t samples = options_.prosody_only ? 0 : f0.size() * kFrameSamples;
    if (f0.empty() || f0.size() != energy.size() || samples != speech.samples.size()) {
      throw Error(ErrorCode::kInternal, "the Studio voice did not report its curves");
    }
    std::vector<int> tokens = {0};
    for (const char32_t symbol : symbols) {
      std::string name;
      append_utf8(name, symbol);
      tokens.push_back(ids_.at(name));
    }
    tokens.push_back(0);
    shard.add(tokens, speech, std::move(f0), std::move(energy), speaker, controls, sentence);
  }

  void write(Shard& shard, const std::string& name, const std::string& split,
             const std::filesystem::path& manifest) {
    std::string speakers;
    for (const voice::Speaker& speaker : voice_->speakers()) {
      speakers += (speakers.empty() ? "" : ",") + speaker.id;
    }
    const std::filesystem::path path = options_.out / name;
    shard.write(path, {{"format", "myna-voice-shard-1"},
                       {"teacher", "kokoro-82m"},
                       {"split", split},
                       {"speakers", speakers},
                       {"vocabulary", nlohmann::json(vocabulary_).dump()}});
    const nlohmann::json entry = {{"file", name},
                                  {"sha256", sha256_file_hex(path)},
                                  {"split", split},
                                  {"utterances", shard.utterances()},
                                  {"seconds", shard.seconds()}};
    std::ofstream file(manifest, std::ios::app);
    file << entry.dump() << '\n';
    file.flush();
    if (!file) throw Error(ErrorCode::kIo, "cannot write " + manifest.string());
  }

  Options options_;
  std::vector<Sentence> sentences_;
  text::FrontEnd front_end_;
  std::map<std::string, int64_t> vocabulary_;
  std::map<std::string, int> ids_;
  std::unique_ptr<voice::Voice> voice_;
  std::vector<double> shares_;
};

}  // namespace

int main(int count, char** arguments) {
  try {
    Maker(parse(count, arguments)).run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
