#include "experiences/production/cover_art.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"

namespace myna::production {
namespace {

struct Palette {
  const char* ground;
  const char* deep;
  const char* light;
  const char* accent;
};

// Text on each has a contrast of 7 : 1 and more.
constexpr std::array<Palette, 6> kPalettes = {{{"#10343a", "#0b2529", "#d9efe9", "#f2b84b"},
                                               {"#2b2140", "#1d162d", "#e9e2f7", "#f08a6c"},
                                               {"#16324f", "#0e2236", "#dcebf9", "#ffd166"},
                                               {"#3a1f26", "#28151a", "#f8e4e1", "#f4a259"},
                                               {"#1f3626", "#14251a", "#e3f1dd", "#e9c46a"},
                                               {"#33302a", "#23211c", "#f3ecdf", "#8fc1b5"}}};

uint32_t hash_of(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
  return hash;
}

// Lines of at most `width` characters, four at most.
std::vector<std::string> wrapped(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  std::string line;
  const auto length = [](std::string_view part) { return to_utf32(part).size(); };
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, blank));
    text.remove_prefix(std::min(text.size(), blank + 1));
    if (word.empty()) continue;
    if (length(word) > width) word = to_utf8(to_utf32(word).substr(0, width - 1)) + "…";
    if (!line.empty() && length(line) + 1 + length(word) > width) {
      lines.push_back(line);
      line.clear();
      if (lines.size() == 4) {
        lines.back() += "…";
        return lines;
      }
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

std::string render_cover_svg(const script::ShowScript& script) {
  const uint32_t seed = hash_of(script.title);
  const Palette& palette = kPalettes.at(seed % kPalettes.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{0}\" viewBox=\"0 0 1400 "
      "1400\">\n<rect width=\"1400\" height=\"1400\" fill=\"{1}\"/>\n",
      kCoverPixels, palette.ground);
  // Rings of sound around a place that the title decides.
  const double x = 900 + 40.0 * ((seed >> 8) % 10);
  const double y = 330 + 30.0 * ((seed >> 12) % 6);
  for (int ring = 9; ring >= 1; --ring) {
    svg += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n", x, y, 76 * ring,
                       ring % 2 == 0 ? palette.ground : palette.deep);
  }
  // A wave across, whose heights are the title's as well.
  uint32_t state = seed | 1u;
  for (int bar = 0; bar < 44; ++bar) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    const double shape = std::sin(3.14159265 * (bar + 0.5) / 44);
    const double height = 14 + shape * (30 + static_cast<double>(state % 150));
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"{:.1f}\" rx=\"7\" fill=\"{}\"/>\n",
        100 + 27.5 * bar, 700 - height / 2, height, bar % 11 == 5 ? palette.light : palette.accent);
  }
  const auto text = [&](double at, int size, const char* weight, const char* colour,
                        const std::string& content) {
    svg += fmt::format(
        "<text x=\"100\" y=\"{}\" font-family=\"'DejaVu Sans',sans-serif\" font-size=\"{}\" "
        "font-weight=\"{}\" fill=\"{}\">{}</text>\n",
        at, size, weight, colour, escaped_markup(content));
  };
  const bool is_long = script.title.size() > 44;
  const std::vector<std::string> lines = wrapped(script.title, is_long ? 25 : 18);
  const int size = is_long ? 76 : 104;
  double at = 930;
  for (const std::string& line : lines) {
    text(at, size, "bold", palette.light, line);
    at += size * 1.18;
  }
  text(130, 40, "normal", palette.light, script.date);
  text(1330, 36, "normal", palette.accent, "Synthetic voices · made by Myna");
  return svg + "</svg>\n";
}

}  // namespace myna::production
