#pragma once
// llama.cpp's log goes here and nowhere else: some of its lines quote prompts. Only errors are kept, only the last
// few, and only to say why a load failed.
#include <cstdint>
#include <string>

namespace hearth::engine {

void capture_logs();
// The most telling of the errors since the last call, made fit for one sentence; empty when there were none.
[[nodiscard]] std::string take_last_error();
// Bytes of KV and recurrent state that llama.cpp has said it allocated since the last call.
[[nodiscard]] std::int64_t take_state_bytes();

}  // namespace hearth::engine
