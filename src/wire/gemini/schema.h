#pragma once
// Schemas: Google's `Schema` is a subset of OpenAPI 3.0's with types in capitals ("STRING"), `nullable` and int64 values
// as strings; the internal form is plain JSON Schema. Format: ai.google.dev/api/caching#Schema; what of JSON Schema the
// fields parametersJsonSchema and responseJsonSchema take: ai.google.dev/api/generate-content#FIELDS.response_json_schema.
#include <optional>
#include <string>
#include <string_view>

#include "text/json.h"

namespace hearth::wire::gemini {

// Google's form as JSON Schema: types in small letters, nullable as a second type "null", numbers as numbers;
// propertyOrdering, which says nothing about validity, is left out.
[[nodiscard]] std::string to_json_schema(json::Value schema);

// A schema out of the fields for plain JSON Schema: as it is. The Gemini CLI writes Google's types there too ("OBJECT"), which
// only Google accepts: then as to_json_schema().
[[nodiscard]] std::string plain_json_schema(json::Value schema);

// Whether a JSON Schema says only what Google's form can say as well, so that it may stand in `parameters` or
// `responseSchema` as it is (types in small letters are read, too).
[[nodiscard]] bool fits_google_schema(json::Value schema);

// A JSON Schema for the JsonSchema fields: without "$schema", which they refuse.
[[nodiscard]] std::string without_dialect(json::Value schema);

// The schema with its named parts ("$ref" to "$defs") in their places. nullopt: a name leads nowhere or into itself, or
// more than words stands beside it.
[[nodiscard]] std::optional<std::string> without_names(json::Value schema);

// `{"type":"object"}` and the like: a function without arguments, whose schema Google refuses and wants left out.
[[nodiscard]] bool is_empty_object(json::Value schema);

}  // namespace hearth::wire::gemini
