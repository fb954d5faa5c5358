#include "engine/worker/crash.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <iterator>

#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"
#include "ggml.h"

namespace hearth::engine {

namespace {

constexpr int kDeadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
struct sigaction before[std::size(kDeadly)];
std::string frame;  // prepared in advance: a signal handler may only write
int frame_fd = -1;

[[noreturn]] void give_up() {
    std::size_t sent = 0;
    while (frame_fd >= 0 && sent < frame.size()) {
        const auto wrote = write(frame_fd, frame.data() + sent, frame.size() - sent);
        if (wrote <= 0) break;
        sent += static_cast<std::size_t>(wrote);
    }
    _exit(kLoadFailedStatus);
}

void on_signal(int) {
    give_up();
}
void on_abort(const char*) {
    give_up();
}
void quiet_abort(const char*) {
}  // ggml would print its own line and start a debugger; the supervisor sees SIGABRT

}  // namespace

LoadGuard::LoadGuard(int fd, const std::string& model_path) {
    LoadFailed failed;
    failed.error.code = Code::corrupt;
    failed.error.message = fmt::format(
        "{} cannot be loaded: llama.cpp crashed while reading it, so the file is damaged or of a "
        "kind that this "
        "release does not support.",
        model_path);
    frame = encode_frame(encode(ToGateway(failed))).value_or("");
    frame_fd = fd;
    struct sigaction action{};
    action.sa_handler = on_signal;
    for (std::size_t i = 0; i < std::size(kDeadly); ++i) sigaction(kDeadly[i], &action, &before[i]);
    ggml_set_abort_callback(on_abort);
}

LoadGuard::~LoadGuard() {
    ggml_set_abort_callback(quiet_abort);
    for (std::size_t i = 0; i < std::size(kDeadly); ++i) sigaction(kDeadly[i], &before[i], nullptr);
    frame_fd = -1;
}

}  // namespace hearth::engine
