#include "models/gguf_metadata.h"

#include <fmt/format.h>

#include <array>

namespace hearth::models {
namespace {

// Token texts by which llama.cpp finds the fill-in-the-middle tokens (llama-vocab.cpp, v0.5.0).
constexpr std::array<std::string_view, 8> kPrefix{"<|fim_prefix|>",  "<fim-prefix>", "<fim_prefix>",
                                                  "<｜fim▁begin｜>", "<PRE>",        "▁<PRE>",
                                                  "<|code_prefix|>", "<|prefix|>"};
constexpr std::array<std::string_view, 8> kSuffix{"<|fim_suffix|>",  "<fim-suffix>", "<fim_suffix>",
                                                  "<｜fim▁hole｜>",  "<SUF>",        "▁<SUF>",
                                                  "<|code_suffix|>", "<|suffix|>"};
constexpr std::array<std::string_view, 8> kMiddle{"<|fim_middle|>",  "<fim-middle>", "<fim_middle>",
                                                  "<｜fim▁end｜>",   "<MID>",        "▁<MID>",
                                                  "<|code_middle|>", "<|middle|>"};
constexpr std::uint64_t kLongestFimToken = 24;
constexpr std::uint64_t kShownString = 4096;

// Untrusted text must not contain terminal control sequences.
std::string printable(std::string text) {
    for (auto& c : text) {
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) c = ' ';
    }
    return text;
}

template <class T>
std::string scalar(GgufReader& reader, const std::string& key, Metadata& into) {
    const T value = reader.get<T>();
    if constexpr (std::is_integral_v<T>) {
        if (value >= 0) into.integers.emplace(key, static_cast<std::uint64_t>(value));
        return fmt::format("{}", +value);
    } else {
        return fmt::format("{}", value);
    }
}

std::optional<std::uint64_t> integer_of(GgufReader& reader, GgufType type) {
    switch (type) {
        case GgufType::uint8:
        case GgufType::boolean:
            return reader.get<std::uint8_t>();
        case GgufType::uint16:
            return reader.get<std::uint16_t>();
        case GgufType::uint32:
            return reader.get<std::uint32_t>();
        case GgufType::int32:
            return static_cast<std::uint64_t>(std::max(0, reader.get<std::int32_t>()));
        case GgufType::uint64:
            return reader.get<std::uint64_t>();
        case GgufType::int64:
            return static_cast<std::uint64_t>(std::max<std::int64_t>(0, reader.get<std::int64_t>()));
        default:
            return std::nullopt;
    }
}

void look_at_token(const std::string& token, Metadata& into) {
    const auto is_in = [&token](const auto& names) { return std::ranges::find(names, token) != names.end(); };
    if (token.empty()) return;
    if (is_in(kPrefix)) into.fim_prefix = true;
    if (is_in(kSuffix)) into.fim_suffix = true;
    if (is_in(kMiddle)) into.fim_middle = true;
}

std::string array(GgufReader& reader, const std::string& key, Metadata& into) {
    const auto type = static_cast<GgufType>(reader.get<std::uint32_t>());
    const auto length = reader.get<std::uint64_t>();
    if (!reader.ok()) return {};
    into.lengths.emplace(key, length);
    const auto bytes = gguf_type_bytes(type);
    if (type == GgufType::string) {
        const bool tokens = key == "tokenizer.ggml.tokens";
        // Each takes at least eight bytes, so the file's end bounds this loop whatever the value of `length`.
        for (std::uint64_t i = 0; i < length && reader.ok(); ++i) {
            const auto token = reader.string(tokens ? kLongestFimToken : 0);
            if (tokens) look_at_token(token, into);
        }
    } else if (bytes == 0) {
        reader.fail(Code::corrupt,
                    fmt::format("has an array of type {} in key {}, which GGUF does not allow",
                                static_cast<std::uint32_t>(type), printable(key.substr(0, 80))));
    } else if (length <= std::min(kListLength, into.list_room) && type != GgufType::float32 &&
               type != GgufType::float64) {
        std::vector<std::uint64_t> list;
        for (std::uint64_t i = 0; i < length && reader.ok(); ++i) {
            if (auto value = integer_of(reader, type))
                list.push_back(*value);
            else
                reader.skip(bytes);
        }
        into.list_room -= list.size();
        into.lists.emplace(key, std::move(list));
    } else {
        reader.skip(length > UINT64_MAX / bytes ? UINT64_MAX : length * bytes);
    }
    return fmt::format("[{} × {}]", gguf_type_name(type), length);
}

std::string text(GgufReader& reader, const std::string& key, Metadata& into, std::uint64_t& budget) {
    std::uint64_t length = 0;
    auto value = reader.string(std::min(kKeptString, budget), &length);
    if (!reader.ok()) return {};
    budget -= value.size();
    auto shown = length > kShownString ? fmt::format("[string of {} bytes]", length) : printable(value);
    into.strings.emplace(key, std::move(value));
    return shown;
}

std::string value_of(GgufReader& reader, GgufType type, const std::string& key, Metadata& into,
                     std::uint64_t& budget) {
    switch (type) {
        case GgufType::uint8:
            return scalar<std::uint8_t>(reader, key, into);
        case GgufType::int8:
            return scalar<std::int8_t>(reader, key, into);
        case GgufType::uint16:
            return scalar<std::uint16_t>(reader, key, into);
        case GgufType::int16:
            return scalar<std::int16_t>(reader, key, into);
        case GgufType::uint32:
            return scalar<std::uint32_t>(reader, key, into);
        case GgufType::int32:
            return scalar<std::int32_t>(reader, key, into);
        case GgufType::uint64:
            return scalar<std::uint64_t>(reader, key, into);
        case GgufType::int64:
            return scalar<std::int64_t>(reader, key, into);
        case GgufType::float32:
            return scalar<float>(reader, key, into);
        case GgufType::float64:
            return scalar<double>(reader, key, into);
        case GgufType::boolean:
            return scalar<std::uint8_t>(reader, key, into) == "0" ? "false" : "true";
        case GgufType::string:
            return text(reader, key, into, budget);
        case GgufType::array:
            return array(reader, key, into);
    }
    reader.fail(Code::corrupt, fmt::format("has a value of unknown type {} in key {}",
                                           static_cast<std::uint32_t>(type), printable(key.substr(0, 80))));
    return {};
}

GgufKey::Kind kind_of(GgufType type) {
    if (type == GgufType::string) return GgufKey::Kind::text;
    if (type == GgufType::array) return GgufKey::Kind::array;
    return type == GgufType::boolean ? GgufKey::Kind::boolean : GgufKey::Kind::number;
}

}  // namespace

std::uint64_t Metadata::integer(std::string_view key) const {
    const auto found = integers.find(key);
    return found == integers.end() ? 0 : found->second;
}

std::string Metadata::string(std::string_view key) const {
    const auto found = strings.find(key);
    return found == strings.end() ? std::string() : found->second;
}

void read_metadata(GgufReader& reader, std::uint64_t count, Metadata& into) {
    constexpr std::uint64_t kKeyBytes = 65'535;  // gguf.md: at most 2^16 - 1
    std::set<std::string, std::less<>> seen;
    std::uint64_t budget = kKeptStrings;
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
        std::uint64_t length = 0;
        auto key = reader.string(kKeyBytes, &length);
        if (!reader.ok()) return;
        if (length == 0 || length > kKeyBytes) {
            return reader.fail(Code::corrupt,
                               fmt::format("has a key of {} bytes (1 to {} are allowed)", length, kKeyBytes));
        }
        if (!seen.insert(key).second) {
            return reader.fail(Code::corrupt,
                               fmt::format("has the key {} twice", printable(key.substr(0, 80))));
        }
        const auto type = static_cast<GgufType>(reader.get<std::uint32_t>());
        if (!reader.ok()) return;
        auto value = value_of(reader, type, key, into, budget);
        if (reader.ok() && budget > 0)
            into.keys.push_back({printable(std::move(key)), std::move(value), kind_of(type)});
    }
}

}  // namespace hearth::models
