#pragma once
// JSON Schemas and arguments in the forms that Anthropic takes.
#include <string>
#include <string_view>

namespace hearth::wire::anthropic {

// For output_config.format: every object must say "additionalProperties": false, or the request is refused
// (platform.claude.com/docs/en/build-with-claude/structured-outputs). What satisfies the closed schema satisfies the open
// one too. Bounds (minimum, maxLength ...) are refused and move into the description, as in Anthropic's own SDKs. A text
// that is no object comes back as it is.
[[nodiscard]] std::string closed_schema(std::string_view schema);

// A tool's input_schema: an object with "type", which OpenAI's tools may leave out; empty: no arguments.
[[nodiscard]] std::string input_schema(std::string_view schema);

// A tool_use's input from the text that a model wrote: an object as it is; nothing as {}; anything else, broken JSON too,
// as {"input": TEXT}, which loses nothing and is how a free-form tool's input is written elsewhere.
[[nodiscard]] std::string input_object(std::string_view arguments);
// The same in an answer: what is no object (it was cut at the limit of tokens) stands there as a string, so that nobody
// takes it for arguments.
[[nodiscard]] std::string input_as_answered(std::string_view arguments);

// An id of tool_use and tool_result in Anthropic's alphabet (letters, digits, '_', '-'): others become '_', with a hash
// of the whole at the end so that two ids stay two. The same id gives the same text, always.
[[nodiscard]] std::string tool_id(std::string_view id);

}  // namespace hearth::wire::anthropic
