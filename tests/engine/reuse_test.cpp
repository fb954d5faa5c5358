// Reuse of KV cells: prefixes, cancelled requests, the text after the cursor.
#include <doctest/doctest.h>

#include "worker_process.h"

using namespace hearth;
using namespace hearth::engine;
using namespace hearth::engine::test;
using namespace hearth::exchange;

TEST_CASE("a prefix is evaluated once, then counted as cached") {
    WorkerProcess worker;
    ready(worker, tiny());
    const auto head = words(0, 100);
    const auto first = worker.run(completion(head, 4));
    const auto input = *first.usage.input;
    CHECK(*first.usage.cached_input == 0);
    const auto same = worker.run(completion(head, 4));
    CHECK(*same.usage.cached_input == input - 1);
    CHECK(text_of(same) == text_of(first));
    const auto longer = worker.run(completion(head + "and more", 4));
    CHECK(*longer.usage.cached_input >= input - 2);  // the last token may be tokenized differently
    CHECK(longer.timings->cache_n == *longer.usage.cached_input);
    const auto other = worker.run(completion("nothing in common", 4));
    CHECK(*other.usage.cached_input == 0);
}

TEST_CASE("a prefix in use or being evaluated is shared with new requests") {
    WorkerProcess worker;
    ready(worker, tiny(4, 8192));
    const auto head = words(0, 270);  // two tokens each: one whole slice of 512, and a little
    std::vector<RequestId> ids;
    for (int i = 0; i < 4; ++i)
        ids.push_back(worker.submit(completion(head + "tail" + std::to_string(i), 8)));
    std::int64_t cached = 0, input = 0;
    for (const auto id : ids) {
        const auto answer = worker.wait(id);
        cached += *answer.usage.cached_input;
        input = *answer.usage.input;
    }
    CHECK(cached >=
          3 * input * 9 / 10);  // three of the four evaluate their own end and the slice in progress
}

TEST_CASE("cancelling keeps evaluated cells and does not affect other requests") {
    WorkerProcess worker;
    ready(worker, tiny(4, 2048));
    const auto head = words(0, 250);
    auto endless = completion(head, 2000);
    endless.sampling.ignore_eos = true;
    const auto id = worker.submit(endless);
    const auto other = worker.submit(completion("something else", 40));
    worker.wait_until(id, [](const Answer& answer) {
        return !answer.choices.empty() && answer.choices[0].text.size() > 20;
    });
    worker.send(Cancel{id});
    worker.send(Cancel{id});
    worker.send(Cancel{12345});
    const auto answer = worker.wait(id);
    REQUIRE(answer.failure.has_value());
    CHECK(answer.failure->code == Code::cancelled);
    CHECK(*worker.wait(other).usage.output == 40);
    const auto again = worker.run(completion(head, 4));
    CHECK(*again.usage.cached_input == *again.usage.input - 1);
}

TEST_CASE("fill-in-the-middle uses the model's tokens; with suffix first, typing reuses the suffix") {
    const auto middle = [](const std::string& prefix, const std::string& suffix) {
        auto request = completion("", 4);
        request.body = Completion{.prompts = {prefix}, .suffix = suffix};
        return request;
    };
    const auto prefix = words(0, 60), suffix = words(100, 160);
    WorkerProcess worker;
    ready(worker, tiny());
    const auto first = worker.run(middle(prefix, suffix));
    CHECK(*first.usage.output == 4);
    const auto typed = worker.run(middle(prefix + "typed ", suffix));
    CHECK(*typed.usage.cached_input <
          *typed.usage.input - 100);  // the suffix is after the cursor: evaluated again
    std::int64_t marked = 0;
    for (const auto& path : {suffix_first_model(), joined_model()}) {
        auto load = tiny();
        load.model_path = path;
        WorkerProcess spm;
        ready(spm, load);
        const auto before = spm.run(middle(prefix, suffix));
        CHECK(*before.usage.cached_input == 0);
        const auto after = spm.run(middle(prefix + "typed ", suffix));
        CHECK(*after.usage.cached_input > *after.usage.input - 8);
        if (path == joined_model()) CHECK(*before.usage.input == marked - 1);  // no marker before the middle
        marked = *before.usage.input;
    }
}
