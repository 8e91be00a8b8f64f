// A blind listening test: recordings of several systems in pairs, a page that says nothing of who
// is who, a key that does, and the count of the votes that the page hands out.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace myna::cli {

// One system's recording of one text.
struct Recording {
  std::string system;  // "studio heart"
  std::string text;
  std::string file;  // beside the page; its name says nothing
};

struct Trial {
  Recording a, b;
};

// Every pair of systems on every text that both have, in an order and with sides that follow from
// the seed.
std::vector<Trial> make_trials(std::span<const Recording> recordings, uint64_t seed);

// A name for a recording's file that says nothing to people and is the same for the same arguments.
std::string blind_file_name(std::string_view system, std::string_view text, uint64_t seed,
                            std::string_view extension);

// One HTML file with nothing loaded from elsewhere. `id` joins page, key and votes.
std::string blind_page(std::span<const Trial> trials, std::string_view id);
std::string blind_key(std::span<const Trial> trials, std::string_view id);

struct PairCount {
  size_t first = 0, second = 0, same = 0;
};
// By pair of systems, in the order of the alphabet. Throws Error kInvalidArgument for votes that
// are of another page, name a trial that there is not or are no votes; kCorruptData for a wrong
// key.
std::map<std::pair<std::string, std::string>, PairCount> count_votes(std::string_view key_json,
                                                                     std::string_view votes_json);

}  // namespace myna::cli
