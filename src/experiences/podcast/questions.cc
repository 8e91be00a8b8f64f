#include "experiences/podcast/questions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>

#include "experiences/podcast/telling.h"

namespace myna::podcast {
namespace {

constexpr size_t kMaxQuestionWords = 13;

bool is_any(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string without_end(std::string_view text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ' ' ||
                           text.back() == ';' || text.back() == ':'))
    text.remove_suffix(1);
  return std::string(text);
}

class Asker {
 public:
  Asker(std::string_view sentence, const std::vector<TaggedWord>& words)
      : sentence_(sentence),
        words_(words),
        clause_(words.empty() ? std::nullopt : clause_at(words, 0)) {}

  std::vector<Question> ask() {
    if (words_.size() < 5 || sentence_.find('"') != std::string_view::npos) return {};
    misconception();
    opening();
    reference();
    verb();
    definition();
    signs();
    subject();
    return std::move(questions_);
  }

 private:
  std::string text(size_t begin, size_t end) const {
    return begin < end ? std::string(sentence_.substr(words_[begin].begin,
                                                      words_[end - 1].end - words_[begin].begin))
                       : std::string();
  }
  size_t find_mark(std::string_view mark, size_t from) const {
    while (from < words_.size() && words_[from].lower != mark) ++from;
    return from;
  }
  void add(Beat beat, std::string question, std::string answer = {}, std::string_view skip = {},
           std::string about = {}) {
    if (count_words(question) > kMaxQuestionWords || question.find('(') != std::string::npos)
      return;
    questions_.push_back({beat, std::move(question), std::move(answer), skip, std::move(about)});
  }

  bool plain_subject() const {
    if (!clause_) return false;
    if (is_any(words_[clause_->subject_begin].lower,
               {"it",      "he",      "she",    "they",     "this",    "that",   "these",
                "those",   "there",   "we",     "i",        "one",     "such",   "what",
                "all",     "each",    "some",   "most",     "many",    "both",   "none",
                "no",      "nothing", "nobody", "everyone", "another", "others", "few",
                "much",    "any",     "every",  "several",  "two",     "three",  "not",
                "neither", "either",  "its",    "his",      "her",     "their"}))
      return false;
    // "today a computer": an article behind a noun begins something else.
    for (size_t i = clause_->subject_begin + 1; i < clause_->subject_end; ++i) {
      if (is_any(words_[i].lower, {"a", "an", "the"}) &&
          (words_[i - 1].kind == WordClass::kNoun || words_[i - 1].kind == WordClass::kName))
        return false;
    }
    return std::none_of(
        words_.begin() + static_cast<std::ptrdiff_t>(clause_->subject_begin),
        words_.begin() + static_cast<std::ptrdiff_t>(clause_->subject_end),
        [](const TaggedWord& word) {
          return word.kind == WordClass::kPronoun || word.kind == WordClass::kWh ||
                 is_any(word.lower,
                        {"today", "now",    "then",   "later", "not", "no",       "never", "this",
                         "these", "that",   "those",  "such",  "his", "her",      "its",   "their",
                         "same",  "latter", "former", "other", "our", "following"});
        });
  }
  std::string subject_text() const {
    return in_sentence(sentence_, words_, clause_->subject_begin, clause_->subject_end);
  }

  // "The set does not replace the beacon." asks "So does the set replace the beacon?"
  void misconception() {
    if (!plain_subject()) return;
    const size_t verb = clause_->verb;
    if (verb != clause_->subject_end || verb + 3 >= words_.size()) return;
    static constexpr std::array<std::string_view, 14> kAuxiliaries = {
        "is",  "are",   "was",  "were", "does", "do",  "did",
        "can", "could", "will", "has",  "have", "had", "would"};
    const std::string& auxiliary = words_[verb].lower;
    const bool cannot = auxiliary == "cannot";
    if (!cannot &&
        (std::find(kAuxiliaries.begin(), kAuxiliaries.end(), auxiliary) == kAuxiliaries.end() ||
         words_[verb + 1].lower != "not"))
      return;
    const size_t rest = verb + (cannot ? 1 : 2);
    if (is_any(words_[rest].lower, {"only", "merely", "simply", "just", "yet", "so", "until", "to",
                                    "because", "even", "without", "unlike", "long"}))
      return;
    size_t end = rest;
    while (end < words_.size() && words_[end].kind != WordClass::kMark &&
           !is_any(words_[end].lower, {"but", "because", "although", "unless", "until", "though",
                                       "while", "when", "and", "any", "either", "nor", "or"}))
      ++end;
    if (end < rest + 1 ||
        (end < words_.size() && is_any(words_[end].lower, {"any", "either", "or", "nor", "until"})))
      return;
    const std::string answer =
        is_any(words_[rest].lower,
               {"always", "necessarily", "all", "entirely", "very", "quite", "fully", "completely"})
            ? "Not quite."
            : "No.";
    add(Beat::kMisconception,
        "So " + (cannot ? std::string("can") : auxiliary) + " " + subject_text() + " " +
            text(rest, end) + "?",
        answer);
  }

  void opening() {
    const std::string& first = words_[0].lower;
    const size_t comma = find_mark(",", 1);
    for (const std::string_view start : {"For example, ", "For instance, "}) {
      if (sentence_.starts_with(start)) {
        add(Beat::kExample, "Is there an example?", "", start);
        add(Beat::kExample, "For instance?", "", start);
      }
    }
    for (const std::string_view start :
         {"However, ", "But ", "Yet ", "Nevertheless, ", "On the other hand, ", "Still, "}) {
      if (sentence_.starts_with(start))
        add(Beat::kContrast, "And the other side of it?", "",
            start == "But " || start == "Yet " ? std::string_view() : start);
    }
    for (const std::string_view start :
         {"Therefore, ", "Thus, ", "As a result, ", "Hence, ", "Consequently, ", "So "}) {
      if (sentence_.starts_with(start)) add(Beat::kConsequence, "And what follows from that?");
    }
    if (comma + 3 >= words_.size() || comma > 10 || comma < 2) return;
    const std::string opened = in_sentence(sentence_, words_, 0, comma);
    const std::optional<ClauseStart> main = clause_at(words_, comma + 1);
    if (!main) return;
    const bool past = is_past(main->verb);
    const bool refers = std::any_of(
        words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(comma),
        [](const TaggedWord& word) {
          return is_any(word.lower, {"it", "he", "she", "they", "this", "that", "these", "those",
                                     "them", "him", "his", "her", "their", "its", "such", "which"});
        });
    if (refers) return;
    if (first == "if" || first == "unless") {
      add(Beat::kCondition, (first == "if" ? "And " : "And what ") + opened + "?");
    } else if (first == "when" || first == "whenever" || first == "once") {
      add(Beat::kCondition,
          std::string("What ") + (past ? "happened " : "happens ") + opened + "?");
    } else if (first == "after" || first == "before" || first == "without" || first == "until") {
      add(Beat::kTime, "And " + opened + "?");
    } else if (first == "in" || first == "by" || first == "during" || first == "on" ||
               first == "at" || first == "since" || first == "from") {
      const bool year =
          std::any_of(words_.begin() + 1, words_.begin() + static_cast<std::ptrdiff_t>(comma),
                      [](const TaggedWord& word) {
                        return word.kind == WordClass::kNumber &&
                               std::isdigit(static_cast<unsigned char>(word.lower[0])) != 0;
                      });
      if (year) {
        add(Beat::kTime, (past ? "What happened " : "What about ") + opened + "?");
      } else if (is_any(words_[1].lower, {"the", "a", "an"}) ||
                 words_[1].kind == WordClass::kName) {
        add(Beat::kSubject, "And " + opened + "?");
      }
    } else if (first == "according" && comma > 2) {
      add(Beat::kVoice, "What " + std::string(past ? "did " : "does ") +
                            in_sentence(sentence_, words_, 2, comma) + " say?");
    } else if (first == "unlike") {
      add(Beat::kContrast,
          "How is that different from " + in_sentence(sentence_, words_, 1, comma) + "?");
    }
  }

  bool is_past(size_t verb) const {
    const std::string& word = words_[verb].lower;
    return is_any(word, {"was", "were", "had", "did", "could", "would"}) ||
           (!words_[verb].present && !word.ends_with("s") &&
            !is_any(word, {"is", "are", "can", "may", "must", "will", "shall", "should", "might"}));
  }

  // "This happens at full moon." asks "When does that happen?"
  void reference() {
    struct Form {
      std::string_view start;
      std::string_view question;
    };
    static constexpr std::array<Form, 26> kForms = {
        {{"This happens ", "When does that happen?"},
         {"It happens ", "When does that happen?"},
         {"This happened ", "When did that happen?"},
         {"This is because ", "Why is that?"},
         {"That is because ", "Why is that?"},
         {"It is because ", "Why is that?"},
         {"This is why ", "And what does that explain?"},
         {"That is why ", "And what does that explain?"},
         {"This means ", "What does that mean?"},
         {"It means ", "What does that mean?"},
         {"This meant ", "What did that mean?"},
         {"We know this ", "How do we know?"},
         {"It comes from ", "Where does it come from?"},
         {"They come from ", "Where do they come from?"},
         {"It consists of ", "What does it consist of?"},
         {"They consist of ", "What do they consist of?"},
         {"It depends on ", "What does it depend on?"},
         {"This depends on ", "What does that depend on?"},
         {"It is called ", "What is that called?"},
         {"This is called ", "What is that called?"},
         {"They are called ", "What are they called?"},
         {"These are called ", "What are they called?"},
         {"It works ", "How does it work?"},
         {"They work ", "How do they work?"},
         {"It is used ", "What is it used for?"},
         {"They are used ", "What are they used for?"}}};
    for (const Form& form : kForms) {
      if (sentence_.starts_with(form.start)) add(Beat::kDetail, std::string(form.question));
    }
  }

  // "A tidal day lasts 24 hours." asks "How long does a tidal day last?"
  void verb() {
    struct Verb {
      std::string_view base;
      std::string_view past;
      std::string_view word;
    };
    static constexpr std::array<Verb, 34> kVerbs = {{{"last", "lasted", "How long"},
                                                     {"weigh", "weighed", "How much"},
                                                     {"cost", "cost", "How much"},
                                                     {"need", "needed", "What"},
                                                     {"require", "required", "What"},
                                                     {"mean", "meant", "What"},
                                                     {"contain", "contained", "What"},
                                                     {"include", "included", "What"},
                                                     {"argue", "argued", "What"},
                                                     {"claim", "claimed", "What"},
                                                     {"believe", "believed", "What"},
                                                     {"think", "thought", "What"},
                                                     {"say", "said", "What"},
                                                     {"propose", "proposed", "What"},
                                                     {"show", "showed", "What"},
                                                     {"suggest", "suggested", "What"},
                                                     {"conclude", "concluded", "What"},
                                                     {"find", "found", "What"},
                                                     {"discover", "discovered", "What"},
                                                     {"invent", "invented", "What"},
                                                     {"describe", "described", "What"},
                                                     {"cause", "caused", "What"},
                                                     {"produce", "produced", "What"},
                                                     {"offer", "offered", "What"},
                                                     {"create", "created", "What"},
                                                     {"want", "wanted", "What"},
                                                     {"demand", "demanded", "What"},
                                                     {"explain", "explained", "What"},
                                                     {"introduce", "introduced", "What"},
                                                     {"present", "presented", "What"},
                                                     {"see", "saw", "What"},
                                                     {"observe", "observed", "What"},
                                                     {"learn", "learned", "What"},
                                                     {"use", "used", "What"}}};
    if (!plain_subject() || clause_->verb != clause_->subject_end) return;
    const size_t at = clause_->verb;
    if (at + 2 >= words_.size() || clause_->subject_end - clause_->subject_begin > 5) return;
    const TaggedWord& next = words_[at + 1];
    const bool object = next.kind == WordClass::kDeterminer || next.kind == WordClass::kNoun ||
                        next.kind == WordClass::kAdjective || next.kind == WordClass::kName ||
                        next.kind == WordClass::kNumber || next.lower == "that" ||
                        next.lower == "how";
    if (!object) return;
    for (const Verb& one : kVerbs) {
      const std::string& word = words_[at].lower;
      const bool third = word == std::string(one.base) + "s";
      if (word != one.past && word != one.base && !third) continue;
      if (one.word != "What" && next.kind != WordClass::kNumber && next.lower != "about" &&
          next.lower != "a")
        return;
      const std::string help = third ? " does " : word == one.past ? " did " : " do ";
      add(Beat::kDetail,
          std::string(one.word) + help + subject_text() + " " + std::string(one.base) + "?");
      return;
    }
  }

  // "A tide gate is a ..." asks "What is a tide gate?"
  void definition() {
    if (!plain_subject()) return;
    const size_t verb = clause_->verb;
    if (verb != clause_->subject_end || verb + 3 >= words_.size()) return;
    const std::string& word = words_[verb].lower;
    if (!is_any(word, {"is", "are", "was", "were"})) return;
    const TaggedWord& next = words_[verb + 1];
    const size_t length = clause_->subject_end - clause_->subject_begin;
    if (length > 5) return;
    const bool kind = is_any(next.lower, {"a", "an"});
    const bool plural_kind =
        (word == "are") && (next.kind == WordClass::kNoun || next.kind == WordClass::kAdjective);
    if (!kind && !plural_kind) return;
    const TaggedWord& head = words_[clause_->subject_begin];
    const bool name = head.kind == WordClass::kName;
    const bool indefinite =
        is_any(head.lower, {"a", "an"}) || head.plural || words_[clause_->subject_end - 1].plural;
    // Of "the ship was a ruin" nobody asks what the ship was.
    if (!name && !indefinite && !(word == "is" && head.kind == WordClass::kNoun)) return;
    if (plural_kind && next.kind == WordClass::kAdjective && verb + 2 < words_.size() &&
        words_[verb + 2].kind != WordClass::kNoun)
      return;
    const bool person =
        name &&
        std::any_of(
            words_.begin() + static_cast<std::ptrdiff_t>(verb),
            words_.begin() + static_cast<std::ptrdiff_t>(std::min(verb + 7, words_.size())),
            [](const TaggedWord& one) {
              return one.kind == WordClass::kNoun &&
                     (one.lower.ends_with("ist") || one.lower.ends_with("ician") ||
                      one.lower.ends_with("or") || one.lower.ends_with("man") ||
                      is_any(one.lower,
                             {"writer",       "painter",     "teacher",  "engineer",   "lawyer",
                              "officer",      "philosopher", "king",     "queen",      "poet",
                              "priest",       "soldier",     "singer",   "player",     "leader",
                              "woman",        "explorer",    "composer", "politician", "historian",
                              "photographer", "footballer"}));
            });
    add(Beat::kDefinition,
        std::string(person ? "Who " : "What ") + word + " " + subject_text() + "?", "", {},
        subject_text());
  }

  void signs() {
    const auto has = [&](std::string_view what) {
      return sentence_.find(what) != std::string_view::npos;
    };
    if (has(" like a ") || has(" like the ") || has(" as if ") || has("resembl") || has("analog") ||
        has(" just as ") || has("similar to") || has("compared to") || has(" as though "))
      add(Beat::kAnalogy, "Is there a picture for that?");
    if (has("for example") || has("for instance")) add(Beat::kExample, "Can you give an example?");
  }

  // "The old gate ..." asks "What about the old gate?"
  void subject() {
    if (!plain_subject()) return;
    const size_t begin = clause_->subject_begin;
    size_t end = clause_->subject_end;
    if (end - begin > 6) return;
    bool noun = false;
    for (size_t i = begin; i < end; ++i) {
      if (words_[i].kind == WordClass::kOtherVerb || words_[i].kind == WordClass::kAdverb ||
          words_[i].kind == WordClass::kConjunction)
        return;
      noun |= words_[i].kind == WordClass::kNoun || words_[i].kind == WordClass::kName;
    }
    if (!noun || words_[end - 1].kind == WordClass::kDeterminer ||
        words_[end - 1].kind == WordClass::kPreposition)
      return;
    if (is_any(words_[begin].lower, {"a", "an"})) return;
    const std::string about = subject_text();
    add(Beat::kSubject, "What about " + about + "?", "", {}, about);
  }

  std::string_view sentence_;
  const std::vector<TaggedWord>& words_;
  std::optional<ClauseStart> clause_;
  std::vector<Question> questions_;
};

}  // namespace

std::vector<Question> questions_for(std::string_view sentence,
                                    const std::vector<TaggedWord>& words) {
  return Asker(sentence, words).ask();
}

std::optional<SplitSentence> split_at_question(std::string_view sentence,
                                               const std::vector<TaggedWord>& words) {
  if (sentence.find('"') != std::string_view::npos ||
      sentence.find("“") != std::string_view::npos || words.size() < 9)
    return std::nullopt;
  const auto part = [&](size_t begin, size_t end) {
    return without_end(
        sentence.substr(words[begin].begin, words[end - 1].end - words[begin].begin));
  };
  const auto is = [&](size_t at, std::string_view word) {
    return at < words.size() && words[at].lower == word;
  };
  const bool open = is_any(words[0].lower, {"if", "when", "although", "though", "while", "as",
                                            "because", "since", "after", "before"});
  if (open) return std::nullopt;
  bool verb = false;
  for (size_t i = 1; i + 3 < words.size(); ++i) {
    verb |= words[i].kind == WordClass::kFiniteVerb;
    if (i < 4 || !verb) continue;
    size_t first_end = i;
    if (words[i - 1].lower == ",") --first_end;
    const TaggedWord& before = words[first_end - 1];
    if (is_any(before.lower,
               {"not", "only", "partly", "simply", "just", "mainly", "largely", "perhaps",
                "probably", "is", "was", "precisely", "and", "or", "but", "that"}))
      continue;
    std::string question;
    const bool clause = clause_at(words, i + 1).has_value() || is(i + 1, "of");
    if (is(i, "because") && clause) {
      question = "Why is that?";
    } else if (is(i, "so") && is(i + 1, "that") && clause_at(words, i + 2) &&
               before.kind != WordClass::kAdjective && before.kind != WordClass::kAdverb) {
      question = "What for?";
    } else if (is(i, "in") && is(i + 1, "order") && is(i + 2, "to")) {
      question = "What for?";
    } else if (is(i, "by") && i + 1 < words.size() && words[i + 1].gerund &&
               words[i - 1].lower != ",") {
      question = "How?";
    } else if (is(i, "such") && is(i + 1, "as") && words[i - 1].lower == ",") {
      const std::string list = part(i + 2, words.size());
      if (count_words(list) < 3) continue;
      return SplitSentence{part(0, first_end) + ".", "Such as?", capitalised(list) + "."};
    } else if (is(i, "unless") && clause) {
      question = "Always?";
    } else {
      continue;
    }
    std::string second = part(i, words.size());
    if (count_words(second) < 4) continue;
    return SplitSentence{part(0, first_end) + ".", question, capitalised(std::move(second)) + "."};
  }
  return std::nullopt;
}

std::string number_of(std::string_view sentence, const std::vector<TaggedWord>& words) {
  std::string found;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i].kind != WordClass::kNumber) continue;
    if (!found.empty()) return {};
    if (is_any(words[i].lower, {"one", "two", "three"})) return {};
    if (i > 0 &&
        (words[i - 1].kind == WordClass::kMark || words[i - 1].kind == WordClass::kPreposition) &&
        words[i - 1].lower != "of")
      return {};
    size_t end = i + 1;
    while (end < words.size() && end < i + 3 &&
           (words[end].kind == WordClass::kNoun || words[end].kind == WordClass::kAdjective))
      ++end;
    if (end == i + 1 || words[end - 1].kind != WordClass::kNoun || !words[end - 1].plural)
      return {};
    found = std::string(sentence.substr(words[i].begin, words[end - 1].end - words[i].begin));
  }
  if (!found.empty())
    found[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(found[0])));
  return found;
}

}  // namespace myna::podcast
