// The readers behind read_as(), one for a kind. Each reads all of `tokens` and returns true, or
// returns false when they are nothing of the kind (what it put into `speech` is then thrown away).
// `format` is one that the kind knows, or empty.
#pragma once

#include <string_view>

#include "text/normalize/rule.h"

namespace myna::text {

using SayAsReader = bool (*)(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);

// say_as_numbers.cc
bool read_as_cardinal(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_ordinal(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_fraction(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_currency(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_unit(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);

// say_as_dates.cc
bool read_as_date(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);

// say_as_times.cc
bool read_as_time(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_duration(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);

// say_as_words.cc
bool read_as_digits(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_characters(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_acronym(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_telephone(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_address(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_name(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_expletive(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_electronic(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);
bool read_as_boolean(const Tokens& tokens, std::string_view format, SpeechBuilder& speech);

}  // namespace myna::text
