#pragma once
// Captures llama.cpp's log, since some of its lines quote prompts. Only the last few errors are kept, to explain a failed
// load.
#include <cstdint>
#include <string>

namespace hearth::engine {

void capture_logs();
// The most informative error since the last call, sanitized for a message; empty when there was none.
[[nodiscard]] std::string take_last_error();
// Bytes of KV and recurrent state that llama.cpp reported as allocated since the last call.
[[nodiscard]] std::int64_t take_state_bytes();

}  // namespace hearth::engine
