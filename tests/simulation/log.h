#pragma once
// What happened in one scenario, written down by the simulated outside: the checks read it.
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "ledger/entry.h"
#include "scenario.h"

namespace hearth::simulation {

// One attempt as the upstream saw it.
struct Seen {
    int upstream = 0;
    std::size_t act = 0;
    ledger::EntryId entry = 0;       // of the permit
    std::optional<NanoUsd> charged;  // what the vendor charges; nullopt: only the vendor knows
    std::optional<NanoUsd> full;     // what it charges for the whole answer
};

struct Log {
    std::vector<Seen> seen;
    std::vector<std::string> broken;  // promises that were broken, as sentences

    // The ledger, in the order of its calls.
    ledger::EntryId entry = 0;
    ledger::Intent intent;
    std::vector<ledger::Attempt> attempts;
    std::optional<ledger::Settlement> settlement;
    int begins = 0, settlements = 0, records = 0, refusals = 0;

    // The client.
    int status = 0;
    std::string bytes;  // body, or the stream
    bool started = false, whole = false, finished = false, broken_off = false, left = false;
    bool settled_before_end = false;

    void fails(std::string why) { broken.push_back(std::move(why)); }
};

}  // namespace hearth::simulation
