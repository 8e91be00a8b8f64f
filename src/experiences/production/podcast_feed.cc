#include "experiences/production/podcast_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/plain_text.h"
#include "base/sha1.h"
#include "base/utf8.h"

namespace myna::production {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kMaxSummaryBytes = 3900;  // directories refuse more than 4000

// RFC 2822, in UTC; the names are English whatever the locale.
std::string mail_date(int64_t seconds) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
                     kDays.at(static_cast<size_t>(utc.tm_wday)), utc.tm_mday,
                     kMonths.at(static_cast<size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

// XML forbids most control characters and the last two code points of the plane, even escaped.
std::string xml(std::string_view text) {
  std::string clean;
  for (const char32_t c : to_utf32(text)) {
    const bool forbidden = (c < 0x20 && c != '\n' && c != '\t') || c == 0xFFFE || c == 0xFFFF;
    append_utf8(clean, forbidden ? U' ' : c);
  }
  return escaped_markup(clean);
}

std::string percent_encoded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::string element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>\n", name, xml(text));
}

ordered_json describe(const EpisodeFile& file) {
  return {{"name", file.name}, {"type", file.type}};
}

EpisodeFile read_file_entry(const json& root, const char* key) {
  EpisodeFile file;
  const json entry = root.value(key, json::object());
  file.name = entry.value("name", "");
  file.type = entry.value("type", "");
  if (file.name.find('/') != std::string::npos || file.name == "..")
    throw Error(ErrorCode::kCorruptData, "the episode names a file outside of its directory");
  return file;
}

class Writer {
 public:
  explicit Writer(const PodcastFeed& feed) : feed_(feed), base_(feed.base_url) {
    if (!base_.starts_with("https://") && !base_.starts_with("http://")) {
      throw Error(ErrorCode::kInvalidArgument, "'" + base_ + "' is no web address",
                  "give the address under which the directory is served, such as "
                  "https://example.org/shows");
    }
    while (base_.ends_with('/')) base_.pop_back();
  }

  std::string write(const std::vector<Episode>& episodes) {
    const std::string self = url(feed_.feed_name);
    std::string cover = feed_.cover;
    for (const Episode& episode : episodes) {
      if (cover.empty()) cover = episode.cover.name;
    }
    out_ =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<rss version=\"2.0\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" "
        "xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" "
        "xmlns:atom=\"http://www.w3.org/2005/Atom\" "
        "xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">\n<channel>\n";
    out_ += element("title", feed_.title);
    out_ += element("link", base_ + "/");
    out_ += element("description", feed_.description);
    out_ += element("language", feed_.language);
    out_ += element("generator", "Myna");
    out_ += element("lastBuildDate", mail_date(feed_.now_s));
    if (!episodes.empty()) out_ += element("pubDate", mail_date(episodes.front().published_s));
    out_ += fmt::format("<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>\n",
                        xml(self));
    out_ += element("itunes:author", feed_.author);
    out_ += element("itunes:type", "episodic");
    out_ += element("itunes:explicit", "false");
    out_ += fmt::format("<itunes:category text=\"{}\"/>\n", xml(feed_.category));
    if (!cover.empty()) {
      out_ += fmt::format("<itunes:image href=\"{}\"/>\n", xml(url(cover)));
      out_ += "<image>\n" + element("url", url(cover)) + element("title", feed_.title) +
              element("link", base_ + "/") + "</image>\n";
    }
    // A feed of one's own machine is no directory's business.
    out_ += element("itunes:block", "Yes");
    out_ += element("podcast:guid", podcast_guid(self));
    out_ += element("podcast:medium", "podcast");
    out_ += element("podcast:block", "yes");
    out_ += "<podcast:txt purpose=\"ai-content\">true</podcast:txt>\n";
    for (const Episode& episode : episodes) write_item(episode);
    return out_ + "</channel>\n</rss>\n";
  }

 private:
  std::string url(const std::string& name) const { return base_ + "/" + percent_encoded(name); }

  void write_item(const Episode& episode) {
    out_ += "<item>\n" + element("title", episode.title);
    std::string summary = episode.summary;
    if (summary.size() > kMaxSummaryBytes) {
      const size_t blank = summary.rfind(' ', kMaxSummaryBytes);
      summary.resize(blank == std::string::npos ? 0 : blank);
    }
    out_ += element("description", summary);
    if (!episode.notes.name.empty()) out_ += element("link", url(episode.notes.name));
    out_ += fmt::format("<guid isPermaLink=\"false\">{}</guid>\n", xml(episode.guid));
    out_ += element("pubDate", mail_date(episode.published_s));
    out_ += fmt::format("<enclosure url=\"{}\" length=\"{}\" type=\"{}\"/>\n",
                        xml(url(episode.audio.name)), episode.audio_bytes, xml(episode.audio.type));
    out_ += element("itunes:duration", std::to_string(std::llround(episode.duration_s)));
    out_ += element("itunes:explicit", "false");
    out_ += element("itunes:episodeType", "full");
    if (!episode.cover.name.empty())
      out_ += fmt::format("<itunes:image href=\"{}\"/>\n", xml(url(episode.cover.name)));
    for (const EpisodeFile* file : {&episode.vtt, &episode.srt}) {
      if (file->name.empty()) continue;
      out_ += fmt::format("<podcast:transcript url=\"{}\" type=\"{}\" language=\"{}\"/>\n",
                          xml(url(file->name)), xml(file->type), xml(feed_.language));
    }
    if (!episode.chapters.name.empty()) {
      out_ += fmt::format("<podcast:chapters url=\"{}\" type=\"{}\"/>\n",
                          xml(url(episode.chapters.name)), xml(episode.chapters.type));
    }
    for (const std::string& host : episode.hosts)
      out_ += fmt::format("<podcast:person role=\"host\" group=\"cast\">{}</podcast:person>\n",
                          xml(host));
    out_ += "<podcast:txt purpose=\"ai-content\">true</podcast:txt>\n</item>\n";
  }

  const PodcastFeed& feed_;
  std::string base_;
  std::string out_;
};

}  // namespace

std::string episode_to_json(const Episode& episode) {
  const ordered_json root = {{"version", 1},
                             {"guid", episode.guid},
                             {"title", episode.title},
                             {"summary", episode.summary},
                             {"published_s", episode.published_s},
                             {"duration_s", std::round(episode.duration_s * 1000) / 1000},
                             {"audio_bytes", episode.audio_bytes},
                             {"audio", describe(episode.audio)},
                             {"vtt", describe(episode.vtt)},
                             {"srt", describe(episode.srt)},
                             {"chapters", describe(episode.chapters)},
                             {"notes", describe(episode.notes)},
                             {"cover", describe(episode.cover)},
                             {"hosts", episode.hosts}};
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Episode episode_from_json(std::string_view text) {
  const json root = json::parse(
      text, [](int depth, json::parse_event_t, json&) { return depth <= 8; }, false);
  if (!root.is_object()) throw Error(ErrorCode::kCorruptData, "the episode is no JSON object");
  try {
    Episode episode;
    episode.guid = root.at("guid").get<std::string>();
    episode.title = root.at("title").get<std::string>();
    episode.summary = root.value("summary", "");
    episode.published_s = root.at("published_s").get<int64_t>();
    episode.duration_s = root.value("duration_s", 0.0);
    episode.audio_bytes = root.at("audio_bytes").get<uint64_t>();
    episode.audio = read_file_entry(root, "audio");
    episode.vtt = read_file_entry(root, "vtt");
    episode.srt = read_file_entry(root, "srt");
    episode.chapters = read_file_entry(root, "chapters");
    episode.notes = read_file_entry(root, "notes");
    episode.cover = read_file_entry(root, "cover");
    episode.hosts = root.value("hosts", std::vector<std::string>());
    if (episode.audio.name.empty())
      throw Error(ErrorCode::kCorruptData, "the episode has no sound");
    return episode;
  } catch (const json::exception& error) {
    throw Error(ErrorCode::kCorruptData,
                std::string("the episode is not understood: ") + error.what());
  }
}

std::string render_podcast_feed(const PodcastFeed& feed, std::vector<Episode> episodes) {
  std::stable_sort(episodes.begin(), episodes.end(), [](const Episode& a, const Episode& b) {
    return a.published_s > b.published_s;
  });
  return Writer(feed).write(episodes);
}

std::string podcast_guid(std::string_view feed_url) {
  if (const size_t scheme = feed_url.find("://"); scheme != std::string_view::npos)
    feed_url.remove_prefix(scheme + 3);
  while (feed_url.ends_with('/')) feed_url.remove_suffix(1);
  return uuid_of(feed_url);
}

std::string uuid_of(std::string_view text) {
  // ead4c236-bf58-58c6-a2c6-a6b28d128cb6
  constexpr std::array<unsigned char, 16> kNamespace = {0xea, 0xd4, 0xc2, 0x36, 0xbf, 0x58,
                                                        0x58, 0xc6, 0xa2, 0xc6, 0xa6, 0xb2,
                                                        0x8d, 0x12, 0x8c, 0xb6};
  std::string bytes(kNamespace.begin(), kNamespace.end());
  bytes += text;
  std::array<uint8_t, 20> hash = sha1(bytes);
  hash[6] = static_cast<uint8_t>((hash[6] & 0x0F) | 0x50);
  hash[8] = static_cast<uint8_t>((hash[8] & 0x3F) | 0x80);
  std::string uuid;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += fmt::format("{:02x}", hash.at(i));
  }
  return uuid;
}

}  // namespace myna::production
