#pragma once
// Inside this folder: the pieces of request decoding. Each answers false when reader.error is set.
#include "wire/reader.h"

namespace hearth::wire::ollama {

bool read_messages(Reader& reader, json::Value value, const Path& path, exchange::Request& out);
// A list of base64 images; null is none.
bool read_images(Reader& reader, json::Value value, const Path& path, std::vector<exchange::Part>& out);

}  // namespace hearth::wire::ollama
