// What opening and removing packages have in common: finding the directory, reading its card, and
// keeping every path inside it. Private to src/weights.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "weights/model_card.h"

namespace myna {

inline constexpr const char* kCardFileName = "card.json";

std::string quote_path(const std::filesystem::path& path);

// "run: myna models pull NAME"
std::string install_hint(std::string_view name);
// For a package whose card is fine.
std::string reinstall_hint(const std::string& name);

// <models>/<name>. Throws Error kInvalidArgument when it cannot be a package's name, kUnavailable
// when there is no such directory.
std::filesystem::path find_package_directory(std::string_view name);

// Throws Error kCorruptData when the card is missing or wrong.
ModelCard read_card(const std::filesystem::path& directory);
// The same for a card that must be for `name`.
ModelCard read_card_of(const std::filesystem::path& directory, std::string_view name);

// Whether `path`, with its links followed, exists at or below `canonical_directory`.
bool is_inside(const std::filesystem::path& canonical_directory, const std::filesystem::path& path);

}  // namespace myna
