#include "experiences/podcast/talk_phrases.h"

#include <array>

namespace myna::podcast {
namespace {

template <size_t kCount>
std::string pick(const std::array<std::string_view, kCount>& forms, size_t n) {
  return std::string(forms[n % kCount]);
}

// "%" is where the topic stands.
std::string filled(std::string form, const std::string& topic) {
  const size_t at = form.find('%');
  return at == std::string::npos ? form : form.replace(at, 1, topic);
}

}  // namespace

std::string begin_part(size_t n, const std::string& topic, bool first, bool last) {
  if (topic.empty()) return "Let's begin at the beginning.";
  if (first) return filled("Let's begin with %.", topic);
  if (last) return filled("That leaves %.", topic);
  constexpr std::array<std::string_view, 4> kForms = {"Next, %.", "Let's move on to %.",
                                                      "Now for %.", "Let's turn to %."};
  return filled(pick(kForms, n), topic);
}

std::string go_to_section(size_t n, const std::string& topic) {
  constexpr std::array<std::string_view, 5> kForms = {"Then comes %.", "And the part on %?",
                                                      "What do we learn about %?", "On to %.",
                                                      "And then there is %."};
  return filled(pick(kForms, n), topic);
}

std::string keep_going(size_t n) {
  constexpr std::array<std::string_view, 9> kForms = {"What else should I know?",
                                                      "Go on.",
                                                      "What comes after that?",
                                                      "And then?",
                                                      "Tell me more.",
                                                      "What else does it say?",
                                                      "Where does that lead?",
                                                      "Is there more to it?",
                                                      "What would you add?"};
  return pick(kForms, n);
}

std::string reaction(size_t n) {
  constexpr std::array<std::string_view, 5> kForms = {"I see.", "Right.", "That's clear.",
                                                      "All right.", "Good to know."};
  return pick(kForms, n);
}

std::string for_example(size_t n) {
  constexpr std::array<std::string_view, 2> kForms = {"Is there an example?",
                                                      "Can you give an example?"};
  return pick(kForms, n);
}

std::string object(size_t n) {
  constexpr std::array<std::string_view, 5> kForms = {
      "Against that, there is this.", "The text is more careful elsewhere.",
      "I would hold this against it.", "There is another side to it.", "Not so fast."};
  return pick(kForms, n);
}

std::string hold_up(size_t n) {
  constexpr std::array<std::string_view, 5> kForms = {
      "Still, here is my point.", "Let me answer with this.", "My side has this to say.",
      "And yet.", "Here is what speaks for it."};
  return pick(kForms, n);
}

std::string about_subject(size_t n, const std::string& subject) {
  constexpr std::array<std::string_view, 4> kForms = {
      "What about %?", "And %?", "What should I know about %?", "Tell me about %."};
  return filled(pick(kForms, n), subject);
}

std::string next_point(size_t n) {
  constexpr std::array<std::string_view, 5> kForms = {"There is more.", "What matters too.",
                                                      "And this.", "Another thing.", "Also this."};
  return pick(kForms, n);
}

}  // namespace myna::podcast
