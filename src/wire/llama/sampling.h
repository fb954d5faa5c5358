#pragma once
// Sampling fields as llama.cpp names them, at the top of a request of llama-server and inside `options` of Ollama.
//
// Facts: tools/server/README.md of llama.cpp (POST /completion), docs/modelfile.mdx of Ollama (parameters).
#include <string_view>

#include "text/json_writer.h"
#include "wire/openai/decode.h"

namespace hearth::wire::llama {

// temperature, top_k, top_p, min_p, repeat_penalty, presence_penalty, frequency_penalty, seed, stop; nullptr: another.
// A negative seed means "any" and stays unset.
[[nodiscard]] const openai::Field* sampling_field(std::string_view name);

// -1 and -2 (no limit, as far as the context goes) leave max_tokens unset.
bool read_predict(Reader& reader, json::Value value, const Path& path, exchange::Request& out);

// Members of the object that is open. max_tokens goes out under `limit_name`.
void write_sampling(json::Writer& w, const exchange::Sampling& sampling, std::string_view limit_name);

}  // namespace hearth::wire::llama
