#include "text/markup/user_lexicon.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "base/utf8.h"
#include "text/g2p/endings.h"
#include "text/split/character_filter.h"
#include "text/split/diagnostics.h"

namespace myna::text {
namespace {

constexpr int kMaxDepth = 32;

std::string filtered(std::string_view written) {
  MappedText text;
  DiagnosticList ignored(written);
  append_filtered(written, 0, written.size(), text, ignored);
  const size_t begin = text.text().find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.text().substr(begin, text.text().find_last_not_of(' ') + 1 - begin);
}

void append_folded(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      out.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : text[at]);
      ++at;
      continue;
    }
    const DecodedCodePoint decoded = decode_utf8(text, at);
    append_utf8(out, static_cast<char32_t>(u_foldCase(static_cast<UChar32>(decoded.code_point),
                                                      U_FOLD_CASE_DEFAULT)));
    at += decoded.byte_count;
  }
}

// Spaces part tokens as they do in the text: "C++" is not "C + +".
void append_token(std::string& key, const Token& token, std::string_view text, bool first) {
  if (!first) key.push_back(token.space_before ? ' ' : '\0');
  append_folded(key, text);
}

std::string_view text_of(std::string_view text, const Token& token) {
  return text.substr(token.begin, token.end - token.begin);
}

bool is_wordlike(const Token& token) { return token.kind != TokenKind::kSymbol; }

}  // namespace

UserLexicon::UserLexicon(std::vector<LexiconDefinition> definitions,
                         std::vector<LexiconProblem>& problems) {
  for (LexiconDefinition& definition : definitions) add(std::move(definition), problems);
  for (size_t i = 0; i < entries_.size(); ++i) resolve(i, 0, problems);
}

void UserLexicon::add(LexiconDefinition&& definition, std::vector<LexiconProblem>& problems) {
  definition.written = filtered(definition.written);
  definition.alias = filtered(definition.alias);
  std::vector<Token> tokens;
  tokenize(definition.written, tokens);
  if (tokens.empty() || tokens.size() > kMaxTokens) {
    problems.push_back({definition.file,
                        {Severity::kError, definition.source, definition.line, 1,
                         tokens.empty() ? "nothing can be read in the word"
                                        : "more than " + std::to_string(kMaxTokens) +
                                              " words and marks in one entry"}});
    return;
  }
  std::string key, first;
  for (size_t i = 0; i < tokens.size(); ++i)
    append_token(key, tokens[i], text_of(definition.written, tokens[i]), i == 0);
  append_folded(first, text_of(definition.written, tokens[0]));
  std::string folded;
  append_folded(folded, definition.written);

  auto& same_key = by_key_[key];
  for (const size_t index : same_key) {
    if (entries_[index].definition.written == definition.written) {
      entries_[index].definition = std::move(definition);
      return;
    }
  }
  Entry entry;
  entry.any_case = folded == definition.written;
  entry.definition = std::move(definition);
  // The one that takes any case is asked last.
  if (entry.any_case) {
    same_key.push_back(entries_.size());
  } else {
    same_key.insert(same_key.begin(), entries_.size());
  }
  lengths_[first] |= uint32_t{1} << (tokens.size() - 1);
  entries_.push_back(std::move(entry));
}

// An alias becomes segments: text, and what other definitions say about words in it.
void UserLexicon::resolve(size_t index, int depth, std::vector<LexiconProblem>& problems) {
  if (entries_[index].state != State::kNew) return;
  entries_[index].state = State::kOpen;
  const LexiconDefinition& definition = entries_[index].definition;
  std::vector<Segment> spoken;
  const auto fail = [&](std::string message) {
    problems.push_back({definition.file,
                        {Severity::kError, definition.source, definition.line, 1,
                         "'" + definition.written + "': " + std::move(message)}});
  };
  if (definition.alias.empty()) {
    spoken.push_back({definition.written, definition.american, definition.british});
  } else {
    const std::string& alias = definition.alias;
    std::vector<Token> tokens;
    tokenize(alias, tokens);
    size_t text_begin = 0, bytes = 0;
    const auto add_text = [&](size_t end) {
      if (end > text_begin) spoken.push_back({alias.substr(text_begin, end - text_begin), {}, {}});
      bytes += end - text_begin;
    };
    for (size_t at = 0; at < tokens.size();) {
      const Found found = match_at(alias, tokens, at);
      if (found.token_count == 0) {
        ++at;
        continue;
      }
      const Token& last = tokens[at + found.token_count - 1];
      if (entries_[found.entry].state == State::kOpen) {
        fail("the alias leads back to '" + entries_[found.entry].definition.written + "'");
        at += found.token_count;
        continue;
      }
      if (depth >= kMaxDepth) {
        fail("aliases of aliases, more than " + std::to_string(kMaxDepth) + " deep");
        break;
      }
      add_text(tokens[at].begin);
      resolve(found.entry, depth + 1, problems);
      for (const Segment& segment : entries_[found.entry].spoken) {
        bytes += segment.text.size();
        if (bytes > kMaxAliasBytes) break;
        spoken.push_back(segment);
      }
      if (found.possessive && !spoken.empty()) {
        Segment& possessor = spoken.back();
        if (possessor.has_phonemes()) {
          append_s(possessor.american, Dialect::kAmerican);
          append_s(possessor.british, Dialect::kBritish);
        }
        possessor.text += "'s";
      }
      text_begin = last.end;
      at += found.token_count;
      if (bytes > kMaxAliasBytes) break;
    }
    if (bytes + alias.size() - text_begin > kMaxAliasBytes) {
      fail("the alias grows to more than " + std::to_string(kMaxAliasBytes) + " bytes");
      spoken.assign(1, {definition.written, {}, {}});
    } else {
      add_text(alias.size());
    }
  }
  entries_[index].spoken = std::move(spoken);
  entries_[index].state = State::kDone;
}

const size_t* UserLexicon::entry_for(const std::string& key, std::string_view written) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  for (const size_t& index : found->second) {
    const Entry& entry = entries_[index];
    if (entry.any_case || entry.definition.written == written || is_all_upper(written))
      return &index;
  }
  return nullptr;
}

UserLexicon::Found UserLexicon::match_at(std::string_view text, const std::vector<Token>& tokens,
                                         size_t at) const {
  const auto attached = [&](size_t i) {
    return i > 0 && i < tokens.size() && !tokens[i].space_before && is_wordlike(tokens[i]) &&
           is_wordlike(tokens[i - 1]);
  };
  if (attached(at)) return {};
  constexpr std::string_view kPossessive = "'s";
  const auto without_s = [&](std::string_view word) {
    return word.size() > 2 && word.ends_with(kPossessive) ? word.substr(0, word.size() - 2)
                                                          : std::string_view();
  };
  std::string first;
  const std::string_view first_word = text_of(text, tokens[at]);
  append_folded(first, first_word);
  uint32_t lengths = 0;
  if (const auto found = lengths_.find(first); found != lengths_.end()) lengths = found->second;
  if (const auto stem = without_s(first); !stem.empty()) {
    if (const auto found = lengths_.find(std::string(stem)); found != lengths_.end())
      lengths |= found->second & 1;
  }
  if (lengths == 0) return {};

  Found best;
  std::string key;
  for (size_t count = 1; count <= kMaxTokens && at + count <= tokens.size(); ++count) {
    const Token& last = tokens[at + count - 1];
    const std::string_view word = text_of(text, last);
    const size_t size_before = key.size();
    append_token(key, last, word, count == 1);
    if ((lengths >> (count - 1)) == 0) break;
    if ((lengths >> (count - 1) & 1) == 0 || attached(at + count)) continue;
    const auto written_until = [&](size_t end) {
      return text.substr(tokens[at].begin, end - tokens[at].begin);
    };
    if (const size_t* const entry = entry_for(key, written_until(last.end))) {
      best = {*entry, count, false};
    } else if (const auto stem = without_s(word); !stem.empty()) {
      std::string stem_key = key.substr(0, size_before);
      append_token(stem_key, last, stem, count == 1);
      if (const size_t* const possessor = entry_for(stem_key, written_until(last.end - 2)))
        best = {*possessor, count, true};
    }
  }
  return best;
}

void UserLexicon::find(std::string_view text, uint32_t begin, uint32_t end,
                       std::vector<Match>& matches) const {
  std::vector<Token> tokens;
  tokenize(text, begin, end, tokens);
  for (size_t at = 0; at < tokens.size();) {
    const Found found = match_at(text, tokens, at);
    if (found.token_count == 0) {
      ++at;
      continue;
    }
    matches.push_back({tokens[at].begin, tokens[at + found.token_count - 1].end,
                       &entries_[found.entry].spoken, found.possessive});
    at += found.token_count;
  }
}

std::vector<LexiconDefinition> read_lexicon(std::string_view content,
                                            std::vector<Diagnostic>& diagnostics) {
  const size_t begin =
      content.find_first_not_of(" \t\r\n", content.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  if (begin != std::string_view::npos && content[begin] == '<')
    return read_pls_lexicon(content, diagnostics);
  return read_text_lexicon(content, diagnostics);
}

}  // namespace myna::text
