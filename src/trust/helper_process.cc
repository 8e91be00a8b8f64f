#include "trust/helper_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/file.h"

namespace myna::trust {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxErrorBytes = 4096;
constexpr int kPoll_ms = 100;

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(':'), rest.size());
    const std::filesystem::path file = std::filesystem::path(rest.substr(0, end)) / name;
    if (::access(file.c_str(), X_OK) == 0) return file.string();
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  throw Error(ErrorCode::kUnavailable, name + " is not installed",
              "install it with your package manager");
}

// The input as a file without a name: the helper can seek in it, and nothing has to be fed.
FileDescriptor input_file(std::string_view input) {
  FileDescriptor file(::memfd_create("myna-input", MFD_CLOEXEC));
  if (!file.valid()) throw errno_error("cannot make a file in memory", errno);
  write_all(file.get(), std::as_bytes(std::span(input.data(), input.size())), "a file in memory");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

void set_limit(int which, rlim_t value) {
  const rlimit limit{value, value};
  ::setrlimit(static_cast<__rlimit_resource_t>(which), &limit);
}

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw errno_error("cannot make a pipe", errno);
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
  }
};

// Ends the child, whatever happens.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

}  // namespace

HelperResult run_helper(const std::vector<std::string>& arguments, std::string_view input,
                        const HelperLimits& limits) {
  const std::string program = find_program(arguments.at(0));
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // Nothing of the user's environment is the helper's business.
  std::array<char*, 3> environment = {const_cast<char*>("LC_ALL=C.UTF-8"),
                                      const_cast<char*>("PATH=/usr/bin:/bin"), nullptr};
  const FileDescriptor file = input_file(input);
  Pipe output;
  Pipe errors;
  const pid_t pid = ::fork();
  if (pid < 0) throw errno_error("cannot start " + program, errno);
  if (pid == 0) {
    // Only calls that are safe between fork and exec.
    ::dup2(file.get(), STDIN_FILENO);
    ::dup2(output.write_end.get(), STDOUT_FILENO);
    ::dup2(errors.write_end.get(), STDERR_FILENO);
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
    ::signal(SIGXFSZ, SIG_IGN);  // a write to a file fails, and is no crash
    set_limit(RLIMIT_CPU, limits.cpu_s);
    set_limit(RLIMIT_AS, limits.memory_bytes);
    set_limit(RLIMIT_FSIZE, 0);
    set_limit(RLIMIT_CORE, 0);
    ::execve(program.c_str(), argv.data(), environment.data());
    ::_exit(127);
  }
  Child child(pid);
  output.write_end.close();
  errors.write_end.close();

  HelperResult result;
  const auto start = Clock::now();
  std::array<char, size_t{1} << 16> buffer{};
  std::array<pollfd, 2> wanted = {pollfd{output.read_end.get(), POLLIN, 0},
                                  pollfd{errors.read_end.get(), POLLIN, 0}};
  while (wanted[0].fd >= 0 || wanted[1].fd >= 0) {
    if (limits.cancel != nullptr && limits.cancel->load())
      throw Error(ErrorCode::kCancelled, "stopped while " + arguments[0] + " was at work");
    if (std::chrono::duration<double>(Clock::now() - start).count() > limits.timeout_s) {
      throw Error(ErrorCode::kResourceExhausted,
                  arguments[0] + " takes longer than " +
                      std::to_string(static_cast<int>(limits.timeout_s)) + " seconds with it");
    }
    if (::poll(wanted.data(), wanted.size(), kPoll_ms) <= 0) continue;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].fd < 0 || wanted[i].revents == 0) continue;
      const ssize_t count = ::read(wanted[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        wanted[i].fd = -1;
        continue;
      }
      const auto size = static_cast<size_t>(count);
      if (i == 1) {
        result.errors.append(
            buffer.data(),
            std::min(size, kMaxErrorBytes - std::min(kMaxErrorBytes, result.errors.size())));
        continue;
      }
      if (result.output.size() + size > limits.output_bytes) {
        throw Error(ErrorCode::kResourceExhausted,
                    arguments[0] + " makes more of it than is read of one document");
      }
      result.output.append(buffer.data(), size);
    }
  }
  result.exit_status = child.wait();
  if (result.exit_status == 128 + SIGXCPU || result.exit_status == 128 + SIGKILL) {
    throw Error(ErrorCode::kResourceExhausted,
                arguments[0] + " needs more time or memory than it may have");
  }
  return result;
}

}  // namespace myna::trust
