#include "cli/blind_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/sha256.h"
#include "cli/blind_page.h"

namespace myna::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKeyFormat = "myna-blind-key";
constexpr const char* kVotesFormat = "myna-blind-votes";

std::string digest_of(const std::string& text) {
  return sha256_hex(std::as_bytes(std::span(text)));
}

uint64_t order_of(std::string_view name, uint64_t seed) {
  const std::string digest = digest_of(fmt::format("{}/{}", seed, name));
  return std::stoull(digest.substr(0, 16), nullptr, 16);
}

// So that no text can end the script that it stands in.
std::string for_script(const Json& json) {
  std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (size_t at = text.find("</"); at != std::string::npos; at = text.find("</", at)) {
    text.replace(at, 2, "<\\/");
  }
  return text;
}

void replace(std::string& text, std::string_view mark, std::string_view by) {
  const size_t at = text.find(mark);
  if (at != std::string::npos) text.replace(at, mark.size(), by);
}

[[noreturn]] void refuse_votes(const std::string& problem) {
  throw Error(ErrorCode::kInvalidArgument, "the vote file " + problem,
              "save it on the page and pass the key.json that lies beside that page");
}

Json parse(std::string_view text) { return Json::parse(text, nullptr, false); }

std::string member(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_string()) return "";
  return object[name];
}

}  // namespace

std::vector<Trial> make_trials(std::span<const Recording> recordings, uint64_t seed) {
  std::vector<Trial> trials;
  for (size_t i = 0; i < recordings.size(); ++i) {
    for (size_t j = i + 1; j < recordings.size(); ++j) {
      const Recording& one = recordings[i];
      const Recording& other = recordings[j];
      if (one.text != other.text || one.system == other.system) continue;
      const bool turned = order_of(one.file + "|" + other.file, seed) % 2 == 1;
      trials.push_back(turned ? Trial{other, one} : Trial{one, other});
    }
  }
  std::sort(trials.begin(), trials.end(), [&](const Trial& x, const Trial& y) {
    return order_of(x.a.file + x.b.file, seed) < order_of(y.a.file + y.b.file, seed);
  });
  return trials;
}

std::string blind_file_name(std::string_view system, std::string_view text, uint64_t seed,
                            std::string_view extension) {
  return digest_of(fmt::format("{}\n{}\n{}", seed, system, text)).substr(0, 16) + "." +
         std::string(extension);
}

std::string blind_page(std::span<const Trial> trials, std::string_view id) {
  Json list = Json::array();
  for (const Trial& trial : trials) {
    list.push_back({{"text", trial.a.text}, {"a", trial.a.file}, {"b", trial.b.file}});
  }
  const Json data = {{"id", id}, {"format", kVotesFormat}, {"trials", std::move(list)}};
  std::string page = kBlindPage;
  replace(page, "@DATA@", for_script(data));
  return page;
}

std::string blind_key(std::span<const Trial> trials, std::string_view id) {
  Json list = Json::array();
  for (const Trial& trial : trials) {
    list.push_back({{"a", trial.a.system}, {"b", trial.b.system}, {"text", trial.a.text}});
  }
  const Json key = {
      {"format", kKeyFormat}, {"version", 1}, {"id", id}, {"trials", std::move(list)}};
  return key.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::map<std::pair<std::string, std::string>, PairCount> count_votes(std::string_view key_json,
                                                                     std::string_view votes_json) {
  const Json key = parse(key_json);
  if (member(key, "format") != kKeyFormat || !key.contains("trials") || !key["trials"].is_array()) {
    throw Error(ErrorCode::kCorruptData, "this is not the key of a blind test",
                "the page, key.json and the recordings belong together");
  }
  const Json votes = parse(votes_json);
  if (member(votes, "format") != kVotesFormat || !votes.contains("votes") ||
      !votes["votes"].is_array()) {
    refuse_votes("is no vote file of a blind test");
  }
  if (member(votes, "id") != member(key, "id")) refuse_votes("is of another page");
  std::map<std::pair<std::string, std::string>, PairCount> counts;
  std::vector<bool> seen(key["trials"].size(), false);
  for (const Json& vote : votes["votes"]) {
    if (!vote.is_object() || !vote.contains("trial") || !vote["trial"].is_number_unsigned() ||
        vote["trial"].get<uint64_t>() >= seen.size()) {
      refuse_votes("names a pair that the page does not have");
    }
    const size_t trial = vote["trial"].get<uint64_t>();
    if (seen[trial]) refuse_votes(fmt::format("has two votes for pair {}", trial + 1));
    seen[trial] = true;
    std::string a = member(key["trials"][trial], "a"), b = member(key["trials"][trial], "b");
    const std::string choice = member(vote, "choice");
    if (choice != "a" && choice != "b" && choice != "same") {
      refuse_votes(fmt::format("has no choice for pair {}", trial + 1));
    }
    const bool turned = b < a;
    if (turned) std::swap(a, b);
    PairCount& count = counts[{a, b}];
    if (choice == "same") {
      ++count.same;
    } else {
      ++((choice == "a") != turned ? count.first : count.second);
    }
  }
  return counts;
}

}  // namespace myna::cli
