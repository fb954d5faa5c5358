// Generation over the protocol with a random model: its text is noise, but deterministic.
#include <doctest/doctest.h>

#include "text/utf8.h"
#include "worker_process.h"

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;
using namespace hearth::exchange;

TEST_CASE("a worker reports its model and answers deterministically") {
    WorkerProcess worker;
    const auto facts = ready(worker, tiny()).model;
    CHECK(facts.architecture == "qwen2");
    CHECK(facts.context_tokens == 2048);
    CHECK(facts.sequences == 4);
    CHECK(facts.can_chat);
    CHECK(facts.can_call_tools);
    CHECK(facts.can_fill_middle);
    CHECK(facts.vocabulary == 50257);
    CHECK(facts.context_bytes > 0);
    const auto answer = worker.run(completion("The quick brown fox", 12));
    CHECK_FALSE(text_of(answer).empty());
    CHECK(answer.choices[0].finish == FinishReason::length);
    CHECK(*answer.usage.output == 12);
    CHECK(*answer.usage.input == 4);
    CHECK(*answer.usage.cached_input == 0);
    REQUIRE(answer.timings.has_value());
    CHECK(answer.timings->prompt_n == 4);
    CHECK(text::is_utf8(text_of(answer)));
    CHECK(text_of(worker.run(completion("The quick brown fox", 12))) == text_of(answer));
}

TEST_CASE("batched requests get the same text as single ones") {
    std::vector<std::string> prompts;
    for (int i = 0; i < 6; ++i) prompts.push_back(words(i * 7, i * 7 + 10 + i * 20));
    std::vector<std::string> alone;
    {
        WorkerProcess worker;
        ready(worker, tiny(1));
        for (const auto& prompt : prompts) alone.push_back(text_of(worker.run(completion(prompt, 16))));
    }
    WorkerProcess worker;
    ready(worker, tiny());
    std::vector<RequestId> ids;
    for (const auto& prompt : prompts) ids.push_back(worker.submit(completion(prompt, 16)));
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(text_of(worker.wait(ids[i])) == alone[i]);
    CHECK(alone[0] != alone[1]);
    const auto stats = worker.stats();
    CHECK(stats.busy_sequences == 0);
    CHECK(stats.waiting == 0);
    CHECK(stats.generated_tokens == 16 * 6);
    CHECK(stats.steps < 16 * 6);  // they shared steps
    CHECK(stats.resident_bytes > 0);
}

TEST_CASE("several choices share one prompt and differ by seed") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = completion(words(0, 40), 8);
    request.n = 3;
    request.sampling.temperature = 1.5;
    request.sampling.seed = 11;
    const auto answer = worker.run(request);
    REQUIRE(answer.choices.size() == 3);
    CHECK(text_of(answer, 0) != text_of(answer, 1));
    CHECK(text_of(answer, 1) != text_of(answer, 2));
    CHECK(*answer.usage.output == 24);
    CHECK(*answer.usage.cached_input == 0);
    // The same cells give bit-identical numbers: evaluated in another worker, and reused from the second time on.
    WorkerProcess other;
    ready(other, tiny());
    const auto fresh = other.run(request), again = worker.run(request), once_more = worker.run(request);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(text_of(fresh, i) == text_of(answer, i));
        CHECK(text_of(again, i) == text_of(once_more, i));
    }
    request.n = 6;  // more than the number of sequences
    const auto many = worker.run(request);
    REQUIRE(many.choices.size() == 6);
    CHECK(text_of(many, 5).size() > 0);
    request.sampling.temperature = 0;
    const auto greedy = worker.run(request);
    for (std::size_t i = 1; i < 6; ++i) CHECK(text_of(greedy, i) == text_of(greedy, 0));
}

TEST_CASE("several prompts are answered, with echo") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = completion("One", 3);
    request.body = Completion{.prompts = {std::string("One"), std::string("Two two"), TokenIds{100, 200}},
                              .suffix = {},
                              .echo = true};
    const auto answer = worker.run(request);
    REQUIRE(answer.choices.size() == 3);
    CHECK(text_of(answer, 0).starts_with("One"));
    CHECK(text_of(answer, 1).starts_with("Two two"));
    CHECK(*answer.usage.output == 9);
    request.sampling.max_tokens = 0;
    const auto nothing = worker.run(request);
    CHECK(text_of(nothing, 0) == "One");
    CHECK(*nothing.usage.output == 0);
    CHECK(nothing.choices[0].finish == FinishReason::length);
}

TEST_CASE("an answer ends before a stop string") {
    WorkerProcess worker;
    ready(worker, tiny());
    const auto whole = text_of(worker.run(completion("Hello there", 24)));
    REQUIRE(whole.size() > 12);
    // a stop string in the middle of the text, split at character boundaries, so that it spans tokens
    std::size_t at = whole.size() / 2;
    while ((static_cast<unsigned char>(whole[at]) & 0xc0) == 0x80) ++at;
    std::size_t end = std::min(at + 5, whole.size());
    while (end < whole.size() && (static_cast<unsigned char>(whole[end]) & 0xc0) == 0x80) ++end;
    const auto stop = whole.substr(at, end - at);
    auto request = completion("Hello there", 24);
    request.sampling.stop = {stop};
    const auto answer = worker.run(request);
    CHECK(text_of(answer) == whole.substr(0, whole.find(stop)));
    CHECK(answer.choices[0].finish == FinishReason::stop);
}

TEST_CASE("log probabilities are returned for each token, at most zero and sorted") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = completion("Hello there", 6);
    request.sampling.logprobs = true;
    request.sampling.top_logprobs = 4;
    const auto answer = worker.run(request);
    const auto& tokens = answer.choices.at(0).logprobs;
    REQUIRE(tokens.size() == 6);
    for (const auto& token : tokens) {
        REQUIRE(token.top.size() == 4);
        CHECK(token.logprob <= 0);
        CHECK(token.top[0].second ==
              doctest::Approx(token.logprob));  // greedy: the chosen token is the most likely
        CHECK(token.top[0].second >= token.top[1].second);
    }
}

TEST_CASE("logit bias can ban and force tokens") {
    WorkerProcess worker;
    ready(worker, tiny());
    auto request = completion("Hello there", 5);
    request.sampling.logit_bias = {{1000, 100}};
    const auto forced = worker.run(request);
    request.sampling.logit_bias = {{1000, 100}, {1000, -100}};
    CHECK(text_of(worker.run(request)) != text_of(forced));
    request.sampling.logit_bias = {{999999, 1}};
    CHECK(worker.run(request).failure->code == Code::invalid_request);
}

TEST_CASE("a prompt over the context size is rejected with both numbers") {
    WorkerProcess worker;
    ready(worker, tiny(2, 256));
    const auto answer = worker.run(completion(words(0, 300), 4));
    REQUIRE(answer.failure.has_value());
    CHECK(answer.failure->code == Code::context_exceeded);
    CHECK(answer.failure->limit == 256);
    CHECK(answer.failure->needed > 300);
    auto fills = completion(words(0, 30), 1000);
    fills.sampling.ignore_eos = true;
    const auto full = worker.run(fills);
    CHECK(full.choices.at(0).finish == FinishReason::length);
    CHECK(*full.usage.input + *full.usage.output == 256);
}

TEST_CASE("requests beyond the cells are preempted and not truncated") {
    WorkerProcess worker;
    ready(worker, tiny(4, 512));
    std::vector<RequestId> ids;
    std::vector<std::string> prompts;
    for (int i = 0; i < 5; ++i) prompts.push_back(words(i * 50, i * 50 + 30));
    for (const auto& prompt : prompts) {
        auto request = completion(prompt, 200);
        request.sampling.ignore_eos = true;
        ids.push_back(worker.submit(request));
    }
    for (const auto id : ids) CHECK(*worker.wait(id).usage.output == 200);
    CHECK(worker.stats().waiting == 0);
}

TEST_CASE("embeddings are normalized and deterministic; other dimensions are rejected") {
    WorkerProcess worker;
    ready(worker, tiny());
    Request request;
    request.kind = exchange::Kind::embedding;
    request.body = exchange::Embedding{
        .inputs = {std::string("a cat"), std::string("a cat"), TokenIds{1, 2, 3}, words(0, 200)}};
    const auto answer = worker.run(request);
    REQUIRE_MESSAGE(answer.done, (answer.failure ? answer.failure->message : ""));
    REQUIRE(answer.embeddings.size() == 4);
    for (const auto& vector : answer.embeddings) {
        REQUIRE(vector.values.size() == 64);
        double square = 0;
        for (const float value : vector.values) square += value * value;
        CHECK(square == doctest::Approx(1).epsilon(1e-4));
    }
    CHECK(answer.embeddings[0].values == answer.embeddings[1].values);
    CHECK(answer.embeddings[0].values != answer.embeddings[2].values);
    CHECK(*answer.usage.input > 203);
    request.body = exchange::Embedding{.inputs = {std::string("a")}, .dimensions = 32};
    CHECK(worker.run(request).failure->code == Code::unsupported);
    CHECK(text_of(worker.run(completion("still running", 3))).size() > 0);
}

TEST_CASE("counting tokens does not need a free sequence") {
    WorkerProcess worker;
    ready(worker, tiny());
    worker.send(Count{7, completion("The quick brown fox", 1)});
    auto message = worker.receive();
    REQUIRE(message.has_value());
    CHECK(std::get<Counted>(*message).id == 7);
    CHECK(std::get<Counted>(*message).tokens == 4);
}
