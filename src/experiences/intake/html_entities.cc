#include "experiences/intake/html_entities.h"

#include <gumbo.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace myna::intake {
namespace {

struct OutputCloser {
  void operator()(GumboOutput* output) const {
    gumbo_destroy_output(&kGumboDefaultOptions, output);
  }
};

}  // namespace

std::optional<std::string> resolve_reference(std::string_view name) {
  if (name == "amp") return "&";
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "quot") return "\"";
  if (name == "apos") return "'";
  if (name == "nbsp") return "\u00A0";
  if (name.size() < 2 || !std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '#';
      })) {
    return std::nullopt;
  }
  const std::string reference = "&" + std::string(name) + ";";
  const std::string document = "<!DOCTYPE html><body>" + reference;
  const std::unique_ptr<GumboOutput, OutputCloser> output(
      gumbo_parse_with_options(&kGumboDefaultOptions, document.data(), document.size()));
  const GumboNode* node = output->root;
  while (node != nullptr && node->type == GUMBO_NODE_ELEMENT) {
    const GumboVector& children = node->v.element.children;
    node = children.length == 0 ? nullptr
                                : static_cast<const GumboNode*>(children.data[children.length - 1]);
  }
  if (node == nullptr || node->type != GUMBO_NODE_TEXT) return std::nullopt;
  std::string text = node->v.text.text;
  if (text == reference || (text.size() > 1 && text.back() == ';')) return std::nullopt;
  return text;
}

}  // namespace myna::intake
