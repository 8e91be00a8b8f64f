// myna podcast: documents to a conversation of two hosts about them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "audio/audio_format.h"
#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "cli/console.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/show_commands.h"
#include "cli/show_making.h"
#include "cli/show_rewriting.h"
#include "cli/show_run.h"
#include "cli/show_stages.h"
#include "experiences/daily/phrases.h"
#include "experiences/podcast/podcast_show.h"
#include "experiences/podcast/source_reader.h"
#include "trust/safe_fetcher.h"
#include "weights/model_package.h"

namespace myna::cli {
namespace {

constexpr const char* kExamples =
    "A source is an address or a file: HTML, Markdown, plain text, EPUB or PDF.\n"
    "Beside show.mp3 lie show.vtt, .srt, .chapters.json, .notes.html, .notes.md and the script.\n\n"
    "Examples:\n"
    "  myna podcast paper.pdf --minutes 8 -o paper.mp3\n"
    "  myna podcast https://example.org/article --format interview --hosts emma,george -o "
    "talk.mp3\n"
    "  myna podcast book.epub --script-only -o book.script.txt\n"
    "  myna podcast --from-script book.script.txt -o book.mp3\n\n";

struct PodcastCommandOptions {
  EngineOptions engine;
  ShowRequest show;
  RewritingOptions rewriting;
  std::vector<std::string> sources;
  std::string format = "deep-dive";
  double minutes = 0;  // 0: the format's own
  std::vector<std::string> hosts = {"bella", "michael"};
  std::string title;
  std::string from_script;
  std::string feed;
  std::string base_url;
  bool script_only = false;
  bool offline = false;
  bool allow_local = false;
};

// "bella", "bf_emma", "Ann=heart*0.6+bella*0.4".
podcast::Host host_of(const std::string& text) {
  podcast::Host host;
  const size_t equals = text.find('=');
  host.voice = equals == std::string::npos ? text : text.substr(equals + 1);
  host.name = equals == std::string::npos ? text.substr(0, text.find_first_of("*+"))
                                          : text.substr(0, equals);
  if (const size_t mark = host.name.find('_');
      equals == std::string::npos && mark != std::string::npos)
    host.name.erase(0, mark + 1);
  if (!host.name.empty())
    host.name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(host.name[0])));
  if (host.name.empty() || host.voice.empty() || host.name.size() > 40 ||
      host.name.find_first_of(":({[\n") != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, "--hosts: '" + text + "' is no host",
                "write a voice, or a name and a voice: Ann=heart");
  }
  return host;
}

// What the documents offer, not yet cut to length.
struct Material {
  std::vector<podcast::ReadDocument> documents;
  std::unique_ptr<podcast::SentenceTagger> tagger;
  podcast::Outline outline;
  podcast::PodcastOptions options;
};

Material read_material(const PodcastCommandOptions& options, ShowStages& stages) {
  Material material;
  material.options.format = *podcast::parse_talk_format(options.format);
  material.options.minutes =
      options.minutes > 0 ? options.minutes : podcast::default_minutes(material.options.format);
  if (options.hosts.size() != 2)
    throw Error(ErrorCode::kInvalidArgument, "--hosts needs two voices",
                "such as --hosts bella,michael");
  material.options.hosts = {host_of(options.hosts[0]), host_of(options.hosts[1])};
  if (material.options.hosts[0].name == material.options.hosts[1].name) {
    throw Error(ErrorCode::kInvalidArgument, "the two hosts have the same name",
                "name them: --hosts Ann=heart,Zoe=heart");
  }
  material.options.date = daily::iso_date(std::time(nullptr));
  material.options.music_s = production::music_duration_s(!options.show.no_music);

  trust::FetchOptions fetch;
  fetch.addresses =
      options.allow_local ? trust::AddressPolicy::kAnyAddress : trust::AddressPolicy::kGlobalOnly;
  fetch.cancel = &InterruptGuard::cancel();
  fetch.max_bytes = size_t{32} << 20;
  fetch.timeout_s = 60;
  trust::SafeFetcher fetcher(fetch);
  trust::WebCache cache(data_directory() / "cache" / "web", options.offline ? nullptr : &fetcher);
  stages.begin("reading");
  for (const std::string& name : options.sources) {
    stages.update(static_cast<double>(material.documents.size()) /
                      static_cast<double>(options.sources.size()),
                  "reading " + name);
    material.documents.push_back(podcast::read_source(name, cache, &InterruptGuard::cancel()));
    const podcast::ReadDocument& read = material.documents.back();
    if (!read.problem.empty()) material.options.problems.push_back(name + ": " + read.problem);
    if (read.document.truncated)
      material.options.problems.push_back(name + ": it is too long; only its beginning was read");
  }
  if (!options.title.empty()) material.documents.front().document.title = options.title;
  stages.begin("planning");
  material.tagger = std::make_unique<podcast::SentenceTagger>(
      ModelPackage::open("pronunciation-en").file("tagger.safetensors"));
  std::vector<podcast::OutlineSource> sources;
  for (const podcast::ReadDocument& read : material.documents)
    sources.push_back({&read.document, read.publisher, read.url});
  material.outline = podcast::make_outline(
      sources, podcast::part_count_for(material.options.format, material.options.minutes),
      *material.tagger);
  return material;
}

nlohmann::ordered_json describe(const Material& material, const podcast::PodcastPlan& plan) {
  nlohmann::ordered_json sections = nlohmann::ordered_json::array();
  size_t told = 0;
  for (const podcast::SectionCoverage& one : plan.coverage) {
    told += one.told > 0 ? 1 : 0;
    sections.push_back({{"title", one.title}, {"sentences", one.sentences}, {"told", one.told}});
  }
  nlohmann::ordered_json documents = nlohmann::ordered_json::array();
  for (const podcast::ReadDocument& read : material.documents) {
    documents.push_back({{"title", read.document.title},
                         {"author", read.document.author},
                         {"format", intake::document_format_name(read.document.format)},
                         {"words", read.document.word_count()},
                         {"pages", read.document.page_count},
                         {"url", read.url}});
  }
  return {{"documents", documents},
          {"sections", plan.coverage.size()},
          {"sections_told", told},
          {"coverage", sections},
          {"left_out", material.outline.left_out}};
}

ExitCode make_podcast(const PodcastCommandOptions& options) {
  if (options.sources.empty() == options.from_script.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                options.sources.empty() ? "no document is given"
                                        : "a document and --from-script exclude each other",
                "such as: myna podcast article.md -o article.mp3");
  }
  const std::string output =
      options.show.output.empty() && !options.script_only ? "podcast.mp3" : options.show.output;
  if (!options.script_only) audio::require_audio_format(output);
  const Publication publication{options.feed, options.base_url,
                                std::string("Documents, talked over"), "Education"};
  check_publication(publication, output);
  const InterruptGuard guard;
  ShowStages stages(options.show.quiet || options.show.json);

  std::optional<Material> material;
  podcast::PodcastPlan plan;
  std::unique_ptr<ShowRewriter> rewriter;
  if (options.from_script.empty()) {
    material = read_material(options, stages);
    rewriter = open_rewriter(options.rewriting, InterruptGuard::cancel(), [&](size_t asked) {
      stages.update(0.5, fmt::format("rewording, {} sentences", asked));
    });
    if (rewriter) material->options.rewriter = rewriter->rewriter.get();
    plan = podcast::plan_podcast(material->outline, *material->tagger, material->options);
    if (plan.script.segments.empty()) {
      throw Error(ErrorCode::kCorruptData, "the document has no sentence that could be told",
                  "a podcast needs running text in English");
    }
  } else {
    plan.script = read_script(options.from_script);
  }
  stages.end();
  if (InterruptGuard::cancel().load()) throw Error(ErrorCode::kCancelled, "stopped while planning");
  if (rewriter && !rewriter->rewriter->problem().empty())
    plan.script.problems.push_back("language model: " + rewriter->rewriter->problem());
  if (material) material->options.problems = plan.script.problems;
  if (options.script_only) {
    write_script(plan.script, output);
    if (options.show.json && !output.empty() && output != "-") {
      nlohmann::ordered_json report;
      report["output"] = output;
      report["estimated_s"] = std::round(plan.estimated_s);
      if (material) report.update(describe(*material, plan));
      if (rewriter) report["rewording"] = rewriting_report(*rewriter);
      write_stdout(report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    }
    return ExitCode::kOk;
  }

  stages.begin("loading the voice");
  EngineOptions engine_options = options.engine;
  if (material) engine_options.voice = material->options.hosts[0].voice;
  Engine engine = open_engine(engine_options);
  if (material)
    voice::parse_speaker_blend(material->options.hosts[1].voice, engine.voice->speakers());
  ShowRequest request = options.show;
  request.output = output;
  if (material) request.asked_s = material->options.minutes * 60;
  request.publication = publication;
  const PlannedShow planned{
      plan.script, plan.short_of_material, [&](const ShowLength& length) {
        correct_pace(plan.script, length, material->options.pace, material->options.music_s);
        plan = podcast::plan_podcast(material->outline, *material->tagger, material->options);
      }};
  MadeShow made = make_show(engine, request, planned, stages);
  std::string more;
  if (material) {
    made.report.update(describe(*material, plan));
    size_t told = 0;
    for (const podcast::SectionCoverage& one : plan.coverage) told += one.told > 0 ? 1 : 0;
    more = fmt::format(", {} of {} sections", told, plan.coverage.size());
  }
  conclude_show(request, std::move(made), planned, rewriter.get(), more);
  return ExitCode::kOk;
}

}  // namespace

void add_podcast_command(CLI::App& program, ExitCode& exit_code) {
  CLI::App* command =
      program.add_subcommand("podcast", "Make a conversation of two hosts about a document");
  auto options = std::make_shared<PodcastCommandOptions>();
  command->footer(kExamples);
  add_engine_options(*command, options->engine);
  add_pace_options(*command, options->show.pace);
  add_play_options(*command, options->show.play, options->show.player);
  // The hosts have voices, and a document is no markup.
  command->remove_option(command->get_option("--voice"));
  command->remove_option(command->get_option("--format"));
  command->add_option("SOURCE", options->sources, "Addresses and files");
  command->add_option("--format", options->format, "What kind of conversation")
      ->check(CLI::IsMember({"deep-dive", "brief", "debate", "interview"}))
      ->capture_default_str();
  command->add_option("--minutes", options->minutes, "Length of the show; a brief has 3, others 6")
      ->check(CLI::Range(podcast::kMinPodcastMinutes, podcast::kMaxPodcastMinutes));
  command
      ->add_option("--hosts", options->hosts,
                   "Two voices, with names where they should have others: bella,Tom=michael")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--title", options->title, "The document's title, where it has none");
  command->add_option("-o,--output", options->show.output,
                      "Audio file; with --script-only .json or .txt");
  command->add_flag("--script-only", options->script_only, "Write the script, and speak nothing");
  command
      ->add_option("--from-script", options->from_script,
                   "Speak a script that was written, and perhaps edited")
      ->check(CLI::ExistingFile);
  command->add_option("--feed", options->feed,
                      "Add the show to this podcast feed, a file beside it: docs/podcast-feed.md");
  command->add_option("--base-url", options->base_url,
                      "The address under which the directory of the feed is served");
  add_rewriting_options(*command, options->rewriting);
  command->add_flag("--no-music", options->show.no_music, "Speech alone");
  command->add_flag("--no-cache", options->show.no_cache, "Speak all lines anew");
  command->add_flag("--offline", options->offline,
                    "Fetch nothing: files, and copies of earlier days");
  command->add_flag("--allow-local", options->allow_local,
                    "Permit addresses of this machine and network");
  command->add_flag("--json", options->show.json, "Print a report on standard output");
  command->add_flag("-q,--quiet", options->show.quiet, "Only warnings and errors");
  command->callback([options, command, &exit_code] {
    read_pace(*command, options->engine, options->show.pace);
    exit_code = make_podcast(*options);
  });
}

}  // namespace myna::cli
