#include "text/g2p/endings.h"

namespace myna::text {
namespace {

bool ends_with_one_of(PhonemeView stem, PhonemeView symbols) {
  return !stem.empty() && symbols.find(stem.back()) != PhonemeView::npos;
}

// A t between these and an unstressed vowel is flapped in American speech.
bool flaps(PhonemeView stem, Dialect dialect) {
  return dialect == Dialect::kAmerican && stem.size() > 1 && stem.back() == u't' &&
         PhonemeView(u"AIOWYiuæɑəɛɪɹʊʌ").find(stem[stem.size() - 2]) != PhonemeView::npos;
}

}  // namespace

void append_s(PhonemeString& stem, Dialect dialect) {
  if (stem.empty()) return;
  if (ends_with_one_of(stem, u"ptkfθ")) {
    stem += u's';
  } else if (ends_with_one_of(stem, u"szʃʒʧʤ")) {
    stem += dialect == Dialect::kBritish ? u"ɪz" : u"ᵻz";
  } else {
    stem += u'z';
  }
}

void append_ed(PhonemeString& stem, Dialect dialect) {
  if (stem.empty()) return;
  const bool british = dialect == Dialect::kBritish;
  if (ends_with_one_of(stem, u"pkfθʃsʧ")) {
    stem += u't';
  } else if (stem.back() == u'd') {
    stem += british ? u"ɪd" : u"ᵻd";
  } else if (stem.back() != u't') {
    stem += u'd';
  } else if (flaps(stem, dialect)) {
    stem.back() = u'ɾ';
    stem += u"ᵻd";
  } else {
    stem += british || stem.size() < 2 ? u"ɪd" : u"ᵻd";
  }
}

void append_ing(PhonemeString& stem, Dialect dialect) {
  if (stem.empty()) return;
  if (flaps(stem, dialect)) {
    stem.back() = u'ɾ';
  } else if (dialect == Dialect::kBritish && ends_with_one_of(stem, u"əː")) {
    stem += u'ɹ';  // the linking r: explore, exploring
  }
  stem += u"ɪŋ";
}

}  // namespace myna::text
