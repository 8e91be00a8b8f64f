// Chosen passages become turns of two hosts. Private to src/experiences/podcast.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "experiences/podcast/passages.h"
#include "experiences/podcast/podcast_show.h"
#include "experiences/podcast/questions.h"

namespace myna::podcast {

// One show, from its first segment to its last; the same passages give the same words.
class Conversation {
 public:
  Conversation(const Outline& outline, const SentenceTagger& tagger, const PodcastOptions& options);

  // passages[i]: those of part i, in the order of telling. The rewriter may be null.
  script::ShowScript write(const std::vector<std::vector<Passage>>& passages,
                           editing::Rewriter* rewriter = nullptr);

 private:
  struct Turns {
    size_t explainer = 0;  // index of a host
    size_t asker() const { return 1 - explainer; }
  };

  void open(const std::vector<std::vector<Passage>>& passages);
  void tell_part(size_t part, const std::vector<Passage>& passages, size_t number, size_t count);
  // How the explainer's next sentence begins, as the question wants it.
  struct Opening {
    std::string skip;    // what the sentence loses at its beginning: "For example, "
    std::string answer;  // what stands before it: "No."
  };
  // What the asker says before a passage.
  Opening lead_in(const Passage& passage, const Turns& turns, bool first_of_part,
                  std::string prefix);
  // The asker asks what the sentence answers, if there is such a question.
  bool ask(const Passage& passage, size_t index, const Turns& turns, Opening& opening,
           bool subject_allowed);
  void tell_sentences(const Passage& passage, const Turns& turns, Opening opening);
  void interject(const Passage& passage, size_t index, const Turns& turns);
  void recap(const std::vector<std::vector<Passage>>& passages);
  void close();

  const Question* choose(const std::vector<Question>& questions) const;
  bool was_just_said(const std::string& subject) const;

  void say(size_t host, std::string text, int pause_ms = 0,
           std::vector<script::SourceReference> references = {});
  script::SourceReference reference(const Passage& passage, size_t sentence) const;
  const ToldSentence& sentence(const Passage& passage, size_t index) const {
    return outline_.sections[passage.section].sentences[index];
  }
  // With the names that only the whole document shows.
  std::vector<TaggedWord> tag(std::string_view text) const;
  std::string topic(size_t section) const;
  std::string part_topic(size_t part, const std::vector<Passage>& passages) const;
  std::string work() const;  // "“South”, by Ernest Shackleton"

  const Outline& outline_;
  const SentenceTagger& tagger_;
  const PodcastOptions& options_;
  editing::Rewriter* rewriter_ = nullptr;
  script::ShowScript show_;
  std::map<Beat, size_t> beats_;
  std::set<std::string> asked_;
  std::map<std::string, size_t> turns_of_phrase_;
  std::string just_said_;  // the passage before, in small letters
  size_t last_section_ = 0;
  size_t asker_turns_ = 0;
  size_t reactions_ = 0;
  size_t turns_since_split_ = 9;
  Beat last_beat_ = Beat::kSubject;
  bool any_beat_ = false;
};

// The sentence that a show opens with: short, central, and understood by itself. Returns the
// passage whose first sentence it is, section -1 when there is none.
std::pair<size_t, size_t> find_hook(const Outline& outline,
                                    const std::vector<std::vector<Passage>>& passages);

}  // namespace myna::podcast
