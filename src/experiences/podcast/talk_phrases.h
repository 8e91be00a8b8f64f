// The hosts' own words: everything they say that is no sentence of the document. They hold the
// titles of the document and its parts, the writer's name and the hosts', and no other fact.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace myna::podcast {

// Each gives the n-th of its forms, round and round.
std::string begin_part(size_t n, const std::string& topic, bool first, bool last);
std::string go_to_section(size_t n, const std::string& topic);
std::string keep_going(size_t n);  // a question without a subject
std::string reaction(size_t n);    // two or three words
std::string for_example(size_t n);
std::string object(size_t n);   // a debate: what stands against it
std::string hold_up(size_t n);  // a debate: what stands for it
std::string about_subject(size_t n, const std::string& subject);  // "the old gate"
std::string next_point(size_t n);                                 // a brief

}  // namespace myna::podcast
