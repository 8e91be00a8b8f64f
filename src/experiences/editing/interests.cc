#include "experiences/editing/interests.h"

#include <charconv>

#include "base/plain_text.h"
#include "base/utf8.h"

namespace myna::editing {
namespace {

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> items;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t end = std::min(text.find(',', at), text.size());
    if (std::string item(trimmed(text.substr(at, end - at))); !item.empty())
      items.push_back(std::move(item));
    at = end + 1;
  }
  return items;
}

void append(std::vector<std::string>& list, std::vector<std::string> items) {
  list.insert(list.end(), std::make_move_iterator(items.begin()),
              std::make_move_iterator(items.end()));
}

// Empty when the line is understood.
std::string read_line(std::string_view line, Interests& interests) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return "there is no ':' in it; write for example \"more: astronomy\"";
  const std::string key(trimmed(line.substr(0, colon)));
  const std::string value(trimmed(line.substr(colon + 1)));
  if (key == "name") {
    interests.name = value.substr(0, 60);
  } else if (key == "more") {
    append(interests.more, list_of(value));
  } else if (key == "less") {
    append(interests.less, list_of(value));
  } else if (key == "mute") {
    append(interests.mute, list_of(value));
  } else if (key.starts_with("section ")) {
    interests.sections.push_back({std::string(trimmed(key.substr(8))), list_of(value)});
  } else if (key.starts_with("source ")) {
    double factor = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), factor);
    if (error != std::errc() || end != value.data() + value.size() ||
        !(factor >= 0 && factor <= 10)) {
      return "'" + value + "' is no number from 0 to 10";
    }
    interests.publishers[std::string(trimmed(key.substr(7)))] = factor;
  } else {
    return "'" + key +
           "' is not known; there are name, more, less, mute, section NAME and source NAME";
  }
  return {};
}

}  // namespace

Interests parse_interests(std::string_view text, std::vector<InterestsProblem>& problems) {
  Interests interests;
  const std::string valid = find_invalid_utf8(text) ? to_utf8(to_utf32(text)) : std::string(text);
  size_t at = 0;
  for (size_t number = 1; at < valid.size(); ++number) {
    const size_t end = std::min(valid.find('\n', at), valid.size());
    const std::string line(trimmed(std::string_view(valid).substr(at, end - at)));
    at = end + 1;
    if (line.empty() || line.starts_with('#')) continue;
    if (std::string problem = read_line(line, interests); !problem.empty())
      problems.push_back({number, std::move(problem)});
  }
  return interests;
}

}  // namespace myna::editing
