#include "voice/styles/style_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/text_distance.h"
#include "voice/styles/builtin_styles.h"

namespace myna::voice {
namespace {

using Json = nlohmann::json;
using Kind = StyleNumber::Kind;

constexpr size_t kMaxFileBytes = 1 << 20;
constexpr int kMaxDepth = 8;
constexpr float kMaxShare = 0.9f;
constexpr std::string_view kFormat = "myna-styles";

// Ranges in which the Studio voice stays speech; the controls of voice.h take more.
constexpr std::array<StyleNumber, 14> kNumbers = {{
    {"rate", &StyleRecipe::rate, 0.25f, 4.0f, Kind::kFactor},
    {"vowel_length", &StyleRecipe::vowel_length, 0.25f, 4.0f, Kind::kFactor},
    {"consonant_length", &StyleRecipe::consonant_length, 0.25f, 4.0f, Kind::kFactor},
    {"pause_length", &StyleRecipe::pause_length, 0.25f, 4.0f, Kind::kFactor},
    {"stress_length", &StyleRecipe::stress_length, 0.5f, 2.0f, Kind::kFactor},
    {"pitch_semitones", &StyleRecipe::pitch_semitones, -12.0f, 12.0f, Kind::kAmount},
    {"pitch_range", &StyleRecipe::pitch_range, 0.1f, 3.0f, Kind::kFactor},
    {"stress_pitch_semitones", &StyleRecipe::stress_pitch_semitones, -6.0f, 6.0f, Kind::kAmount},
    {"declination_semitones_per_s", &StyleRecipe::declination_semitones_per_s, -4.0f, 4.0f,
     Kind::kAmount},
    {"effort_db", &StyleRecipe::effort_db, -12.0f, 12.0f, Kind::kAmount},
    {"volume_db", &StyleRecipe::volume_db, -24.0f, 12.0f, Kind::kAmount},
    {"tilt_db_per_octave", &StyleRecipe::tilt_db_per_octave, -4.0f, 4.0f, Kind::kAmount},
    {"breath", &StyleRecipe::breath, 0.0f, 1.0f, Kind::kAmount},
    {"whisper", &StyleRecipe::whisper, 0.0f, 1.0f, Kind::kAmount},
}};

std::string normalized(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_' || c == ' ') c = '-';
    result += c;
  }
  return result;
}

// A message shows what was written, without control characters and not at any length.
std::string quote_text(std::string_view text) {
  constexpr size_t kShown = 60;
  std::string result = "'";
  for (char c : text.substr(0, kShown)) result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return result + (text.size() > kShown ? "...'" : "'");
}

class Reader {
 public:
  explicit Reader(const std::string& document) : document_(document) {}

  std::vector<StyleRecipe> read(std::string_view text) const {
    const Json root = parse(text);
    require_object(root, "the document");
    for (const auto& [key, value] : root.items()) {
      if (key != "format" && key != "version" && key != "styles" && key != "comment") {
        fail(quote_text(key) + " is not a member of a style file",
             "it has format, version, styles and comment");
      }
    }
    if (root.value("format", Json()) != kFormat) fail("format: expected \"myna-styles\"");
    if (root.value("version", Json()) != 1) fail("version: expected 1");
    if (!root.contains("styles")) fail("styles: is missing");
    require_object(root["styles"], "styles");
    std::vector<StyleRecipe> recipes;
    for (const auto& [name, value] : root["styles"].items()) recipes.push_back(recipe(name, value));
    return recipes;
  }

 private:
  [[noreturn]] void fail(const std::string& problem, const std::string& hint = {}) const {
    throw Error(ErrorCode::kCorruptData, document_ + ": " + problem, hint);
  }

  void require_object(const Json& value, const std::string& path) const {
    if (!value.is_object()) fail(path + ": expected an object in braces");
  }

  Json parse(std::string_view text) const {
    // The depth is looked at while parsing: a document of brackets costs no stack.
    const Json::parser_callback_t callback = [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kMaxDepth) fail(fmt::format("is nested deeper than {} levels", kMaxDepth));
      return true;
    };
    try {
      return Json::parse(text, callback, true, true);
    } catch (const Json::parse_error& error) {
      const std::string_view before = text.substr(0, error.byte == 0 ? 0 : error.byte - 1);
      const auto line = 1 + std::count(before.begin(), before.end(), '\n');
      const size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
      fail(fmt::format("line {}, column {}: not JSON", line, before.size() - line_begin + 1),
           "a comma, a quotation mark or a bracket is missing or too many");
    }
  }

  void check_name(const std::string& path, const std::string& name) const {
    const bool fine =
        !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        });
    if (!fine) {
      fail(path + ": " + quote_text(name) + " is no name for a style",
           "use lower-case letters, digits and '-'");
    }
  }

  std::string text(const std::string& path, const Json& value) const {
    if (!value.is_string()) fail(path + ": expected a text in quotation marks");
    return value.get<std::string>();
  }

  float number(const std::string& path, const Json& value, float low, float high) const {
    if (!value.is_number()) fail(path + ": expected a number");
    const double found = value.get<double>();
    if (!(found >= static_cast<double>(low) && found <= static_cast<double>(high))) {
      fail(fmt::format("{}: {} is not between {} and {}", path, found, low, high));
    }
    return static_cast<float>(found);
  }

  StyleMix mix(const std::string& path, const Json& value) const {
    require_object(value, path);
    StyleMix result;
    for (const auto& [key, member] : value.items()) {
      const std::string here = fmt::format("{}.{}", path, key);
      if (key == "female") {
        result.female = text(here, member);
      } else if (key == "male") {
        result.male = text(here, member);
      } else if (key == "share") {
        result.share = number(here, member, 0.0f, kMaxShare);
      } else {
        fail(here + ": is not known", "a mix has female, male and share");
      }
    }
    return result;
  }

  StyleRecipe recipe(const std::string& name, const Json& value) const {
    const std::string path = "styles." + name;
    check_name(path, name);
    require_object(value, path);
    StyleRecipe recipe;
    recipe.name = name;
    recipe.origin = document_;
    for (const auto& [key, member] : value.items()) {
      read_member(recipe, fmt::format("{}.{}", path, key), key, member);
    }
    return recipe;
  }

  void read_member(StyleRecipe& recipe, const std::string& path, const std::string& key,
                   const Json& value) const {
    for (const StyleNumber& known : kNumbers) {
      if (key != known.key) continue;
      recipe.*known.member = number(path, value, known.low, known.high);
      return;
    }
    if (key == "description") {
      recipe.description = text(path, value);
    } else if (key == "timbre_mix") {
      recipe.timbre_mix = mix(path, value);
    } else if (key == "prosody_mix") {
      recipe.prosody_mix = mix(path, value);
    } else if (key == "aliases") {
      if (!value.is_array()) fail(path + ": expected an array of names");
      for (const Json& alias : value) {
        recipe.aliases.push_back(text(path, alias));
        check_name(path, recipe.aliases.back());
      }
    } else {
      std::vector<std::string> keys = {"description", "timbre_mix", "prosody_mix", "aliases"};
      for (const StyleNumber& known : kNumbers) keys.emplace_back(known.key);
      const std::vector<std::string> close = closest_names(key, keys, 1);
      fail(path + ": is not known", close.empty() ? "docs/styles.md lists what a style has"
                                                  : "did you mean " + close[0] + "?");
    }
  }

  const std::string& document_;
};

bool is_called(const StyleRecipe& style, const std::string& name) {
  return style.name == name ||
         std::find(style.aliases.begin(), style.aliases.end(), name) != style.aliases.end();
}

}  // namespace

std::span<const StyleNumber> style_numbers() { return kNumbers; }

StyleRecipe scale_style(const StyleRecipe& recipe, float degree) {
  const float power = std::clamp(degree, kMinStyleDegree, kMaxStyleDegree);
  StyleRecipe scaled = recipe;
  for (const StyleNumber& number : kNumbers) {
    const float value = recipe.*number.member;
    scaled.*number.member =
        std::clamp(number.kind == Kind::kFactor ? std::pow(value, power) : value * power,
                   number.low, number.high);
  }
  scaled.timbre_mix.share = std::min(recipe.timbre_mix.share * power, kMaxShare);
  scaled.prosody_mix.share = std::min(recipe.prosody_mix.share * power, kMaxShare);
  return scaled;
}

StyleTable StyleTable::builtin() {
  StyleTable table;
  table.add(kBuiltinStyles, "built-in styles");
  return table;
}

StyleTable StyleTable::load(const std::filesystem::path& extra) {
  StyleTable table = builtin();
  const std::filesystem::path personal = data_directory() / "styles.json";
  std::error_code ignored;
  if (std::filesystem::exists(personal, ignored)) {
    table.add(read_file(personal, kMaxFileBytes), personal.string());
  }
  if (!extra.empty()) table.add(read_file(extra, kMaxFileBytes), extra.string());
  return table;
}

void StyleTable::add(std::string_view json, const std::string& document) {
  for (StyleRecipe& style : Reader(document).read(json)) {
    std::erase_if(styles_, [&](const StyleRecipe& known) { return known.name == style.name; });
    // An earlier style loses the name that it shares as an alias.
    for (StyleRecipe& known : styles_) {
      std::erase_if(known.aliases,
                    [&](const std::string& alias) { return is_called(style, alias); });
    }
    styles_.push_back(std::move(style));
  }
}

const StyleRecipe* StyleTable::find(std::string_view name) const {
  const std::string wanted = normalized(name);
  // Names come before aliases, whoever came first.
  for (const StyleRecipe& style : styles_) {
    if (style.name == wanted) return &style;
  }
  for (const StyleRecipe& style : styles_) {
    if (is_called(style, wanted)) return &style;
  }
  return nullptr;
}

std::string StyleTable::suggestion(std::string_view name) const {
  std::vector<std::string> names;
  for (const StyleRecipe& style : styles_) names.push_back(style.name);
  std::string hint;
  for (const std::string& close : closest_names(normalized(name), names)) {
    hint += (hint.empty() ? "did you mean '" : "' or '") + close;
  }
  return hint.empty() ? "`myna styles` lists them" : hint + "'? `myna styles` lists all";
}

const StyleRecipe& StyleTable::require(std::string_view name) const {
  if (const StyleRecipe* style = find(name)) return *style;
  throw Error(ErrorCode::kInvalidArgument, "no style is called " + quote_text(name),
              suggestion(name));
}

}  // namespace myna::voice
