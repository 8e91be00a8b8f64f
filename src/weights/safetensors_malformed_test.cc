// Damaged and hostile safetensors files: each is refused, with the tensor and the cause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "weights/safetensors.h"

namespace myna {
namespace {

using ::testing::HasSubstr;

// A file of a header and `data_bytes` zeros, 64-byte aligned as a memory map is.
class FileImage {
 public:
  FileImage(const std::string& header, size_t data_bytes, uint64_t stated_header_bytes)
      : size_(8 + header.size() + data_bytes), lines_(size_ / 64 + 1) {
    std::byte* out = std::as_writable_bytes(std::span(lines_)).data();
    std::memcpy(out, &stated_header_bytes, 8);
    std::memcpy(out + 8, header.data(), header.size());
  }
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(lines_)).first(size_); }

 private:
  struct alignas(64) Line {
    std::byte bytes[64]{};
  };
  size_t size_;
  std::vector<Line> lines_;
};

std::string message_for(std::span<const std::byte> bytes) {
  try {
    SafetensorsFile::from_bytes(bytes, "m.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
    EXPECT_THAT(error.message(), HasSubstr("'m.safetensors': "));
    EXPECT_FALSE(error.hint().empty());
    return error.message();
  }
  return "no error";
}

// With a header padded as writers do it.
FileImage padded_image(std::string header, size_t data_bytes) {
  while (header.size() % 8 != 0) header += ' ';
  return FileImage(header, data_bytes, header.size());
}

std::string message_for(const std::string& header, size_t data_bytes) {
  return message_for(padded_image(header, data_bytes).bytes());
}

// The entry of a tensor of 4 floats at the given offsets.
std::string four_floats(const std::string& name, const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":"F32","shape":[4],"data_offsets":[)" + offsets + "]}";
}

TEST(SafetensorsMalformedTest, SoundImagesAreAccepted) {
  EXPECT_EQ(message_for("{}", 0), "no error");
  EXPECT_EQ(message_for("{" + four_floats("b", "16,32") + "," + four_floats("a", "0,16") + "}", 32),
            "no error");
}

TEST(SafetensorsMalformedTest, TooShortForALength) {
  const std::byte bytes[7]{};
  EXPECT_THAT(message_for(std::span<const std::byte>(bytes)), HasSubstr("only 7 bytes"));
  EXPECT_THAT(message_for(std::span<const std::byte>()), HasSubstr("only 0 bytes"));
}

TEST(SafetensorsMalformedTest, HeaderLongerThanTheFile) {
  EXPECT_THAT(message_for(FileImage("{}", 0, 3).bytes()), HasSubstr("the file was cut off"));
}

TEST(SafetensorsMalformedTest, HeaderLongerThanTheFormatAllows) {
  EXPECT_THAT(message_for(FileImage("{}", 0, 100'000'001).bytes()),
              HasSubstr("at most 100000000 are allowed"));
  EXPECT_THAT(message_for(FileImage("{}", 0, ~uint64_t{0}).bytes()),
              HasSubstr("a header of 18446744073709551615 bytes"));
}

TEST(SafetensorsMalformedTest, EveryTruncationIsRefused) {
  const FileImage image = padded_image("{" + four_floats("a", "0,16") + "}", 16);
  ASSERT_EQ(message_for(image.bytes()), "no error");
  for (size_t size = 0; size < image.bytes().size(); ++size) {
    EXPECT_NE(message_for(image.bytes().first(size)), "no error") << size;
  }
  EXPECT_THAT(message_for(image.bytes().first(image.bytes().size() - 1)),
              HasSubstr("tensor 'a': data_offsets [0, 16] reach past the end of the data, which "
                        "has 15 bytes"));
}

TEST(SafetensorsMalformedTest, DataAfterTheLastTensor) {
  EXPECT_THAT(message_for("{" + four_floats("a", "0,16") + "}", 20),
              HasSubstr("4 bytes after the last tensor belong to none"));
}

TEST(SafetensorsMalformedTest, Overlap) {
  EXPECT_THAT(
      message_for("{" + four_floats("a", "0,16") + "," + four_floats("b", "8,24") + "}", 24),
      HasSubstr("tensor 'b': data_offsets [8, 24] overlap [0, 16] of tensor 'a'"));
  EXPECT_THAT(
      message_for("{" + four_floats("a", "0,16") + "," + four_floats("b", "0,16") + "}", 16),
      HasSubstr("overlap"));
}

TEST(SafetensorsMalformedTest, Hole) {
  EXPECT_THAT(
      message_for("{" + four_floats("a", "0,16") + "," + four_floats("b", "24,40") + "}", 40),
      HasSubstr("tensor 'b': data_offsets [24, 40] leave a hole of 8 bytes before it"));
  EXPECT_THAT(message_for("{" + four_floats("a", "4,20") + "}", 20), HasSubstr("hole of 4 bytes"));
}

TEST(SafetensorsMalformedTest, OffsetsThatAreNoOffsets) {
  EXPECT_THAT(message_for("{" + four_floats("a", "-16,0") + "}", 16),
              HasSubstr("tensor 'a': data_offsets has the negative number -16"));
  EXPECT_THAT(message_for("{" + four_floats("a", "16,0") + "}", 16),
              HasSubstr("begin at 16 and end before, at 0"));
  EXPECT_THAT(message_for("{" + four_floats("a", "0") + "}", 16), HasSubstr("has 1 numbers"));
  EXPECT_THAT(message_for("{" + four_floats("a", "0,8,16") + "}", 16), HasSubstr("has 3 numbers"));
  EXPECT_THAT(message_for("{" + four_floats("a", "0,16.0") + "}", 16),
              HasSubstr("'16.0', which is not a whole number"));
  EXPECT_THAT(message_for("{" + four_floats("a", "0,\"16\"") + "}", 16),
              HasSubstr("has a string where a whole number was expected"));
}

TEST(SafetensorsMalformedTest, OffsetsThatOverflow) {
  EXPECT_THAT(message_for("{" + four_floats("a", "0,18446744073709551616") + "}", 16),
              HasSubstr("not a whole number below 2^64"));
  // 2^64 - 16 and 2^64 - 1: adding anything to them wraps around.
  EXPECT_THAT(
      message_for("{" + four_floats("a", "18446744073709551599,18446744073709551615") + "}", 16),
      HasSubstr("reach past the end"));
  EXPECT_THAT(message_for("{" + four_floats("a", "0,1e999") + "}", 16), HasSubstr("not JSON"));
}

TEST(SafetensorsMalformedTest, ShapesThatOverflow) {
  const auto with_shape = [](const std::string& shape, const std::string& dtype = "F32") {
    return message_for(
        R"({"a":{"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[0,16]}})",
        16);
  };
  EXPECT_THAT(with_shape("4294967296,4294967296"),
              HasSubstr("element count of its shape overflows"));
  // 2^62 floats are 2^64 bytes, which wraps around to 0.
  EXPECT_THAT(with_shape("4611686018427387904"),
              HasSubstr("the size of [4611686018427387904] overflows"));
  EXPECT_THAT(with_shape("0,4294967296,4294967296"), HasSubstr("overflows"));
  EXPECT_THAT(with_shape("-4"), HasSubstr("shape has the negative number -4"));
  EXPECT_THAT(with_shape("4.5"), HasSubstr("shape has '4.5'"));
  EXPECT_THAT(with_shape("1,1,1,1,1,1,1,1,4"), HasSubstr("more than 8 dimensions"));
  EXPECT_THAT(with_shape("5"),
              HasSubstr("F32 [5] takes 20 bytes, but data_offsets [0, 16] hold 16"));
  EXPECT_THAT(with_shape("4", "I8"), HasSubstr("I8 [4] takes 4 bytes"));
}

TEST(SafetensorsMalformedTest, DTypes) {
  const auto with_dtype = [](const std::string& dtype) {
    return message_for(R"({"a":{"dtype":)" + dtype + R"(,"shape":[2],"data_offsets":[0,16]}})", 16);
  };
  EXPECT_THAT(with_dtype("\"F80\""), HasSubstr("tensor 'a': the dtype 'F80' is not one of F32"));
  EXPECT_THAT(with_dtype("\"f32\""), HasSubstr("'f32'"));
  EXPECT_THAT(with_dtype("32"), HasSubstr("dtype is a number"));
  EXPECT_THAT(with_dtype("[\"F32\"]"), HasSubstr("dtype is an array, not a string"));
}

TEST(SafetensorsMalformedTest, MembersMissingRepeatedOrUnknown) {
  EXPECT_THAT(message_for(R"({"a":{"shape":[4],"data_offsets":[0,16]}})", 16),
              HasSubstr("'dtype' is missing"));
  EXPECT_THAT(message_for(R"({"a":{"dtype":"F32","data_offsets":[0,16]}})", 16),
              HasSubstr("'shape' is missing"));
  EXPECT_THAT(message_for(R"({"a":{"dtype":"F32","shape":[4]}})", 16),
              HasSubstr("'data_offsets' is missing"));
  EXPECT_THAT(
      message_for(R"({"a":{"dtype":"F32","shape":[9],"shape":[4],"data_offsets":[0,16]}})", 16),
      HasSubstr("'shape' comes twice"));
  EXPECT_THAT(message_for(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"x":1}})", 16),
              HasSubstr("the key 'x' is not part of the format"));
  EXPECT_THAT(message_for(R"({"a":[0,16]})", 16),
              HasSubstr("an array where an object was expected"));
}

TEST(SafetensorsMalformedTest, RepeatedTensor) {
  EXPECT_THAT(
      message_for("{" + four_floats("a", "0,16") + "," + four_floats("a", "16,32") + "}", 32),
      HasSubstr("the tensor 'a' comes twice"));
  // The same name written with an escape.
  EXPECT_THAT(
      message_for("{" + four_floats("a", "0,16") + "," + four_floats("\\u0061", "16,32") + "}", 32),
      HasSubstr("the tensor 'a' comes twice"));
}

TEST(SafetensorsMalformedTest, Metadata) {
  EXPECT_EQ(message_for(R"({"__metadata__":{"k":"v"}})", 0), "no error");
  EXPECT_THAT(message_for(R"({"__metadata__":{"k":1}})", 0),
              HasSubstr("the metadata 'k' is a number"));
  EXPECT_THAT(message_for(R"({"__metadata__":{"k":{}}})", 0),
              HasSubstr("the metadata 'k' is an object"));
  EXPECT_THAT(message_for(R"({"__metadata__":{"k":"a","k":"b"}})", 0),
              HasSubstr("'k' comes twice"));
  EXPECT_THAT(message_for(R"({"__metadata__":{},"__metadata__":{}})", 0), HasSubstr("comes twice"));
}

TEST(SafetensorsMalformedTest, DeepNesting) {
  const std::string arrays(1'000'000, '[');
  EXPECT_NE(message_for(R"({"a":)" + arrays, 0), "no error");
  EXPECT_THAT(message_for(R"({"a":{"dtype":"F32","shape":)" + arrays, 0),
              HasSubstr("tensor 'a': shape has an array"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_NE(message_for(objects, 0), "no error");
}

TEST(SafetensorsMalformedTest, NotUtf8) {
  EXPECT_THAT(message_for("{" + four_floats("\xC3\x28", "0,16") + "}", 16),
              HasSubstr("the header is not UTF-8 at its byte 2"));
}

TEST(SafetensorsMalformedTest, NotAnObject) {
  EXPECT_THAT(message_for("[]", 0), HasSubstr("does not start with '{'"));
  EXPECT_THAT(message_for(" {}", 0), HasSubstr("does not start with '{'"));
  EXPECT_THAT(message_for("\xEF\xBB\xBF{}", 0), HasSubstr("does not start with '{'"));
  EXPECT_THAT(message_for("", 0), HasSubstr("does not start with '{'"));
  EXPECT_THAT(message_for("{} {}", 0), HasSubstr("not JSON at its byte 3"));
  EXPECT_THAT(message_for("{} // note", 0), HasSubstr("not JSON"));
  EXPECT_THAT(message_for(std::string("{}\0junk", 7), 0), HasSubstr("NUL at its byte 2"));
  EXPECT_THAT(message_for(R"({"a":null})", 0), HasSubstr("null where an object was expected"));
}

TEST(SafetensorsMalformedTest, MisalignedData) {
  // The header is not padded: floats would start at byte 8 + 58.
  const std::string header = "{" + four_floats("a", "0,16") + "}";
  ASSERT_NE(header.size() % 4, 0u);
  EXPECT_THAT(message_for(FileImage(header, 16, header.size()).bytes()),
              HasSubstr("tensor 'a': its F32 data is not aligned to 4 bytes"));
  EXPECT_THAT(message_for(R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},)" +
                              four_floats("b", "1,17") + "}",
                          17),
              HasSubstr("tensor 'b': its F32 data is not aligned"));
}

TEST(SafetensorsMalformedTest, NamesInMessagesAreHarmless) {
  const std::string message =
      message_for("{" + four_floats("\\u001b[31m" + std::string(5000, 'x'), "0,9") + "}", 9);
  EXPECT_EQ(message.find('\x1b'), std::string::npos) << "no escape sequence reaches the terminal";
  EXPECT_LT(message.size(), 400u);
}

}  // namespace
}  // namespace myna
