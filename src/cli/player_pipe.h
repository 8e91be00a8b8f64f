// A program that plays sound, fed with raw PCM through its standard input.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace myna::cli {

// The first of aplay, pw-cat, paplay and ffplay that is installed, with its arguments for signed
// 16-bit little-endian mono at `rate`; empty when there is none.
std::string find_player(int rate);

// `player`, a shell command that plays raw PCM from its standard input, or what find_player() finds
// without one. Throws Error kUnavailable when there is none.
std::string require_player(std::string player, int rate);

// Not thread-safe.
class PlayerPipe {
 public:
  // Throws Error kIo.
  explicit PlayerPipe(const std::string& player);

  int descriptor() const { return ::fileno(pipe_.get()); }
  // Closes the pipe and waits for the player to end; returns its status as pclose() gives it.
  int close() { return ::pclose(pipe_.release()); }

 private:
  struct Closer {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<std::FILE, Closer> pipe_;
};

}  // namespace myna::cli
