#include "engine/worker/log_capture.h"

#include <cstdlib>
#include <deque>
#include <mutex>
#include <utility>

#include "llama.h"
#include "log.h"
#include "text/utf8.h"

namespace hearth::engine {

namespace {

struct Lines {
    std::mutex mutex;
    std::deque<std::string> errors;
    std::string open;  // an incomplete line
    std::int64_t state_bytes = 0;
};
Lines& lines() {
    static Lines all;
    return all;
}

// "llama_kv_cache:        CPU KV buffer size =    96.00 MiB", printed once for each device.
void note_state(Lines& all, std::string_view line) {
    constexpr std::string_view kMark = "buffer size =";
    const auto at = line.find(kMark);
    if (at == std::string_view::npos || !(line.contains(" KV ") || line.contains(" RS "))) return;
    const double mebibytes = std::strtod(std::string(line.substr(at + kMark.size())).c_str(), nullptr);
    all.state_bytes += static_cast<std::int64_t>(mebibytes * 1024 * 1024);
}

void on_log(ggml_log_level level, const char* text, void*) {
    auto& all = lines();
    const std::lock_guard lock(all.mutex);
    if (level == GGML_LOG_LEVEL_INFO) return note_state(all, text);
    if (level != GGML_LOG_LEVEL_ERROR && !(level == GGML_LOG_LEVEL_CONT && !all.open.empty())) return;
    all.open += text;
    if (all.open.empty() || all.open.back() != '\n') return;
    all.open.pop_back();
    all.errors.push_back(std::move(all.open));
    all.open.clear();
    if (all.errors.size() > 16) all.errors.pop_front();
}

}  // namespace

void capture_logs() {
    llama_log_set(on_log, nullptr);
    common_log_set_verbosity_thold(-1000);  // libllama-common prints to stderr itself, including content
}

std::string take_last_error() {
    auto& all = lines();
    const std::lock_guard lock(all.mutex);
    std::string found;
    // The first error is the cause; later ones are from callers within llama.cpp.
    if (!all.errors.empty()) found = all.errors.front();
    all.errors.clear();
    for (const std::string_view prefix :
         {"llama_model_load: ", "error loading model: ", "gguf_init_from_file_ptr: ",
          "gguf_init_from_file_impl: ", "gguf_init_from_reader: "}) {
        if (found.starts_with(prefix)) found.erase(0, prefix.size());
    }
    return text::printable(found, 300);
}

std::int64_t take_state_bytes() {
    auto& all = lines();
    const std::lock_guard lock(all.mutex);
    return std::exchange(all.state_bytes, 0);
}

}  // namespace hearth::engine
