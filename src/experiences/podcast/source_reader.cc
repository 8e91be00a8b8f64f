#include "experiences/podcast/source_reader.h"

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "experiences/intake/web_address.h"
#include "trust/helper_process.h"

namespace myna::podcast {
namespace {

// poppler's own program, in a process of its own with limits: PDF is code of others.
intake::Document read_pdf(const std::string& bytes, const std::atomic<bool>* cancel) {
  trust::HelperLimits limits;
  limits.cancel = cancel;
  const trust::HelperResult result = [&] {
    try {
      return trust::run_helper({"pdftotext", "-q", "-enc", "UTF-8", "-", "-"}, bytes, limits);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUnavailable) throw;
      throw Error(ErrorCode::kUnavailable,
                  "PDF needs the program pdftotext, which is not installed",
                  "apt-get install poppler-utils");
    }
  }();
  if (result.exit_status == 3) {
    throw Error(ErrorCode::kCorruptData, "the PDF forbids that its text is taken out");
  }
  if (result.exit_status != 0) {
    const bool locked = result.errors.find("assword") != std::string::npos;
    throw Error(ErrorCode::kCorruptData,
                locked ? "the PDF needs a password" : "it is no PDF that can be read",
                locked ? "save a copy without a password" : "it may have been cut off on its way");
  }
  intake::Document document = intake::read_pdf_text(result.output);
  if (document.sections.empty()) {
    throw Error(ErrorCode::kCorruptData, "the PDF has no text, only pictures of pages",
                "run it through text recognition first, for example ocrmypdf");
  }
  return document;
}

intake::Document read_bytes(const std::string& bytes, const std::string& type,
                            const std::string& name, const std::atomic<bool>* cancel) {
  switch (intake::guess_document_format(bytes, type, name)) {
    case intake::DocumentFormat::kPdf:
      return read_pdf(bytes, cancel);
    case intake::DocumentFormat::kEpub:
      return intake::read_epub_document(bytes);
    case intake::DocumentFormat::kHtml:
      return intake::read_html_document(bytes, type);
    case intake::DocumentFormat::kMarkdown:
      return intake::read_markdown_document(bytes);
    case intake::DocumentFormat::kText:
      break;
  }
  if (bytes.substr(0, 4096).find('\0') != std::string::npos && !bytes.starts_with("\xFF\xFE") &&
      !bytes.starts_with("\xFE\xFF")) {
    throw Error(ErrorCode::kCorruptData, "it is no text",
                "there are HTML, Markdown, plain text, EPUB and PDF");
  }
  return intake::read_text_document(bytes);
}

}  // namespace

ReadDocument read_source(const std::string& name, trust::WebCache& cache,
                         const std::atomic<bool>* cancel) {
  ReadDocument read;
  std::string bytes;
  std::string type;
  if (intake::is_web_address(name)) {
    trust::CachedPage page = cache.get(name);
    if (!page.problem.empty()) read.problem = page.problem + "; an older copy is used";
    bytes = std::move(page.body);
    type = std::move(page.content_type);
    read.url = std::move(page.url);
  } else if (name.find("://") != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument,
                "'" + name + "' is refused: only http and https are fetched");
  } else {
    if (std::filesystem::is_directory(name))
      throw Error(ErrorCode::kInvalidArgument, "'" + name + "' is a directory",
                  "name the documents in it");
    bytes = read_file(name, intake::kMaxDocumentBytes);
  }
  try {
    read.document = read_bytes(bytes, type, read.url.empty() ? name : read.url, cancel);
  } catch (const Error& error) {
    throw Error(error.code(), "'" + name + "': " + error.message(), error.hint());
  }
  if (read.document.sections.empty()) {
    throw Error(ErrorCode::kCorruptData,
                "'" + name + "': there is no text in it that could be told",
                "a page that is made by scripts has to be saved from a browser first");
  }
  const std::string file = std::filesystem::path(name).stem().string();
  read.publisher = !read.document.publisher.empty() ? read.document.publisher
                   : !read.url.empty()              ? intake::host_of(read.url)
                                                    : file;
  if (read.document.title.empty() && read.url.empty()) read.document.title = file;
  return read;
}

}  // namespace myna::podcast
