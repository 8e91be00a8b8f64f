// A directory of shows as a podcast that a phone can subscribe to: RSS 2.0 with the elements of
// iTunes and of Podcasting 2.0. Each show leaves a description (NAME.episode.json) beside its
// sound; the feed is made of all that lie in a directory. docs/podcast-feed.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace myna::production {

struct EpisodeFile {
  std::string name;  // in the directory: "daily.mp3"; empty: there is none
  std::string type;  // "audio/mpeg"
  bool operator==(const EpisodeFile&) const = default;
};

struct Episode {
  std::string guid;  // the same for the same show, whatever its files are called
  std::string title;
  std::string summary;  // plain text
  int64_t published_s = 0;
  double duration_s = 0;
  uint64_t audio_bytes = 0;
  EpisodeFile audio;
  EpisodeFile vtt;
  EpisodeFile srt;
  EpisodeFile chapters;
  EpisodeFile notes;  // HTML
  EpisodeFile cover;
  std::vector<std::string> hosts;
  bool operator==(const Episode&) const = default;
};

std::string episode_to_json(const Episode& episode);
// Throws Error kCorruptData. Names with a "/" in them are refused.
Episode episode_from_json(std::string_view text);

struct PodcastFeed {
  std::string title = "My shows";
  std::string description = "Made on this machine by Myna, with synthetic voices.";
  std::string author = "Myna";
  std::string language = "en";
  std::string category = "News";  // of Apple's list
  std::string base_url;           // of the directory, http or https, with or without "/" at its end
  std::string feed_name = "feed.xml";
  std::string cover;  // a file of the directory; empty: the newest episode's
  int64_t now_s = 0;
};

// Newest first, whatever the order given. Text of documents is escaped, and no control character
// that XML forbids is in it. Throws Error kInvalidArgument when base_url is no web address.
std::string render_podcast_feed(const PodcastFeed& feed, std::vector<Episode> episodes);

// UUID of version 5 in the namespace of Podcasting 2.0, of a feed's address without its scheme.
std::string podcast_guid(std::string_view feed_url);
// The same of any text: the same text has the same one.
std::string uuid_of(std::string_view text);

}  // namespace myna::production
