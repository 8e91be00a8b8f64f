// The show's own sounds, made by code from sines and noise: nothing to license. Mono, full scale is
// 1, the same samples at every call.
#pragma once

#include <cstddef>
#include <vector>

namespace myna::production {

// A rising figure of plucked notes over a chord: about four seconds with its tail.
std::vector<float> make_ident(int sample_rate);
// Two notes: a change of subject. About a second.
std::vector<float> make_sting(int sample_rate);
// A falling figure that ends the show, about three seconds.
std::vector<float> make_outro(int sample_rate);
// A soft chord that goes on, to lie below speech: 32 seconds whose end goes over into their
// beginning.
std::vector<float> make_bed_loop(int sample_rate);

}  // namespace myna::production
