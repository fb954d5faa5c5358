// Quantizes a model file with `hearth-engine --quantize`, a one-shot process and not a worker.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "engine/supervisor/state.h"
#include "net/process.h"
#include "net/stream.h"

namespace hearth::engine {

namespace {

constexpr std::size_t kWords = 1000;
// The program's exit statuses (worker/quantize.h, which this folder must not include).
constexpr int kNoSuchType = 65, kCannotConfine = 69, kNoOutput = 73, kFile = 3;

Code code_of(const net::ExitStatus& status) {
    if (status.signal != 0) return Code::corrupt;
    switch (status.code) {
        case kNoSuchType:
            return Code::invalid_request;
        case kFile:
            return Code::corrupt;
        case kCannotConfine:
            return Code::unsupported;
        case kNoOutput:
            return Code::storage;
        default:
            return Code::internal;
    }
}

// The end of its standard error, read until it exits.
Task<std::string> read_words(net::Stream& from) {
    std::string words;
    std::array<char, 1024> buffer;
    while (true) {
        const auto got = co_await from.read_some(buffer);
        if (!got || *got == 0) break;
        words.append(buffer.data(), *got);
        if (words.size() > kWords) words.erase(0, words.size() - kWords);
    }
    while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
    for (auto& c : words) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    co_return words;
}

Result<void> sync(const std::string& path) {
    const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.get()) != 0)
        return fail(Code::storage, fmt::format("{} cannot be written completely.", path));
    return {};
}

}  // namespace

Task<Result<void>> Supervisor::quantize(std::string in, std::string out, std::string type, StopToken stop) {
    auto& loop = state_->loop;
    if (state_->closing) co_return fail(Code::unavailable, "Hearth is shutting down");
    auto log = net::make_pair_with_child(loop);
    if (!log) co_return fail(log.error());
    net::SpawnOptions options;
    options.program = state_->options.program;
    options.args = state_->options.arguments;
    options.args.insert(options.args.end(), {"--quantize", in, out, type});
    options.env = child_environment();
    options.stdout_fd = options.stderr_fd = log->second.get();
    auto process = net::Process::spawn(loop, options);
    if (!process) co_return fail(process.error());
    log->second = net::Fd();
    std::optional<StopCallback> killing;
    killing.emplace(stop, [&process] { (*process)->kill(SIGKILL); });
    const auto words = co_await read_words(*log->first);
    const auto status = co_await (*process)->wait();
    killing.reset();
    auto done = status.clean() ? co_await loop.run_blocking([&out] { return sync(out); }) : Result<void>{};
    if (stop.stopped()) {
        done = fail(stop.reason());
    } else if (!status.clean()) {
        done = fail(code_of(status),
                    words.empty() || status.signal != 0
                        ? fmt::format("{} cannot be quantized to {} ({}).", in, type, status.to_string())
                        : words);
    }
    if (!done && status.code != kNoOutput) ::unlink(out.c_str());
    co_return done;
}

}  // namespace hearth::engine
