// say-as for what is spelled, dialled or named.
#include <unicode/uchar.h>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/normalize/address.h"
#include "text/normalize/electronic.h"
#include "text/normalize/normalizer.h"
#include "text/normalize/number_literal.h"
#include "text/normalize/roman.h"
#include "text/normalize/say_as_readers.h"
#include "text/normalize/unicode_names.h"

namespace myna::text {
namespace {

// 'é' -> "e acute", '@' -> "at": whatever one character is called.
void speak_character(std::string_view character, char32_t code_point, SpeechBuilder& speech) {
  if (code_point < 0x80 && u_isalpha(static_cast<UChar32>(code_point))) {
    speech.word(character, Reading::kLetters);
    return;
  }
  if (code_point >= U'0' && code_point <= U'9') {
    NumberWords words;
    append_digits(character, words);
    speech.word(words[0]);
    return;
  }
  if (const std::string_view name = spelled_symbol(code_point); !name.empty()) {
    speech.words(name);
    return;
  }
  // LATIN SMALL LETTER E WITH ACUTE: the letter, then what is on it.
  const std::string name = unicode_name(code_point);
  const size_t letter = name.find("letter ");
  if (letter == std::string::npos) {
    speech.own_words(name.empty() ? std::string_view("character") : std::string_view(name));
    return;
  }
  std::string rest = name.substr(letter + 7);
  const size_t with = rest.find(" with ");
  if (with != std::string::npos) rest.erase(with, 5);
  const size_t space = std::min(rest.find(' '), rest.size());
  speech.own_word(rest.substr(0, space), space == 1 ? Reading::kLetters : Reading::kAuto);
  if (space < rest.size()) speech.own_words(std::string_view(rest).substr(space + 1));
}

void speak_digits(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  NumberWords words;
  append_digits(tokens.text(at), words);
  speak(tokens, at, at + 1, words, speech);
}

void spell_word(const Tokens& tokens, size_t at, SpeechBuilder& speech) {
  const std::string_view word = tokens.text(at);
  for (size_t i = 0; i < word.size();) {
    const DecodedCodePoint decoded = decode_utf8(word, i);
    const auto begin = static_cast<uint32_t>(tokens.at(at).begin + i);
    speech.set_source(begin, begin + static_cast<uint32_t>(decoded.byte_count));
    speak_character(word.substr(i, decoded.byte_count), decoded.code_point, speech);
    i += decoded.byte_count;
  }
}

}  // namespace

bool read_as_characters(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  for (size_t at = 0; at < tokens.size(); ++at) {
    if (tokens.is_number(at)) {
      speak_digits(tokens, at, speech);
    } else if (tokens.is_word(at)) {
      spell_word(tokens, at, speech);
    } else {
      set_source(tokens, at, at + 1, speech);
      speak_character(tokens.text(at), tokens.at(at).symbol, speech);
    }
  }
  return true;
}

bool read_as_digits(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  bool any = false;
  for (size_t at = 0; at < tokens.size(); ++at) {
    if (tokens.is_number(at)) {
      speak_digits(tokens, at, speech);
      any = true;
    } else if (tokens.is_word(at)) {
      spell_word(tokens, at, speech);
    } else if (tokens.is_symbol(at, U'.') && tokens.is_number(at + 1)) {
      speak(tokens, at, at + 1, "point", speech);
    } else if (tokens.is_symbol(at, U'*') || tokens.is_symbol(at, U'#') ||
               tokens.is_symbol(at, U'+')) {
      speak(tokens, at, at + 1, spelled_symbol(tokens.at(at).symbol), speech);
    } else if (tokens.is_symbol(at, U',')) {
      set_source(tokens, at, at + 1, speech);
      speech.mark(U',');
    }
  }
  return any;
}

bool read_as_acronym(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  bool any = false;
  for (size_t at = 0; at < tokens.size(); ++at) {
    set_source(tokens, at, at + 1, speech);
    if (tokens.is_word(at)) {
      speech.word(tokens.text(at), Reading::kLetters);
      any = true;
    } else if (tokens.is_number(at)) {
      speak_digits(tokens, at, speech);
    } else if (tokens.is_symbol(at, U'&')) {
      speech.word("and");
    }
  }
  return any;
}

bool read_as_telephone(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  size_t digits = 0;
  bool parted = false;
  for (size_t at = 0; at < tokens.size(); ++at) {
    const bool extension =
        tokens.is_word(at, "x") || tokens.is_word(at, "ext") || tokens.is_word(at, "extension");
    const bool speaks = tokens.is_number(at) || tokens.is_word(at) || tokens.is_symbol(at, U'+') ||
                        tokens.is_symbol(at, U'*') || tokens.is_symbol(at, U'#');
    if (!speaks) {
      parted = true;
      continue;
    }
    parted |= tokens.at(at).space_before || extension;
    if (parted && digits > 0) {
      set_source(tokens, at, at + 1, speech);
      speech.mark(U',');
    }
    parted = false;
    if (extension) {
      speak(tokens, at, at + 1, "extension", speech);
    } else if (tokens.is_number(at)) {
      speak_digits(tokens, at, speech);
      digits += tokens.text(at).size();
    } else if (tokens.is_word(at)) {
      // 1-800-FLOWERS is easier to remember as a word.
      set_source(tokens, at, at + 1, speech);
      if (tokens.text(at).size() > 3) {
        speech.own_word(ascii_lower(tokens.text(at)));
      } else {
        speech.word(tokens.text(at), Reading::kLetters);
      }
    } else {
      speak(tokens, at, at + 1, spelled_symbol(tokens.at(at).symbol), speech);
    }
  }
  return digits > 1;
}

bool read_as_address(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  for (size_t at = 0; at < tokens.size();) at += read_address_part(tokens, at, speech);
  return true;
}

bool read_as_name(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  for (size_t at = 0; at < tokens.size();) {
    const std::string_view word = tokens.text(at);
    const bool acronym = tokens.is_word(at) && word.size() > 1 && is_all_upper(word) &&
                         is_ascii_letters(word) && !(at > 0 && roman_value(word) != 0) &&
                         !tokens.attached_symbol(at + 1, U'.');
    if (!acronym) {
      at += read_token(tokens, at, speech);
      continue;
    }
    set_source(tokens, at, at + 1, speech);
    std::string name = ascii_lower(word);
    name[0] = word[0];
    speech.own_word(std::move(name));
    ++at;
  }
  return true;
}

bool read_as_expletive(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  speak(tokens, 0, tokens.size(), "bleep", speech);
  return true;
}

bool read_as_electronic(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  speak_electronic(tokens, 0, tokens.size(), speech);
  return true;
}

bool read_as_boolean(const Tokens& tokens, std::string_view, SpeechBuilder& speech) {
  if (tokens.size() != 1) return false;
  for (const std::string_view yes : {"true", "yes"}) {
    if (tokens.is_word(0, yes)) {
      speak(tokens, 0, 1, "yes", speech);
      return true;
    }
  }
  for (const std::string_view no : {"false", "no"}) {
    if (tokens.is_word(0, no)) {
      speak(tokens, 0, 1, "no", speech);
      return true;
    }
  }
  return false;
}

}  // namespace myna::text
