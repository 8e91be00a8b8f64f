#include "text/markup/user_lexicon_files.h"

#include <algorithm>
#include <system_error>

#include "base/file.h"

namespace myna::text {

UserLexiconFiles::UserLexiconFiles(std::vector<std::filesystem::path> files)
    : files_(std::move(files)) {}

std::vector<std::filesystem::path> UserLexiconFiles::usual_files(
    const std::filesystem::path& directory) {
  return {directory / "lexicon.txt", directory / "lexicon.pls"};
}

UserLexiconFiles::Stamp UserLexiconFiles::stamp_of(const std::filesystem::path& file) {
  Stamp stamp;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error) || error) return stamp;
  stamp.time = std::filesystem::last_write_time(file, error);
  if (error) return {};
  stamp.size = std::filesystem::file_size(file, error);
  if (error) return {};
  stamp.exists = true;
  return stamp;
}

std::shared_ptr<const UserLexicon> UserLexiconFiles::current() {
  const std::lock_guard lock(mutex_);
  std::vector<Stamp> stamps;
  for (const auto& file : files_) stamps.push_back(stamp_of(file));
  if (stamps != stamps_) read(stamps);
  return lexicon_;
}

void UserLexiconFiles::read(const std::vector<Stamp>& stamps) {
  std::vector<LexiconDefinition> definitions;
  std::vector<FileDiagnostics> diagnostics;
  bool any = false;
  for (size_t i = 0; i < files_.size(); ++i) {
    diagnostics.push_back({files_[i], {}});
    if (!stamps[i].exists) continue;
    any = true;
    const std::string content = read_file(files_[i], kMaxFileBytes);
    for (LexiconDefinition& definition : read_lexicon(content, diagnostics[i].diagnostics)) {
      definition.file = static_cast<uint32_t>(i);
      definitions.push_back(std::move(definition));
    }
  }
  std::vector<LexiconProblem> problems;
  auto lexicon = any ? std::make_shared<const UserLexicon>(std::move(definitions), problems)
                     : std::shared_ptr<const UserLexicon>();
  for (LexiconProblem& problem : problems)
    diagnostics[problem.file].diagnostics.push_back(std::move(problem.diagnostic));
  std::erase_if(diagnostics, [](const FileDiagnostics& one) { return one.diagnostics.empty(); });
  lexicon_ = std::move(lexicon);
  diagnostics_ = std::move(diagnostics);
  stamps_ = stamps;
}

std::vector<UserLexiconFiles::FileDiagnostics> UserLexiconFiles::diagnostics() const {
  const std::lock_guard lock(mutex_);
  return diagnostics_;
}

}  // namespace myna::text
