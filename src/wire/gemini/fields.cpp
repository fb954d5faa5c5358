#include "wire/gemini/fields.h"

#include "wire/reader.h"

namespace hearth::wire::gemini {

bool is_field(std::string_view key, std::string_view name) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < key.size(); ++i, ++at) {
        char c = key[i];
        if (c == '_' && i > 0 && i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z') {
            c = static_cast<char>(key[++i] - 'a' + 'A');
        }
        if (at == name.size() || name[at] != c) return false;
    }
    return at == name.size();
}

std::optional<json::Member> find_field(json::Value object, std::string_view name) {
    for (const json::Member member : object.members()) {
        if (is_field(member.key(), name)) return member;
    }
    return std::nullopt;
}

json::Value field(json::Value object, std::string_view name) {
    const auto found = find_field(object, name);
    return found ? found->value : json::Value{};
}

void keep_others(std::vector<exchange::RawField>& extra, json::Value object, std::string_view within,
                 std::initializer_list<std::string_view> known) {
    for (const json::Member member : object.members()) {
        const bool is_known =
            std::ranges::any_of(known, [&](auto name) { return is_field(member.key(), name); });
        if (!is_known) keep(extra, within, member);
    }
}

}  // namespace hearth::wire::gemini
