#include "text/markup/ssml_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/markup/block_builder.h"
#include "text/markup/delivery_names.h"
#include "text/markup/phonetic_alphabet.h"
#include "text/markup/recording_file.h"
#include "text/markup/ssml_values.h"
#include "text/markup/xml_parser.h"

namespace myna::text {
namespace {

enum class ElementKind : uint8_t {
  kUnknown,
  kSpeak,
  kParagraph,
  kSentence,
  kToken,
  kBreak,
  kEmphasis,
  kProsody,
  kSayAs,
  kPhoneme,
  kSub,
  kLang,
  kVoice,
  kMark,
  kAudio,
  kExpressAs,
  kSilence,
  kSilent,       // content that is not for the ear: desc, metadata
  kWithout,      // known, has no effect and no content that is spoken: meta, lexicon
  kReadThrough,  // known elsewhere; here its content is read, with a warning
};

struct ElementName {
  std::string_view name;
  ElementKind kind;
};

constexpr ElementName kElements[] = {
    {"speak", ElementKind::kSpeak},
    {"p", ElementKind::kParagraph},
    {"paragraph", ElementKind::kParagraph},
    {"s", ElementKind::kSentence},
    {"sentence", ElementKind::kSentence},
    {"token", ElementKind::kToken},
    {"w", ElementKind::kToken},
    {"break", ElementKind::kBreak},
    {"emphasis", ElementKind::kEmphasis},
    {"prosody", ElementKind::kProsody},
    {"say-as", ElementKind::kSayAs},
    {"phoneme", ElementKind::kPhoneme},
    {"sub", ElementKind::kSub},
    {"lang", ElementKind::kLang},
    {"voice", ElementKind::kVoice},
    {"mark", ElementKind::kMark},
    {"bookmark", ElementKind::kMark},
    {"audio", ElementKind::kAudio},
    {"desc", ElementKind::kSilent},
    {"metadata", ElementKind::kSilent},
    {"meta", ElementKind::kWithout},
    {"lexicon", ElementKind::kReadThrough},
    {"lookup", ElementKind::kReadThrough},
    {"par", ElementKind::kReadThrough},
    {"seq", ElementKind::kReadThrough},
    {"media", ElementKind::kReadThrough},
    {"mstts:express-as", ElementKind::kExpressAs},
    {"mstts:silence", ElementKind::kSilence},
    {"mstts:ttsbreak", ElementKind::kBreak},
    {"mstts:backgroundaudio", ElementKind::kReadThrough},
    {"mstts:viseme", ElementKind::kReadThrough},
    {"mstts:audioduration", ElementKind::kReadThrough},
    {"mstts:ttsembedding", ElementKind::kReadThrough},
    {"mstts:voiceconversion", ElementKind::kReadThrough},
    {"mstts:dialog", ElementKind::kReadThrough},
    {"mstts:turn", ElementKind::kReadThrough},
    {"mstts:embedding", ElementKind::kReadThrough},
};

constexpr std::string_view kMsttsNamespace = "http://www.w3.org/2001/mstts";
constexpr std::string_view kSsmlNamespace = "http://www.w3.org/2001/10/synthesis";

struct NamedBreak {
  std::string_view strength;
  double pause_ms;
};
// Azure's figures.
constexpr NamedBreak kBreaks[] = {{"none", 0},     {"x-weak", 250},  {"weak", 500},
                                  {"medium", 750}, {"strong", 1000}, {"x-strong", 1250}};

std::string shown(std::string_view text) {
  constexpr size_t kMostBytes = 60;
  if (text.size() <= kMostBytes) return "'" + std::string(text) + "'";
  return "'" + to_utf8(to_utf32(text.substr(0, kMostBytes))) + "…'";
}

class Reader final : public XmlHandler {
 public:
  Reader(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
         const BlockSink& sink)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        names_(options),
        out_(source, options, diagnostics, sink) {}

  void read() {
    const XmlResult result = parse_xml(source_, *this, diagnostics_);
    if (result == XmlResult::kFaulty) stack_.clear();
    out_.flush();
  }

  void start_element(std::string_view name, std::span<const XmlAttribute> attributes,
                     SourceSpan tag) override {
    Element element;
    element.tag = tag;
    element.prosody = out_.prosody();
    element.delivery = out_.delivery();
    element.dialect = out_.dialect();
    element.silences = out_.silences();
    tag_ = tag;
    attributes_ = attributes;
    if (silent_depth_ > 0) {
      ++silent_depth_;
      element.silent = true;
      stack_.push_back(std::move(element));
      return;
    }
    learn_prefixes();
    const std::string local = local_name(name);
    element.kind = kind_of(local);
    if (stack_.empty() && element.kind != ElementKind::kSpeak) {
      problem(tag, "the text begins with <" + local + ">; SSML begins with <speak>");
    }
    start(element, local);
    if (element.silent) silent_depth_ = 1;
    stack_.push_back(std::move(element));
  }

  void end_element(std::string_view, SourceSpan tag) override {
    if (stack_.empty()) return;
    Element element = std::move(stack_.back());
    stack_.pop_back();
    tag_ = tag;
    if (element.silent) --silent_depth_;
    end(element, tag);
    out_.set_prosody(element.prosody, tag);
    out_.set_delivery(element.delivery, tag);
    out_.set_dialect(element.dialect, tag);
    // Silences are those of the element around the empty <mstts:silence/>.
    if (element.kind != ElementKind::kSilence) out_.set_silences(element.silences, tag);
  }

  void text(std::string_view text, SourceSpan span, bool replaced) override {
    if (silent_depth_ > 0) return;
    if (!replaced) {
      out_.append(span);
    } else {
      out_.append_as(text, span);
    }
  }

 private:
  struct Element {
    ElementKind kind = ElementKind::kUnknown;
    SourceSpan tag;
    bool silent = false;  // its content is not read
    bool range = false;   // an annotation ends with it
    std::string alias;    // kSub
    // In force around it.
    Prosody prosody;
    DeliveryChange delivery;
    Dialect dialect = Dialect::kAmerican;
    SilenceRules silences;
  };

  // --- names -----------------------------------------------------------------------------------

  // xmlns:anything="…/mstts" works as well as the usual prefix.
  void learn_prefixes() {
    for (const XmlAttribute& attribute : attributes_) {
      if (!attribute.name.starts_with("xmlns:")) continue;
      const std::string prefix(attribute.name.substr(6));
      if (attribute.value == kMsttsNamespace || attribute.value == "https://www.w3.org/2001/mstts")
        remember_prefix(prefix, "mstts:");
      if (attribute.value == kSsmlNamespace) remember_prefix(prefix, "");
    }
  }

  void remember_prefix(const std::string& prefix, std::string_view meaning) {
    constexpr size_t kMostPrefixes = 16;
    if (prefixes_.size() < kMostPrefixes) prefixes_.emplace_back(prefix, meaning);
  }

  std::string local_name(std::string_view name) const {
    const size_t colon = name.find(':');
    if (colon == std::string_view::npos) return std::string(name);
    for (const auto& [prefix, meaning] : prefixes_) {
      if (name.substr(0, colon) == prefix) return meaning + std::string(name.substr(colon + 1));
    }
    return std::string(name);
  }

  static ElementKind kind_of(std::string_view name) {
    const auto* found = std::find_if(std::begin(kElements), std::end(kElements),
                                     [&](const ElementName& entry) { return entry.name == name; });
    return found == std::end(kElements) ? ElementKind::kUnknown : found->kind;
  }

  const XmlAttribute* find(std::string_view name) const {
    const auto found = std::find_if(attributes_.begin(), attributes_.end(),
                                    [&](const auto& a) { return a.name == name; });
    return found == attributes_.end() ? nullptr : &*found;
  }
  std::string_view value_of(std::string_view name) const {
    const XmlAttribute* const attribute = find(name);
    return attribute == nullptr ? std::string_view() : attribute->value;
  }
  SourceSpan span_of(std::string_view name) const {
    return attribute_value_span(source_, tag_, name);
  }

  // --- messages --------------------------------------------------------------------------------

  void warn(SourceSpan span, std::string message) { diagnostics_.warn(span, std::move(message)); }
  void error(SourceSpan span, std::string message) { diagnostics_.error(span, std::move(message)); }
  // What is refused under --strict, and read through otherwise.
  void problem(SourceSpan span, std::string message) {
    if (options_.strictness == Strictness::kStrict) {
      error(span, std::move(message));
    } else {
      warn(span, std::move(message));
    }
  }
  void report(std::string_view attribute, const std::optional<ValueProblem>& found) {
    if (!found) return;
    if (found->severity == Severity::kError) {
      error(span_of(attribute), found->message);
    } else {
      warn(span_of(attribute), found->message);
    }
  }
  void know_attributes(std::string_view element, std::initializer_list<std::string_view> known) {
    for (const XmlAttribute& attribute : attributes_) {
      if (attribute.name.starts_with("xml:") || attribute.name.starts_with("xmlns") ||
          std::find(known.begin(), known.end(), attribute.name) != known.end()) {
        continue;
      }
      problem(span_of(attribute.name),
              "<" + std::string(element) + "> has no attribute " + shown(attribute.name) +
                  did_you_mean(attribute.name, {known.begin(), known.size()}));
    }
  }

  // --- elements --------------------------------------------------------------------------------

  void start(Element& element, const std::string& name) {
    switch (element.kind) {
      case ElementKind::kUnknown:
        return unknown(name);
      case ElementKind::kSpeak:
        if (!stack_.empty()) problem(tag_, "<speak> inside of <speak> changes nothing");
        return apply_language("xml:lang");
      case ElementKind::kParagraph:
        out_.flush();
        return apply_language("xml:lang");
      case ElementKind::kSentence:
        out_.end_sentence(tag_);
        return apply_language("xml:lang");
      case ElementKind::kToken:
        out_.part_words(tag_);
        return;
      case ElementKind::kBreak:
        return start_break();
      case ElementKind::kEmphasis:
        return start_emphasis();
      case ElementKind::kProsody:
        return start_prosody(element);
      case ElementKind::kSayAs:
        return start_say_as(element);
      case ElementKind::kPhoneme:
        return start_phoneme(element);
      case ElementKind::kSub:
        return start_sub(element);
      case ElementKind::kLang:
        out_.part_words(tag_);
        know_attributes("lang", {"onlangfailure"});
        if (find("xml:lang") == nullptr) error(tag_, "<lang> needs xml:lang=\"...\"");
        return apply_language("xml:lang");
      case ElementKind::kVoice:
        return start_voice();
      case ElementKind::kMark:
        return start_mark(name);
      case ElementKind::kAudio:
        return start_audio(element);
      case ElementKind::kExpressAs:
        return start_express_as();
      case ElementKind::kSilence:
        return start_silence();
      case ElementKind::kSilent:
      case ElementKind::kWithout:
        element.silent = true;
        return;
      case ElementKind::kReadThrough:
        out_.part_words(tag_);
        problem(tag_, "<" + name + "> has no effect here; what is in it is read");
        return;
    }
  }

  void end(Element& element, SourceSpan tag) {
    if (element.range) {
      // An element without text still stands for something that is said.
      if (element.kind == ElementKind::kPhoneme && is_empty_range())
        out_.append_as(" ", {element.tag.begin, tag.end});
      out_.end_range();
    }
    switch (element.kind) {
      case ElementKind::kSpeak:
        add_tailing_silence(tag);
        return;
      case ElementKind::kParagraph:
        out_.flush();
        return;
      case ElementKind::kSentence:
        out_.end_sentence(tag);
        return;
      case ElementKind::kToken:
        out_.part_words(tag);
        return;
      case ElementKind::kSub: {
        if (!element.silent) return;
        SourceSpan content{element.tag.end, tag.begin};
        if (content.begin >= content.end)
          content = attribute_value_span(source_, element.tag, "alias");
        out_.append_as(element.alias, content);
        return;
      }
      case ElementKind::kVoice:
        add_tailing_silence(tag);
        return;
      default:
        return;
    }
  }

  void add_tailing_silence(SourceSpan tag) {
    const double tailing_ms = std::exchange(tailing_ms_, -1);
    if (tailing_ms < 0) return;
    out_.part_words(tag);
    out_.annotate(tag, Pause{tailing_ms});
  }

  bool is_empty_range() {
    const auto& annotations = out_.block().annotations;
    return !annotations.empty() && annotations.back().begin == out_.here() &&
           std::holds_alternative<GivenPhonemes>(annotations.back().what);
  }

  void unknown(const std::string& name) {
    std::vector<std::string> known;
    for (const ElementName& entry : kElements) known.emplace_back(entry.name);
    std::string message = "<" + to_utf8(to_utf32(name.substr(0, 60))) + "> is not known; ";
    message += options_.strictness == Strictness::kStrict ? "remove it or mend its name"
                                                          : "what is in it is read";
    problem(tag_, message + did_you_mean(name, known));
  }

  void apply_language(std::string_view attribute) {
    const XmlAttribute* const found = find(attribute);
    if (found == nullptr) return;
    const std::string language = ascii_lower(found->value);
    const std::string_view primary =
        std::string_view(language).substr(0, language.find_first_of("-_"));
    if (primary != "en") {
      warn(span_of(attribute), "the language " + shown(found->value) +
                                   " has no voice here; the text is read as English");
      return;
    }
    if (const auto dialect = english_dialect(language)) out_.set_dialect(*dialect, tag_);
  }

  // "en" alone leaves things as they are.
  static std::optional<Dialect> english_dialect(std::string_view language) {
    const size_t hyphen = language.find_first_of("-_");
    if (language.substr(0, hyphen) != "en" || hyphen == std::string_view::npos) return std::nullopt;
    const std::string region = ascii_lower(language.substr(hyphen + 1, 2));
    static constexpr std::array<std::string_view, 4> kAmerican = {"us", "ca", "ph", "pr"};
    return std::find(kAmerican.begin(), kAmerican.end(), region) != kAmerican.end()
               ? Dialect::kAmerican
               : Dialect::kBritish;
  }

  void pause(double pause_ms, SourceSpan span, std::string_view written) {
    if (pause_ms > options_.max_pause_ms) {
      warn(span, "a pause of " + std::string(written) + " is shortened to " +
                     std::to_string(static_cast<int>(options_.max_pause_ms / 1000)) + " s");
      pause_ms = options_.max_pause_ms;
    }
    out_.part_words(tag_);
    out_.annotate(tag_, Pause{pause_ms});
  }

  // A time that is no pause at all, or shorter than none, is an error and gives nothing.
  std::optional<double> duration_of(std::string_view attribute) {
    const std::string_view value = value_of(attribute);
    const auto pause_ms = parse_time_ms(value);
    if (!pause_ms) {
      error(span_of(attribute),
            "the time " + shown(value) +
                " is not understood; write seconds or milliseconds such as 1.5s "
                "or 300ms");
      return std::nullopt;
    }
    if (*pause_ms < 0) {
      error(span_of(attribute), "the time " + shown(value) + " is negative; it is passed over");
      return std::nullopt;
    }
    return pause_ms;
  }

  void start_break() {
    know_attributes("break", {"time", "strength"});
    out_.part_words(tag_);
    const NamedBreak* strength = nullptr;
    if (find("strength") != nullptr) {
      const std::string wanted = ascii_lower(value_of("strength"));
      strength = std::find_if(std::begin(kBreaks), std::end(kBreaks),
                              [&](const NamedBreak& entry) { return entry.strength == wanted; });
      if (strength == std::end(kBreaks)) {
        strength = nullptr;
        std::vector<std::string> known;
        for (const NamedBreak& entry : kBreaks) known.emplace_back(entry.strength);
        error(span_of("strength"), "the strength " + shown(value_of("strength")) +
                                       " is not known; write none, x-weak, weak, medium, strong or "
                                       "x-strong" +
                                       did_you_mean(wanted, known));
        if (find("time") == nullptr) return;
      }
    }
    if (find("time") != nullptr) {
      const auto time_ms = duration_of("time");
      if (time_ms && *time_ms > 0) pause(*time_ms, span_of("time"), value_of("time"));
      return;
    }
    const double pause_ms = strength != nullptr ? strength->pause_ms : 750;
    if (pause_ms > 0) pause(pause_ms, tag_, "");
  }

  void start_emphasis() {
    know_attributes("emphasis", {"level"});
    Prosody prosody = out_.prosody();
    const std::string level =
        find("level") == nullptr ? "moderate" : ascii_lower(value_of("level"));
    if (level == "strong") {
      prosody.emphasis = Emphasis::kStrong;
    } else if (level == "moderate") {
      prosody.emphasis = Emphasis::kModerate;
    } else if (level == "reduced") {
      prosody.emphasis = Emphasis::kReduced;
    } else if (level == "none") {
      prosody.emphasis = Emphasis::kNone;
    } else {
      error(span_of("level"), "the level " + shown(value_of("level")) +
                                  " is not known; write strong, moderate, reduced or none" +
                                  did_you_mean(level, std::vector<std::string>{"strong", "moderate",
                                                                               "reduced", "none"}));
      return;
    }
    out_.set_prosody(prosody, tag_);
  }

  void start_prosody(Element& element) {
    know_attributes("prosody", {"rate", "pitch", "contour", "range", "volume", "duration"});
    Prosody prosody = out_.prosody();
    const float base_hz = names_.pitch_hz_of(out_.delivery()->voice);
    const bool has_contour = find("contour") != nullptr;
    if (attributes_.empty()) problem(tag_, "<prosody> without an attribute changes nothing");
    if (find("rate") != nullptr) report("rate", apply_rate(value_of("rate"), prosody));
    if (find("duration") != nullptr)
      problem(span_of("duration"), "a duration cannot be kept to; use rate");
    for (const std::string_view attribute : {"pitch", "range"}) {
      if (find(attribute) == nullptr) continue;
      if (has_contour) {
        warn(span_of(attribute), "<prosody> has both a contour and a " + std::string(attribute) +
                                     "; the contour counts");
      } else if (attribute == "pitch") {
        report("pitch", apply_pitch(value_of("pitch"), base_hz, prosody));
      } else {
        report("range", apply_range(value_of("range"), prosody));
      }
    }
    if (find("volume") != nullptr) report("volume", apply_volume(value_of("volume"), prosody));
    out_.set_prosody(prosody, tag_);
    if (has_contour) {
      PitchContour contour;
      report("contour", parse_contour(value_of("contour"), base_hz, contour));
      if (contour.points.empty()) return;
      out_.begin_range(tag_, std::move(contour));
      element.range = true;
    }
  }

  void start_say_as(Element& element) {
    know_attributes("say-as", {"interpret-as", "format", "detail", "type"});
    if (find("interpret-as") == nullptr) {
      error(tag_, "<say-as> needs interpret-as=\"...\"");
      return;
    }
    const std::string_view name = value_of("interpret-as");
    const auto kind = parse_say_as(name);
    if (!kind) {
      error(span_of("interpret-as"), "interpret-as " + shown(name) + " is not known" +
                                         did_you_mean(ascii_lower(name), say_as_names()));
      return;
    }
    SayAs say_as{*kind, ascii_lower(value_of("format"))};
    if (!say_as_knows_format(*kind, say_as.format)) {
      warn(span_of("format"), "the format " + shown(value_of("format")) + " is not known for " +
                                  shown(name) + "; it is found out from the text");
      say_as.format.clear();
    }
    out_.begin_range(tag_, std::move(say_as));
    element.range = true;
  }

  void start_phoneme(Element& element) {
    know_attributes("phoneme", {"alphabet", "ph", "type"});
    PhoneticAlphabet alphabet = PhoneticAlphabet::kIpa;
    if (find("alphabet") != nullptr && !value_of("alphabet").empty()) {
      const auto named = parse_alphabet_name(value_of("alphabet"));
      if (!named) {
        error(span_of("alphabet"), "the alphabet " + shown(value_of("alphabet")) +
                                       " is not known; write ipa or x-sampa. The text is read "
                                       "instead");
        return;
      }
      alphabet = *named;
    }
    if (find("ph") == nullptr) {
      error(tag_, "<phoneme> needs ph=\"...\"; the text is read instead");
      return;
    }
    GivenPhonemes given;
    for (const Dialect dialect : {Dialect::kAmerican, Dialect::kBritish}) {
      auto& phonemes = dialect == Dialect::kAmerican ? given.american : given.british;
      if (const auto bad = parse_phonemes(value_of("ph"), alphabet, dialect, phonemes)) {
        SourceSpan span = span_of("ph");
        // Only a value without entities lies byte for byte in the source.
        if (span.end - span.begin == value_of("ph").size())
          span = {span.begin + bad->begin, span.begin + bad->end};
        error(span, bad->message + "; the text is read instead");
        return;
      }
    }
    out_.begin_range(tag_, std::move(given));
    element.range = true;
  }

  void start_sub(Element& element) {
    know_attributes("sub", {"alias"});
    if (find("alias") == nullptr) {
      error(tag_, "<sub> needs alias=\"...\"; the text is read instead");
      return;
    }
    element.alias = value_of("alias");
    element.silent = true;
  }

  void set_voice(std::string voice, std::optional<Dialect> dialect) {
    Delivery delivery = *out_.delivery();
    delivery.voice = std::move(voice);
    if (!dialect) dialect = names_.dialect_of(delivery.voice);
    out_.set_delivery(std::make_shared<const Delivery>(std::move(delivery)), tag_);
    if (dialect) out_.set_dialect(*dialect, tag_);
  }

  void start_voice() {
    know_attributes("voice", {"name", "gender", "age", "variant", "languages", "required",
                              "ordering", "effect", "onvoicefailure"});
    out_.part_words(tag_);
    const std::string language = ascii_lower(find("xml:lang") != nullptr    ? value_of("xml:lang")
                                             : find("languages") != nullptr ? value_of("languages")
                                                                            : std::string_view());
    std::optional<Dialect> dialect = english_dialect(language);
    if (find("name") != nullptr) {
      // A list of names, the most wanted first. Some names hold blanks: Azure's full names.
      const std::string_view list = value_of("name");
      if (names_.is_voice(list)) return set_voice(std::string(list), dialect);
      for (size_t at = 0; at < list.size();) {
        const size_t space = std::min(list.find(' ', at), list.size());
        const std::string_view name = list.substr(at, space - at);
        if (!name.empty() && names_.is_voice(name)) return set_voice(std::string(name), dialect);
        at = space + 1;
      }
      // "en-GB-SoniaNeural" says where it comes from.
      if (!dialect && list.size() > 5) dialect = english_dialect(ascii_lower(list.substr(0, 5)));
      const std::string other = list.size() <= 200 ? names_.voice_for(list, dialect) : "";
      problem(span_of("name"), "there is no voice " + shown(list) +
                                   (other.empty() ? "; the voice stays as it is"
                                                  : "; '" + other + "' speaks instead") +
                                   names_.voice_suggestion(list));
      if (!other.empty())
        set_voice(other, dialect);
      else if (dialect)
        out_.set_dialect(*dialect, tag_);
      return;
    }
    VoiceGender gender = VoiceGender::kUnknown;
    if (find("gender") != nullptr && !value_of("gender").empty()) {
      const std::string wanted = ascii_lower(value_of("gender"));
      if (wanted == "female") {
        gender = VoiceGender::kFemale;
      } else if (wanted == "male") {
        gender = VoiceGender::kMale;
      } else {
        problem(span_of("gender"), "there are no voices of gender " + shown(value_of("gender")));
      }
    }
    if (!language.empty() && !language.starts_with("en")) apply_language("xml:lang");
    if (gender == VoiceGender::kUnknown && !dialect) {
      if (find("age") == nullptr && find("variant") == nullptr && language.empty())
        problem(tag_, "<voice> needs name=\"...\", gender=\"...\" or xml:lang=\"...\"");
      return;
    }
    if (const VoiceName* const voice = names_.find_voice(gender, dialect)) {
      set_voice(voice->name, voice->dialect);
    } else {
      if (!options_.voices.empty()) problem(tag_, "there is no such voice; it stays as it is");
      if (dialect) out_.set_dialect(*dialect, tag_);
    }
  }

  void start_mark(const std::string& name) {
    const std::string_view attribute = find("mark") != nullptr ? "mark" : "name";
    know_attributes(name, {"name", "mark"});
    if (value_of(attribute).empty()) {
      error(tag_, "<" + name + "> needs name=\"...\"");
      return;
    }
    constexpr size_t kMostMarks = 100'000;
    if (++mark_count_ > kMostMarks) {
      if (mark_count_ == kMostMarks + 1)
        error(tag_, "more than " + std::to_string(kMostMarks) + " marks; the rest is passed over");
      return;
    }
    out_.annotate(tag_, MarkHere{std::string(value_of(attribute))});
  }

  void start_audio(Element& element) {
    know_attributes("audio", {"src", "fetchtimeout", "fetchhint", "maxage", "maxstale"});
    out_.part_words(tag_);
    if (find("src") == nullptr) {
      error(tag_, "<audio> needs src=\"...\"; what is in it is read");
      return;
    }
    const RecordingFile recording = find_recording(value_of("src"), options_.audio_directory);
    if (!recording.problem.empty()) {
      problem(span_of("src"), recording.problem + "; what is in <audio> is read");
      return;
    }
    out_.annotate(tag_, Recording{recording.path});
    element.silent = true;
  }

  void start_express_as() {
    know_attributes("mstts:express-as", {"style", "styledegree", "role"});
    Delivery delivery = *out_.delivery();
    if (find("role") != nullptr)
      warn(span_of("role"), "roles are not imitated; name another voice instead");
    if (find("style") == nullptr) {
      if (find("role") == nullptr) error(tag_, "<mstts:express-as> needs style=\"...\"");
      return;
    }
    const std::string_view name = value_of("style");
    const auto style = names_.find_style(name);
    if (!style) {
      const bool usual = ascii_lower(name) == "default" || ascii_lower(name) == "general";
      if (!usual) {
        problem(span_of("style"), "there is no style " + shown(name) +
                                      "; the text is read without" + names_.style_suggestion(name));
      }
      delivery.style.clear();
      delivery.style_degree = 1;
    } else {
      delivery.style = *style;
      delivery.style_degree = 1;
      if (find("styledegree") != nullptr) read_degree(delivery);
    }
    out_.set_delivery(std::make_shared<const Delivery>(std::move(delivery)), tag_);
  }

  void read_degree(Delivery& delivery) {
    const auto degree = parse_decimal(value_of("styledegree"));
    if (!degree) {
      error(span_of("styledegree"), "the degree " + shown(value_of("styledegree")) +
                                        " is not understood; write a number from 0.01 to 2");
      return;
    }
    delivery.style_degree = static_cast<float>(std::clamp(*degree, 0.01, 2.0));
    if (*degree < 0.01 || *degree > 2) {
      warn(span_of("styledegree"), "the degree " + shown(value_of("styledegree")) +
                                       " is outside of 0.01 to 2 and is limited to it");
    }
  }

  void start_silence() {
    know_attributes("mstts:silence", {"type", "value"});
    const std::string type = ascii_lower(value_of("type"));
    static const std::vector<std::string> kTypes = {
        "leading",       "leading-exact",    "tailing",
        "tailing-exact", "sentenceboundary", "sentenceboundary-exact",
        "comma-exact",   "semicolon-exact",  "enumerationcomma-exact"};
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      error(find("type") != nullptr ? span_of("type") : tag_,
            "the silence type " + shown(value_of("type")) +
                " is not known; write Leading, Tailing, Sentenceboundary, Comma-exact or "
                "Semicolon-exact" +
                did_you_mean(type, kTypes));
      return;
    }
    if (find("value") == nullptr) {
      error(tag_, "<mstts:silence> needs value=\"...\"");
      return;
    }
    const auto value_ms = duration_of("value");
    if (!value_ms) return;
    const double limited_ms = std::min(*value_ms, options_.max_pause_ms);
    if (limited_ms < *value_ms) {
      warn(span_of("value"), "a silence of " + shown(value_of("value")) + " is shortened to " +
                                 std::to_string(static_cast<int>(limited_ms / 1000)) + " s");
    }
    SilenceRules rules = out_.silences();
    if (type.starts_with("leading")) {
      if (limited_ms > 0) out_.annotate(tag_, Pause{limited_ms});
    } else if (type == "tailing-exact") {
      tailing_ms_ = limited_ms;
    } else if (type == "tailing") {
      tailing_ms_ = kUsualSentencePause_ms + limited_ms;
    } else if (type == "sentenceboundary") {
      rules.sentence_ms = kUsualSentencePause_ms + limited_ms;
    } else if (type == "sentenceboundary-exact") {
      rules.sentence_ms = limited_ms;
    } else if (type == "comma-exact") {
      rules.comma_ms = limited_ms;
    } else if (type == "semicolon-exact") {
      rules.semicolon_ms = limited_ms;
    } else {
      warn(tag_, "English has no enumeration comma; nothing changes");
    }
    out_.set_silences(rules, tag_);
  }

  std::string_view source_;
  const FrontEndOptions& options_;
  DiagnosticList& diagnostics_;
  DeliveryNames names_;
  BlockBuilder out_;
  std::vector<Element> stack_;
  size_t silent_depth_ = 0;
  std::vector<std::pair<std::string, std::string>> prefixes_;
  SourceSpan tag_;  // of the element in work
  std::span<const XmlAttribute> attributes_;
  double tailing_ms_ = -1;  // silence at the end of the voice in work
  size_t mark_count_ = 0;
};

}  // namespace

void read_ssml(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
               const BlockSink& sink) {
  Reader(source, options, diagnostics, sink).read();
}

bool looks_like_ssml(std::string_view source) {
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  // Declaration, comments, processing instructions, a document type.
  for (int steps = 0; steps < 64; ++steps) {
    const size_t begin = source.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return false;
    source.remove_prefix(begin);
    if (source.starts_with("<speak") || source.starts_with("<ssml:speak")) return true;
    const std::string_view end = source.starts_with("<!--")        ? "-->"
                                 : source.starts_with("<?")        ? "?>"
                                 : source.starts_with("<!DOCTYPE") ? ">"
                                                                   : "";
    if (end.empty()) return false;
    // A document type may have declarations in brackets, with their own ends.
    const size_t bracket =
        end == ">" ? source.substr(0, source.find('>')).find('[') : std::string_view::npos;
    const size_t close =
        source.find(end, bracket == std::string_view::npos ? 2 : source.find(']', bracket));
    if (close == std::string_view::npos) return false;
    source.remove_prefix(close + end.size());
  }
  return false;
}

}  // namespace myna::text
