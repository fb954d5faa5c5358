#pragma once
// What the contract's cases have in common: each runs with a store of every backend.
#include "store/backends.h"
#include "unit/store/ledger_fixture.h"

namespace hearth::test {

inline std::unique_ptr<store::Store> open_backend(const store::Backend& backend, const Folder& folder) {
    auto opened = backend.open({.path = folder.ledger()});
    INFO((opened ? std::string{} : opened.error()->message));
    REQUIRE(opened);
    return std::move(*opened);
}

// Runs `check` with an empty store of each backend.
inline void with_each_backend(void (*check)(Opened&)) {
    REQUIRE(store::backends().size() >= 2);
    for (const auto& backend : store::backends()) {
        CAPTURE(backend.name);
        Folder folder;
        Opened db(open_backend(backend, folder));
        check(db);
    }
}

inline ledger::Attempt rejected_attempt() {
    return {
        .to = {.provider = "groq", .model = "m", .place = Place::cloud, .region = "eu", .reason = "next"},
        .started = Wall(milliseconds(6)),
        .duration = ledger::microseconds(31'250),
        .code = Code::answer_rejected,
        .http_status = 200,
        .usage = {.input = 1, .output = 2, .cached_input = 3, .cache_write_input = 4, .reasoning_output = 5},
        .cost = 6,
        .warnings = {"seed: not sent", "top_k: two\nlines", ""}};
}

}  // namespace hearth::test
