#include "cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

extern char** environ;

namespace myna::cli {
namespace {

constexpr int kPoll_ms = 100;

class SpawnActions {
 public:
  SpawnActions() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // The child starts with the default answer to the signals that this process handles.
    sigset_t defaults;
    sigemptyset(&defaults);
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, number);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

pid_t spawn(const std::vector<std::string>& arguments, int output) {
  SpawnActions setup;
  posix_spawn_file_actions_adddup2(&setup.actions, output, STDOUT_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error =
      ::posix_spawnp(&child, argv[0], &setup.actions, &setup.attributes, argv.data(), environ);
  if (error != 0) {
    throw Error(ErrorCode::kUnavailable, "cannot run " + arguments[0] + ": " + std::strerror(error),
                "install it with your package manager");
  }
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Hands out the complete lines of `pending` and keeps the rest.
void take_lines(std::string& pending, const std::function<void(std::string_view)>& on_line) {
  size_t begin = 0;
  for (size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
    on_line(std::string_view(pending).substr(begin, end - begin));
  }
  pending.erase(0, begin);
}

}  // namespace

int run_child(const std::vector<std::string>& arguments,
              const std::function<void(std::string_view)>& on_line,
              const std::atomic<bool>& cancel) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw errno_error("cannot make a pipe", errno);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  const pid_t child = spawn(arguments, writer.get());
  writer.close();

  std::string pending;
  bool terminated = false;
  char buffer[4096];
  for (;;) {
    if (cancel && !terminated) {
      ::kill(child, SIGTERM);
      terminated = true;
    }
    pollfd descriptor{reader.get(), POLLIN, 0};
    if (::poll(&descriptor, 1, kPoll_ms) == 0) continue;
    const ssize_t count = ::read(reader.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    pending.append(buffer, static_cast<size_t>(count));
    take_lines(pending, on_line);
  }
  if (!pending.empty()) on_line(pending);
  return wait_for(child);
}

}  // namespace myna::cli
