#pragma once
// One-shot quantization of a GGUF file, without a gateway (`hearth-engine --quantize IN OUT TYPE`). Confined like loading,
// before the file is opened; only OUT can be written.
#include <string>

namespace hearth::engine {

// OUT must not exist; IN of a split model is its first part. Prints errors as one sentence on stderr. The exit
// status: 0 done, kLoadFailedStatus (crash.h) the file, kNoSuchType, kCannotConfine, kNoOutput.
inline constexpr int kNoSuchType = 65, kCannotConfine = 69, kNoOutput = 73;
[[nodiscard]] int quantize(const std::string& in, const std::string& out, const std::string& type);

}  // namespace hearth::engine
