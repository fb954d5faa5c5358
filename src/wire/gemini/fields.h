#pragma once
// Inside this folder: members by name. Google's servers take every field in lowerCamelCase and in snake_case (proto3's
// JSON mapping, protobuf.dev/programming-guides/json), and clients send both.
#include <initializer_list>
#include <string_view>
#include <vector>

#include "exchange/request.h"
#include "text/json.h"

namespace hearth::wire::gemini {

// Whether a key as received ("inline_data") is the field `name` ("inlineData").
[[nodiscard]] bool is_field(std::string_view key, std::string_view name);
// The member of that field in either spelling; the first one where both stand.
[[nodiscard]] std::optional<json::Member> find_field(json::Value object, std::string_view name);
[[nodiscard]] json::Value field(json::Value object, std::string_view name);
// Keeps every member that is none of the `known` fields (wire/reader.h: keep).
void keep_others(std::vector<exchange::RawField>& extra, json::Value object, std::string_view within,
                 std::initializer_list<std::string_view> known);

}  // namespace hearth::wire::gemini
