#include "text/g2p/own_words.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "text/normalize/token.h"

namespace myna::text {
namespace {

struct OwnWord {
  std::string_view written;  // lower case, without accents; the table is in this order
  std::u16string_view american;
  std::u16string_view british;  // empty: the same
};

// clang-format off
constexpr OwnWord kOwnWords[] = {
    {"acai", u"ˌɑsɑˈi", u"ˌasAˈiː"},
    {"aires", u"ˈIɹɛs", u"ˈIɹɛz"},
    {"alcaraz", u"ˌɑlkəɹˈɑs", u"ˌalkəɹˈas"},
    {"alito", u"əlˈiTO", u"əlˈiːtQ"},
    {"aoife", u"ˈifə", u"ˈiːfə"},
    {"async", u"ˈAsˌɪŋk", {}},
    {"beaulieu", u"bjˈuli", u"bjˈuːli"},
    {"beyonce", u"biˈɑnsˌA", u"biˈɒnsˌA"},
    {"bezos", u"bˈAzOs", u"bˈAzQs"},
    {"buenos", u"bwˈAnəs", u"bwˈAnəs"},
    {"buttigieg", u"bˈutəʤəʤ", u"bˈuːtɪʤɪʤ"},
    {"caoimhe", u"kwˈivə", u"kwˈiːvə"},
    {"chalamet", u"ʃˈæləmˌA", u"ʃˈaləmˌA"},
    {"chloe", u"klˈOi", u"klˈQi"},
    {"cholmondeley", u"ʧˈʌmli", u"ʧˈʌmli"},
    {"ctrl", u"kəntɹˈOl", u"kəntɹˈQl"},
    {"djokovic", u"ʤˈOkəvˌɪʧ", u"ʤˈɒkəvɪʧ"},
    {"enum", u"ˈinˌʌm", u"ˈiːnʌm"},
    {"eoin", u"ˈOən", u"ˈQɪn"},
    {"erdogan", u"ˈɛɹdəwɑn", u"ˈɛːdəwan"},
    {"fiance", u"fˌiɑnsˈA", u"fiˈɒnsA"},
    {"gorsuch", u"ɡˈɔɹsəʧ", u"ɡˈɔːsʌʧ"},
    {"guangzhou", u"ɡwˌɑŋʤˈO", u"ɡwˌaŋʤˈQ"},
    {"hermione", u"həɹmˈIəni", u"hɜːmˈIəni"},
    {"holborn", u"hˈObəɹn", u"hˈQbən"},
    {"houthi", u"hˈuθi", u"hˈuːθi"},
    {"houthis", u"hˈuθiz", u"hˈuːθiz"},
    {"huawei", u"wˈɑwA", u"wˈɑːwA"},
    {"hyundai", u"hˈʌndA", u"hˈIʌndI"},
    {"iaas", u"ˈIæs", u"ˈIas"},
    {"jalapeno", u"hˌɑləpˈAnjO", u"hˌaləpˈAnjQ"},
    {"janeiro", u"ʒənˈɛɹO", u"ʤənˈɪəɹQ"},
    {"jinping", u"ʤˌɪnpˈɪŋ", {}},
    {"joaquin", u"wɑkˈin", u"wɑːkˈiːn"},
    {"jolla", u"hˈYə", {}},
    {"json", u"ʤˈAsən", {}},
    {"kagame", u"kəɡˈɑmA", u"kəɡˈɑːmA"},
    {"kamala", u"kˈɑmələ", u"kˈɑːmələ"},
    {"khamenei", u"hɑmənAˈi", u"hˌamɛnAˈiː"},
    {"kishida", u"kiʃˈidə", u"kɪʃˈiːdə"},
    {"kubectl", u"kˈub kəntɹˈOl", u"kjˈuːb kəntɹˈQl"},
    {"kubernetes", u"kˌubəɹnˈɛTiz", u"kˌuːbənˈɛtiːz"},
    {"kyiv", u"kˈiv", u"kˈiːv"},
    {"leclerc", u"ləklˈɛɹ", u"ləklˈɛː"},
    {"leominster", u"lˈɛmənstəɹ", u"lˈɛmstə"},
    {"leyen", u"lˈIən", {}},
    {"loughborough", u"lˈʌfbəɹO", u"lˈʌfbɹə"},
    {"lupita", u"lupˈiTə", u"luːpˈiːtə"},
    {"macron", u"məkɹˈOn", u"makɹˈɒn"},
    {"marylebone", u"mˈɛɹələbˌOn", u"mˈɑːlɪbən"},
    {"mbappe", u"ɛmbɑpˈA", u"ɛmbapˈA"},
    {"milei", u"milˈA", u"mɪlˈA"},
    {"mysql", u"mˌIˌɛskjuˈɛl", u"mˌIˌɛskjuːˈɛl"},
    {"nadal", u"nədˈɑl", u"nədˈɑːl"},
    {"nginx", u"ˌɛnʤənˈɛks", u"ˌɛnʤɪnˈɛks"},
    {"nguyen", u"wˈɪn", {}},
    {"niamh", u"nˈiv", u"nˈiːv"},
    {"nyong'o", u"njˈɔŋO", u"njˈɒŋQ"},
    {"oaxaca", u"wəhˈɑkə", u"wəhˈɑːkə"},
    {"orban", u"ˈɔɹbɑn", u"ˈɔːban"},
    {"padraig", u"pˈɑdɹɪɡ", u"pˈɔːdɹɪɡ"},
    {"penh", u"pˈɛn", {}},
    {"phnom", u"pənˈɔm", u"pənˈɒm"},
    {"pichai", u"pɪʧˈI", {}},
    {"porsche", u"pˈɔɹʃə", u"pˈɔːʃə"},
    {"postgresql", u"pˈOstɡɹɛs kjˌuˈɛl", u"pˈQstɡɹɛs kjˌuːˈɛl"},
    {"pyongyang", u"pjˌʌŋjˈæŋ", u"pjˌɒŋjˈaŋ"},
    {"raisi", u"ɹAˈisi", u"ɹAˈiːsi"},
    {"recep", u"ɹəʤˈɛp", u"ɹɛʤˈɛp"},
    {"reykjavik", u"ɹˈAkjəvˌɪk", u"ɹˈAkjəvɪk"},
    {"rohingya", u"ɹOhˈɪnjə", u"ɹQhˈɪnjə"},
    {"sanchez", u"sˈænʧɛz", u"sˈanʧɛz"},
    {"saoirse", u"sˈɜɹʃə", u"sˈɜːʃə"},
    {"scholz", u"ʃˈɔlts", u"ʃˈɒlts"},
    {"sean", u"ʃˈɔn", u"ʃˈɔːn"},
    {"shenzhen", u"ʃˌɛnʤˈɛn", {}},
    {"sinead", u"ʃənˈAd", u"ʃɪnˈAd"},
    {"siobhan", u"ʃəvˈɔn", u"ʃɪvˈɔːn"},
    {"sotomayor", u"sˌOTOmIˈɔɹ", u"sˌQtQmIˈɔː"},
    {"southwark", u"sˈʌðəɹk", u"sˈʌðək"},
    {"sqlite", u"ˌɛskjˌuˈɛl lˈIt", u"ˌɛskjˌuːˈɛl lˈIt"},
    {"sudo", u"sˈudu", u"sˈuːduː"},
    {"sunak", u"sˈunæk", u"sˈuːnak"},
    {"swiatek", u"ʃvjˈɔntɛk", u"ʃvjˈɒntɛk"},
    {"tayyip", u"tɑˈip", u"tIˈiːp"},
    {"tigray", u"tɪɡɹˈI", {}},
    {"tijuana", u"tˌiəwˈɑnə", u"tɪwˈɑːnə"},
    {"timothee", u"tˈɪməθi", {}},
    {"verstappen", u"vəɹstˈɑpən", u"vəstˈapən"},
    {"volodymyr", u"vˌɔlədˈɪmɪɹ", u"vˌɒlədˈɪmɪə"},
    {"xi", u"ʃˈi", u"ʃˈiː"},
    {"xiaomi", u"ʃˈWmi", {}},
    {"xinjiang", u"ʃˌɪnʤiˈɑŋ", u"ʃˌɪnʤiˈaŋ"},
    {"yaml", u"jˈæməl", u"jˈaməl"},
    {"yosemite", u"jOsˈɛməTi", u"jQsˈɛmɪti"},
    {"zoe", u"zˈOi", u"zˈQi"},
    {"zurich", u"zˈʊɹɪk", u"zjˈʊəɹɪk"},
};
// clang-format on

constexpr bool in_order() {
  for (size_t i = 1; i < std::size(kOwnWords); ++i) {
    if (kOwnWords[i - 1].written >= kOwnWords[i].written) return false;
  }
  return true;
}

constexpr size_t kLongest = 12;

}  // namespace

std::u16string_view find_own_word(std::string_view word, Dialect dialect) {
  static_assert(in_order());
  if (word.size() < 2 || word.size() > kLongest) return {};
  if (word.size() <= 3 && (is_all_upper(word) || !is_capitalized(word))) return {};
  std::array<char, kLongest> lower{};
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    lower[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  const std::string_view key(lower.data(), word.size());
  const auto* found = std::ranges::lower_bound(kOwnWords, key, {}, &OwnWord::written);
  if (found == std::end(kOwnWords) || found->written != key) return {};
  return dialect == Dialect::kBritish && !found->british.empty() ? found->british : found->american;
}

}  // namespace myna::text
