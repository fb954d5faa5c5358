#include "models/gguf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "models/gguf_metadata.h"
#include "models/gguf_reader.h"
#include "models/gguf_types.h"
#include "net/fd.h"

namespace hearth::models {
namespace {

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint32_t kMaxDimensions = 4;   // GGML_MAX_DIMS
constexpr std::uint64_t kTensorName = 63;     // GGML_MAX_NAME without its NUL

class MemorySource : public ByteSource {
  public:
    explicit MemorySource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        if (offset >= bytes_.size()) return 0;
        const auto take = std::min<std::uint64_t>(into.size(), bytes_.size() - offset);
        std::memcpy(into.data(), bytes_.data() + offset, take);
        return take;
    }

  private:
    std::span<const std::uint8_t> bytes_;
};

class FileSource : public ByteSource {
  public:
    FileSource(int fd, std::string_view path) : fd_(fd), path_(path) {}
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        while (true) {
            const auto got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
            if (got >= 0) return static_cast<std::size_t>(got);
            if (errno != EINTR)
                return fail(Code::storage, fmt::format("cannot read {}: {}", path_, std::strerror(errno)));
        }
    }

  private:
    int fd_;
    std::string_view path_;
};

// Elements and bytes of a tensor, without overflow.
bool measure(GgufReader& reader, GgufTensor& tensor) {
    const auto type = tensor_type(tensor.type);
    if (type.elements == 0) {
        reader.fail(Code::corrupt,
                    fmt::format("has a tensor of unknown type {}: the file is damaged, or newer than this "
                                "version of Hearth",
                                tensor.type));
        return false;
    }
    std::uint64_t elements = 1;
    for (const auto side : tensor.shape) {
        if (side > INT64_MAX || __builtin_mul_overflow(elements, side, &elements)) {
            reader.fail(Code::corrupt, "has a tensor whose number of elements overflows");
            return false;
        }
    }
    if (tensor.shape[0] % type.elements != 0) {
        reader.fail(Code::corrupt,
                    fmt::format("has a {} tensor with rows of {} elements, not a multiple of {}", type.name,
                                tensor.shape[0], type.elements));
        return false;
    }
    if (__builtin_mul_overflow(elements / type.elements, std::uint64_t{type.bytes}, &tensor.bytes)) {
        reader.fail(Code::corrupt, "has a tensor whose size overflows");
        return false;
    }
    return true;
}

void read_tensors(GgufReader& reader, std::uint64_t count, Gguf& into) {
    std::uint64_t all_elements = 0;
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        GgufTensor tensor;
        std::uint64_t length = 0;
        tensor.name = reader.string(kTensorName, &length);
        const auto dimensions = reader.get<std::uint32_t>();
        if (!reader.ok()) return;
        if (length > kTensorName || dimensions > kMaxDimensions) {
            return reader.fail(Code::corrupt,
                               fmt::format("has a tensor with a name of {} bytes and {} dimensions (at most "
                                           "63 and 4 are allowed)",
                                           length, dimensions));
        }
        for (std::uint32_t d = 0; d < dimensions; ++d) tensor.shape[d] = reader.get<std::uint64_t>();
        tensor.type = reader.get<std::uint32_t>();
        tensor.offset = reader.get<std::uint64_t>();
        if (!reader.ok() || !measure(reader, tensor)) return;
        std::uint64_t elements = tensor.shape[0] * tensor.shape[1] * tensor.shape[2] * tensor.shape[3];
        if (__builtin_add_overflow(all_elements, elements, &all_elements) || all_elements > INT64_MAX) {
            return reader.fail(Code::corrupt, "has tensors whose total number of elements overflows");
        }
        into.tensors.push_back(std::move(tensor));
    }
}

// Tensors are contiguous, each padded to the alignment (gguf.cpp rejects anything else).
void place_tensors(GgufReader& reader, Gguf& into) {
    const auto padded = [&](std::uint64_t bytes) {
        return (bytes + into.alignment - 1) / into.alignment * into.alignment;
    };
    into.data_offset = into.tensors.empty() ? reader.offset() : padded(reader.offset());
    std::uint64_t next = 0, end = 0;
    for (const auto& tensor : into.tensors) {
        if (tensor.offset != next) {
            return reader.fail(Code::corrupt,
                               fmt::format("has a tensor at offset {} of its data, but the previous one "
                                           "ends at {}",
                                           tensor.offset, next));
        }
        if (__builtin_add_overflow(next, tensor.bytes, &end) ||
            end > INT64_MAX - into.data_offset - into.alignment) {
            return reader.fail(Code::corrupt, "has tensors whose total size overflows");
        }
        next = padded(end);
    }
    into.expected_bytes = into.data_offset + end;  // writers may omit the last padding
}

Result<Gguf> parse(ByteSource& source, std::uint64_t file_bytes, std::string where) {
    GgufReader reader(source, file_bytes, kGgufMetadataBytes, where);
    Gguf out;
    const auto magic = reader.get<std::uint32_t>();
    if (!reader.ok() || magic != kMagic)
        return fail(Code::corrupt, fmt::format("{} is not a GGUF file", where));
    out.version = reader.get<std::uint32_t>();
    if ((out.version & 0xffff) == 0 && out.version != 0) {
        return fail(Code::unsupported,
                    fmt::format("{} is a big-endian GGUF file; this machine is little-endian", where));
    }
    if (reader.ok() && out.version != 2 && out.version != 3) {
        return fail(Code::unsupported,
                    fmt::format("{} is GGUF version {}; versions 2 and 3 can be read", where, out.version));
    }
    const auto tensor_count = reader.get<std::uint64_t>();
    const auto key_count = reader.get<std::uint64_t>();
    if (reader.ok() && (tensor_count > kGgufTensors || key_count > kGgufKeys)) {
        reader.fail(Code::corrupt,
                    fmt::format("claims to have {} tensors and {} keys (at most {} and {} are allowed)",
                                tensor_count, key_count, kGgufTensors, kGgufKeys));
    }
    Metadata metadata;
    if (reader.ok()) read_metadata(reader, key_count, metadata);
    if (const auto found = metadata.integers.find("general.alignment"); found != metadata.integers.end()) {
        const auto value = found->second;
        if (value == 0 || value > 1 << 20 || (value & (value - 1)) != 0) {
            reader.fail(Code::corrupt,
                        fmt::format("has an alignment of {}, which is not a power of two", value));
        } else {
            out.alignment = static_cast<std::uint32_t>(value);
        }
    }
    if (reader.ok()) read_tensors(reader, tensor_count, out);
    if (reader.ok()) place_tensors(reader, out);
    if (!reader.ok()) return fail(reader.error());
    if (out.expected_bytes > file_bytes) {
        auto error = fail(Code::corrupt, fmt::format("{} is truncated: {} bytes of {}. Fetch it again.",
                                                     where, file_bytes, out.expected_bytes));
        error.error()->needed = static_cast<std::int64_t>(out.expected_bytes);
        error.error()->limit = static_cast<std::int64_t>(file_bytes);
        return error;
    }
    out.facts = facts_of(metadata, out.tensors);
    out.keys = std::move(metadata.keys);
    out.chat_template = metadata.string("tokenizer.chat_template");
    return out;
}

}  // namespace

Result<Gguf> parse_gguf(std::span<const std::uint8_t> bytes, std::uint64_t file_bytes) {
    MemorySource source(bytes);
    return parse(source, file_bytes, "the model file");
}

Result<Gguf> read_gguf(int fd, std::string_view path) {
    struct stat info{};
    if (::fstat(fd, &info) != 0)
        return fail(Code::storage, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    if (!S_ISREG(info.st_mode)) return fail(Code::invalid_request, fmt::format("{} is not a file", path));
    FileSource source(fd, path);
    return parse(source, static_cast<std::uint64_t>(info.st_size), std::string(path));
}

Result<Gguf> read_gguf(const std::string& path) {
    // O_NONBLOCK: a FIFO in place of a model must not block.
    const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        const auto code = errno == ENOENT ? Code::not_found : Code::storage;
        return fail(code, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    }
    return read_gguf(fd.get(), path);
}

SplitName parse_split_name(std::string_view name) {
    constexpr std::string_view kSuffix = ".gguf";
    constexpr std::size_t kTail = 15;  // "-00001-of-00002"
    if (!name.ends_with(kSuffix) || name.size() <= kTail + kSuffix.size()) return {};
    name.remove_suffix(kSuffix.size());
    const auto tail = name.substr(name.size() - kTail);
    SplitName split;
    const auto number = [](std::string_view digits, std::uint32_t& out) {
        const auto* end = digits.data() + digits.size();
        return std::from_chars(digits.data(), end, out).ptr == end;
    };
    if (tail[0] != '-' || tail.substr(6, 4) != "-of-" || !number(tail.substr(1, 5), split.number) ||
        !number(tail.substr(10, 5), split.count) || split.number == 0 || split.number > split.count) {
        return {};
    }
    split.stem = name.substr(0, name.size() - kTail);
    return split;
}

}  // namespace hearth::models
