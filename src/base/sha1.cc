#include "base/sha1.h"

#include <openssl/evp.h>

#include "base/error.h"

namespace myna {

std::array<uint8_t, 20> sha1(std::string_view bytes) {
  std::array<uint8_t, 20> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1 ||
      size != digest.size()) {
    throw Error(ErrorCode::kInternal, "SHA-1 is not available in libcrypto");
  }
  return digest;
}

}  // namespace myna
