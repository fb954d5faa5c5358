// The supervisor with the real worker and the built-in model, where both have been built.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <iterator>

#include "engine/supervisor/supervisor.h"
#include "net/loop.h"

namespace supervisor_real_test {

using namespace hearth;
using namespace hearth::engine;

namespace {

const std::string kProgram = HEARTH_BINARY_DIR "/bin/hearth-engine";
const std::string kSpark = HEARTH_SOURCE_DIR "/models/spark/spark.gguf";

exchange::Request ask(std::string prompt, std::int64_t tokens) {
    exchange::Request request;
    request.kind = exchange::Kind::completion;
    request.sampling.max_tokens = tokens;
    request.sampling.temperature = 0;
    request.sampling.ignore_eos = true;
    exchange::Completion completion;
    completion.prompts.emplace_back(std::move(prompt));
    request.body = std::move(completion);
    return request;
}

Task<exchange::Answer> answer(Supervisor& supervisor, models::Model model, exchange::Request request) {
    exchange::Answer folded;
    auto generation = co_await supervisor.generate(std::move(model), std::move(request), {}, {});
    if (!generation) {
        folded.failure = generation.error();
        co_return folded;
    }
    while (true) {
        auto events = co_await (*generation)->next();
        if (events.empty()) co_return folded;
        for (auto& event : events) exchange::fold(folded, std::move(event));
    }
}

Task<void> body(net::Loop& loop, Supervisor& supervisor, models::Model model) {
    std::vector<double> seen;
    const auto facts = co_await supervisor.load(model, {}, {}, [&](double f) { seen.push_back(f); });
    CHECK_MESSAGE(facts, (facts ? std::string() : facts.error()->message));
    if (!facts) co_return;
    CHECK(facts->parameters > 100'000);
    const auto outcome = co_await answer(supervisor, model, ask("int main() {\n", 16));
    CHECK_MESSAGE(!outcome.failure, (outcome.failure ? outcome.failure->message : std::string()));
    CHECK(outcome.done);
    CHECK(outcome.usage.output.value_or(0) == 16);
    CHECK(outcome.choices.size() == 1);
    const auto row = supervisor.ps().at(0);
    CHECK(row.state == WorkerState::ready);
    CHECK(row.confinement);
    CHECK(row.memory_bytes > 0);
    CHECK((co_await supervisor.count_tokens(model, ask("int main() {\n", 1), {})).value_or(0) > 0);

    // Killed externally in the middle of an answer: an error for the client, and the next request is served.
    auto running = co_await supervisor.generate(model, ask("int main() {\n", 100'000), {}, {});
    CHECK(running);
    if (!running) co_return;
    auto events = co_await (*running)->next();
    ::kill(static_cast<pid_t>(row.pid), SIGKILL);
    while (true) {
        auto more = co_await (*running)->next();
        if (more.empty()) break;
        std::ranges::move(more, std::back_inserter(events));
    }
    CHECK(std::holds_alternative<Error>(events.back()));
    CHECK((co_await answer(supervisor, model, ask("x", 4))).done);
    CHECK(supervisor.ps().at(0).pid != row.pid);

    // Destroying a generation cancels it, and the worker is idle again.
    {
        auto left = co_await supervisor.generate(model, ask("int main() {\n", 100'000), {}, {});
    }
    while (supervisor.ps().at(0).open > 0) co_await loop.sleep(milliseconds(10));
    CHECK(supervisor.loaded(model.name));

    auto broken = model;
    broken.name = "broken:latest";
    broken.files.front().path = kProgram;
    const auto refused = co_await answer(supervisor, broken, ask("x", 4));
    CHECK(refused.failure);
    if (refused.failure) CHECK(refused.failure->code == Code::corrupt);
}

Task<void> drive(net::Loop& loop, models::Model model) {
    {
        SupervisorOptions options;
        options.program = kProgram;
        options.context_tokens = 2048;
        options.threads = 1;
        options.backoff_first = milliseconds(1);
        Supervisor supervisor(loop, options);
        co_await body(loop, supervisor, std::move(model));
        co_await supervisor.shutdown(milliseconds(100));
    }
    loop.stop();
}

}  // namespace

TEST_CASE("supervisor: the real worker is loaded, used, killed, cancelled and unloaded") {
    if (!std::filesystem::exists(kProgram) || !std::filesystem::exists(kSpark)) {
        MESSAGE("skipped: hearth-engine or spark.gguf has not been built");
        return;
    }
    models::Store store({.root = "/nonexistent", .builtin = kSpark, .discover = false});
    auto model = store.resolve("spark");
    REQUIRE(model);
    net::Loop loop;
    spawn(drive(loop, std::move(*model)));
    loop.run();
}

}  // namespace supervisor_real_test
