#include "text/g2p/context_features.h"

#include <algorithm>

#include "text/g2p/part_of_speech.h"

namespace myna::text {
namespace {

constexpr uint32_t kFnvStart = 0x811C9DC5u;
constexpr std::ptrdiff_t kTopicReach = 10;  // tokens to either side

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

uint32_t lower_hash(std::string_view text) {
  if (text.empty()) return 0;
  uint32_t hash = kFnvStart;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x01000193u;
  return hash;
}

std::string_view last(std::string_view text, size_t count) {
  return text.substr(text.size() - std::min(count, text.size()));
}

// The neighbours of one token.
class Around {
 public:
  Around(TokenSpan tokens, TagSpan tags, size_t at)
      : tokens_(tokens), tags_(tags), at_(static_cast<std::ptrdiff_t>(at)) {}

  const ContextToken& token(std::ptrdiff_t offset) const {
    static constexpr ContextToken kNothing;
    const std::ptrdiff_t index = at_ + offset;
    return index >= 0 && index < std::ssize(tokens_) ? tokens_[static_cast<size_t>(index)]
                                                     : kNothing;
  }
  uint32_t tag(std::ptrdiff_t offset) const {
    const std::ptrdiff_t index = at_ + offset;
    return index >= 0 && index < std::ssize(tags_) ? tags_[static_cast<size_t>(index)] : 0;
  }
  // The shape, with bit 16 at the start of a sentence (quotes may stand before).
  uint32_t shape() const {
    const bool starts = at_ == 0 || (token(-1).is_mark && (at_ == 1 || token(-2).is_mark));
    return token(0).shape | (starts ? 16u : 0u);
  }

 private:
  TokenSpan tokens_;
  TagSpan tags_;
  std::ptrdiff_t at_;
};

constexpr uint32_t bit(PartOfSpeech tag) { return 1u << static_cast<uint32_t>(tag); }
bool is_one_of(uint32_t tag, uint32_t set) { return (set >> tag & 1u) != 0; }
constexpr uint32_t kAdverbs = bit(PartOfSpeech::kAdverb);
constexpr uint32_t kPasts = bit(PartOfSpeech::kPast);
constexpr uint32_t kPresents = bit(PartOfSpeech::kPresent) | bit(PartOfSpeech::kThirdPersonPresent);
constexpr uint32_t kFinite = kPasts | kPresents | bit(PartOfSpeech::kModal);
constexpr uint32_t kVerbal = kFinite | bit(PartOfSpeech::kVerb) | bit(PartOfSpeech::kTo) |
                             bit(PartOfSpeech::kPastParticiple) | bit(PartOfSpeech::kGerund);
constexpr uint32_t kNominal = bit(PartOfSpeech::kNoun) | bit(PartOfSpeech::kPluralNoun) |
                              bit(PartOfSpeech::kName) | bit(PartOfSpeech::kPronoun);
constexpr std::ptrdiff_t kClauseReach = 12;  // tokens to either side

// What stands farther away: the verbs of the clause, the neighbours behind adverbs, the subject.
void append_clause_features(const Around& around, std::vector<uint32_t>& out) {
  uint32_t finite = 0, in_clause = 0, pasts = 0, presents = 0;
  for (const std::ptrdiff_t step : {-1, 1}) {
    bool same_clause = true;
    for (std::ptrdiff_t d = step; d >= -kClauseReach && d <= kClauseReach; d += step) {
      const uint32_t tag = around.tag(d);
      if (tag == 0) break;
      if (tag == static_cast<uint32_t>(PartOfSpeech::kMark)) same_clause = false;
      finite += is_one_of(tag, kFinite);
      in_clause += same_clause && is_one_of(tag, kFinite);
      pasts += is_one_of(tag, kPasts);
      presents += is_one_of(tag, kPresents);
    }
  }
  std::ptrdiff_t before = -1, after = 1;
  while (is_one_of(around.tag(before), kAdverbs) && before > -4) --before;
  while (is_one_of(around.tag(after), kAdverbs) && after < 4) ++after;
  std::ptrdiff_t verb = -1, subject = -1;
  while (around.tag(verb) != 0 && !is_one_of(around.tag(verb), kVerbal) && verb > -8) --verb;
  while (around.tag(subject) != 0 && !is_one_of(around.tag(subject), kNominal) && subject > -8)
    --subject;
  const uint32_t t0 = around.tag(0);
  const uint32_t tenses = std::min(pasts, 2u) * 3 + std::min(presents, 2u);
  for (const uint32_t feature :
       {combine_features(150, {std::min(finite, 3u)}),
        combine_features(151, {std::min(in_clause, 2u)}),
        combine_features(152, {std::min(in_clause, 2u), around.tag(-1), around.tag(1)}),
        combine_features(153, {tenses}), combine_features(154, {tenses, t0}),
        combine_features(155, {around.tag(before), around.tag(after)}),
        combine_features(156, {around.token(before).word}),
        combine_features(157, {around.tag(before), around.token(after).word}),
        combine_features(158, {around.token(verb).word}),
        combine_features(159, {around.tag(verb), static_cast<uint32_t>(-verb)}),
        combine_features(160, {around.tag(subject), static_cast<uint32_t>(-subject)}),
        combine_features(161, {around.token(subject).word}),
        combine_features(162, {around.tag(subject), around.tag(verb), around.tag(before)}),
        combine_features(163, {tenses, around.tag(subject), around.tag(before)})}) {
    out.push_back(feature);
  }
}

}  // namespace

uint32_t text_hash(std::string_view text) {
  if (text.empty()) return 0;
  uint32_t hash = kFnvStart;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
  return hash;
}

uint32_t combine_features(uint32_t feature_template, std::initializer_list<uint32_t> values) {
  uint32_t result = feature_template + 1;
  for (const uint32_t value : values) result = mix_features(result, value);
  return result;
}

ContextToken make_token(std::string_view text) {
  ContextToken token;
  token.word = lower_hash(text);
  token.suffix1 = lower_hash(last(text, 1));
  token.suffix2 = lower_hash(last(text, 2));
  token.suffix3 = lower_hash(last(text, 3));
  token.prefix = lower_hash(text.substr(0, 2));
  token.stem = lower_hash(text.substr(0, 5));
  token.is_long = text.size() >= 3;
  size_t upper = 0, letters = 0;
  for (const char c : text) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_letter = is_upper || (c >= 'a' && c <= 'z');
    upper += is_upper;
    letters += is_letter;
    if (is_letter || (c >= '0' && c <= '9')) token.is_mark = false;
    if (c == '\'') token.shape |= 4;
    if (c == '-') token.shape |= 8;
  }
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') token.shape |= 1;
  if (upper >= 2 && upper == letters) token.shape |= 2;
  return token;
}

void append_word_features(TokenSpan tokens, size_t at, std::vector<uint32_t>& out) {
  const Around around(tokens, {}, at);
  const ContextToken &w0 = around.token(0), &p1 = around.token(-1), &p2 = around.token(-2),
                     &n1 = around.token(1), &n2 = around.token(2);
  const uint32_t shape = around.shape();
  for (const uint32_t feature : {combine_features(0, {w0.word}),
                                 combine_features(1, {p1.word}),
                                 combine_features(2, {n1.word}),
                                 combine_features(3, {p2.word}),
                                 combine_features(4, {n2.word}),
                                 combine_features(5, {p1.word, w0.word}),
                                 combine_features(6, {w0.word, n1.word}),
                                 combine_features(7, {w0.suffix3, shape}),
                                 combine_features(8, {w0.suffix2, shape}),
                                 combine_features(9, {w0.suffix1, shape}),
                                 combine_features(10, {w0.prefix, w0.suffix2}),
                                 combine_features(11, {p1.suffix3}),
                                 combine_features(12, {n1.suffix3}),
                                 combine_features(13, {w0.word, shape}),
                                 combine_features(14, {p1.word, n1.word}),
                                 combine_features(15, {p1.suffix2, n1.suffix2}),
                                 combine_features(16, {p2.word, p1.word}),
                                 combine_features(17, {n1.word, n2.word}),
                                 combine_features(18, {p1.shape, shape, n1.shape}),
                                 combine_features(19, {p1.suffix2, w0.suffix2}),
                                 combine_features(20, {w0.suffix2, n1.suffix2})}) {
    out.push_back(feature);
  }
}

void append_tag_features(TokenSpan tokens, TagSpan tags, size_t at, std::vector<uint32_t>& out) {
  const Around around(tokens, tags, at);
  const uint32_t word = around.token(0).word;
  const uint32_t t0 = around.tag(0), p1 = around.tag(-1), p2 = around.tag(-2), p3 = around.tag(-3),
                 n1 = around.tag(1), n2 = around.tag(2), n3 = around.tag(3);
  for (const uint32_t feature :
       {combine_features(30, {t0}), combine_features(31, {p1, t0}), combine_features(32, {t0, n1}),
        combine_features(33, {p2, p1, t0}), combine_features(34, {t0, n1, n2}),
        combine_features(35, {p1, t0, n1}), combine_features(36, {word, p1}),
        combine_features(37, {word, n1}), combine_features(38, {word, p1, n1}),
        combine_features(39, {p2, p1, t0, n1}), combine_features(40, {p1, t0, n1, n2}),
        combine_features(41, {around.token(-1).word, t0}),
        combine_features(42, {around.token(1).word, t0}), combine_features(43, {p3, p2, p1, t0}),
        combine_features(44, {t0, n1, n2, n3})}) {
    out.push_back(feature);
  }
}

void append_grammar_features(TokenSpan tokens, TagSpan tags, size_t at,
                             std::vector<uint32_t>& out) {
  const Around around(tokens, tags, at);
  const ContextToken &p1 = around.token(-1), &p2 = around.token(-2), &p3 = around.token(-3),
                     &n1 = around.token(1), &n2 = around.token(2), &n3 = around.token(3);
  const uint32_t t0 = around.tag(0), tp1 = around.tag(-1), tp2 = around.tag(-2),
                 tp3 = around.tag(-3), tn1 = around.tag(1), tn2 = around.tag(2),
                 tn3 = around.tag(3);
  const uint32_t shape = around.shape();
  for (const uint32_t feature : {combine_features(100, {0}),
                                 combine_features(101, {p1.word}),
                                 combine_features(102, {n1.word}),
                                 combine_features(103, {p2.word}),
                                 combine_features(104, {n2.word}),
                                 combine_features(105, {p3.word}),
                                 combine_features(106, {n3.word}),
                                 combine_features(107, {p2.word, p1.word}),
                                 combine_features(108, {n1.word, n2.word}),
                                 combine_features(109, {p1.word, n1.word}),
                                 combine_features(110, {t0}),
                                 combine_features(111, {tp1}),
                                 combine_features(112, {tn1}),
                                 combine_features(113, {tp2}),
                                 combine_features(114, {tn2}),
                                 combine_features(115, {tp2, tp1}),
                                 combine_features(116, {tn1, tn2}),
                                 combine_features(117, {tp1, tn1}),
                                 combine_features(118, {tp1, t0}),
                                 combine_features(119, {t0, tn1}),
                                 combine_features(120, {tp2, tp1, tn1}),
                                 combine_features(121, {tp1, tn1, tn2}),
                                 combine_features(122, {p1.suffix3}),
                                 combine_features(123, {n1.suffix3}),
                                 combine_features(124, {shape}),
                                 combine_features(125, {p1.shape, shape, n1.shape}),
                                 combine_features(126, {tp3, tp2, tp1}),
                                 combine_features(127, {tn1, tn2, tn3}),
                                 combine_features(128, {p1.word, tn1}),
                                 combine_features(129, {tp1, n1.word}),
                                 combine_features(130, {p2.word, tp1}),
                                 combine_features(131, {tn1, n2.word}),
                                 combine_features(132, {t0, shape})}) {
    out.push_back(feature);
  }
  append_clause_features(around, out);
}

void append_topic_features(TokenSpan tokens, size_t at, std::vector<uint32_t>& out) {
  const Around around(tokens, {}, at);
  const size_t first = out.size();
  const auto put = [&](uint32_t feature) {
    if (std::find(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), feature) ==
        out.end())
      out.push_back(feature);
  };
  for (std::ptrdiff_t distance = 1; distance <= kTopicReach; ++distance) {
    for (const std::ptrdiff_t offset : {-distance, distance}) {
      const ContextToken& token = around.token(offset);
      if (token.is_mark || !token.is_long) continue;
      put(combine_features(140, {token.word}));
      put(combine_features(141, {token.stem}));
    }
  }
}

}  // namespace myna::text
