#include "text/markup/ssml_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/markup/block_builder.h"
#include "text/markup/delivery_names.h"
#include "text/markup/phonetic_alphabet.h"
#include "text/markup/recording_file.h"
#include "text/markup/ssml_elements.h"
#include "text/markup/ssml_tag.h"
#include "text/markup/ssml_values.h"
#include "text/markup/xml_parser.h"

namespace myna::text {
namespace {

struct NamedBreak {
  std::string_view strength;
  double pause_ms;
};
// Azure's figures.
constexpr NamedBreak kBreaks[] = {{"none", 0},     {"x-weak", 250},  {"weak", 500},
                                  {"medium", 750}, {"strong", 1000}, {"x-strong", 1250}};

class Reader final : public XmlHandler {
 public:
  Reader(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
         const BlockSink& sink)
      : source_(source),
        options_(options),
        diagnostics_(diagnostics),
        names_(options),
        out_(source, options, diagnostics, sink),
        tag_(source, options.strictness, diagnostics) {}

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
    tag_.take(tag, attributes);
    if (silent_depth_ > 0) {
      ++silent_depth_;
      element.silent = true;
      stack_.push_back(std::move(element));
      return;
    }
    prefixes_.learn(attributes);
    const std::string local = prefixes_.local_name(name);
    element.kind = ssml_element_kind(local);
    if (stack_.empty() && element.kind != SsmlElementKind::kSpeak) {
      tag_.problem(tag, "the text begins with <" + local + ">; SSML begins with <speak>");
    }
    start(element, local);
    if (element.silent) silent_depth_ = 1;
    stack_.push_back(std::move(element));
  }

  void end_element(std::string_view, SourceSpan tag) override {
    if (stack_.empty()) return;
    Element element = std::move(stack_.back());
    stack_.pop_back();
    tag_.take(tag, {});
    if (element.silent) --silent_depth_;
    end(element, tag);
    out_.set_prosody(element.prosody, tag);
    out_.set_delivery(element.delivery, tag);
    out_.set_dialect(element.dialect, tag);
    // Silences are those of the element around the empty <mstts:silence/>.
    if (element.kind != SsmlElementKind::kSilence) out_.set_silences(element.silences, tag);
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
    SsmlElementKind kind = SsmlElementKind::kUnknown;
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

  void start(Element& element, const std::string& name) {
    switch (element.kind) {
      case SsmlElementKind::kUnknown:
        return unknown(name);
      case SsmlElementKind::kSpeak:
        if (!stack_.empty()) tag_.problem("<speak> inside of <speak> changes nothing");
        return apply_language();
      case SsmlElementKind::kParagraph:
        out_.flush();
        return apply_language();
      case SsmlElementKind::kSentence:
        out_.end_sentence(tag_.span());
        return apply_language();
      case SsmlElementKind::kToken:
        out_.part_words(tag_.span());
        return;
      case SsmlElementKind::kBreak:
        return start_break();
      case SsmlElementKind::kEmphasis:
        return start_emphasis();
      case SsmlElementKind::kProsody:
        return start_prosody(element);
      case SsmlElementKind::kSayAs:
        return start_say_as(element);
      case SsmlElementKind::kPhoneme:
        return start_phoneme(element);
      case SsmlElementKind::kSub:
        return start_sub(element);
      case SsmlElementKind::kLang:
        out_.part_words(tag_.span());
        tag_.know_attributes("lang", {"onlangfailure"});
        if (!tag_.has("xml:lang")) tag_.error("<lang> needs xml:lang=\"...\"");
        return apply_language();
      case SsmlElementKind::kVoice:
        return start_voice();
      case SsmlElementKind::kMark:
        return start_mark(name);
      case SsmlElementKind::kAudio:
        return start_audio(element);
      case SsmlElementKind::kExpressAs:
        return start_express_as();
      case SsmlElementKind::kSilence:
        return start_silence();
      case SsmlElementKind::kSilent:
      case SsmlElementKind::kWithout:
        element.silent = true;
        return;
      case SsmlElementKind::kReadThrough:
        out_.part_words(tag_.span());
        tag_.problem("<" + name + "> has no effect here; what is in it is read");
        return;
    }
  }

  void end(Element& element, SourceSpan tag) {
    if (element.range) {
      // An element without text still stands for something that is said.
      if (element.kind == SsmlElementKind::kPhoneme && is_empty_range())
        out_.append_as(" ", {element.tag.begin, tag.end});
      out_.end_range();
    }
    switch (element.kind) {
      case SsmlElementKind::kSpeak:
        add_tailing_silence(tag);
        return;
      case SsmlElementKind::kParagraph:
        out_.flush();
        return;
      case SsmlElementKind::kSentence:
        out_.end_sentence(tag);
        return;
      case SsmlElementKind::kToken:
        out_.part_words(tag);
        return;
      case SsmlElementKind::kSub: {
        if (!element.silent) return;
        SourceSpan content{element.tag.end, tag.begin};
        if (content.begin >= content.end)
          content = attribute_value_span(source_, element.tag, "alias");
        out_.append_as(element.alias, content);
        return;
      }
      case SsmlElementKind::kVoice:
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
    std::string message = "<" + to_utf8(to_utf32(name.substr(0, 60))) + "> is not known; ";
    message += options_.strictness == Strictness::kStrict ? "remove it or mend its name"
                                                          : "what is in it is read";
    tag_.problem(message + did_you_mean(name, ssml_element_names()));
  }

  void apply_language() {
    if (!tag_.has("xml:lang")) return;
    const std::string_view written = tag_.value_of("xml:lang");
    const std::string language = ascii_lower(written);
    const std::string_view primary =
        std::string_view(language).substr(0, language.find_first_of("-_"));
    if (primary != "en") {
      tag_.warn(tag_.span_of("xml:lang"), "the language " + shown(written) +
                                              " has no voice here; the text is read as English");
      return;
    }
    if (const auto dialect = english_dialect(language)) out_.set_dialect(*dialect, tag_.span());
  }

  void pause(double pause_ms, SourceSpan span, std::string_view written) {
    if (pause_ms > options_.max_pause_ms) {
      tag_.warn(span, "a pause of " + std::string(written) + " is shortened to " +
                          std::to_string(static_cast<int>(options_.max_pause_ms / 1000)) + " s");
      pause_ms = options_.max_pause_ms;
    }
    out_.part_words(tag_.span());
    out_.annotate(tag_.span(), Pause{pause_ms});
  }

  void start_break() {
    tag_.know_attributes("break", {"time", "strength"});
    out_.part_words(tag_.span());
    const NamedBreak* strength = nullptr;
    if (tag_.has("strength")) {
      const std::string wanted = ascii_lower(tag_.value_of("strength"));
      strength = std::find_if(std::begin(kBreaks), std::end(kBreaks),
                              [&](const NamedBreak& entry) { return entry.strength == wanted; });
      if (strength == std::end(kBreaks)) {
        strength = nullptr;
        std::vector<std::string> known;
        for (const NamedBreak& entry : kBreaks) known.emplace_back(entry.strength);
        tag_.error(tag_.span_of("strength"),
                   "the strength " + shown(tag_.value_of("strength")) +
                       " is not known; write none, x-weak, weak, medium, strong or "
                       "x-strong" +
                       did_you_mean(wanted, known));
        if (!tag_.has("time")) return;
      }
    }
    if (tag_.has("time")) {
      const auto time_ms = tag_.duration_of("time");
      if (time_ms && *time_ms > 0) pause(*time_ms, tag_.span_of("time"), tag_.value_of("time"));
      return;
    }
    const double pause_ms = strength != nullptr ? strength->pause_ms : 750;
    if (pause_ms > 0) pause(pause_ms, tag_.span(), "");
  }

  void start_emphasis() {
    tag_.know_attributes("emphasis", {"level"});
    const std::string level = !tag_.has("level") ? "moderate" : ascii_lower(tag_.value_of("level"));
    const auto emphasis = parse_emphasis(level);
    if (!emphasis) {
      tag_.error(tag_.span_of("level"),
                 "the level " + shown(tag_.value_of("level")) +
                     " is not known; write strong, moderate, reduced or none" +
                     did_you_mean(
                         level, std::vector<std::string>{"strong", "moderate", "reduced", "none"}));
      return;
    }
    Prosody prosody = out_.prosody();
    prosody.emphasis = *emphasis;
    out_.set_prosody(prosody, tag_.span());
  }

  void start_prosody(Element& element) {
    tag_.know_attributes("prosody", {"rate", "pitch", "contour", "range", "volume", "duration"});
    Prosody prosody = out_.prosody();
    const float base_hz = names_.pitch_hz_of(out_.delivery()->voice);
    const bool has_contour = tag_.has("contour");
    if (tag_.has_no_attributes()) tag_.problem("<prosody> without an attribute changes nothing");
    if (tag_.has("rate")) tag_.report("rate", apply_rate(tag_.value_of("rate"), prosody));
    if (tag_.has("duration"))
      tag_.problem(tag_.span_of("duration"), "a duration cannot be kept to; use rate");
    for (const std::string_view attribute : {"pitch", "range"}) {
      if (!tag_.has(attribute)) continue;
      if (has_contour) {
        tag_.warn(tag_.span_of(attribute), "<prosody> has both a contour and a " +
                                               std::string(attribute) + "; the contour counts");
      } else if (attribute == "pitch") {
        tag_.report("pitch", apply_pitch(tag_.value_of("pitch"), base_hz, prosody));
      } else {
        tag_.report("range", apply_range(tag_.value_of("range"), prosody));
      }
    }
    if (tag_.has("volume")) tag_.report("volume", apply_volume(tag_.value_of("volume"), prosody));
    out_.set_prosody(prosody, tag_.span());
    if (has_contour) {
      PitchContour contour;
      tag_.report("contour", parse_contour(tag_.value_of("contour"), base_hz, contour));
      if (contour.points.empty()) return;
      out_.begin_range(tag_.span(), std::move(contour));
      element.range = true;
    }
  }

  void start_say_as(Element& element) {
    tag_.know_attributes("say-as", {"interpret-as", "format", "detail", "type"});
    if (!tag_.has("interpret-as")) {
      tag_.error("<say-as> needs interpret-as=\"...\"");
      return;
    }
    const std::string_view name = tag_.value_of("interpret-as");
    const auto kind = parse_say_as(name);
    if (!kind) {
      tag_.error(tag_.span_of("interpret-as"), "interpret-as " + shown(name) + " is not known" +
                                                   did_you_mean(ascii_lower(name), say_as_names()));
      return;
    }
    SayAs say_as{*kind, ascii_lower(tag_.value_of("format"))};
    if (!say_as_knows_format(*kind, say_as.format)) {
      tag_.warn(tag_.span_of("format"), "the format " + shown(tag_.value_of("format")) +
                                            " is not known for " + shown(name) +
                                            "; it is found out from the text");
      say_as.format.clear();
    }
    out_.begin_range(tag_.span(), std::move(say_as));
    element.range = true;
  }

  void start_phoneme(Element& element) {
    tag_.know_attributes("phoneme", {"alphabet", "ph", "type"});
    PhoneticAlphabet alphabet = PhoneticAlphabet::kIpa;
    if (tag_.has("alphabet") && !tag_.value_of("alphabet").empty()) {
      const auto named = parse_alphabet_name(tag_.value_of("alphabet"));
      if (!named) {
        tag_.error(tag_.span_of("alphabet"),
                   "the alphabet " + shown(tag_.value_of("alphabet")) +
                       " is not known; write ipa or x-sampa. The text is read "
                       "instead");
        return;
      }
      alphabet = *named;
    }
    if (!tag_.has("ph")) {
      tag_.error("<phoneme> needs ph=\"...\"; the text is read instead");
      return;
    }
    GivenPhonemes given;
    for (const Dialect dialect : {Dialect::kAmerican, Dialect::kBritish}) {
      auto& phonemes = dialect == Dialect::kAmerican ? given.american : given.british;
      if (const auto bad = parse_phonemes(tag_.value_of("ph"), alphabet, dialect, phonemes)) {
        SourceSpan span = tag_.span_of("ph");
        // Only a value without entities lies byte for byte in the source.
        if (span.end - span.begin == tag_.value_of("ph").size())
          span = {span.begin + bad->begin, span.begin + bad->end};
        tag_.error(span, bad->message + "; the text is read instead");
        return;
      }
    }
    out_.begin_range(tag_.span(), std::move(given));
    element.range = true;
  }

  void start_sub(Element& element) {
    tag_.know_attributes("sub", {"alias"});
    if (!tag_.has("alias")) {
      tag_.error("<sub> needs alias=\"...\"; the text is read instead");
      return;
    }
    element.alias = tag_.value_of("alias");
    element.silent = true;
  }

  void set_voice(std::string voice, std::optional<Dialect> dialect) {
    Delivery delivery = *out_.delivery();
    delivery.voice = std::move(voice);
    if (!dialect) dialect = names_.dialect_of(delivery.voice);
    out_.set_delivery(std::make_shared<const Delivery>(std::move(delivery)), tag_.span());
    if (dialect) out_.set_dialect(*dialect, tag_.span());
  }

  void start_voice() {
    tag_.know_attributes("voice", {"name", "gender", "age", "variant", "languages", "required",
                                   "ordering", "effect", "onvoicefailure"});
    out_.part_words(tag_.span());
    const std::string language = ascii_lower(tag_.has("xml:lang")    ? tag_.value_of("xml:lang")
                                             : tag_.has("languages") ? tag_.value_of("languages")
                                                                     : std::string_view());
    std::optional<Dialect> dialect = english_dialect(language);
    if (tag_.has("name")) {
      // A list of names, the most wanted first. Some names hold blanks: Azure's full names.
      const std::string_view list = tag_.value_of("name");
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
      tag_.problem(tag_.span_of("name"), "there is no voice " + shown(list) +
                                             (other.empty() ? "; the voice stays as it is"
                                                            : "; '" + other + "' speaks instead") +
                                             names_.voice_suggestion(list));
      if (!other.empty())
        set_voice(other, dialect);
      else if (dialect)
        out_.set_dialect(*dialect, tag_.span());
      return;
    }
    VoiceGender gender = VoiceGender::kUnknown;
    if (tag_.has("gender") && !tag_.value_of("gender").empty()) {
      const std::string wanted = ascii_lower(tag_.value_of("gender"));
      if (wanted == "female") {
        gender = VoiceGender::kFemale;
      } else if (wanted == "male") {
        gender = VoiceGender::kMale;
      } else {
        tag_.problem(tag_.span_of("gender"),
                     "there are no voices of gender " + shown(tag_.value_of("gender")));
      }
    }
    if (!language.empty() && !language.starts_with("en")) apply_language();
    if (gender == VoiceGender::kUnknown && !dialect) {
      if (!tag_.has("age") && !tag_.has("variant") && language.empty())
        tag_.problem("<voice> needs name=\"...\", gender=\"...\" or xml:lang=\"...\"");
      return;
    }
    if (const VoiceName* const voice = names_.find_voice(gender, dialect)) {
      set_voice(voice->name, voice->dialect);
    } else {
      if (!options_.voices.empty()) tag_.problem("there is no such voice; it stays as it is");
      if (dialect) out_.set_dialect(*dialect, tag_.span());
    }
  }

  void start_mark(const std::string& name) {
    const std::string_view attribute = tag_.has("mark") ? "mark" : "name";
    tag_.know_attributes(name, {"name", "mark"});
    if (tag_.value_of(attribute).empty()) {
      tag_.error("<" + name + "> needs name=\"...\"");
      return;
    }
    constexpr size_t kMostMarks = 100'000;
    if (++mark_count_ > kMostMarks) {
      if (mark_count_ == kMostMarks + 1)
        tag_.error("more than " + std::to_string(kMostMarks) + " marks; the rest is passed over");
      return;
    }
    out_.annotate(tag_.span(), MarkHere{std::string(tag_.value_of(attribute))});
  }

  void start_audio(Element& element) {
    tag_.know_attributes("audio", {"src", "fetchtimeout", "fetchhint", "maxage", "maxstale"});
    out_.part_words(tag_.span());
    if (!tag_.has("src")) {
      tag_.error("<audio> needs src=\"...\"; what is in it is read");
      return;
    }
    const RecordingFile recording = find_recording(tag_.value_of("src"), options_.audio_directory);
    if (!recording.problem.empty()) {
      tag_.problem(tag_.span_of("src"), recording.problem + "; what is in <audio> is read");
      return;
    }
    out_.annotate(tag_.span(), Recording{recording.path});
    element.silent = true;
  }

  void start_express_as() {
    tag_.know_attributes("mstts:express-as", {"style", "styledegree", "role"});
    Delivery delivery = *out_.delivery();
    if (tag_.has("role"))
      tag_.warn(tag_.span_of("role"), "roles are not imitated; name another voice instead");
    if (!tag_.has("style")) {
      if (!tag_.has("role")) tag_.error("<mstts:express-as> needs style=\"...\"");
      return;
    }
    const std::string_view name = tag_.value_of("style");
    const auto style = names_.find_style(name);
    if (!style) {
      const bool usual = ascii_lower(name) == "default" || ascii_lower(name) == "general";
      if (!usual) {
        tag_.problem(tag_.span_of("style"), "there is no style " + shown(name) +
                                                "; the text is read without" +
                                                names_.style_suggestion(name));
      }
      delivery.style.clear();
      delivery.style_degree = 1;
    } else {
      delivery.style = *style;
      delivery.style_degree = 1;
      if (tag_.has("styledegree")) read_degree(delivery);
    }
    out_.set_delivery(std::make_shared<const Delivery>(std::move(delivery)), tag_.span());
  }

  void read_degree(Delivery& delivery) {
    const auto degree = parse_decimal(tag_.value_of("styledegree"));
    if (!degree) {
      tag_.error(tag_.span_of("styledegree"),
                 "the degree " + shown(tag_.value_of("styledegree")) +
                     " is not understood; write a number from 0.01 to 2");
      return;
    }
    delivery.style_degree = static_cast<float>(std::clamp(*degree, 0.01, 2.0));
    if (*degree < 0.01 || *degree > 2) {
      tag_.warn(tag_.span_of("styledegree"), "the degree " + shown(tag_.value_of("styledegree")) +
                                                 " is outside of 0.01 to 2 and is limited to it");
    }
  }

  void start_silence() {
    tag_.know_attributes("mstts:silence", {"type", "value"});
    const std::string type = ascii_lower(tag_.value_of("type"));
    static const std::vector<std::string> kTypes = {
        "leading",       "leading-exact",    "tailing",
        "tailing-exact", "sentenceboundary", "sentenceboundary-exact",
        "comma-exact",   "semicolon-exact",  "enumerationcomma-exact"};
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      tag_.error(tag_.has("type") ? tag_.span_of("type") : tag_.span(),
                 "the silence type " + shown(tag_.value_of("type")) +
                     " is not known; write Leading, Tailing, Sentenceboundary, Comma-exact or "
                     "Semicolon-exact" +
                     did_you_mean(type, kTypes));
      return;
    }
    if (!tag_.has("value")) {
      tag_.error("<mstts:silence> needs value=\"...\"");
      return;
    }
    const auto value_ms = tag_.duration_of("value");
    if (!value_ms) return;
    const double limited_ms = std::min(*value_ms, options_.max_pause_ms);
    if (limited_ms < *value_ms) {
      tag_.warn(tag_.span_of("value"),
                "a silence of " + shown(tag_.value_of("value")) + " is shortened to " +
                    std::to_string(static_cast<int>(limited_ms / 1000)) + " s");
    }
    SilenceRules rules = out_.silences();
    if (type.starts_with("leading")) {
      if (limited_ms > 0) out_.annotate(tag_.span(), Pause{limited_ms});
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
      tag_.warn("English has no enumeration comma; nothing changes");
    }
    out_.set_silences(rules, tag_.span());
  }

  std::string_view source_;
  const FrontEndOptions& options_;
  DiagnosticList& diagnostics_;
  DeliveryNames names_;
  BlockBuilder out_;
  std::vector<Element> stack_;
  size_t silent_depth_ = 0;
  SsmlPrefixes prefixes_;
  SsmlTag tag_;             // in work
  double tailing_ms_ = -1;  // silence at the end of the voice in work
  size_t mark_count_ = 0;
};

}  // namespace

void read_ssml(std::string_view source, const FrontEndOptions& options, DiagnosticList& diagnostics,
               const BlockSink& sink) {
  Reader(source, options, diagnostics, sink).read();
}

}  // namespace myna::text
