#include "text/g2p/homograph_model.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/utf8.h"
#include "text/g2p/model_file.h"

namespace myna::text {
namespace {

constexpr uint32_t kOwnTemplate = 200;   // with the reading
constexpr uint32_t kKindTemplate = 201;  // with the reading's kind
constexpr size_t kSlots = 1024;

// The next field of a line, up to `separator`.
std::string_view take(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

PhonemeString to_phonemes(std::string_view text) {
  const std::u32string symbols = to_utf32(text);
  return {symbols.begin(), symbols.end()};
}

}  // namespace

HomographModel HomographModel::open(const std::filesystem::path& path,
                                    const std::filesystem::path& encoder) {
  HomographModel model;
  model.encoder_ = ContextEncoder::open(encoder);
  std::map<std::string_view, uint16_t> encoder_rows;
  for (const std::string& name : model.encoder_.readings())
    encoder_rows.emplace(name, static_cast<uint16_t>(encoder_rows.size()));
  model.file_ = open_model_file(path);
  const SafetensorsFile& file = *model.file_;
  const size_t buckets = file.require("weights").shape()[0];
  model.weights_ = file.values<int8_t>("weights", {buckets}).data();
  require_model(std::has_single_bit(buckets) && buckets <= size_t{1} << 30, file,
                "its table's size is not a power of two");
  model.mask_ = static_cast<uint32_t>(buckets - 1);
  const auto strengths = file.values<float>("strengths", {2});
  model.topic_strength_ = strengths[0];
  model.kind_strength_ = strengths[1];
  model.slots_.assign(kSlots, 0);
  // word TAB reading TAB kind TAB American TAB British, the readings of a word in a row.
  std::string_view rest = model_metadata(file, "readings");
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    const std::string_view spelling = take(line, '\t');
    Reading reading;
    reading.name = take(line, '\t');
    reading.own_hash = text_hash(reading.name);
    reading.kind_hash = text_hash(take(line, '\t'));
    for (PhonemeString& phonemes : reading.phonemes) phonemes = to_phonemes(take(line, '\t'));
    require_model(!spelling.empty() && !reading.phonemes[0].empty() && !reading.phonemes[1].empty(),
                  file, "a reading is incomplete");
    if (model.words_.empty() || model.words_.back().spelling != spelling) {
      model.words_.push_back({std::string(spelling), model.readings_.size(), 0});
      require_model(model.words_.size() <= kSlots / 2, file, "it has too many words");
      size_t slot = text_hash(spelling) % kSlots;
      while (model.slots_[slot] != 0) slot = (slot + 1) % kSlots;
      model.slots_[slot] = static_cast<uint16_t>(model.words_.size());
    }
    const auto row = encoder_rows.find(reading.name);
    require_model(row != encoder_rows.end(), file,
                  "the context encoder does not know '" + reading.name + "'");
    model.encoder_rows_.push_back(row->second);
    model.readings_.push_back(std::move(reading));
    ++model.words_.back().count;
  }
  return model;
}

std::span<const HomographModel::Reading> HomographModel::readings(std::string_view lower) const {
  for (size_t slot = text_hash(lower) % kSlots; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
    const Word& word = words_[slots_[slot] - 1u];
    if (word.spelling == lower) return std::span(readings_).subspan(word.first, word.count);
  }
  return {};
}

const HomographModel::Reading& HomographModel::choose(std::span<const Reading> readings,
                                                      const SentenceContext& context,
                                                      size_t at) const {
  std::vector<uint32_t> grammar, topic;
  append_grammar_features(context.tokens(), context.tags(), at, grammar);
  append_topic_features(context.tokens(), at, topic);
  const auto sum = [&](uint32_t feature_template, uint32_t value,
                       std::span<const uint32_t> features) {
    int32_t total = 0;
    for (const uint32_t feature : features)
      total += weights_[combine_features(feature_template, {value, feature}) & mask_];
    return static_cast<float>(total);
  };
  std::vector<float> scores;
  for (const Reading& reading : readings) {
    float score = sum(kOwnTemplate, reading.own_hash, grammar) +
                  topic_strength_ * sum(kOwnTemplate, reading.own_hash, topic);
    if (reading.kind_hash != 0)
      score += kind_strength_ * sum(kKindTemplate, reading.kind_hash, grammar);
    scores.push_back(score);
  }
  const auto best = [&] {
    return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  };
  const size_t first = best();
  const float lead = scores[first];
  const bool in_doubt = std::ranges::count_if(scores, [&](float score) {
                          return lead - score < encoder_.doubt();
                        }) > 1;
  if (!in_doubt) return readings[first];
  std::vector<float> seen(readings.size());
  const size_t offset = static_cast<size_t>(readings.data() - readings_.data());
  encoder_.score(context, at, std::span(encoder_rows_).subspan(offset, readings.size()), seen);
  for (size_t i = 0; i < seen.size(); ++i) scores[i] = encoder_.share() * scores[i] + seen[i];
  return readings[best()];
}

}  // namespace myna::text
