#include "wire/openai/skeleton.h"

namespace hearth::wire::openai {

namespace {

// The plain string at the front of `data`: removes it. What ends it is the caller's to compare.
void skip_plain(std::string_view& data) {
    std::size_t i = 0;
    while (i < data.size() && data[i] != '"' && data[i] != '\\' &&
           static_cast<unsigned char>(data[i]) >= 0x20)
        ++i;
    data.remove_prefix(i);
}

}  // namespace

void Skeleton::learn(std::string_view data, json::Value first, json::Value second) {
    std::size_t from = 0;
    strings_ = 0;
    if (second && second.range().offset < first.range().offset) std::swap(first, second);
    for (const json::Value value : {first, second}) {
        if (!value) continue;
        const auto range = value.range();
        fixed_[strings_++].assign(data.substr(from, range.offset + 1 - from));
        from = range.end() - 1;
    }
    fixed_[strings_].assign(data.substr(from));
}

bool Skeleton::matches(std::string_view data) const {
    if (strings_ == 0) return false;
    for (std::size_t i = 0; i < strings_; ++i) {
        if (!data.starts_with(fixed_[i])) return false;
        data.remove_prefix(fixed_[i].size());
        skip_plain(data);
    }
    return data == fixed_[strings_];
}

}  // namespace hearth::wire::openai
