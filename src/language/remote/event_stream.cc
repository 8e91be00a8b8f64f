#include "language/remote/event_stream.h"

#include "base/error.h"

namespace myna::language {

void EventStream::end_line(std::vector<std::string>& events) {
  std::string_view line = line_;
  if (first_line_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  first_line_ = false;
  if (line.empty()) {
    if (has_data_) events.push_back(std::move(data_));
    data_.clear();
    has_data_ = false;
  } else if (line == "data" || line.starts_with("data:")) {
    line.remove_prefix(std::min<size_t>(5, line.size()));
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (has_data_) data_ += '\n';
    data_ += line;
    has_data_ = true;
  }
  line_.clear();
}

std::vector<std::string> EventStream::append(std::string_view bytes) {
  std::vector<std::string> events;
  for (const char c : bytes) {
    const bool second = after_return_ && c == '\n';
    after_return_ = c == '\r';
    if (second) continue;
    if (c == '\n' || c == '\r') {
      end_line(events);
    } else {
      line_ += c;
    }
    if (line_.size() + data_.size() > kMostBytes) {
      throw Error(ErrorCode::kCorruptData, "the endpoint sends an event of more than 4 MiB");
    }
  }
  return events;
}

}  // namespace myna::language
