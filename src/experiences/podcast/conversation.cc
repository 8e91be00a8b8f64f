#include "experiences/podcast/conversation.h"

#include <algorithm>
#include <cctype>

#include "base/plain_text.h"
#include "experiences/podcast/talk_phrases.h"

namespace myna::podcast {
namespace {

using script::ScriptSegment;
using script::SegmentKind;

constexpr size_t kNoSection = static_cast<size_t>(-1);
constexpr int kPartPause_ms = 450;  // beside what the mix puts between segments
constexpr size_t kMostMisconceptions = 3;
constexpr size_t kTurnWords = 25;      // after which the asker may speak
constexpr size_t kLongTurnWords = 45;  // after which the asker does

std::string capitalised(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

std::pair<size_t, size_t> find_hook(const Outline& outline,
                                    const std::vector<std::vector<Passage>>& passages) {
  std::pair<size_t, size_t> best = {kNoSection, 0};
  double best_value = 0;
  const auto parts = std::count_if(passages.begin(), passages.end(),
                                   [](const auto& part) { return !part.empty(); });
  bool first_part = true;
  for (const auto& part : passages) {
    // What is told at once needs no announcement.
    const bool skipped = first_part && parts > 1;
    if (!part.empty()) first_part = false;
    if (skipped) continue;
    for (const Passage& passage : part) {
      const OutlineSection& section = outline.sections[passage.section];
      for (size_t i = passage.first; i <= passage.last; ++i) {
        const ToldSentence& one = section.sentences[i];
        if (one.spoken.size() != 1 || one.depends) continue;
        const size_t words = count_words(one.spoken.front());
        if (words < 7 || words > 17 ||
            std::count(one.spoken.front().begin(), one.spoken.front().end(), ',') > 1)
          continue;
        const std::string text = ascii_lower(one.spoken.front());
        double value = one.centrality;
        const auto has = [&](std::string_view what) {
          return text.find(what) != std::string::npos;
        };
        if (has(" not ") || has(" never ") || has(" no ")) value += 0.35;
        if (has("most") || has("only") || has("first") || has("every") || has("all ") ||
            has("must"))
          value += 0.2;
        if (text.find_first_of("0123456789") != std::string::npos) value += 0.2;
        if (has(" but ") || has("although") || has("yet ")) value += 0.2;
        if (has("“") || has("\"")) value -= 0.5;
        if (value > best_value) {
          best_value = value;
          best = {passage.section, i};
        }
      }
    }
  }
  return best;
}

Conversation::Conversation(const Outline& outline, const SentenceTagger& tagger,
                           const PodcastOptions& options)
    : outline_(outline), tagger_(tagger), options_(options) {}

script::ShowScript Conversation::write(const std::vector<std::vector<Passage>>& passages,
                                       editing::Rewriter* rewriter) {
  rewriter_ = rewriter;
  show_ = {};
  show_.title = outline_.title.empty() ? "A conversation" : outline_.title;
  show_.date = options_.date;
  show_.problems = options_.problems;
  for (const Host& host : options_.hosts) show_.speakers.push_back({host.name, host.voice});
  beats_.clear();
  asked_.clear();
  turns_of_phrase_.clear();
  just_said_.clear();
  last_section_ = kNoSection;
  asker_turns_ = reactions_ = 0;
  turns_since_split_ = 9;
  any_beat_ = false;

  open(passages);
  const auto count = static_cast<size_t>(std::count_if(
      passages.begin(), passages.end(), [](const auto& part) { return !part.empty(); }));
  size_t number = 0;
  for (size_t part = 0; part < passages.size(); ++part) {
    if (!passages[part].empty()) tell_part(part, passages[part], number++, count);
  }
  if (options_.minutes >= 3 && count >= 2) recap(passages);
  close();

  std::set<std::string> used;
  for (const ScriptSegment& segment : show_.segments)
    used.insert(segment.sources.begin(), segment.sources.end());
  for (const OutlineSection& section : outline_.sections) {
    const editing::SourceText& source = section.source;
    if (used.contains(source.id))
      show_.sources.push_back({source.id, source.publisher, source.title, source.url, source.text});
  }
  return std::move(show_);
}

void Conversation::say(size_t host, std::string text, int pause_ms,
                       std::vector<script::SourceReference> references) {
  ScriptSegment& segment = show_.segments.back();
  const std::string& name = options_.hosts.at(host).name;
  for (const script::SourceReference& one : references) {
    if (std::find(segment.sources.begin(), segment.sources.end(), one.source) ==
        segment.sources.end())
      segment.sources.push_back(one.source);
  }
  // The hosts' own words of one turn are one line.
  if (!segment.lines.empty() && segment.lines.back().speaker == name &&
      segment.lines.back().references.empty() && references.empty() &&
      segment.lines.back().pause_ms == 0) {
    segment.lines.back().text += " " + text;
    segment.lines.back().pause_ms = pause_ms;
    return;
  }
  segment.lines.push_back({name, std::move(text), "", 1.0, pause_ms, std::move(references)});
}

script::SourceReference Conversation::reference(const Passage& passage, size_t index) const {
  const editing::SourceText& source = outline_.sections[passage.section].source;
  return {source.id, source.sentences[index].begin, source.sentences[index].end};
}

std::vector<TaggedWord> Conversation::tag(std::string_view text) const {
  std::vector<TaggedWord> words = tagger_.tag(text);
  for (TaggedWord& word : words) {
    const std::string stem = word.lower.substr(0, word.lower.find_first_of("'\xE2"));
    if (word.kind == WordClass::kNoun && outline_.names.contains(stem))
      word.kind = WordClass::kName;
  }
  return words;
}

std::string Conversation::topic(size_t section) const { return outline_.sections[section].topic; }

// That of the section which is told first.
std::string Conversation::part_topic(size_t part, const std::vector<Passage>& passages) const {
  const OutlineSection& front = outline_.sections[passages.front().section];
  return front.titled ? front.topic : outline_.parts[part].topic;
}

std::string Conversation::work() const {
  std::string work = outline_.title.empty() ? "this text" : "“" + outline_.title + "”";
  if (!outline_.author.empty()) work += ", by " + outline_.author;
  return work;
}

void Conversation::open(const std::vector<std::vector<Passage>>& passages) {
  ScriptSegment opening;
  opening.kind = SegmentKind::kOpening;
  opening.title = "Welcome";
  show_.segments.push_back(std::move(opening));
  const std::string& first = options_.hosts[0].name;
  const std::string& second = options_.hosts[1].name;
  const auto [section, index] = find_hook(outline_, passages);
  if (section != kNoSection && options_.format != TalkFormat::kBrief) {
    const Passage hook{section, index, index, 0, false};
    say(0, sentence(hook, index).spoken.front(), 300, {reference(hook, index)});
  }
  std::vector<std::string> topics;
  for (size_t part = 0; part < passages.size(); ++part) {
    if (passages[part].empty()) continue;
    if (const std::string topic = part_topic(part, passages[part]); !topic.empty())
      topics.push_back(topic);
  }
  std::string promise;
  size_t bytes = 0;
  for (size_t i = 0; i < topics.size() && i < 5; ++i) {
    promise += i == 0 ? "" : i + 1 == std::min<size_t>(5, topics.size()) ? " and " : ", ";
    promise += topics[i];
    bytes += topics[i].size();
  }
  const bool has_promise = topics.size() >= 2 && bytes < 160;
  switch (options_.format) {
    case TalkFormat::kDeepDive:
      say(1, (section != kNoSection ? "That is from " : "Today: ") + work() + ".");
      say(1, "What is behind it?");
      say(0, "That is what this episode is about. I'm " + first + ".");
      say(1, "And I'm " + second +
                 ". We are synthetic voices, and what we tell is taken from the text.");
      break;
    case TalkFormat::kInterview:
      say(1,
          (section != kNoSection ? "That is from " : "Today: ") + work() + ". I'm " + second + ".");
      say(1, "My guest is " + first + ". We are both synthetic voices.");
      say(0, "Hello. I answer with what the text says, and with nothing else.");
      break;
    case TalkFormat::kDebate:
      say(1, (section != kNoSection ? "So says " : "Today: ") + work() + ". But does it hold?");
      say(0, "I'm " + first + ", and I speak for what the text claims.");
      say(1, "I'm " + second + ". I bring what the text itself holds against it.");
      say(1, "We are synthetic voices, and no argument here is ours.");
      break;
    case TalkFormat::kBrief:
      say(0, "In brief: " + work() + ".");
      say(1,
          "We are " + first + " and " + second + ", two synthetic voices, with its main points.");
      break;
  }
  if (has_promise && options_.format != TalkFormat::kBrief)
    say(0, "We go through it in order: " + promise + ".", 300);
}

void Conversation::tell_part(size_t part, const std::vector<Passage>& passages, size_t number,
                             size_t count) {
  ScriptSegment segment;
  segment.kind = SegmentKind::kTalk;
  const OutlineSection& front = outline_.sections[passages.front().section];
  segment.title = front.titled ? front.title : outline_.parts[part].title;
  show_.segments.push_back(std::move(segment));
  Turns turns;
  if (options_.format == TalkFormat::kDeepDive || options_.format == TalkFormat::kBrief)
    turns.explainer = number % 2;
  last_section_ = passages.front().section;
  const std::string intro = begin_part(number, part_topic(part, passages), number == 0,
                                       number + 1 == count && number > 0);
  for (size_t i = 0; i < passages.size(); ++i) {
    const bool first = i == 0;
    if (options_.format == TalkFormat::kBrief) {
      if (first) {
        say(turns.explainer, intro);
      } else if (passages[i].section != last_section_ &&
                 outline_.sections[passages[i].section].titled) {
        turns.explainer = 1 - turns.explainer;
        say(turns.explainer, go_to_section(4, topic(passages[i].section)));
      } else {
        turns.explainer = 1 - turns.explainer;
        if (i % 2 == 1) say(turns.explainer, next_point(turns_of_phrase_["next"]++));
      }
      tell_sentences(passages[i], turns, {});
      last_section_ = passages[i].section;
      continue;
    }
    if (options_.format == TalkFormat::kDebate) {
      const bool against = passages[i].against;
      Turns side;
      side.explainer = against ? 1 : 0;
      if (first) {
        say(against ? 0 : 1, intro);
      } else if (passages[i - 1].against != against) {
        say(side.explainer,
            against ? object(turns_of_phrase_["object"]++) : hold_up(turns_of_phrase_["hold"]++));
      } else {
        const Opening opening = lead_in(passages[i], side, false, "");
        tell_sentences(passages[i], side, opening);
        last_section_ = passages[i].section;
        continue;
      }
      tell_sentences(passages[i], side, {});
      last_section_ = passages[i].section;
      continue;
    }
    const Opening opening = lead_in(passages[i], turns, first, first ? intro : "");
    tell_sentences(passages[i], turns, opening);
    last_section_ = passages[i].section;
  }
  if (!show_.segments.back().lines.empty())
    show_.segments.back().lines.back().pause_ms = kPartPause_ms;
}

bool Conversation::was_just_said(const std::string& subject) const {
  const size_t blank = subject.rfind(' ');
  const std::string head =
      ascii_lower(blank == std::string::npos ? subject : subject.substr(blank + 1));
  return just_said_.find(head) != std::string::npos;
}

const Question* Conversation::choose(const std::vector<Question>& questions) const {
  for (const Question& question : questions) {
    if (asked_.contains(ascii_lower(question.text))) continue;
    const bool subject = question.beat == Beat::kSubject;
    if (any_beat_ && question.beat == last_beat_ && !subject) continue;
    const auto used = beats_.find(question.beat);
    const size_t count = used == beats_.end() ? 0 : used->second;
    if (question.beat == Beat::kMisconception && count >= kMostMisconceptions) continue;
    if (question.beat == Beat::kAnalogy && count >= 2) continue;
    if (question.beat == Beat::kContrast && question.skip.empty() && count >= 3) continue;
    if (!question.subject.empty() && asked_.contains(ascii_lower(question.subject))) continue;
    if (subject && !question.subject.empty() && was_just_said(question.subject)) continue;
    // Nobody asks for the writer in the middle of it, or for "the subject".
    if (subject && (question.subject == outline_.writer.singular ||
                    question.subject == "the authors" || question.subject == "the subject"))
      continue;
    return &question;
  }
  return nullptr;
}

bool Conversation::ask(const Passage& passage, size_t index, const Turns& turns, Opening& opening,
                       bool subject_allowed) {
  const OutlineSection& section = outline_.sections[passage.section];
  // A question of the writer's own is the best one.
  if (index > 1 && index == passage.first && section.sentences[index - 1].question) {
    say(turns.asker(), std::string(section.source.sentence(index - 1)), 0,
        {reference(passage, index - 1)});
    any_beat_ = false;
    return true;
  }
  const std::string& text = section.sentences[index].spoken.front();
  const std::vector<Question> questions = questions_for(text, tag(text));
  const Question* question = choose(questions);
  // Where a title was named, it is the subject already.
  if (question == nullptr || (question->beat == Beat::kSubject && !subject_allowed)) return false;
  std::string words = question->text;
  if (question->beat == Beat::kSubject && question->text.starts_with("What about "))
    words = about_subject(turns_of_phrase_["about"]++, question->subject);
  if (question->beat == Beat::kExample) words = for_example(turns_of_phrase_["example"]++);
  const bool from_source = question->beat != Beat::kExample && question->beat != Beat::kAnalogy &&
                           question->beat != Beat::kConsequence &&
                           !(question->beat == Beat::kContrast && !question->skip.empty());
  say(turns.asker(), words, 0,
      from_source ? std::vector<script::SourceReference>{reference(passage, index)}
                  : std::vector<script::SourceReference>{});
  asked_.insert(ascii_lower(question->text));
  if (!question->subject.empty()) asked_.insert(ascii_lower(question->subject));
  ++beats_[question->beat];
  last_beat_ = question->beat;
  any_beat_ = true;
  opening.skip = question->skip;
  opening.answer = question->answer;
  return true;
}

Conversation::Opening Conversation::lead_in(const Passage& passage, const Turns& turns,
                                            bool first_of_part, std::string prefix) {
  Opening opening;
  ++asker_turns_;
  const bool new_section =
      passage.section != last_section_ && outline_.sections[passage.section].titled;
  if (!first_of_part && new_section)
    prefix = go_to_section(turns_of_phrase_["section"]++, topic(passage.section));
  if (!prefix.empty()) say(turns.asker(), prefix);
  if (prefix.ends_with('?')) return opening;
  if (ask(passage, passage.first, turns, opening, prefix.empty())) return opening;
  any_beat_ = false;
  if (prefix.empty()) say(turns.asker(), keep_going(turns_of_phrase_["going"]++));
  return opening;
}

void Conversation::tell_sentences(const Passage& passage, const Turns& turns, Opening opening) {
  const bool talk = options_.format != TalkFormat::kBrief;
  size_t turn_words = 0;  // since the other one spoke
  just_said_.clear();
  for (size_t i = passage.first; i <= passage.last; ++i) {
    const std::string span(outline_.sections[passage.section].source.sentence(i));
    const std::vector<std::string>& pieces = sentence(passage, i).spoken;
    // A long turn is broken by a question that the next sentence answers, or by a word.
    if (talk && i > passage.first && turn_words >= kTurnWords) {
      if (ask(passage, i, turns, opening, true)) {
        ++asker_turns_;
        turn_words = 0;
      } else if (turn_words >= kLongTurnWords) {
        interject(passage, i - 1, turns);
        turn_words = 0;
      }
    }
    for (size_t p = 0; p < pieces.size(); ++p) {
      std::string text = pieces[p];
      if (p == 0 && !opening.skip.empty() && text.starts_with(opening.skip))
        text = capitalised(text.substr(opening.skip.size()));
      if (pieces.size() == 1) text = editing::reword_if_grounded(rewriter_, text, span);
      just_said_ += " " + ascii_lower(text);
      turn_words += count_words(text);
      const auto split = talk && turns_since_split_ >= 3 && turn_words >= 12
                             ? split_at_question(text, tag(text))
                             : std::nullopt;
      if (p == 0 && !opening.answer.empty()) text.insert(0, opening.answer + " ");
      if (split && opening.answer.empty()) {
        say(turns.explainer, split->first, 0, {reference(passage, i)});
        say(turns.asker(), split->question);
        say(turns.explainer, split->second, 0, {reference(passage, i)});
        turns_since_split_ = 0;
        ++asker_turns_;
        turn_words = count_words(split->second);
      } else {
        say(turns.explainer, text, 0, {reference(passage, i)});
      }
      opening = {};
    }
    ++turns_since_split_;
  }
}

// A word of the other in a long turn: the number that was just named, or that it was understood; at
// most every fifth of the asker's turns, otherwise a request to go on.
void Conversation::interject(const Passage& passage, size_t index, const Turns& turns) {
  const std::string& text = sentence(passage, index).spoken.back();
  const std::string number = number_of(text, tag(text));
  ++asker_turns_;
  if (!number.empty() && !asked_.contains(number)) {
    asked_.insert(number);
    say(turns.asker(), number + ".", 0, {reference(passage, index)});
  } else if ((reactions_ + 1) * 5 <= asker_turns_) {
    ++reactions_;
    say(turns.asker(), reaction(turns_of_phrase_["reaction"]++));
  } else {
    say(turns.asker(), keep_going(turns_of_phrase_["going"]++));
  }
}

void Conversation::recap(const std::vector<std::vector<Passage>>& passages) {
  struct Line {
    Passage passage;
    size_t sentence = 0;
    double value = 0;
  };
  std::vector<Line> lines;
  for (const auto& part : passages) {
    Line best;
    for (const Passage& passage : part) {
      for (size_t i = passage.first; i <= passage.last; ++i) {
        const ToldSentence& one = sentence(passage, i);
        if (one.spoken.size() != 1 || one.depends || count_words(one.spoken.front()) > 18) continue;
        const double value = one.centrality + (i == passage.first ? 0.1 : 0);
        if (value > best.value) best = {passage, i, value};
      }
    }
    if (best.value > 0) lines.push_back(best);
  }
  if (lines.size() < 2) return;
  const size_t most = options_.minutes >= 8 ? 4 : options_.minutes >= 5 ? 3 : 2;
  while (lines.size() > most) {
    lines.erase(std::min_element(lines.begin(), lines.end(),
                                 [](const Line& a, const Line& b) { return a.value < b.value; }));
  }
  ScriptSegment segment;
  segment.kind = SegmentKind::kRecap;
  segment.title = "What to keep";
  show_.segments.push_back(std::move(segment));
  say(1, options_.format == TalkFormat::kDebate
             ? "Which weighs more is for you to judge. Once more, the main points."
             : "So what should we keep?");
  size_t host = 0;
  for (const Line& line : lines) {
    say(host, sentence(line.passage, line.sentence).spoken.front(), 200,
        {reference(line.passage, line.sentence)});
    if (options_.format != TalkFormat::kInterview) host = 1 - host;
  }
}

void Conversation::close() {
  ScriptSegment segment;
  segment.kind = SegmentKind::kSignOff;
  segment.title = "Goodbye";
  show_.segments.push_back(std::move(segment));
  const bool interview = options_.format == TalkFormat::kInterview;
  say(interview ? 1 : 0, interview
                             ? "Thank you, " + options_.hosts[0].name + "."
                             : "That was our " +
                                   std::string(options_.format == TalkFormat::kBrief    ? "brief"
                                               : options_.format == TalkFormat::kDebate ? "debate"
                                                                                        : "look") +
                                   " on " + work() + ".");
  say(1, interview ? "That was " + work() + ". The notes say where each sentence comes from."
                   : "The notes say where each sentence comes from. Thank you for listening.");
}

}  // namespace myna::podcast
