#include "language/llama/chat_template.h"

#include <jinja/parser.h>
#include <jinja/runtime.h>
#include <json.h>

#include "base/error.h"

namespace myna::language {
namespace {

constexpr const char* kChatMl =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ "
    "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ "
    "'<|im_start|>assistant\\n' }}"
    "{% endif %}";

Error broken(const std::exception& error) {
  return Error(ErrorCode::kCorruptData,
               std::string("the model's chat template does not work: ") + error.what(),
               "take another GGUF of this model");
}

common_json to_json(std::span<const Message> messages) {
  common_json list = common_json::array();
  for (const Message& message : messages) {
    common_json item;
    item["role"] = std::string(role_name(message.role));
    item["content"] = message.text;
    list.push_back(item);
  }
  return list;
}

std::vector<Message> without_system(std::span<const Message> messages) {
  std::vector<Message> merged(messages.begin() + 1, messages.end());
  merged.front().text = messages.front().text + "\n\n" + merged.front().text;
  return merged;
}

}  // namespace

struct ChatTemplate::Program {
  std::string source, bos_token, eos_token;
  jinja::program program;

  std::vector<PromptPart> run(std::span<const Message> messages) const {
    jinja::context context(source);
    common_json values;
    values["messages"] = to_json(messages);
    values["bos_token"] = bos_token;
    values["eos_token"] = eos_token;
    values["add_generation_prompt"] = true;
    values["enable_thinking"] = false;
    jinja::global_from_json(context, values, true);
    jinja::runtime runtime(context);
    const jinja::value result = runtime.execute(program);
    std::vector<PromptPart> parts;
    const jinja::string text = jinja::runtime::gather_string_parts(result)->as_string();
    for (const jinja::string_part& part : text.parts) {
      parts.push_back({part.val, part.is_input});
    }
    return parts;
  }
};

ChatTemplate::ChatTemplate(std::string source, std::string bos_token, std::string eos_token) {
  if (source.empty()) source = kChatMl;
  auto program = std::make_unique<Program>();
  try {
    jinja::lexer lexer;
    const auto tokens = lexer.tokenize(source);
    program->program = jinja::parse_from_tokens(tokens);
    program->source = tokens.source;
  } catch (const std::exception& error) {
    throw broken(error);
  }
  program->bos_token = std::move(bos_token);
  program->eos_token = std::move(eos_token);
  program_ = std::move(program);
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

std::vector<PromptPart> ChatTemplate::render(std::span<const Message> messages) const {
  const bool has_system = messages.size() > 1 && messages.front().role == Role::kSystem;
  try {
    return program_->run(messages);
  } catch (const std::exception& error) {
    if (!has_system) throw broken(error);
  }
  try {
    return program_->run(without_system(messages));
  } catch (const std::exception& error) {
    throw broken(error);
  }
}

}  // namespace myna::language
