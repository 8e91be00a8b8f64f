// myna-train: the trainer of Myna's own models.
//
//   myna-train voice [--config FILE] [--until STEP] [NAME=VALUE]...   trains, or goes on
//   myna-train export CHECKPOINT --out DIRECTORY                      weights for the engine
//   myna-train stages CHECKPOINT --utterance N --out FILE.safetensors  a golden for other programs
//   myna-train report RUN --out report.html                           curves, spectrograms, audio
#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "train/core/report.h"
#include "train/voice/export.h"
#include "train/voice/training.h"

namespace {

using namespace myna;

std::atomic<bool> stop_wanted = false;

void on_signal(int) { stop_wanted = true; }

struct Arguments {
  std::vector<std::string> plain;
  std::map<std::string, std::string> options;

  std::string need(const std::string& name) const {
    const auto found = options.find(name);
    if (found != options.end()) return found->second;
    throw Error(ErrorCode::kInvalidArgument, "--" + name + " is needed");
  }
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 2; i < count; ++i) {
    const std::string text = values[i];
    if (text.substr(0, 2) != "--") {
      arguments.plain.push_back(text);
    } else if (i + 1 < count) {
      arguments.options[text.substr(2)] = values[++i];
    } else {
      throw Error(ErrorCode::kInvalidArgument, text + " needs a value");
    }
  }
  return arguments;
}

void train_voice(const Arguments& arguments) {
  train::VoiceRunSettings settings;
  int64_t until = 0;
  for (const auto& [name, value] : arguments.options) {
    if (name == "config") {
      settings.merge_json(read_file(value));
    } else if (name == "until") {
      until = std::stoll(value);
    } else {
      throw Error(ErrorCode::kInvalidArgument, "there is no option --" + name);
    }
  }
  for (const std::string& assignment : arguments.plain) settings.set(assignment);
  if (settings.data.empty() || settings.run.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "data=DIRECTORY and run=DIRECTORY are needed");
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  train::VoiceTraining training(settings);
  training.run(stop_wanted, until);
}

int run(int count, char** values) {
  const std::string command = count > 1 ? values[1] : "";
  const Arguments arguments = parse(count, values);
  const auto one = [&] {
    if (arguments.plain.size() == 1) return arguments.plain[0];
    throw Error(ErrorCode::kInvalidArgument, command + " takes one path");
  };
  if (command == "voice") {
    train_voice(arguments);
  } else if (command == "export") {
    train::export_voice(one(), arguments.need("out"));
  } else if (command == "stages") {
    train::dump_rendering(one(), std::stoul(arguments.need("utterance")), arguments.need("out"));
  } else if (command == "report") {
    train::write_report(one(), arguments.need("out"));
  } else {
    std::fprintf(stderr, "usage: myna-train voice|export|stages|report ... (train/README.md)\n");
    return 2;
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    return run(count, values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
