#include "experiences/intake/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <utility>

#include "base/error.h"
#include "base/utf8.h"

namespace myna::intake {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> titles_of(const Document& document) {
  std::vector<std::string> titles;
  for (const DocumentSection& section : document.sections) titles.push_back(section.title);
  return titles;
}

// An archive of these files, in memory.
std::string zipped(const std::vector<std::pair<std::string, std::string>>& files) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, content] : files) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE);
  }
  EXPECT_EQ(zip_close(archive), 0);
  EXPECT_EQ(zip_source_open(target), 0);
  zip_source_seek(target, 0, SEEK_END);
  std::string bytes(static_cast<size_t>(zip_source_tell(target)), '\0');
  zip_source_seek(target, 0, SEEK_SET);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

const std::pair<std::string, std::string> kContainer = {
    "META-INF/container.xml",
    R"(<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>)"};
const std::pair<std::string, std::string> kPackage = {
    "OEBPS/book.opf",
    R"(<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>The Gate</dc:title><dc:creator>Ada Quay</dc:creator><dc:language>en</dc:language></metadata>
<manifest><item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>
<item id="a" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="b" href="text/two.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>)"};

std::string book(const std::string& second = "<h2>Two</h2><p>It shuts at night, as a rule.</p>") {
  return zipped({kContainer,
                 kPackage,
                 {"OEBPS/text/one a.xhtml",
                  "<html><body><h1>One</h1><p>The gate opens at dawn.</p></body></html>"},
                 {"OEBPS/text/two.xhtml", "<html><body>" + second + "</body></html>"}});
}

TEST(Document, ReadsMarkdownWithItsSections) {
  const Document document = read_markdown_document(
      "---\ntitle: \"Tide gates\"\nauthor: Ada Quay\n---\nFirst *words* of "
      "[it](http://x.example).\n\n## How\n\n"
      "They `open`.\n\n```\ncode();\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nWhy\n---\n\n- "
      "Because of tides.\n");
  EXPECT_EQ(document.title, "Tide gates");
  EXPECT_EQ(document.author, "Ada Quay");
  ASSERT_THAT(titles_of(document), ElementsAre("", "How", "Why"));
  EXPECT_EQ(document.sections[0].paragraphs[0].text, "First words of it.");
  EXPECT_EQ(document.sections[1].paragraphs.size(), 1u);
}

TEST(Document, ReadsPlainTextWithItsHeadings) {
  const Document document = read_text_document(
      "The Voyage\r\n\r\nCHAPTER I\r\n\r\nTHE SHIP\r\n\r\nIt lay\r\nin the ice.\r\n\r\n2. The "
      "ice\r\n\r\nIt moved.\r\n");
  EXPECT_EQ(document.title, "The Voyage");
  ASSERT_THAT(titles_of(document), ElementsAre("CHAPTER I: THE SHIP", "2. The ice"));
  EXPECT_EQ(document.sections[0].paragraphs[0].text, "It lay in the ice.");
}

TEST(Document, PutsTheLinesOfAPdfTogether) {
  std::string text =
      "A Study of Gates\n\nAda Quay\n\nAbstract\n\nGates are a well-known kind of bar-\nrier, and "
      "a well-\nknown one.\n";
  int page = 0;
  for (const std::string title : {"Origin", "Growth", "Use", "Decay"}) {
    text += "\n" + std::to_string(++page) + "\n\fGATES AND TIDES\n\n";
    text += std::to_string(page) + " ";
    text += title + "\n\nThis is what the page says about ";
    text += title + ", and it goes on\n\nover the block of ";
    text += title + ".\n\n0.31 4.2 | 17\n";
  }
  const Document document = read_pdf_text(text);
  EXPECT_EQ(document.title, "A Study of Gates");
  EXPECT_EQ(document.page_count, 5u);
  ASSERT_THAT(titles_of(document),
              ElementsAre("Abstract", "1 Origin", "2 Growth", "3 Use", "4 Decay"));
  EXPECT_EQ(document.sections[0].paragraphs[0].text,
            "Gates are a well-known kind of barrier, and a well-known one.");
  ASSERT_EQ(document.sections[1].paragraphs.size(), 1u);
  EXPECT_EQ(document.sections[1].paragraphs[0].text,
            "This is what the page says about Origin, and it goes on over the block of Origin.");
}

TEST(Document, ReadsTheSpineOfAnEpub) {
  const Document document = read_epub_document(book());
  EXPECT_EQ(document.title, "The Gate");
  EXPECT_EQ(document.author, "Ada Quay");
  ASSERT_THAT(titles_of(document), ElementsAre("One", "Two"));
  EXPECT_EQ(document.sections[0].paragraphs[0].text, "The gate opens at dawn.");
}

ErrorCode code_of(const std::string& bytes) {
  try {
    read_epub_document(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Document, RefusesEpubsThatAreNoneOrTooMuch) {
  EXPECT_EQ(code_of("PK\x03\x04 nothing"), ErrorCode::kCorruptData);
  EXPECT_EQ(code_of(zipped({{"a.txt", "x"}})), ErrorCode::kCorruptData);
  EXPECT_EQ(code_of(zipped({kContainer})), ErrorCode::kCorruptData);
  const std::string good = book();
  EXPECT_EQ(code_of(good.substr(0, good.size() / 2)), ErrorCode::kCorruptData);
  // A few hundred kilobytes that unpack to 100 MiB.
  EXPECT_EQ(code_of(book(std::string(size_t{100} << 20, ' '))), ErrorCode::kResourceExhausted);
  const std::string locked = zipped(
      {kContainer,
       kPackage,
       {"META-INF/encryption.xml",
        R"(<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/text/two.xhtml"/></CipherData></EncryptedData></encryption>)"}});
  EXPECT_EQ(code_of(locked), ErrorCode::kCorruptData);
}

TEST(Document, CutsALongHeadingBetweenCharacters) {
  std::string title = "x";
  for (int i = 0; i < 100; ++i) title += "é";
  const Document document = read_markdown_document("# Book\n\n## " + title + "\n\nSome text.\n");
  ASSERT_EQ(document.sections.size(), 1u);
  EXPECT_FALSE(find_invalid_utf8(document.sections[0].title));
  EXPECT_EQ(document.sections[0].title.size(), 119u);
}

TEST(Document, IsToldByItsBytes) {
  EXPECT_EQ(guess_document_format("%PDF-1.7", "text/html", "x.html"), DocumentFormat::kPdf);
  EXPECT_EQ(guess_document_format("PK\x03\x04", "", "x"), DocumentFormat::kEpub);
  EXPECT_EQ(guess_document_format("\n<!DOCTYPE html><p>", "", "x"), DocumentFormat::kHtml);
  EXPECT_EQ(guess_document_format("Hello", "", "x.md"), DocumentFormat::kMarkdown);
  EXPECT_EQ(guess_document_format("# Hello", "", "x"), DocumentFormat::kMarkdown);
  EXPECT_EQ(guess_document_format("Hello", "text/plain", "x"), DocumentFormat::kText);
}

}  // namespace
}  // namespace myna::intake
