#pragma once
// A file that makes llama.cpp fail an assertion or read outside of its bounds must end in a sentence about that file, not
// in a crash that looks like ours. While a model is loaded, deadly signals and ggml's aborts send a LoadFailed frame
// that was made beforehand, and the process exits with kLoadFailedStatus.
#include <string>

namespace hearth::engine {

inline constexpr int kLoadFailedStatus = 3;

class LoadGuard {
  public:
    LoadGuard(int fd, const std::string& model_path);
    ~LoadGuard();
    LoadGuard(const LoadGuard&) = delete;
    LoadGuard& operator=(const LoadGuard&) = delete;
};

}  // namespace hearth::engine
