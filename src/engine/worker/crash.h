#pragma once
// A file that makes llama.cpp fail an assertion or read out of bounds must be reported as a bad file, not as a crash of
// Hearth. While a model is loading, fatal signals and ggml's aborts send a prepared LoadFailed frame, and the process exits
// with kLoadFailedStatus.
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
