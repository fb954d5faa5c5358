// The worker process: invalid files and peers, exit, confinement.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "worker_process.h"

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;

namespace {

Load load_of(std::string path) {
    Load load;
    load.model_path = std::move(path);
    load.context_tokens = 512;
    load.threads = 1;
    return load;
}

std::string head_of(const std::string& path, std::size_t bytes) {
    std::ifstream file(path, std::ios::binary);
    std::string out(bytes, '\0');
    file.read(out.data(), static_cast<std::streamsize>(bytes));
    out.resize(static_cast<std::size_t>(file.gcount()));
    return out;
}

std::string write_file(const std::string& name, const std::string& bytes) {
    const auto path = std::string(HEARTH_BINARY_DIR "/test-models/") + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

// Loads a file that must fail, and returns the error; the worker must exit with status 3.
Error refusal(const std::string& path) {
    WorkerProcess worker;
    const auto answer = worker.load(load_of(path));
    REQUIRE(std::holds_alternative<LoadFailed>(answer));
    CHECK(worker.wait_for_exit() == 3);
    const auto error = std::get<LoadFailed>(answer).error;
    CHECK(error.message.contains(path));
    return error;
}

struct SelfTest {
    int status = -1;
    ConfinementReport report;
};
SelfTest self_test(bool confine) {
    int pipe_ends[2];
    REQUIRE(pipe2(pipe_ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    const char* arguments[] = {HEARTH_BINARY_DIR "/bin/hearth-engine", "--self-test-confinement",
                               tiny_model().c_str(), confine ? nullptr : "--no-confine", nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, arguments[0], &actions, nullptr, const_cast<char**>(arguments), environ) ==
            0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    std::string text;
    char bytes[4096];
    for (ssize_t got = 0; (got = read(pipe_ends[0], bytes, sizeof(bytes))) > 0;)
        text.append(bytes, static_cast<std::size_t>(got));
    close(pipe_ends[0]);
    SelfTest result;
    int status = 0;
    waitpid(child, &status, 0);
    result.status = WEXITSTATUS(status);
    const auto message = decode_to_gateway(text);
    REQUIRE_MESSAGE(message.has_value(), text);
    result.report = std::get<Ready>(*message).confinement;
    return result;
}

}  // namespace

TEST_CASE("files that are not models are reported as errors, not crashes") {
    const auto whole = head_of(tiny_model(), 4 << 20);  // the vocabulary and some of the weights
    CHECK(refusal("/nowhere/model.gguf").code == Code::not_found);
    CHECK(refusal(write_file("empty.gguf", "")).code == Code::corrupt);
    CHECK(refusal(write_file("text.gguf", "This is not a model at all.")).code == Code::corrupt);
    CHECK(refusal(write_file("head.gguf", whole.substr(0, 24))).code == Code::corrupt);
    CHECK(refusal(write_file("cut-in-keys.gguf", whole.substr(0, 100'000))).code == Code::corrupt);
    CHECK(refusal(write_file("cut-in-weights.gguf", whole)).code == Code::corrupt);
    auto version = whole;
    version[4] = 99;
    CHECK(refusal(write_file("version.gguf", version)).code == Code::corrupt);
    auto counts = whole;
    for (int i = 8; i < 24; ++i) counts[static_cast<std::size_t>(i)] = '\x7f';
    CHECK(refusal(write_file("counts.gguf", counts)).code == Code::corrupt);
    CHECK(refusal(HEARTH_LLAMA_ROOT "/src/models/ggml-vocab-qwen2.gguf").code ==
          Code::corrupt);  // no weights
}

TEST_CASE("changed bytes in the header give an error or a model, never a crash") {
    const auto path = write_file("bent.gguf", head_of(tiny_model(), 64 << 20));
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    std::uint64_t state = 12345;
    for (int round = 0; round < 6; ++round) {
        std::vector<std::pair<off_t, char>> original;
        for (int i = 0; i < 8; ++i) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            const auto at = static_cast<off_t>((state >> 33) % (round % 2 == 0 ? 600 : 4'000'000));
            char byte = 0;
            REQUIRE(pread(fd, &byte, 1, at) == 1);
            original.emplace_back(at, byte);
            byte = static_cast<char>(byte ^ (1 << (state >> 20) % 8));
            REQUIRE(pwrite(fd, &byte, 1, at) == 1);
        }
        {
            WorkerProcess worker;
            const auto answer = worker.load(load_of(path));
            if (std::holds_alternative<LoadFailed>(answer)) CHECK(worker.wait_for_exit() == 3);
        }
        for (const auto& [at, byte] : original) REQUIRE(pwrite(fd, &byte, 1, at) == 1);
    }
    close(fd);
}

TEST_CASE("a worker exits with its gateway and sends nothing after Shutdown") {
    WorkerProcess worker;
    REQUIRE(std::holds_alternative<Ready>(worker.load(load_of(tiny_model()))));
    auto endless = completion("x", 100'000);
    endless.sampling.ignore_eos = true;
    worker.submit(endless);
    worker.send(Shutdown{});
    while (worker.receive()) {
    }
    CHECK(worker.wait_for_exit() == 0);
}

TEST_CASE("draining finishes running requests and rejects waiting ones") {
    WorkerProcess worker;
    auto load = load_of(tiny_model());
    load.sequences = 1;
    REQUIRE(std::holds_alternative<Ready>(worker.load(load)));
    auto longer = completion("x", 200);
    longer.sampling.ignore_eos = true;
    const auto running = worker.submit(longer);
    worker.wait_until(running, [](const auto& answer) { return !answer.choices.empty(); });
    const auto waiting = worker.submit(completion("y", 5));
    worker.send(Shutdown{.drain = true});
    while (worker.receive()) {
    }
    CHECK(worker.wait_for_exit() == 0);
    CHECK(worker.answers[running].done);
    CHECK(*worker.answers[running].usage.output == 200);
    REQUIRE(worker.answers[waiting].failure.has_value());
    CHECK(worker.answers[waiting].failure->code == Code::unavailable);
}

TEST_CASE("a killed worker is detected") {
    WorkerProcess worker;
    REQUIRE(std::holds_alternative<Ready>(worker.load(load_of(tiny_model()))));
    worker.submit(completion("x", 500));
    worker.kill(SIGKILL);
    while (worker.receive()) {
    }
    CHECK(worker.wait_for_exit() == 128 + SIGKILL);
}

TEST_CASE("a worker exits with status 2 on a protocol violation") {
    for (const std::string_view bytes :
         {std::string_view("\xff\xff\xff\xff", 4), std::string_view("\x02\0\0\0{]", 6),
          std::string_view("\x13\0\0\0{\"type\":\"cancel\" }", 23)}) {
        WorkerProcess worker;
        worker.send_bytes(bytes);
        CHECK_FALSE(worker.receive().has_value());
        CHECK(worker.wait_for_exit() == 2);
    }
}

TEST_CASE("an undecodable request gets an error; others continue") {
    WorkerProcess worker;
    REQUIRE(std::holds_alternative<Ready>(worker.load(load_of(tiny_model()))));
    const auto good = worker.submit(completion("x", 20));
    worker.send_bytes(encode_frame(R"({"type":"submit","id":777,"request":{"kind":"song"}})").value());
    const auto refused = worker.wait(777);
    REQUIRE(refused.failure.has_value());
    CHECK(refused.failure->param == "request.kind");
    CHECK(worker.wait(good).done);
}

TEST_CASE("confinement blocks every attempt, which succeeds without it") {
    const auto confined = self_test(true);
    CHECK(confined.status == 0);
    CHECK(confined.report.level == Confinement::kernel);
    CHECK(confined.report.seccomp);
    CHECK(confined.report.no_new_privs);
    REQUIRE(confined.report.probes.size() == 10);
    for (const auto& probe : confined.report.probes) {
        CAPTURE(probe.what);
        CAPTURE(probe.detail);
        CHECK(probe.refused);
    }
    const auto open = self_test(false);
    CHECK(open.status == 1);
    CHECK(open.report.level == Confinement::none);
    for (const auto& probe : open.report.probes) {
        CAPTURE(probe.what);
        CHECK_FALSE(probe.refused);
        CHECK(probe.detail == "allowed");
    }
}

TEST_CASE("a worker reports its confinement, or none if disabled") {
    WorkerProcess worker;
    const auto answer = worker.load(load_of(tiny_model()));
    CHECK(std::get<Ready>(answer).confinement.level == Confinement::kernel);
    WorkerProcess open;
    auto load = load_of(tiny_model());
    load.confine = false;
    CHECK(std::get<Ready>(open.load(load)).confinement.level == Confinement::none);
}
