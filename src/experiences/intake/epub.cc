// EPUB 2 and 3: META-INF/container.xml names the package file, its spine the pages in order.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "experiences/intake/character_encoding.h"
#include "experiences/intake/document.h"
#include "experiences/intake/document_builder.h"
#include "experiences/intake/html_text.h"
#include "experiences/intake/markup_tree.h"
#include "experiences/intake/zip_archive.h"

namespace myna::intake {
namespace {

constexpr size_t kMaxUnpackedBytes = size_t{96} << 20;
constexpr size_t kMaxPages = 5000;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorCode::kCorruptData, "it is no EPUB that can be read: " + what);
}

// Elements by local name: the vocabularies of packages are none that feeds have.
void collect(const MarkupNode& node, std::string_view name, std::vector<const MarkupNode*>& found) {
  if (node.name == name) found.push_back(&node);
  for (const MarkupNode& child : node.children) collect(child, name, found);
}
std::vector<const MarkupNode*> all(const MarkupNode& node, std::string_view name) {
  std::vector<const MarkupNode*> found;
  collect(node, name, found);
  return found;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const int lower = std::tolower(static_cast<unsigned char>(c));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

class EpubReader {
 public:
  explicit EpubReader(std::string_view bytes) : archive_(bytes, kMaxUnpackedBytes) {
    document_.format = DocumentFormat::kEpub;
  }

  Document read() {
    refuse_encryption();
    const std::string package_path = find_package();
    const MarkupTree package = parse_markup(decode_document(require(package_path), "").text);
    read_metadata(package.root);
    const std::filesystem::path folder = std::filesystem::path(package_path).parent_path();
    std::map<std::string, const MarkupNode*> manifest;
    for (const MarkupNode* item : all(package.root, "item")) {
      if (const std::string* id = item->attribute("id")) manifest[*id] = item;
    }
    DocumentBuilder builder(document_);
    size_t pages = 0;
    for (const MarkupNode* entry : all(package.root, "itemref")) {
      const std::string* id = entry->attribute("idref");
      const std::string* linear = entry->attribute("linear");
      if (id == nullptr || (linear != nullptr && *linear == "no")) continue;
      const auto item = manifest.find(*id);
      if (item == manifest.end() || is_navigation(*item->second)) continue;
      const std::string* href = item->second->attribute("href");
      if (href == nullptr) continue;
      if (++pages > kMaxPages || document_.truncated) break;
      const std::string path = (folder / percent_decoded(*href)).lexically_normal().string();
      // A page that is named and missing is left out: the others are there.
      if (const auto page = archive_.read(path)) read_page(*page, builder);
    }
    if (pages == 0) fail("its package file names no pages");
    builder.finish();
    return std::move(document_);
  }

 private:
  std::string require(const std::string& path) {
    auto content = archive_.read(path);
    if (!content) fail("there is no " + path + " in it");
    return std::move(*content);
  }

  // Fonts may be obfuscated; pages that are encrypted need a reader with a key.
  void refuse_encryption() {
    const auto list = archive_.read("META-INF/encryption.xml");
    if (!list) return;
    const MarkupTree tree = parse_markup(*list);
    for (const MarkupNode* reference : all(tree.root, "cipherreference")) {
      const std::string* uri = reference->attribute("uri");
      if (uri != nullptr && (uri->ends_with("html") || uri->ends_with(".htm"))) {
        throw Error(ErrorCode::kCorruptData,
                    "the book is encrypted (DRM), so that it cannot be read");
      }
    }
  }

  std::string find_package() {
    const MarkupTree container = parse_markup(require("META-INF/container.xml"));
    for (const MarkupNode* file : all(container.root, "rootfile")) {
      if (const std::string* path = file->attribute("full-path")) return *path;
    }
    fail("META-INF/container.xml names no package file");
  }

  void read_metadata(const MarkupNode& root) {
    const auto first = [&](std::string_view name) {
      const auto found = all(root, name);
      return found.empty() ? std::string() : fold_blanks(inner_text(*found.front()));
    };
    document_.title = first("title");
    document_.author = first("creator");
    document_.publisher = first("publisher");
    document_.language = first("language");
  }

  static bool is_navigation(const MarkupNode& item) {
    const std::string* properties = item.attribute("properties");
    const std::string* type = item.attribute("media-type");
    return (properties != nullptr && properties->find("nav") != std::string::npos) ||
           (type != nullptr && type->find("html") == std::string::npos);
  }

  void read_page(const std::string& page, DocumentBuilder& builder) {
    const Article article = article_of_snippet(decode_document(page, "application/xhtml+xml").text);
    builder.add(article.paragraphs);
  }

  ZipArchive archive_;
  Document document_;
};

}  // namespace

Document read_epub_document(std::string_view bytes) { return EpubReader(bytes).read(); }

}  // namespace myna::intake
