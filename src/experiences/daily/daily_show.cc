#include "experiences/daily/daily_show.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "experiences/daily/phrases.h"
#include "experiences/editing/spoken_sentence.h"
#include "experiences/editing/summary.h"

namespace myna::daily {
namespace {

using editing::SourceText;
using editing::SummarySentence;
using script::estimate_s;
using script::ScriptSegment;
using script::SegmentKind;

constexpr const char* kAnchor = "anchor";
constexpr size_t kMostSentences = 9;  // of one story

// A story with the sentences that may tell it, the best ones first.
struct Candidate {
  const editing::RankedStory* story = nullptr;
  std::vector<SummarySentence> sentences;
  std::string headline;
  const editing::ToldStory* told_before = nullptr;
  double lightness = 0;
  size_t taken = 0;  // sentences that are said
};

// How much a story is one to end with: words of gravity against words of ease.
double lightness_of(const SourceText& source) {
  static const std::set<std::string> kHeavy = {
      "killed",   "dead",       "death",   "deaths",    "died",      "war",      "attack",
      "attacks",  "crash",      "murder",  "court",     "police",    "arrested", "charged",
      "victims",  "shooting",   "bomb",    "crisis",    "disease",   "injured",  "fire",
      "flood",    "earthquake", "layoffs", "strike",    "tax",       "budget",   "election",
      "minister", "parliament", "council", "inflation", "sanctions", "lawsuit",  "outage"};
  static const std::set<std::string> kLight = {
      "festival", "cat",     "dog",    "cats",     "dogs",    "museum", "garden",
      "music",    "choir",   "cake",   "birthday", "library", "band",   "painting",
      "bees",     "parade",  "record", "children", "school",  "toy",    "film",
      "book",     "recipe",  "bakery", "penguin",  "otter",   "goat",   "sheep",
      "owl",      "parrot",  "cheese", "knitting", "puzzle",  "game",   "funny",
      "oddities", "culture", "arts",   "lighter",  "life",    "people"};
  double score = 0;
  std::set<std::string> words;
  for (std::string& word : editing::plain_words(source.text.substr(0, 1500)))
    words.insert(std::move(word));
  for (const std::string& category : source.categories) {
    for (std::string& word : editing::plain_words(category)) words.insert(std::move(word));
  }
  for (const std::string& word : words) {
    if (kHeavy.contains(word)) score -= 1;
    if (kLight.contains(word)) score += 1;
  }
  return score;
}

class Planner {
 public:
  Planner(const std::vector<SourceText>& sources, const DailyOptions& options)
      : sources_(sources), options_(options), target_s_(options.minutes * 60 - options.music_s) {}

  DailyPlan plan(const editing::Ranking& ranking, const editing::Ledger& ledger) {
    DailyPlan plan;
    plan.left_out = ranking.left_out;
    collect(ranking, ledger, plan);
    choose();
    fill();
    rewriter_ = options_.rewriter;
    plan.script = write();
    plan.estimated_s = estimate_s(plan.script, options_.pace) + options_.music_s;
    plan.short_of_material = plan.estimated_s < 0.95 * options_.minutes * 60;
    for (const size_t index : order()) {
      const Candidate& candidate = candidates_[index];
      plan.told.push_back(
          {candidate.story->sources, candidate.story->section, candidate.story->why});
    }
    return plan;
  }

 private:
  void collect(const editing::Ranking& ranking, const editing::Ledger& ledger, DailyPlan& plan) {
    for (const editing::RankedStory& story : ranking.stories) {
      Candidate candidate;
      candidate.story = &story;
      candidate.told_before = ledger.find(sources_, story.sources, options_.now_s);
      editing::SummaryOptions summary;
      summary.most = kMostSentences;
      candidate.sentences = editing::summarize(sources_, story.sources, summary,
                                               candidate.told_before != nullptr
                                                   ? candidate.told_before->sentences
                                                   : std::vector<std::vector<uint32_t>>());
      const SourceText& first = sources_[story.sources.front()];
      candidate.headline = editing::spoken_headline(first.title, first.publisher);
      candidate.lightness = lightness_of(first);
      if (candidate.sentences.empty()) {
        plan.left_out.push_back(
            {story.sources.front(),
             candidate.told_before != nullptr
                 ? "told on " + iso_date(candidate.told_before->told_s) + ", and nothing is new"
                 : "it has no sentence that can be read aloud"});
        continue;
      }
      candidates_.push_back(std::move(candidate));
    }
  }

  // The lead is the best story that has something to say; the closer the lightest of the others.
  void choose() {
    if (candidates_.empty()) return;
    lead_ = 0;
    for (size_t i = 0; i < std::min<size_t>(3, candidates_.size()); ++i) {
      if (candidates_[i].sentences.size() >= 3 && candidates_[i].told_before == nullptr) {
        lead_ = i;
        break;
      }
    }
    std::vector<size_t> others;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      if (i != *lead_) others.push_back(i);
    }
    const double left_s = target_s_ - fixed_s();
    const double item_s = options_.minutes >= 4 ? 27 : 20;
    const double lead_s = std::clamp(0.22 * options_.minutes * 60, 18.0, 85.0);
    const auto wanted = static_cast<size_t>(std::max(0.0, (left_s - lead_s) / item_s));
    if (wanted >= 2 && others.size() >= 2) {
      size_t best = others.size();
      for (size_t i = 0; i < std::min(others.size(), 2 * wanted + 2); ++i) {
        if (candidates_[others[i]].lightness <= 0 || candidates_[others[i]].told_before != nullptr)
          continue;
        if (best == others.size() ||
            candidates_[others[i]].lightness > candidates_[others[best]].lightness)
          best = i;
      }
      if (best < others.size()) {
        closer_ = others[best];
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(best));
      }
    }
    const size_t count = closer_ ? std::max<size_t>(1, wanted) - 1 : wanted;
    items_.assign(others.begin(),
                  others.begin() + static_cast<std::ptrdiff_t>(std::min(count, others.size())));
    spare_.assign(others.begin() + static_cast<std::ptrdiff_t>(items_.size()), others.end());
  }

  double fixed_s() {
    const std::vector<size_t> kept_items = std::exchange(items_, {});
    const auto kept_lead = std::exchange(lead_, std::nullopt);
    const double seconds = estimate_s(write(), options_.pace);
    items_ = kept_items;
    lead_ = kept_lead;
    return seconds + 20;  // headlines and recap, which need stories
  }

  double most_s(size_t index) const {
    if (index == *lead_) return std::max(25.0, 0.26 * options_.minutes * 60);
    return closer_ && index == *closer_ ? 32.0 : 36.0;
  }

  double story_s(const Candidate& candidate, size_t taken) const {
    double seconds = 3;  // attribution
    for (size_t i = 0; i < taken; ++i) seconds += sentence_s(candidate.sentences[i]);
    return seconds;
  }
  double sentence_s(const SummarySentence& sentence) const {
    double seconds = 0;
    for (const std::string& spoken : sentence.spoken) {
      seconds += static_cast<double>(spoken.size()) * options_.pace.seconds_per_byte +
                 options_.pace.sentence_gap_s;
    }
    return seconds;
  }

  std::vector<size_t> order() const {
    std::vector<size_t> all;
    if (lead_) all.push_back(*lead_);
    all.insert(all.end(), items_.begin(), items_.end());
    if (closer_) all.push_back(*closer_);
    return all;
  }

  double total_s() { return estimate_s(write(), options_.pace); }

  // Two sentences of each story, then the next best ones until the time is full.
  void fill() {
    if (!lead_) return;
    for (const size_t index : order()) {
      candidates_[index].taken =
          std::min<size_t>(index == *lead_ ? 3 : 2, candidates_[index].sentences.size());
    }
    double total = total_s();
    while (total > target_s_ && !items_.empty()) {
      candidates_[items_.back()].taken = 0;
      spare_.insert(spare_.begin(), items_.back());
      items_.pop_back();
      total = total_s();
    }
    double patience = 1;  // stories may be longer when nothing else is left to fill the time with
    while (true) {
      const std::vector<size_t> all = order();
      size_t best = candidates_.size();
      double best_value = 0;
      double best_s = 0;
      for (size_t place = 0; place < all.size(); ++place) {
        const Candidate& candidate = candidates_[all[place]];
        if (candidate.taken >= candidate.sentences.size()) continue;
        const double seconds = sentence_s(candidate.sentences[candidate.taken]);
        if (total + seconds > target_s_ * 1.01) continue;
        if (story_s(candidate, candidate.taken + 1) > patience * most_s(all[place])) continue;
        const double rank = 1 / (1 + 0.15 * static_cast<double>(place));
        const double value = candidate.sentences[candidate.taken].value * rank /
                             (1 + 0.5 * static_cast<double>(candidate.taken));
        if (value > best_value) {
          best_value = value;
          best = all[place];
          best_s = seconds;
        }
      }
      if (best < candidates_.size()) {
        ++candidates_[best].taken;
        total += best_s;
      } else if (!spare_.empty() && total + 7 < target_s_) {
        const size_t next = spare_.front();
        spare_.erase(spare_.begin());
        candidates_[next].taken = 1;
        items_.push_back(next);
        total = total_s();
        if (total > target_s_ * 1.02) {
          candidates_[next].taken = 0;
          items_.pop_back();
          total = total_s();
        }
      } else if (patience < 2) {
        patience = 2;
      } else {
        break;
      }
      total = total_s();
    }
  }

  void say(ScriptSegment& segment, std::string text, int pause_ms = 0,
           std::vector<script::SourceReference> references = {}) const {
    if (!segment.lines.empty() && segment.lines.back().references.empty() && references.empty() &&
        segment.lines.back().pause_ms == 0 &&
        segment.lines.back().text.size() + text.size() < 120) {
      segment.lines.back().text += " " + text;
      segment.lines.back().pause_ms = pause_ms;
      return;
    }
    segment.lines.push_back({kAnchor, std::move(text), "", 1.0, pause_ms, std::move(references)});
  }

  script::SourceReference reference_of(const editing::SentenceReference& sentence) const {
    const SourceText& source = sources_[sentence.source];
    return {source.id, source.sentences[sentence.sentence].begin,
            source.sentences[sentence.sentence].end};
  }

  ScriptSegment tell(size_t index, SegmentKind kind, size_t turn,
                     const std::string& introduction) const {
    const Candidate& candidate = candidates_[index];
    ScriptSegment segment;
    segment.kind = kind;
    segment.title = sources_[candidate.story->sources.front()].title;
    segment.why = candidate.story->why;
    for (const size_t source : candidate.story->sources)
      segment.sources.push_back(sources_[source].id);
    std::vector<SummarySentence> sentences(
        candidate.sentences.begin(),
        candidate.sentences.begin() + static_cast<std::ptrdiff_t>(candidate.taken));
    editing::sort_for_telling(sentences, candidate.story->sources);
    if (!introduction.empty()) say(segment, introduction);
    if (candidate.told_before != nullptr)
      say(segment, update_notice(candidate.told_before->told_s, options_.now_s));
    std::string publisher;
    if (!sentences.empty()) publisher = sources_[sentences.front().reference.source].publisher;
    say(segment, attribution({publisher}, turn));
    // Without its opening a story needs its headline to be understood.
    const size_t leading = candidate.story->sources.front();
    const bool opens =
        !sentences.empty() && sentences.front().reference == editing::SentenceReference{leading, 1};
    if (!opens && candidate.told_before == nullptr && !candidate.headline.empty()) {
      say(segment, candidate.headline, 0, {reference_of({leading, 0})});
    }
    for (const SummarySentence& sentence : sentences) {
      const SourceText& source = sources_[sentence.reference.source];
      if (source.publisher != publisher) {
        publisher = source.publisher;
        say(segment, second_attribution(publisher));
      }
      const std::string span(source.sentence(sentence.reference.sentence));
      for (const std::string& spoken : sentence.spoken) {
        const bool whole = sentence.spoken.size() == 1;
        say(segment, whole ? editing::reword_if_grounded(rewriter_, spoken, span) : spoken, 0,
            {reference_of(sentence.reference)});
      }
    }
    if (!segment.lines.empty()) segment.lines.back().pause_ms = options_.item_pause_ms;
    return segment;
  }

  // Items of one section stand together, sections in the order of their first item or as wished.
  std::vector<size_t> sectioned_items() const {
    std::vector<std::string> sections;
    for (const editing::SectionWish& wish : options_.interests.sections)
      sections.push_back(wish.title);
    sections.emplace_back();
    std::vector<size_t> sorted;
    for (const std::string& section : sections) {
      for (const size_t index : items_) {
        if (candidates_[index].story->section == section) sorted.push_back(index);
      }
    }
    return sorted;
  }

  script::ShowScript write() const {
    script::ShowScript show;
    show.title = options_.show_name + ", " + spoken_date(options_.now_s);
    show.date = iso_date(options_.now_s);
    show.speakers = {{kAnchor, options_.voice}};
    show.problems = options_.problems;

    ScriptSegment opening;
    opening.kind = SegmentKind::kOpening;
    opening.title = "Welcome";
    say(opening, greeting(options_.now_s, options_.interests.name), 0);
    say(opening, "This is " + options_.show_name + ", for " + spoken_date(options_.now_s) + ".");
    say(opening, "A synthetic voice is reading to you.", 400);
    if (!lead_) {
      say(opening, "There is nothing new in your sources today.", 600);
    }
    show.segments.push_back(std::move(opening));

    if (lead_) {
      const std::vector<size_t> items = sectioned_items();
      if (options_.minutes >= 2) add_headlines(show, items);
      size_t turn = 0;
      show.segments.push_back(
          tell(*lead_, SegmentKind::kLead, turn++, options_.minutes >= 2 ? "Our top story." : ""));
      std::string section;
      bool any_section = false;
      for (const size_t index : items) {
        std::string introduction;
        const std::string& own = candidates_[index].story->section;
        if (own != section || (!any_section && !own.empty())) {
          introduction = own.empty() ? "In other news." : "Now, " + own + ".";
        }
        any_section |= !own.empty();
        section = own;
        show.segments.push_back(tell(index, SegmentKind::kItem, turn++, introduction));
      }
    }
    if (!options_.weather.empty()) {
      ScriptSegment weather;
      weather.kind = SegmentKind::kWeather;
      weather.title = "Weather";
      weather.sources = {"weather"};
      say(weather, "The weather.");
      for (const std::string& sentence : options_.weather) {
        say(weather, sentence, 0, {{"weather", 0, options_.weather_text.size()}});
      }
      weather.lines.back().pause_ms = options_.item_pause_ms;
      show.segments.push_back(std::move(weather));
      show.sources.push_back(
          {"weather", "Forecast", "Weather forecast", "", options_.weather_text});
    }
    if (closer_)
      show.segments.push_back(
          tell(*closer_, SegmentKind::kCloser, 1, "And finally, something lighter."));
    if (lead_ && options_.minutes >= 3) add_recap(show);

    ScriptSegment end;
    end.kind = SegmentKind::kSignOff;
    end.title = "Goodbye";
    if (lead_) say(end, "Every source is linked in the show notes.");
    say(end, "That was " + options_.show_name + ". Have a good day.");
    show.segments.push_back(std::move(end));
    add_sources(show);
    return show;
  }

  void add_headlines(script::ShowScript& show, const std::vector<size_t>& items) const {
    ScriptSegment headlines;
    headlines.kind = SegmentKind::kHeadlines;
    headlines.title = "Headlines";
    say(headlines, "The headlines.", 250);
    std::vector<size_t> first = {*lead_};
    first.insert(first.end(), items.begin(), items.end());
    size_t count = 0;
    for (const size_t index : first) {
      const Candidate& candidate = candidates_[index];
      if (candidate.headline.empty() || count == 3) continue;
      ++count;
      say(headlines, candidate.headline, 250,
          {reference_of({candidate.story->sources.front(), 0})});
    }
    if (count == 0) return;
    headlines.lines.back().pause_ms = options_.item_pause_ms;
    show.segments.push_back(std::move(headlines));
  }

  void add_recap(script::ShowScript& show) const {
    ScriptSegment recap;
    recap.kind = SegmentKind::kRecap;
    recap.title = "Recap";
    const Candidate& lead = candidates_[*lead_];
    if (lead.headline.empty()) return;
    say(recap, "Our top story once more.");
    say(recap, lead.headline, 500, {reference_of({lead.story->sources.front(), 0})});
    show.segments.push_back(std::move(recap));
  }

  void add_sources(script::ShowScript& show) const {
    std::set<std::string> used;
    for (const ScriptSegment& segment : show.segments)
      used.insert(segment.sources.begin(), segment.sources.end());
    for (const SourceText& source : sources_) {
      if (used.contains(source.id))
        show.sources.push_back(
            {source.id, source.publisher, source.title, source.url, source.text});
    }
  }

  const std::vector<SourceText>& sources_;
  const DailyOptions& options_;
  double target_s_;
  std::vector<Candidate> candidates_;  // as ranked
  std::optional<size_t> lead_;
  std::optional<size_t> closer_;
  std::vector<size_t> items_;
  std::vector<size_t> spare_;
  editing::Rewriter* rewriter_ = nullptr;  // while the plan is tried out it has none
};

}  // namespace

DailyPlan plan_daily(const std::vector<SourceText>& sources, const editing::Ranking& ranking,
                     const editing::Ledger& ledger, const DailyOptions& options) {
  return Planner(sources, options).plan(ranking, ledger);
}

}  // namespace myna::daily
