// Server-sent events, as in the HTML standard: the data of each event, as bytes come in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace myna::language {

// Not thread-safe.
class EventStream {
 public:
  static constexpr size_t kMostBytes = size_t{4} << 20;  // of one event

  // The data of the events that are complete now. Names, ids and comments are passed over. Throws
  // Error kCorruptData for an event above kMostBytes.
  std::vector<std::string> append(std::string_view bytes);
  // An event is complete only with its blank line; what was begun is dropped, as the standard has
  // it. True: there was such a rest.
  bool has_rest() const { return !line_.empty() || has_data_; }

 private:
  void end_line(std::vector<std::string>& events);

  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  // "\r\n" is one end of a line
  bool first_line_ = true;
};

}  // namespace myna::language
