// What a person wants to hear: a text file, a line a wish.
//
//   name: Sam
//   more: astronomy, tide gates
//   less: football
//   mute: celebrity gossip
//   section Science: space, biology, physics
//   source Harbour Radio: 1.5
//   # a comment
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace myna::editing {

struct SectionWish {
  std::string title;
  std::vector<std::string> terms;
};

struct Interests {
  std::string name;  // whom the show greets; may be empty
  std::vector<std::string> more;
  std::vector<std::string> less;
  std::vector<std::string> mute;
  std::vector<SectionWish> sections;         // in the order of the show
  std::map<std::string, double> publishers;  // factor by name, 0 to 10
};

struct InterestsProblem {
  size_t line = 1;  // from 1
  std::string message;
};

// What is not understood is left out and reported.
Interests parse_interests(std::string_view text, std::vector<InterestsProblem>& problems);

}  // namespace myna::editing
