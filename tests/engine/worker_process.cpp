#include "worker_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace hearth::engine::test {

using namespace exchange;

namespace {

int run_program(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawn(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) return -1;
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string make_model(const std::string& name, std::vector<std::string> options) {
    const std::string folder = HEARTH_BINARY_DIR "/test-models";
    (void)run_program({"/bin/mkdir", "-p", folder});
    const auto path = folder + "/" + name, fresh = path + "." + std::to_string(getpid());
    std::vector<std::string> command{HEARTH_BINARY_DIR "/bin/hearth-make-model",
                                     "--vocab",
                                     HEARTH_LLAMA_ROOT "/src/models/ggml-vocab-gpt-2.gguf",
                                     "--template",
                                     HEARTH_LLAMA_ROOT "/src/models/templates/Qwen-Qwen2.5-7B-Instruct.jinja",
                                     "--out",
                                     fresh};
    command.insert(command.end(), options.begin(), options.end());
    REQUIRE(run_program(command) == 0);
    REQUIRE(rename(fresh.c_str(), path.c_str()) == 0);  // a concurrent test run may have the old one open
    return path;
}

}  // namespace

WorkerProcess::WorkerProcess() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fd_ = ends[0];
    const auto number = std::to_string(ends[1]);
    const char* arguments[] = {HEARTH_BINARY_DIR "/bin/hearth-engine", "--fd", number.c_str(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, arguments[0], nullptr, nullptr, const_cast<char**>(arguments), environ) == 0);
    pid_ = child;
    close(ends[1]);
}

WorkerProcess::~WorkerProcess() {
    close(fd_);
    if (pid_ > 0) wait_for_exit();
}

void WorkerProcess::send(const ToWorker& message) {
    send_bytes(encode_frame(encode(message)).value());
}

void WorkerProcess::send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (wrote <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

std::optional<ToGateway> WorkerProcess::receive() {
    while (true) {
        auto payload = reader_.next();
        REQUIRE(payload.has_value());
        if (*payload) {
            auto message = decode_to_gateway(**payload);
            REQUIRE_MESSAGE(message.has_value(), **payload);
            if (const auto* batch = std::get_if<Events>(&*message)) take(*batch);
            return std::move(*message);
        }
        pollfd ready{fd_, POLLIN, 0};
        REQUIRE_MESSAGE(poll(&ready, 1, 60'000) > 0, "the worker sent nothing for a minute");
        char bytes[65536];
        const auto got = read(fd_, bytes, sizeof(bytes));
        if (got <= 0) return std::nullopt;
        reader_.feed({bytes, static_cast<std::size_t>(got)});
    }
}

ToGateway WorkerProcess::load(const Load& what) {
    send(what);
    while (true) {
        auto message = receive();
        REQUIRE(message.has_value());
        if (!std::holds_alternative<LoadProgress>(*message)) return std::move(*message);
    }
}

RequestId WorkerProcess::submit(Request request, Priority priority) {
    const auto id = next_id_++;
    send(Submit{.id = id, .request = std::move(request), .priority = priority, .affinity = {}});
    return id;
}

void WorkerProcess::take(const Events& batch) {
    CHECK_FALSE(batch.events.empty());
    for (const auto& [id, event] : batch.events) {
        auto& answer = answers[id];
        CHECK_FALSE(answer.done);  // nothing follows the end
        CHECK_FALSE(answer.failure.has_value());
        const bool first = events[id]++ == 0, started = std::holds_alternative<Started>(event);
        CHECK((first ? started || std::holds_alternative<Error>(event) : !started));
        fold(answer, event);
    }
}

void WorkerProcess::wait_until(RequestId id, const std::function<bool(const Answer&)>& enough) {
    while (!enough(answers[id])) REQUIRE(receive().has_value());
}

Answer WorkerProcess::wait(RequestId id) {
    wait_until(id, [](const Answer& answer) { return answer.done || answer.failure; });
    return answers[id];
}

Stats WorkerProcess::stats() {
    send(StatsQuery{});
    while (true) {
        auto message = receive();
        REQUIRE(message.has_value());
        if (const auto* stats = std::get_if<Stats>(&*message)) return *stats;
    }
}

void WorkerProcess::kill(int signal) {
    ::kill(pid_, signal);
}

int WorkerProcess::wait_for_exit() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Request completion(std::string prompt, std::int64_t max_tokens) {
    Request request;
    request.kind = exchange::Kind::completion;
    request.dialect = Dialect::engine;
    request.sampling.temperature = 0;
    request.sampling.max_tokens = max_tokens;
    request.body = Completion{.prompts = {std::move(prompt)}, .suffix = std::nullopt};
    return request;
}

Request chat(std::string text, std::int64_t max_tokens) {
    Request request;
    request.dialect = Dialect::engine;
    request.sampling.temperature = 0;
    request.sampling.max_tokens = max_tokens;
    Turn turn;
    turn.parts.push_back(Text{.text = std::move(text), .extra = {}});
    Chat body;
    body.turns.push_back(std::move(turn));
    request.body = std::move(body);
    return request;
}

Load tiny(int sequences, int context) {
    Load load;
    load.model_path = tiny_model();
    load.sequences = sequences;
    load.context_tokens = context;
    load.threads = 1;
    return load;
}

Ready ready(WorkerProcess& worker, const Load& load) {
    const auto answer = worker.load(load);
    const auto* failed = std::get_if<LoadFailed>(&answer);
    REQUIRE_MESSAGE(!failed, (failed ? failed->error.message : ""));
    return std::get<Ready>(answer);
}

std::string text_of(const exchange::Answer& answer, std::size_t choice) {
    REQUIRE_MESSAGE(!answer.failure, (answer.failure ? answer.failure->message : ""));
    REQUIRE(answer.done);
    REQUIRE(answer.choices.size() > choice);
    return answer.choices[choice].text;
}

std::string words(int from, int to) {
    std::string out;
    for (int i = from; i < to; ++i) out += "word" + std::to_string(i) + " ";
    return out;
}

const std::string& tiny_model() {
    static const std::string path = make_model("tiny.gguf", {});
    return path;
}

const std::string& suffix_first_model() {
    static const std::string path = make_model("suffix-first.gguf", {"--order", "spm"});
    return path;
}

const std::string& joined_model() {
    static const std::string path = make_model("joined.gguf", {"--order", "spm-joined"});
    return path;
}

}  // namespace hearth::engine::test
