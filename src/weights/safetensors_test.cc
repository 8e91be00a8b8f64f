// Reading and writing sound files; safetensors_malformed_test.cc has the damaged ones.
#include "weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "base/error.h"

namespace myna {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const fs::path kTestData = fs::path(MYNA_SOURCE_DIR) / "src/weights/testdata";

std::string corrupt_message(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruptData);
    return error.what();
  }
  return "no error";
}

fs::path temporary_file() {
  return fs::path(::testing::TempDir()) /
         (std::string("myna_safetensors_") +
          ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".safetensors");
}

template <typename T>
T bits_of(uint16_t bits) {
  T value;
  value.bits = bits;
  return value;
}

// The tensors of testdata/make_testdata.py.
struct GoldenTensors {
  std::vector<float> weight{-1, -0.5, 0, 0.5, 1, 1.5};
  std::vector<Float16> half{bits_of<Float16>(0x3C00), bits_of<Float16>(0xB800)};
  std::vector<BFloat16> bfloat{bits_of<BFloat16>(0x3F80), bits_of<BFloat16>(0xC000),
                               bits_of<BFloat16>(0x3F00)};
  std::vector<int8_t> quantised{-128, -1, 0, 1, 127};
  std::vector<uint8_t> bytes{0, 128, 255};
  std::vector<int32_t> indices{-7, 70000};
  std::vector<int64_t> longs{-(int64_t{1} << 40)};
  std::vector<double> doubles{1e300, -0.25};
  std::vector<float> scalar{2.5};
  std::vector<float> empty;

  template <typename T>
  static TensorView view(const std::vector<T>& values, const Shape& shape) {
    return TensorView::of(std::span<const T>(values), shape);
  }
  std::vector<NamedTensor> list() const {
    return {{"decoder.weight", view(weight, {2, 3})},
            {"half", view(half, {2})},
            {"bfloat", view(bfloat, {3})},
            {"quantised", view(quantised, {5})},
            {"bytes", view(bytes, {3})},
            {"indices", view(indices, {2})},
            {"long", view(longs, {1})},
            {"double", view(doubles, {2})},
            {"scalar", view(scalar, Shape())},
            {"empty", view(empty, {0, 4})}};
  }
};

const std::map<std::string, std::string> kGoldenMetadata{{"größe", "schön"}};

void expect_golden_tensors(const SafetensorsFile& file) {
  const GoldenTensors golden;
  const std::vector<NamedTensor> list = golden.list();
  EXPECT_EQ(file.names().size(), list.size());
  for (const NamedTensor& expected : list) {
    const TensorView found =
        file.require(expected.name, expected.tensor.dtype(), expected.tensor.shape());
    ASSERT_EQ(found.bytes().size(), expected.tensor.bytes().size()) << expected.name;
    EXPECT_TRUE(
        std::equal(found.bytes().begin(), found.bytes().end(), expected.tensor.bytes().begin()))
        << expected.name;
  }
  EXPECT_THAT(file.values<float>("decoder.weight", {2, 3}), ElementsAre(-1, -0.5, 0, 0.5, 1, 1.5));
  EXPECT_THAT(file.values<int64_t>("long", {1}), ElementsAre(-(int64_t{1} << 40)));
  EXPECT_EQ(file.metadata(), kGoldenMetadata);
}

TEST(SafetensorsTest, ReadsWhatTheFormatsLibraryWrites) {
  expect_golden_tensors(SafetensorsFile::open(kTestData / "library.safetensors"));
}

TEST(SafetensorsTest, MovingAFileKeepsItsViews) {
  SafetensorsFile first = SafetensorsFile::open(kTestData / "library.safetensors");
  const std::span<const float> weight = first.values<float>("decoder.weight", {2, 3});
  const SafetensorsFile second = std::move(first);
  second.release_pages();
  EXPECT_EQ(weight[5], 1.5f);
}

TEST(SafetensorsTest, AnAbsentTensorIsNoError) {
  const SafetensorsFile file = SafetensorsFile::open(kTestData / "library.safetensors");
  EXPECT_FALSE(file.find("decoder.bias"));
  EXPECT_TRUE(file.find("half"));
}

TEST(SafetensorsTest, RequireSaysWhatIsMissingAndWhatIsThere) {
  const SafetensorsFile file = SafetensorsFile::open(kTestData / "library.safetensors");
  const std::string message = corrupt_message([&] { file.require("decoder.weigth"); });
  EXPECT_THAT(message, HasSubstr("library.safetensors': tensor 'decoder.weigth' is missing"));
  EXPECT_THAT(message, HasSubstr("it has 'decoder.weight'"));
  EXPECT_THAT(message, HasSubstr("myna models pull"));
}

TEST(SafetensorsTest, RequireNamesBothShapesAndTheCause) {
  const SafetensorsFile file = SafetensorsFile::open(kTestData / "library.safetensors");
  EXPECT_THAT(corrupt_message([&] {
                file.require("decoder.weight", DType::kF32, {3, 2});
              }),
              HasSubstr("'decoder.weight' is F32 [2, 3], expected F32 [3, 2]: the converter left "
                        "the axes in another order"));
  EXPECT_THAT(corrupt_message([&] { file.require("decoder.weight", DType::kF32, {6}); }),
              HasSubstr("shaped it differently"));
  EXPECT_THAT(corrupt_message([&] {
                file.require("decoder.weight", DType::kI8, {2, 3});
              }),
              HasSubstr("is F32 [2, 3], expected I8 [2, 3]: the package was converted to another "
                        "number format"));
  EXPECT_THAT(corrupt_message([&] {
                file.require("decoder.weight", DType::kF32, {2, 4});
              }),
              HasSubstr("another model or another version"));
}

TEST(SafetensorsTest, AMissingFileIsNotCorrupt) {
  try {
    SafetensorsFile::open(kTestData / "none.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

// The committed file was read back by the format's own library (testdata/make_testdata.py).
TEST(SafetensorsWriterTest, WritesTheGolden) {
  const fs::path path = std::getenv("MYNA_WRITE_GOLDENS") != nullptr
                            ? kTestData / "myna.safetensors"
                            : temporary_file();
  const GoldenTensors golden;
  write_safetensors(path, golden.list(), kGoldenMetadata);
  EXPECT_EQ(read_file(path), read_file(kTestData / "myna.safetensors"));
  expect_golden_tensors(SafetensorsFile::open(path));
}

TEST(SafetensorsWriterTest, AlignsTensorsToCacheLines) {
  const fs::path path = temporary_file();
  const std::vector<int8_t> odd(3), line(192);
  const std::vector<float> four(4), large(16 * 7);
  const std::vector<NamedTensor> tensors{
      {"odd", TensorView::of(std::span(odd), {3})},
      {"four", TensorView::of(std::span(four), {4})},
      {"line", TensorView::of(std::span(line), {3, 64})},
      {"large", TensorView::of(std::span(large), {16, 7})},
  };
  write_safetensors(path, tensors);
  const SafetensorsFile file = SafetensorsFile::open(path);
  EXPECT_THAT(file.names(), ElementsAre("line", "large", "four", "odd"));
  for (const char* name : {"line", "large", "four"}) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(file.require(name).bytes().data()) % 64, 0u) << name;
  }
}

TEST(SafetensorsWriterTest, AnEmptyFileIsAFile) {
  const fs::path path = temporary_file();
  write_safetensors(path, {});
  EXPECT_THAT(SafetensorsFile::open(path).names(), IsEmpty());
}

TEST(SafetensorsWriterTest, NamesSurviveQuoting) {
  const fs::path path = temporary_file();
  const std::vector<float> one{1};
  const std::string name = "a\"b\\c\n\xE2\x82\xAC";
  write_safetensors(path, std::vector<NamedTensor>{{name, TensorView::of(std::span(one), {1})}},
                    {{"note", "line\nline"}});
  const SafetensorsFile file = SafetensorsFile::open(path);
  EXPECT_THAT(file.values<float>(name, {1}), ElementsAre(1));
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("note", "line\nline")));
}

TEST(SafetensorsWriterTest, RefusesNamesThatAFileCannotHave) {
  const fs::path path = temporary_file();
  fs::remove(path);
  const std::vector<float> one{1};
  const TensorView tensor = TensorView::of(std::span(one), {1});
  const auto write = [&](std::vector<NamedTensor> tensors) { write_safetensors(path, tensors); };
  EXPECT_THROW(write({{"", tensor}}), Error);
  EXPECT_THROW(write({{"__metadata__", tensor}}), Error);
  EXPECT_THROW(write({{"a", tensor}, {"a", tensor}}), Error);
  EXPECT_THROW(write({{"\xFF", tensor}}), Error);
  EXPECT_THROW(write_safetensors(path, {}, {{"k", "\xC0\x80"}}), Error);
  EXPECT_FALSE(fs::exists(path)) << "nothing is left of a refused file";
}

}  // namespace
}  // namespace myna
