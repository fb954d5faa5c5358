#pragma once
// Reads little-endian values of a GGUF file in order, from a window that a source refills. The first error is sticky:
// every later read does nothing, so that the parser checks once per step instead of once per value.
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hearth::models {

static_assert(std::endian::native == std::endian::little, "GGUF values are read in native byte order");

class ByteSource {
  public:
    virtual ~ByteSource() = default;
    // Bytes read at `offset`, 0 at the end; Code::storage if the disk fails.
    [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
};

class GgufReader {
  public:
    GgufReader(ByteSource& source, std::uint64_t file_bytes, std::uint64_t limit, std::string where);

    template <class T>
    [[nodiscard]] T get() {
        T value{};
        read(&value, sizeof value);
        return value;
    }
    // Length-prefixed. Strings over `keep` bytes are skipped and returned empty, with *length set.
    [[nodiscard]] std::string string(std::uint64_t keep, std::uint64_t* length = nullptr);
    void skip(std::uint64_t bytes);

    [[nodiscard]] bool ok() const { return !error_; }
    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
    [[nodiscard]] const Error& error() const { return *error_; }
    void fail(Code code, std::string_view what);  // "<file> <what>", unless there is an error already

  private:
    void read(void* into, std::size_t bytes);
    [[nodiscard]] bool can_read(std::uint64_t bytes);
    ByteSource& source_;
    std::uint64_t file_bytes_, limit_;
    std::string where_;
    std::uint64_t offset_ = 0;
    std::unique_ptr<std::uint8_t[]> window_;
    std::uint64_t window_at_ = 0;
    std::size_t window_size_ = 0;
    std::optional<Error> error_;
};

}  // namespace hearth::models
