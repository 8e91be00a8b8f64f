// Times a voice on a device from phonemes, so that nothing but the voice's own model
// package is needed: latency of 1, 10 and 60 seconds of audio, first audio, and bulk throughput by
// batch size. One JSON object a line, written as soon as it is measured.
//
//   myna_voice_bench [--tier studio|flash] [--device cuda|cpu] [--repeat N] [--largest-batch N]
//   PHONEMES_FILE > results.jsonl
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "voice/registry.h"

namespace {

using namespace myna;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string tier = "studio";
  std::string device = "cuda";
  std::string phonemes_file;
  size_t repeat = 10;
  size_t largest_batch = 256;
};

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const auto takes = [&](const char* name) {
      return std::strcmp(arguments[i], name) == 0 && i + 1 < count;
    };
    if (takes("--tier")) {
      options.tier = arguments[++i];
    } else if (takes("--device")) {
      options.device = arguments[++i];
    } else if (takes("--repeat")) {
      options.repeat = std::max(1ul, std::strtoul(arguments[++i], nullptr, 10));
    } else if (takes("--largest-batch")) {
      options.largest_batch = std::max(1ul, std::strtoul(arguments[++i], nullptr, 10));
    } else {
      options.phonemes_file = arguments[i];
    }
  }
  return options;
}

std::vector<std::u32string> read_sentences(const std::string& name) {
  std::ifstream file(name);
  std::vector<std::u32string> sentences;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) sentences.push_back(to_utf32(line));
  }
  if (sentences.empty()) throw Error(ErrorCode::kNotFound, "no phonemes in '" + name + "'");
  return sentences;
}

class Bench {
 public:
  Bench(voice::Voice& voice, size_t repeat) : voice_(voice), repeat_(repeat) {}

  voice::SynthesisRequest request(std::u32string phonemes) const {
    voice::SynthesisRequest request;
    request.phonemes = std::move(phonemes);
    request.speaker = voice::parse_speaker_blend("heart", voice_.speakers());
    return request;
  }

  // The median and the least of `repeat` runs after a warm one.
  double time(const char* name, const std::vector<voice::SynthesisRequest>& requests) const {
    double audio_s = 0;
    for (const voice::Speech& speech : voice_.synthesize_batch(requests)) {
      audio_s += static_cast<double>(speech.samples.size()) / speech.sample_rate;
    }
    std::vector<double> seconds;
    for (size_t i = 0; i < repeat_; ++i) {
      const auto start = Clock::now();
      voice_.synthesize_batch(requests);
      seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::sort(seconds.begin(), seconds.end());
    const double median = seconds[seconds.size() / 2];
    fmt::print(
        "{{\"case\": \"{}\", \"utterances\": {}, \"audio_s\": {:.3f}, \"median_s\": {:.5f}, "
        "\"least_s\": {:.5f}, \"audio_s_per_s\": {:.1f}}}\n",
        name, requests.size(), audio_s, median, seconds.front(), audio_s / median);
    std::fflush(stdout);
    return audio_s;
  }

 private:
  voice::Voice& voice_;
  size_t repeat_;
};

void run(const Options& options) {
  const std::vector<std::u32string> sentences = read_sentences(options.phonemes_file);
  voice::OpenVoiceOptions voice_options;
  voice_options.tier = voice::parse_tier(options.tier);
  voice_options.device = voice::parse_device(options.device);
  const auto start = Clock::now();
  const auto voice = voice::open_voice(voice_options);
  fmt::print("{{\"case\": \"load\", \"tier\": \"{}\", \"device\": \"{}\", \"wall_s\": {:.3f}}}\n",
             voice->tier(), options.device,
             std::chrono::duration<double>(Clock::now() - start).count());
  const Bench bench(*voice, options.repeat);
  // A request of one clause is what first audio waits for.
  const std::u32string clause = sentences[0].substr(0, sentences[0].find(U','));
  bench.time("first audio, one clause", {bench.request(clause)});
  bench.time("one word", {bench.request(clause.substr(0, clause.find(U' ', 8)))});
  bench.time("one sentence", {bench.request(sentences[0])});
  std::vector<voice::SynthesisRequest> text;
  for (const std::u32string& sentence : sentences) text.push_back(bench.request(sentence));
  const double audio_s = bench.time("the whole text, pieces in one batch", text);
  std::vector<voice::SynthesisRequest> minute;
  for (size_t i = 0;
       static_cast<double>(minute.size()) * audio_s < 60.0 * static_cast<double>(text.size());
       ++i) {
    minute.push_back(text[i % text.size()]);
  }
  bench.time("a minute, pieces in one batch", minute);
  for (size_t batch = 1; batch <= options.largest_batch; batch *= 2) {
    std::vector<voice::SynthesisRequest> requests;
    for (size_t i = 0; i < batch; ++i) requests.push_back(text[i % text.size()]);
    bench.time("bulk", requests);
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(parse(count, arguments));
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
