// SHA-256 as lower-case hexadecimal, by OpenSSL's libcrypto.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace myna {

std::string sha256_hex(std::span<const std::byte> bytes);
// Throws Error kNotFound or kIo.
std::string sha256_file_hex(const std::filesystem::path& path);

}  // namespace myna
