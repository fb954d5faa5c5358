#pragma once
// What OpenAI's two dialects demand of schemas and other vendors do not. Facts: OpenAI's pages on function calling and
// structured outputs (platform.openai.com/docs/guides/structured-outputs).
#include <string>
#include <string_view>

namespace hearth::wire {

// Strict: every object says "additionalProperties": false and has all of its properties among the required ones. A text
// that is no JSON object is not.
[[nodiscard]] bool is_strict_schema(std::string_view schema);

// A tool's parameters: an object schema without "properties" is refused, so it gets empty ones. Others as they are.
[[nodiscard]] std::string with_properties(std::string_view schema);

}  // namespace hearth::wire
