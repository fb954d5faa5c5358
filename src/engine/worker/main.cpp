// hearth-engine: one model in one confined process, controlled over an inherited socket. Started by hearth; manually
// only for its self-test.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/worker/confine.h"
#include "engine/worker/quantize.h"
#include "engine/worker/self_test.h"
#include "engine/worker/session.h"
#include "llama.h"

// With AddressSanitizer: llama.cpp's libraries are not instrumented, so containers that cross the boundary have no
// annotations; and the leak checker needs ptrace, which confinement forbids.
extern "C" const char* __asan_default_options() {
    return "detect_container_overflow=0:detect_leaks=0";
}

namespace {

constexpr std::string_view kUsage =
    "hearth-engine runs one model for hearth, which starts it.\n"
    "  hearth-engine --fd N [--share-network]\n"
    "      serve the gateway on the inherited socket N; --share-network: no network namespace of its own\n"
    "  hearth-engine --self-test-confinement MODEL [--no-confine]\n"
    "      attempt to break the confinement and print the results\n"
    "  hearth-engine --quantize IN OUT TYPE\n"
    "      quantize the GGUF file IN to OUT, with weights of TYPE (Q4_K_M, Q8_0, ...)\n"
    "  hearth-engine --version\n";

}  // namespace

int main(int argc, char** argv) {
    std::string self_test;
    const char* const* quantizing = nullptr;  // IN, OUT, TYPE
    int fd = -1;
    bool confine = true, separate_network = true;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--version") {
            fmt::print("hearth-engine with llama.cpp {}\n", llama_version());
            return 0;
        }
        if (argument == "--no-confine") {
            confine = false;
        } else if (argument == "--share-network") {
            separate_network = false;
        } else if (argument == "--fd" && i + 1 < argc) {
            const std::string_view digits = argv[++i];
            const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
            if (bad != std::errc{} || end != digits.data() + digits.size() || fd < 0) {
                fmt::print(stderr, "{}", kUsage);
                return 64;
            }
        } else if (argument == "--self-test-confinement" && i + 1 < argc) {
            self_test = argv[++i];
        } else if (argument == "--quantize" && i + 3 < argc) {
            quantizing = argv + i + 1;
            i += 3;
        } else {
            fmt::print(stderr, "{}", kUsage);
            return 64;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    setenv("GGML_NO_BACKTRACE", "1", 1);
    if (!self_test.empty()) return hearth::engine::self_test_confinement(self_test, confine);
    if (quantizing) {
        hearth::engine::ConfinementReport report;
        hearth::engine::isolate_process(2, report, separate_network);
        _exit(hearth::engine::quantize(quantizing[0], quantizing[1], quantizing[2]));
    }
    if (fd < 3 || fcntl(fd, F_GETFD) < 0) {
        fmt::print(stderr, "{}", kUsage);
        return 64;
    }
    hearth::engine::ConfinementReport report;
    hearth::engine::isolate_process(fd, report, separate_network);
    const int status = hearth::engine::run_session(fd, report.network_namespace);
    _exit(status);  // destructors of libraries are not needed, and their threads may still run
}
