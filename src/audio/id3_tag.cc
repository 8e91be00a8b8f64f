#include "audio/id3_tag.h"

#include <attachedpictureframe.h>
#include <chapterframe.h>
#include <commentsframe.h>
#include <id3v2tag.h>
#include <tableofcontentsframe.h>
#include <textidentificationframe.h>

#include <cmath>
#include <cstdint>

namespace myna::audio {
namespace {

namespace id3 = TagLib::ID3v2;

TagLib::String utf8(const std::string& text) { return {text, TagLib::String::UTF8}; }

// Frames belong to the tag that they are added to. ID3v2.3 has UTF-16 and no UTF-8.
id3::Frame* text_frame(const char* id, const std::string& text) {
  auto* frame = new id3::TextIdentificationFrame(id, TagLib::String::UTF16);
  frame->setText(utf8(text));
  return frame;
}

void add_text(id3::Tag& tag, const char* id, const std::string& text) {
  if (!text.empty()) tag.addFrame(text_frame(id, text));
}

uint32_t milliseconds(double seconds) {
  return static_cast<uint32_t>(std::llround(seconds * 1000));
}

}  // namespace

std::string render_id3_tag(const AudioTags& tags) {
  id3::Tag tag;
  add_text(tag, "TIT2", tags.title);
  add_text(tag, "TPE1", tags.artist);
  add_text(tag, "TALB", tags.album);
  add_text(tag, "TSSE", tags.software);
  if (!tags.comment.empty()) {
    auto* comment = new id3::CommentsFrame(TagLib::String::UTF16);
    comment->setLanguage("eng");
    comment->setText(utf8(tags.comment));
    tag.addFrame(comment);
  }
  TagLib::ByteVectorList names;
  for (size_t i = 0; i < tags.chapters.size(); ++i) {
    const AudioChapter& chapter = tags.chapters[i];
    const std::string name = "chp" + std::to_string(i);
    const TagLib::ByteVector id(name.c_str(), static_cast<unsigned>(name.size()));
    constexpr unsigned kNoOffset = 0xFFFFFFFF;
    auto* frame = new id3::ChapterFrame(id, milliseconds(chapter.start_s),
                                        milliseconds(chapter.end_s), kNoOffset, kNoOffset);
    frame->addEmbeddedFrame(text_frame("TIT2", chapter.title));
    tag.addFrame(frame);
    names.append(id);
  }
  if (!tags.chapters.empty()) {
    auto* contents = new id3::TableOfContentsFrame(TagLib::ByteVector("toc", 3), names);
    contents->setIsTopLevel(true);
    contents->setIsOrdered(true);
    tag.addFrame(contents);
  }
  if (!tags.cover_png.empty()) {
    auto* picture = new id3::AttachedPictureFrame;
    picture->setTextEncoding(TagLib::String::Latin1);
    picture->setMimeType("image/png");
    picture->setType(id3::AttachedPictureFrame::FrontCover);
    picture->setPicture(
        TagLib::ByteVector(tags.cover_png.data(), static_cast<unsigned>(tags.cover_png.size())));
    tag.addFrame(picture);
  }
  if (tag.isEmpty()) return {};
  const TagLib::ByteVector bytes = tag.render(id3::v3);
  return {bytes.data(), bytes.size()};
}

}  // namespace myna::audio
