#include "text/split/html_entities.h"

#include <charconv>

namespace myna::text {
namespace {

struct Named {
  std::string_view name;
  char32_t code_point;
};

constexpr Named kNamed[] = {
    {"amp", U'&'},    {"lt", U'<'},     {"gt", U'>'},     {"quot", U'"'},   {"apos", U'\''},
    {"nbsp", U' '},   {"ensp", U' '},   {"emsp", U' '},   {"thinsp", U' '}, {"shy", U'\u00AD'},
    {"ndash", U'–'},  {"mdash", U'—'},  {"hellip", U'…'}, {"lsquo", U'‘'},  {"rsquo", U'’'},
    {"sbquo", U'‚'},  {"ldquo", U'“'},  {"rdquo", U'”'},  {"bdquo", U'„'},  {"laquo", U'«'},
    {"raquo", U'»'},  {"prime", U'′'},  {"Prime", U'″'},  {"cent", U'¢'},   {"pound", U'£'},
    {"euro", U'€'},   {"yen", U'¥'},    {"copy", U'©'},   {"reg", U'®'},    {"trade", U'™'},
    {"deg", U'°'},    {"plusmn", U'±'}, {"times", U'×'},  {"divide", U'÷'}, {"minus", U'−'},
    {"frac12", U'½'}, {"frac14", U'¼'}, {"frac34", U'¾'}, {"sup1", U'¹'},   {"sup2", U'²'},
    {"sup3", U'³'},   {"micro", U'µ'},  {"para", U'¶'},   {"sect", U'§'},   {"middot", U'·'},
    {"bull", U'•'},   {"ne", U'≠'},     {"le", U'≤'},     {"ge", U'≥'},     {"asymp", U'≈'},
    {"infin", U'∞'},  {"larr", U'←'},   {"rarr", U'→'},   {"iexcl", U'¡'},  {"iquest", U'¿'},
    {"Agrave", U'À'}, {"Aacute", U'Á'}, {"Acirc", U'Â'},  {"Atilde", U'Ã'}, {"Auml", U'Ä'},
    {"Aring", U'Å'},  {"AElig", U'Æ'},  {"Ccedil", U'Ç'}, {"Egrave", U'È'}, {"Eacute", U'É'},
    {"Ecirc", U'Ê'},  {"Euml", U'Ë'},   {"Igrave", U'Ì'}, {"Iacute", U'Í'}, {"Icirc", U'Î'},
    {"Iuml", U'Ï'},   {"Ntilde", U'Ñ'}, {"Ograve", U'Ò'}, {"Oacute", U'Ó'}, {"Ocirc", U'Ô'},
    {"Otilde", U'Õ'}, {"Ouml", U'Ö'},   {"Oslash", U'Ø'}, {"Ugrave", U'Ù'}, {"Uacute", U'Ú'},
    {"Ucirc", U'Û'},  {"Uuml", U'Ü'},   {"szlig", U'ß'},  {"agrave", U'à'}, {"aacute", U'á'},
    {"acirc", U'â'},  {"atilde", U'ã'}, {"auml", U'ä'},   {"aring", U'å'},  {"aelig", U'æ'},
    {"ccedil", U'ç'}, {"egrave", U'è'}, {"eacute", U'é'}, {"ecirc", U'ê'},  {"euml", U'ë'},
    {"igrave", U'ì'}, {"iacute", U'í'}, {"icirc", U'î'},  {"iuml", U'ï'},   {"ntilde", U'ñ'},
    {"ograve", U'ò'}, {"oacute", U'ó'}, {"ocirc", U'ô'},  {"otilde", U'õ'}, {"ouml", U'ö'},
    {"oslash", U'ø'}, {"ugrave", U'ù'}, {"uacute", U'ú'}, {"ucirc", U'û'},  {"uuml", U'ü'},
    {"oelig", U'œ'},  {"scaron", U'š'},
};

}  // namespace

std::optional<char32_t> decode_html_entity(std::string_view entity) {
  if (entity.size() < 3 || entity.front() != '&' || entity.back() != ';') return std::nullopt;
  entity = entity.substr(1, entity.size() - 2);
  if (entity.front() != '#') {
    for (const Named& named : kNamed) {
      if (named.name == entity) return named.code_point;
    }
    return std::nullopt;
  }
  entity.remove_prefix(1);
  int base = 10;
  if (!entity.empty() && (entity.front() == 'x' || entity.front() == 'X')) {
    entity.remove_prefix(1);
    base = 16;
  }
  uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(entity.data(), entity.data() + entity.size(), value, base);
  if (error != std::errc{} || end != entity.data() + entity.size()) return std::nullopt;
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return std::nullopt;
  return static_cast<char32_t>(value);
}

}  // namespace myna::text
