// One training over several processes: the optimiser's state and the experts divided, a process
// that dies, processes that do not fit together.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/error.h"
#include "base/file.h"
#include "train/lm/toy_run_test_support.h"
#include "weights/safetensors.h"

namespace myna::train {
namespace {

// myna-train with an environment of its own.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
        const std::filesystem::path& log)
      : log_(log) {
    // Before the child runs: what it has said may be asked for at once.
    const int file = open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    pid_ = fork();
    if (pid_ != 0) {
      close(file);
      return;
    }
    dup2(file, 1);
    dup2(file, 2);
    for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> words = {const_cast<char*>(MYNA_TRAIN_BINARY)};
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    execv(MYNA_TRAIN_BINARY, words.data());
    _exit(127);
  }
  ~Child() {
    if (running_) {
      kill(SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill(int signal) const { ::kill(pid_, signal); }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    running_ = false;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string said() const { return read_file(log_); }

 private:
  pid_t pid_;
  bool running_ = true;
  std::filesystem::path log_;
};

class LmParallelTest : public LmToyRun {
 protected:
  LmParallelTest() {
    settings_.log_every = 1;
    settings_.micro_rows = 2;
  }

  // As torchrun starts them, without torchrun.
  std::vector<std::unique_ptr<Child>> start(const LmRunSettings& settings, int processes,
                                            int64_t until) {
    static int port = 23000 + getpid() % 17000;
    ++port;
    const auto config = directory_ / "config.json";
    write_file_atomically(config, settings.to_json());
    std::vector<std::unique_ptr<Child>> children;
    for (int rank = 0; rank < processes; ++rank) {
      const std::string number = std::to_string(rank);
      children.push_back(std::make_unique<Child>(
          std::vector<std::string>{"lm", "--config", config, "--until", std::to_string(until)},
          std::vector<std::string>{"RANK=" + number, "WORLD_SIZE=" + std::to_string(processes),
                                   "LOCAL_RANK=" + number, "MASTER_ADDR=127.0.0.1",
                                   "MASTER_PORT=" + std::to_string(port)},
          directory_ / ("log-" + number)));
    }
    return children;
  }
  void train(const LmRunSettings& settings, int processes, int64_t until) {
    auto children = start(settings, processes, until);
    for (auto& child : children) ASSERT_EQ(child->wait(), 0) << child->said();
  }

  static SafetensorsFile checkpoint(const LmRunSettings& settings, int64_t step) {
    return SafetensorsFile::open(settings.run / ("step-" + std::to_string(step) + ".safetensors"));
  }
  // Over weights, running means and moments; relative to the size of each kind.
  static double difference(const LmRunSettings& a, const LmRunSettings& b, int64_t step) {
    const SafetensorsFile first = checkpoint(a, step), second = checkpoint(b, step);
    EXPECT_EQ(first.names().size(), second.names().size());
    std::map<std::string, std::pair<double, double>> sums;
    for (const std::string& name : first.names()) {
      const auto x = first.require(name).as<float>();
      const auto y = second.require(name, DType::kF32, first.require(name).shape()).as<float>();
      auto& [apart, size] = sums[name.substr(0, name.find('.'))];
      for (size_t i = 0; i < x.size(); ++i) {
        apart += std::pow(static_cast<double>(x[i] - y[i]), 2);
        size += std::pow(static_cast<double>(x[i]), 2);
      }
    }
    double worst = 0;
    for (const auto& [kind, sum] : sums) {
      worst = std::max(worst, std::sqrt(sum.first / sum.second));
    }
    return worst;
  }
  static std::vector<double> logged(const LmRunSettings& settings, const std::string& event,
                                    const std::string& name) {
    std::vector<double> values;
    std::istringstream lines(read_file(settings.run / "metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const auto json = nlohmann::json::parse(line);
      if (json.at("event") == event) values.push_back(json.at(name).get<double>());
    }
    return values;
  }
};

// Sums in another order, and Adam's first steps divide by roots of small squares.
constexpr double kTolerance = 1e-3;

TEST_F(LmParallelTest, DividedStateTrainsTheSameModelInAQuarterOfTheMemory) {
  const LmRunSettings one = in("one");
  train(one, 1, 4);
  for (const int processes : {2, 4}) {
    const LmRunSettings divided = in("divided" + std::to_string(processes));
    train(divided, processes, 4);
    EXPECT_LT(difference(one, divided, 4), kTolerance);
    const auto losses = logged(one, "train", "nats"), others = logged(divided, "train", "nats");
    ASSERT_EQ(losses.size(), 4u);
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(losses[i], others[i], 1e-4);
    // Whole matrices go to one process each: no equal parts.
    EXPECT_LT(logged(divided, "start", "optimizer_mb")[0],
              1.25 / processes * logged(one, "start", "optimizer_mb")[0]);
  }
  // A checkpoint has the whole: another number of processes goes on.
  const LmRunSettings parts = in("parts");
  train(parts, 4, 2);
  train(parts, 1, 4);
  EXPECT_LT(difference(one, parts, 4), kTolerance);
  LmRunSettings undivided = in("undivided");
  undivided.shard_optimizer = false;
  train(undivided, 2, 4);
  EXPECT_EQ(difference(in("divided2"), undivided, 4), 0);
}

TEST_F(LmParallelTest, DividedExpertsTrainTheSameModel) {
  settings_.recompute = true;
  settings_.model.leading_dense = 1;
  settings_.model.layers = 3;
  settings_.model.mixture.z_loss = 1e-3;
  settings_.validate_every = 3;
  settings_.validation_rows = 5;  // no multiple of the processes
  const LmRunSettings one = in("one");
  train(one, 1, 3);
  for (const auto& [processes, group] : {std::pair{2, 2}, {4, 4}, {4, 2}}) {
    LmRunSettings divided = in("divided" + std::to_string(processes) + std::to_string(group));
    divided.expert_parallel = group;
    train(divided, processes, 3);
    EXPECT_LT(difference(one, divided, 3), kTolerance) << processes << " " << group;
    for (const char* name : {"nats", "worst_load", "load_entropy"}) {
      const auto here = logged(one, "train", name), there = logged(divided, "train", name);
      ASSERT_EQ(here.size(), 3u);
      for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(here[i], there[i], 1e-4) << name;
    }
    EXPECT_NEAR(logged(one, "validation", "bits_per_byte")[0],
                logged(divided, "validation", "bits_per_byte")[0], 1e-4);
  }
}

// torchrun keeps the store itself, and counts its attempts.
TEST_F(LmParallelTest, ALaunchersStoreIsTheMeetingPoint) {
  c10d::TCPStoreOptions options;
  options.port = 0;
  options.isServer = true;
  options.waitWorkers = false;
  const c10d::TCPStore store("127.0.0.1", options);
  const LmRunSettings settings = in("launched");
  write_file_atomically(directory_ / "config.json", settings.to_json());
  for (const char* attempt : {"0", "1"}) {
    std::vector<std::unique_ptr<Child>> children;
    for (const char* rank : {"0", "1"}) {
      children.push_back(std::make_unique<Child>(
          std::vector<std::string>{"lm", "--config", directory_ / "config.json", "--until",
                                   attempt == std::string("0") ? "1" : "2"},
          std::vector<std::string>{
              std::string("RANK=") + rank, "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1",
              "MASTER_PORT=" + std::to_string(store.getPort()), "TORCHELASTIC_USE_AGENT_STORE=True",
              std::string("TORCHELASTIC_RESTART_COUNT=") + attempt},
          directory_ / (std::string("log-") + rank)));
    }
    for (auto& child : children) EXPECT_EQ(child->wait(), 0) << child->said();
  }
  EXPECT_EQ(logged(settings, "train", "nats").size(), 2u);
}

// Runs `work` as one of several processes, in a thread each.
void as_processes(int count, int group, const std::function<void(const Processes&)>& work) {
  static int port = 22000 + getpid() % 17000;
  ++port;
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      const Processes processes({rank, count, "127.0.0.1:" + std::to_string(port)}, {group, 60});
      work(processes);
    });
  }
}

TEST(LmExpertGradients, AreThoseOfOneProcessEvenWhereNoTokenGoes) {
  constexpr int64_t kTokens = 24, kWidth = 8, kExperts = 8;
  MixtureSizes sizes;
  sizes.experts = kExperts;
  sizes.expert_width = 6;
  sizes.shared_width = 4;
  // Even, and all of it to the first two experts: most processes get nothing.
  for (const bool uneven : {false, true}) {
    const auto bias_of = [&](const Mixture& mixture) {
      at::NoGradGuard no_grad;
      Tensor bias = mixture.bias();
      if (uneven) bias.narrow(0, 0, 2).fill_(10);
    };
    const Tensor x = at::rand({kTokens, kWidth}) - 0.5, seed = at::rand({kTokens, kWidth});
    Parameters whole(3, at::kCPU);
    const Mixture reference(whole, "m", sizes, kWidth);
    bias_of(reference);
    const Tensor input = x.clone().requires_grad_(true);
    const Tensor expected = reference(input).y;
    (expected * seed).sum().backward();
    for (const int count : {2, 4}) {
      as_processes(count, count, [&](const Processes& processes) {
        Parameters parameters(3, at::kCPU);
        const Mixture mixture(parameters, "m", sizes, kWidth, processes.experts());
        bias_of(mixture);
        const int64_t own = kTokens / count, first = processes.rank() * own;
        const Tensor part = x.narrow(0, first, own).clone().requires_grad_(true);
        const MixtureOutput output = mixture(part);
        (output.y * seed.narrow(0, first, own)).sum().backward();
        const auto apart = [](const Tensor& a, const Tensor& b) {
          return (a - b).abs().max().item<double>();
        };
        EXPECT_LT(apart(output.y, expected.narrow(0, first, own)), 1e-5);
        EXPECT_LT(apart(part.grad(), input.grad().narrow(0, first, own)), 1e-5);
        processes.average_gradients(parameters);
        for (const Parameter& parameter : parameters.all()) {
          const Tensor wanted = whole.find(parameter.name).value.grad();
          if (!wanted.defined()) continue;
          EXPECT_LT(apart(parameter.value.grad() * count,
                          wanted.narrow(0, parameter.begin, parameter.value.size(0))),
                    2e-5)
              << parameter.name;
          EXPECT_EQ(parameter.is_part(), parameter.name.find(".experts.") != std::string::npos);
        }
      });
    }
  }
}

TEST_F(LmParallelTest, ADeadProcessEndsTheRunAndItGoesOn) {
  settings_.save_every = 2;
  for (const int victim : {0, 2}) {
    LmRunSettings settings = in("victim" + std::to_string(victim));
    settings.rows = 6;
    settings.micro_rows = 1;
    auto children = start(settings, 3, 1000000);
    const auto begun = std::chrono::steady_clock::now();
    while (!std::filesystem::exists(settings.run / "latest.json")) {
      ASSERT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60))
          << children[0]->said();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    // What the system sends who writes to a connection whose other end has died.
    for (int rank = 0; rank < 3; ++rank) {
      if (rank != victim) children[static_cast<size_t>(rank)]->kill(SIGPIPE);
    }
    children[static_cast<size_t>(victim)]->kill(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    for (int rank = 0; rank < 3; ++rank) {
      Child& child = *children[static_cast<size_t>(rank)];
      EXPECT_EQ(child.wait(), rank == victim ? 128 + SIGKILL : 1);
      if (rank == victim) continue;
      EXPECT_NE(child.said().find("rank " + std::to_string(victim)), std::string::npos)
          << child.said();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(30));
    LmTraining resumed(settings);
    EXPECT_GE(resumed.step(), 2);
    resumed.run(never_, resumed.step() + 1);
  }
}

TEST_F(LmParallelTest, AStopEndsAllBehindTheSameStep) {
  auto children = start(in("stopped"), 2, 1000000);
  const auto begun = std::chrono::steady_clock::now();
  while (children[0]->said().find("step 3 ") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  children[1]->kill(SIGTERM);
  for (auto& child : children) EXPECT_EQ(child->wait(), 0) << child->said();
  EXPECT_GE(LmTraining(in("stopped")).step(), 3);
}

TEST_F(LmParallelTest, ProcessesThatDoNotFitTogetherAreRefused) {
  EXPECT_THROW(Processes({2, 2, "127.0.0.1:4711"}), Error);
  EXPECT_THROW(Processes({0, 2, "nowhere"}), Error);
  EXPECT_THROW(Processes({0, 4, "127.0.0.1:4711"}, {3, 60}), Error);
  static const int port = 21000 + getpid() % 17000;
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < 2; ++rank) {
    threads.emplace_back([&, rank] {
      LmRunSettings settings = in("other");
      settings.launch = {rank, 2, "127.0.0.1:" + std::to_string(port)};
      settings.optimizer.learning_rate *= 1 + rank;
      try {
        LmTraining training(settings);
        ADD_FAILURE() << "it began";
      } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "rank 1 has other settings than rank 0");
      }
    });
  }
}

}  // namespace
}  // namespace myna::train
