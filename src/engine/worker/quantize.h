#pragma once
// The program's other task, once and without a gateway on a socket: a GGUF file written anew with smaller weights
// (`hearth-engine --quantize IN OUT TYPE`). Confined as loading is, before the file is looked at; only OUT can be written.
#include <string>

namespace hearth::engine {

// OUT must not exist; IN of a split model is its first part. Says on stderr in one sentence what went wrong. The exit
// status: 0 done, kLoadFailedStatus (crash.h) the file, kNoSuchType, kCannotConfine, kNoOutput.
inline constexpr int kNoSuchType = 65, kCannotConfine = 69, kNoOutput = 73;
[[nodiscard]] int quantize(const std::string& in, const std::string& out, const std::string& type);

}  // namespace hearth::engine
