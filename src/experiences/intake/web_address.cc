#include "experiences/intake/web_address.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/plain_text.h"

namespace myna::intake {
namespace {

struct Parts {
  std::string scheme;  // with ":"
  std::string authority;
  bool has_authority = false;
  std::string path;
  std::string query;  // with "?"
  std::string fragment;
};

Parts split(std::string_view text) {
  Parts parts;
  const size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    parts.fragment = text.substr(hash);
    text = text.substr(0, hash);
  }
  const size_t question = text.find('?');
  if (question != std::string_view::npos) {
    parts.query = text.substr(question);
    text = text.substr(0, question);
  }
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos && colon > 0 &&
      std::all_of(
          text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
          [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; }) &&
      std::isalpha(static_cast<unsigned char>(text[0]))) {
    parts.scheme = ascii_lower(text.substr(0, colon + 1));
    text = text.substr(colon + 1);
  }
  if (text.starts_with("//")) {
    const size_t end = std::min(text.find('/', 2), text.size());
    parts.authority = text.substr(2, end - 2);
    parts.has_authority = true;
    text = text.substr(end);
  }
  parts.path = text;
  return parts;
}

std::string remove_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool folder = false;
  size_t at = 0;
  const bool absolute = path.starts_with('/');
  if (absolute) at = 1;
  while (at <= path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    folder = part == "." || part == "..";
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (part != ".") {
      kept.push_back(part);
    }
    at = end + 1;
  }
  std::string result = absolute ? "/" : "";
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) result += '/';
    result += kept[i];
  }
  if (folder && !result.ends_with('/')) result += '/';
  return result;
}

std::string join(const Parts& parts) {
  return parts.scheme + (parts.has_authority ? "//" + parts.authority : "") + parts.path +
         parts.query + parts.fragment;
}

std::string without_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  std::string result(text);
  std::erase_if(result, [](char c) { return c == '\n' || c == '\r' || c == '\t'; });
  return result;
}

bool is_tracking(std::string_view parameter) {
  const std::string name = ascii_lower(parameter.substr(0, parameter.find('=')));
  for (const std::string_view known :
       {"fbclid", "gclid", "mc_cid", "mc_eid", "ref", "source", "cmpid", "ns_mchannel", "at_medium",
        "at_campaign", "smid", "rss"}) {
    if (name == known) return true;
  }
  return name.starts_with("utm_") || name.starts_with("at_custom");
}

}  // namespace

std::string resolve_address(std::string_view base, std::string_view reference) {
  std::string text = without_blanks(reference);
  Parts target = split(text);
  if (!target.scheme.empty() || !is_web_address(base)) return text;
  const Parts origin = split(base);
  target.scheme = origin.scheme;
  if (target.has_authority) {
    target.path = remove_dots(target.path);
    return join(target);
  }
  target.authority = origin.authority;
  target.has_authority = true;
  if (target.path.empty()) {
    target.path = origin.path;
    if (target.query.empty()) target.query = origin.query;
  } else if (target.path.starts_with('/')) {
    target.path = remove_dots(target.path);
  } else {
    const std::string folder =
        origin.path.empty() ? "/" : origin.path.substr(0, origin.path.rfind('/') + 1);
    target.path = remove_dots(folder + target.path);
  }
  return join(target);
}

bool is_web_address(std::string_view text) {
  const std::string head = ascii_lower(text.substr(0, 8));
  return head.starts_with("http://") || head.starts_with("https://");
}

std::string host_of(std::string_view address) {
  if (!is_web_address(address)) return {};
  std::string host = ascii_lower(split(address).authority);
  const size_t at = host.rfind('@');
  if (at != std::string::npos) host.erase(0, at + 1);
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

std::string origin_of(std::string_view address) {
  std::string host = host_of(address);
  std::vector<size_t> dots;
  for (size_t i = host.size(); i-- > 0;) {
    if (host[i] == '.') dots.push_back(i);
  }
  if (dots.size() < 2 || std::isdigit(static_cast<unsigned char>(host.back()))) return host;
  const size_t second_level = dots[0] - dots[1] - 1;
  const bool country = host.size() - dots[0] - 1 == 2;
  if (country && second_level <= 3) {
    return dots.size() < 3 ? host : host.substr(dots[2] + 1);
  }
  return host.substr(dots[1] + 1);
}

std::string canonical_address(std::string_view address) {
  if (!is_web_address(address)) return std::string(address);
  Parts parts = split(address);
  std::string host = host_of(address);
  if (host.starts_with("www.")) host.erase(0, 4);
  std::string path = remove_dots(parts.path);
  for (const std::string_view index : {"/index.html", "/index.htm", "/index.php"}) {
    if (path.ends_with(index)) path.resize(path.size() - index.size());
  }
  while (path.ends_with('/')) path.pop_back();
  std::vector<std::string> kept;
  size_t at = 1;
  while (at < parts.query.size()) {
    const size_t end = std::min(parts.query.find('&', at), parts.query.size());
    const std::string parameter = parts.query.substr(at, end - at);
    if (!parameter.empty() && !is_tracking(parameter)) kept.push_back(parameter);
    at = end + 1;
  }
  std::sort(kept.begin(), kept.end());
  std::string result = host + path;
  for (size_t i = 0; i < kept.size(); ++i) result += (i == 0 ? '?' : '&') + kept[i];
  return result;
}

}  // namespace myna::intake
