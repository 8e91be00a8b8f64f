// myna-train: the trainer of Myna's own models.
//
//   myna-train voice [--config FILE] [--until STEP] [NAME=VALUE]...   trains, or goes on
//   myna-train export CHECKPOINT --out DIRECTORY [--voiced-noise 1] [--unvoiced-noise 1]
//                                                                     weights for the engine
//   myna-train stages CHECKPOINT --utterance N --out FILE.safetensors [--prosody teacher]
//                                                                     a golden for other programs
//   myna-train tokenizer --vocabulary N --out tokenizer.json FILE...   byte-pair merges of a text
//   myna-train tokens --tokenizer FILE --out DIRECTORY FILE...         a corpus as token shards
//   myna-train lm [--config FILE] [--until STEP] [NAME=VALUE]...       trains, or goes on
//   myna-train export-lm CHECKPOINT --out DIRECTORY                    in Hugging Face's layout
//   myna-train logits MODEL --tokens 1,2,3 --out FILE [--save DIRECTORY]  of a model in that layout
//   myna-train plan --devices N [--config FILE] [NAME=VALUE]...        memory and time of a run
//   myna-train report RUN --out report.html                           curves, spectrograms, audio
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "train/core/checkpoint.h"
#include "train/core/launch.h"
#include "train/core/report.h"
#include "train/lm/corpus.h"
#include "train/lm/exchange.h"
#include "train/lm/plan.h"
#include "train/lm/tokenizer.h"
#include "train/lm/training.h"
#include "train/voice/export.h"
#include "train/voice/training.h"
#include "weights/safetensors.h"

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

// Options that a command knows by itself are left alone.
template <typename Settings>
Settings settings_of(const Arguments& arguments, std::initializer_list<std::string_view> known) {
  Settings settings;
  for (const auto& [name, value] : arguments.options) {
    if (name == "config") {
      settings.merge_json(read_file(value));
    } else if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw Error(ErrorCode::kInvalidArgument, "there is no option --" + name);
    }
  }
  for (const std::string& assignment : arguments.plain) settings.set(assignment);
  return settings;
}

template <typename Training, typename Settings>
void run_training(const Arguments& arguments) {
  auto settings = settings_of<Settings>(arguments, {"until"});
  const auto until = arguments.options.find("until");
  if (settings.data.empty() || settings.run.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "data=DIRECTORY and run=DIRECTORY are needed");
  }
  settings.launch =
      train::launch_of(settings.launch, [](const char* name) { return getenv(name); });
  if (settings.device == "cuda") {
    settings.device += ":" + std::to_string(settings.launch.local_rank);
  }
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  Training training(settings);
  training.run(stop_wanted, until == arguments.options.end() ? 0 : std::stoll(until->second));
}

void train_tokenizer(const Arguments& arguments) {
  train::TokenizerTraining settings;
  settings.vocabulary = std::stoul(arguments.need("vocabulary"));
  settings.special = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
  settings.digits = train::Digits::kSingle;
  train::TokenizerTrainer trainer(settings);
  for (const std::string& file : arguments.plain) {
    train::read_corpus(file, [&](const train::CorpusDocument& document) {
      trainer.add(document.text);
      for (const auto& message : document.messages) trainer.add(message.content);
    });
  }
  const train::Tokenizer tokenizer = trainer.train();
  tokenizer.save(arguments.need("out"));
  std::printf("%zu tokens\n", tokenizer.size());
}

void make_tokens(const Arguments& arguments) {
  const auto share = arguments.options.find("validation");
  const train::CorpusCounts counts = train::write_token_corpus(
      {arguments.plain.begin(), arguments.plain.end()},
      train::Tokenizer::load(arguments.need("tokenizer")), arguments.need("out"),
      share == arguments.options.end() ? 0.01 : std::stod(share->second));
  std::printf("%zu documents (%zu kept apart), %zu tokens, %zu learned\n", counts.documents,
              counts.validation_documents, counts.tokens, counts.learned);
}

// The running means, with the sizes that the checkpoint's run was set to.
void export_lm(const std::string& checkpoint, const std::string& directory) {
  const auto file = SafetensorsFile::open(checkpoint);
  const auto found = file.metadata().find("settings");
  if (found == file.metadata().end()) {
    throw Error(ErrorCode::kCorruptData, checkpoint + " is no checkpoint");
  }
  train::LmRunSettings settings;
  settings.merge_json(found->second);
  train::Parameters parameters(settings.seed, at::kCPU);
  const train::LmModel model(parameters, settings.model);
  train::load_weights(checkpoint, parameters, true);
  train::save_lm(directory, parameters, model.sizes());
}

// A golden for other programs: logits of every position; and the model as we write it.
void dump_logits(const std::string& directory, const Arguments& arguments) {
  at::NoGradGuard no_grad;
  train::Parameters parameters(0, at::kCPU);
  const train::LmModel model(parameters, train::read_lm_config(directory));
  train::load_lm_weights(directory, parameters, model.sizes());
  std::vector<int64_t> tokens;
  std::stringstream text(arguments.need("tokens"));
  for (std::string number; std::getline(text, number, ',');) {
    tokens.push_back(std::stoll(number));
    if (tokens.back() < 0 || tokens.back() >= model.sizes().vocabulary) {
      throw Error(ErrorCode::kInvalidArgument, "there is no token " + number);
    }
  }
  const at::Tensor row = at::tensor(tokens).unsqueeze(0);
  const auto hidden = model(row, train::context_of(at::zeros_like(row))).hidden;
  train::save_tensors(arguments.need("out"), {{"logits", model.logits(hidden).squeeze(0)}}, {});
  const auto save = arguments.options.find("save");
  if (save != arguments.options.end()) train::save_lm(save->second, parameters, model.sizes());
}

void print_plan(const Arguments& arguments) {
  const auto settings = settings_of<train::LmRunSettings>(arguments, {"devices"});
  const int64_t devices = std::stoll(arguments.need("devices"));
  std::printf("%s",
              train::describe(train::plan_run(settings, devices, {}), settings, devices).c_str());
}

int run(int count, char** values) {
  const std::string command = count > 1 ? values[1] : "";
  const Arguments arguments = parse(count, values);
  const auto one = [&] {
    if (arguments.plain.size() == 1) return arguments.plain[0];
    throw Error(ErrorCode::kInvalidArgument, command + " takes one path");
  };
  if (command == "voice") {
    run_training<train::VoiceTraining, train::VoiceRunSettings>(arguments);
  } else if (command == "lm") {
    run_training<train::LmTraining, train::LmRunSettings>(arguments);
  } else if (command == "tokenizer") {
    train_tokenizer(arguments);
  } else if (command == "tokens") {
    make_tokens(arguments);
  } else if (command == "export-lm") {
    export_lm(one(), arguments.need("out"));
  } else if (command == "logits") {
    dump_logits(one(), arguments);
  } else if (command == "plan") {
    print_plan(arguments);
  } else if (command == "export") {
    const auto factor = [&](const char* name) {
      const auto found = arguments.options.find(name);
      return found == arguments.options.end() ? 1.0 : std::stod(found->second);
    };
    train::export_voice(one(), arguments.need("out"),
                        {factor("unvoiced-noise"), factor("voiced-noise")});
  } else if (command == "stages") {
    const auto found = arguments.options.find("prosody");
    const std::string prosody = found == arguments.options.end() ? "model" : found->second;
    if (prosody != "model" && prosody != "teacher") {
      throw Error(ErrorCode::kInvalidArgument,
                  "--prosody is '" + prosody + "', not model or teacher");
    }
    train::dump_rendering(
        one(), std::stoul(arguments.need("utterance")),
        prosody == "teacher" ? train::ProsodyFrom::kTeacher : train::ProsodyFrom::kModel,
        arguments.need("out"));
  } else if (command == "report") {
    train::write_report(one(), arguments.need("out"));
  } else {
    std::fprintf(stderr,
                 "usage: myna-train "
                 "voice|export|stages|lm|tokenizer|tokens|export-lm|logits|plan|report ... "
                 "(train/README.md)\n");
    return 2;
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  // Gloo writes to connections whose other end may have died: that is an error, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(count, values);
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    // Connections to a process that has gone may be in use still, on threads of c10d.
    if (error.code() == ErrorCode::kUnavailable) std::_Exit(1);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
