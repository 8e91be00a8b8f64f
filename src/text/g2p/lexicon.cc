// Everything is checked once in open(), so that find() stays free of checks.
#include "text/g2p/lexicon.h"

#include <bit>
#include <cstring>

#include "base/error.h"

namespace myna::text {
namespace {

static_assert(std::endian::native == std::endian::little, "lexicon.bin is read in place");

constexpr std::string_view kMagic("MYNALEX\0", 8);
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderSize = 64;
constexpr size_t kAlphabetEntries = 64;
constexpr size_t kDirectoryRecordSize = 32;
constexpr size_t kEntrySize = 8;
constexpr uint8_t kSpelled = 0xFF;
constexpr std::string_view kDialectNames[] = {"en-US", "en-GB"};

template <typename T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint32_t key_hash(std::string_view key) {
  uint32_t hash = 0x811C9DC5u;
  for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193u;
  return hash;
}

uint64_t content_checksum(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    hash = (hash ^ load<uint64_t>(&bytes[at])) * 0x100000001B3u;
  }
  return hash;
}

// Reads the tables of one file; every complaint names it.
class Checker {
 public:
  Checker(std::span<const uint8_t> bytes, std::string name)
      : bytes_(bytes), name_(std::move(name)) {}

  void require(bool condition, std::string_view what) const {
    if (condition) return;
    throw Error(ErrorCode::kCorruptData, "lexicon '" + name_ + "' is damaged: " + std::string(what),
                "reinstall it with: myna models pull lexicon-en");
  }
  const uint8_t* table(uint64_t offset, uint64_t size, std::string_view what) const {
    require(offset % 4 == 0 && offset <= bytes_.size() && size <= bytes_.size() - offset,
            std::string(what) + " lies outside of the file");
    return bytes_.data() + offset;
  }

 private:
  std::span<const uint8_t> bytes_;
  std::string name_;
};

// Walks one heap record. Not inlined into require() calls: 200,000 records pass here at start-up.
bool record_is_valid(const uint8_t* heap, size_t heap_size, const uint8_t* entry,
                     uint32_t symbol_count) {
  size_t at = load<uint32_t>(entry);
  const size_t key_length = entry[4];
  const size_t variant_count = load<uint16_t>(entry + 6);
  if (entry[5] > 1 || key_length == 0 || variant_count == 0) return false;
  if (at > heap_size || key_length > heap_size - at) return false;
  at += key_length;
  for (size_t variant = 0; variant < variant_count; ++variant) {
    if (heap_size - at < 2) return false;
    const uint8_t tag = heap[at];
    const uint8_t length = heap[at + 1];
    if (tag >= kReadingTagCount || (variant == 0 && tag != 0)) return false;
    at += 2;
    if (length == kSpelled) continue;
    if (length > heap_size - at) return false;
    for (size_t i = 0; i < length; ++i) {
      if (heap[at + i] >= symbol_count) return false;
    }
    at += length;
  }
  return true;
}

}  // namespace

const uint8_t* LexiconEntry::find(ReadingTag tag) const {
  const uint8_t* at = variants_;
  for (uint16_t i = 0; i < variant_count_; ++i) {
    if (at[0] == static_cast<uint8_t>(tag)) return at;
    at += 2 + (at[1] == kSpelled ? 0 : at[1]);
  }
  return nullptr;
}

bool LexiconEntry::append_reading(ReadingTag tag, PhonemeString& out) const {
  const uint8_t* variant = find(tag);
  if (variant == nullptr) variant = variants_;
  if (variant[1] == kSpelled) return false;
  for (size_t i = 0; i < variant[1]; ++i) out.push_back(alphabet_[variant[2 + i]]);
  return true;
}

Lexicon Lexicon::open(const std::filesystem::path& path) {
  Lexicon lexicon;
  try {
    lexicon.file_ = MappedFile::open(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kUnavailable, "the lexicon '" + path.string() + "' is not installed",
                "install it with: myna models pull lexicon-en");
  }
  const auto raw = lexicon.file_.bytes();
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(raw.data()), raw.size());
  const Checker check(bytes, path.string());

  check.require(bytes.size() >= kHeaderSize + 4 * kAlphabetEntries, "it is too short");
  check.require(std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0,
                "it does not start with the lexicon's magic number");
  const auto version = load<uint32_t>(&bytes[8]);
  check.require(version == kVersion,
                "version " + std::to_string(version) + ", expected " + std::to_string(kVersion));
  const auto dialect_count = load<uint32_t>(&bytes[12]);
  check.require(load<uint64_t>(&bytes[16]) == bytes.size() && bytes.size() % 8 == 0,
                "its size is not the one in its header");
  check.require(load<uint64_t>(&bytes[24]) == content_checksum(bytes.subspan(kHeaderSize)),
                "its checksum does not match");
  const auto symbol_count = load<uint32_t>(&bytes[32]);
  check.require(symbol_count <= kAlphabetEntries, "its alphabet is too large");
  for (size_t i = 0; i < symbol_count; ++i) {
    const auto symbol = load<uint32_t>(&bytes[kHeaderSize + 4 * i]);
    check.require(symbol > 0x20 && symbol < 0xD800, "its alphabet has an impossible symbol");
    lexicon.alphabet_[i] = static_cast<char16_t>(symbol);
  }
  check.require(dialect_count <= 16, "it lists too many dialects");
  const size_t directory_at = kHeaderSize + 4 * kAlphabetEntries;
  const uint8_t* directory =
      check.table(directory_at, dialect_count * kDirectoryRecordSize, "the directory");

  for (uint32_t i = 0; i < dialect_count; ++i) {
    const uint8_t* record = directory + i * kDirectoryRecordSize;
    const std::string_view name(reinterpret_cast<const char*>(record),
                                strnlen(reinterpret_cast<const char*>(record), 8));
    Section parsed;
    parsed.slot_count = load<uint32_t>(record + 8);
    parsed.entry_count = load<uint32_t>(record + 12);
    const auto heap_size = load<uint32_t>(record + 28);
    check.require(
        std::has_single_bit(parsed.slot_count) && parsed.slot_count / 2 >= parsed.entry_count,
        "a hash table has a wrong size");
    parsed.slots = reinterpret_cast<const uint32_t*>(
        check.table(load<uint32_t>(record + 16), uint64_t{parsed.slot_count} * 4, "a hash table"));
    parsed.entries = check.table(load<uint32_t>(record + 20),
                                 uint64_t{parsed.entry_count} * kEntrySize, "an entry table");
    parsed.heap = check.table(load<uint32_t>(record + 24), heap_size, "a heap");
    uint32_t used_slots = 0;
    for (uint32_t slot = 0; slot < parsed.slot_count; ++slot) {
      check.require(parsed.slots[slot] <= parsed.entry_count, "a slot points to no entry");
      used_slots += parsed.slots[slot] != 0;
    }
    // At least half of the slots are empty, so that every probe ends.
    check.require(used_slots == parsed.entry_count, "a hash table has lost entries");
    for (uint32_t entry = 0; entry < parsed.entry_count; ++entry) {
      check.require(record_is_valid(parsed.heap, heap_size, parsed.entries + entry * kEntrySize,
                                    symbol_count),
                    "a word's record is broken");
    }
    for (size_t dialect = 0; dialect < std::size(kDialectNames); ++dialect) {
      if (name == kDialectNames[dialect]) lexicon.sections_[dialect] = parsed;
    }
  }
  for (size_t dialect = 0; dialect < std::size(kDialectNames); ++dialect) {
    check.require(lexicon.sections_[dialect].slots != nullptr,
                  "it has no section " + std::string(kDialectNames[dialect]));
  }
  return lexicon;
}

std::optional<LexiconEntry> Lexicon::find(std::string_view word, Dialect dialect) const {
  const Section& in = section(dialect);
  const uint32_t mask = in.slot_count - 1;
  for (uint32_t slot = key_hash(word) & mask; in.slots[slot] != 0; slot = (slot + 1) & mask) {
    const uint8_t* entry = in.entries + (in.slots[slot] - 1) * kEntrySize;
    const uint8_t* record = in.heap + load<uint32_t>(entry);
    if (entry[4] != word.size() || std::memcmp(record, word.data(), word.size()) != 0) continue;
    LexiconEntry found;
    found.variants_ = record + word.size();
    found.alphabet_ = alphabet_;
    found.variant_count_ = load<uint16_t>(entry + 6);
    found.tier_ = static_cast<LexiconTier>(entry[5]);
    return found;
  }
  return std::nullopt;
}

}  // namespace myna::text
