#include "experiences/editing/ledger.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "experiences/intake/web_address.h"

namespace myna::editing {
namespace {

using nlohmann::json;

constexpr double kSameOpening = 0.4;  // overlap of the words of two openings
constexpr int64_t kSameShow_s = int64_t{4} * 3600;
constexpr size_t kMaxLedgerBytes = size_t{64} << 20;

std::vector<uint32_t> opening_of(const SourceText& source) {
  std::vector<uint32_t> words;
  for (size_t i = 0; i < std::min<size_t>(3, source.sentences.size()); ++i) {
    words.insert(words.end(), source.sentences[i].words.begin(), source.sentences[i].words.end());
  }
  return words;
}

}  // namespace

Ledger Ledger::load(const std::filesystem::path& path) {
  Ledger ledger;
  if (!std::filesystem::exists(path)) return ledger;
  const json document = json::parse(read_file(path, kMaxLedgerBytes), nullptr, false);
  try {
    for (const json& story : document.at("stories")) {
      ledger.stories_.push_back({story.at("title").get<std::string>(),
                                 story.at("told").get<int64_t>(),
                                 story.at("addresses").get<std::vector<std::string>>(),
                                 story.at("opening").get<std::vector<uint32_t>>(),
                                 story.at("sentences").get<std::vector<std::vector<uint32_t>>>()});
    }
  } catch (const json::exception&) {
    throw Error(ErrorCode::kCorruptData, "'" + path.string() + "' is no ledger of told stories",
                "delete it to begin a new one");
  }
  return ledger;
}

void Ledger::save(const std::filesystem::path& path, int64_t now_s) const {
  json stories = json::array();
  for (const ToldStory& story : stories_) {
    if (story.told_s < now_s - kKeep_s) continue;
    stories.push_back({{"title", story.title},
                       {"told", story.told_s},
                       {"addresses", story.addresses},
                       {"opening", story.opening},
                       {"sentences", story.sentences}});
  }
  std::filesystem::create_directories(path.parent_path());
  write_file_atomically(path, json{{"stories", stories}}.dump() + "\n");
}

const ToldStory* Ledger::find(std::span<const SourceText> sources, const std::vector<size_t>& story,
                              int64_t now_s) const {
  const ToldStory* latest = nullptr;
  for (const ToldStory& told : stories_) {
    if (told.told_s > now_s - kSameShow_s || told.told_s < now_s - kKeep_s) continue;
    const bool same = std::any_of(story.begin(), story.end(), [&](size_t index) {
      const SourceText& source = sources[index];
      const std::string address = intake::canonical_address(source.url);
      return (!address.empty() && std::find(told.addresses.begin(), told.addresses.end(),
                                            address) != told.addresses.end()) ||
             word_overlap(opening_of(source), told.opening) >= kSameOpening;
    });
    if (same && (latest == nullptr || told.told_s > latest->told_s)) latest = &told;
  }
  return latest;
}

void Ledger::add(std::span<const SourceText> sources, const std::vector<size_t>& story,
                 int64_t now_s) {
  ToldStory told;
  told.title = sources[story.front()].title;
  told.told_s = now_s;
  told.opening = opening_of(sources[story.front()]);
  for (const size_t index : story) {
    const std::string address = intake::canonical_address(sources[index].url);
    if (!address.empty()) told.addresses.push_back(address);
    for (const SourceSentence& sentence : sources[index].sentences)
      told.sentences.push_back(sentence.words);
  }
  stories_.push_back(std::move(told));
}

}  // namespace myna::editing
