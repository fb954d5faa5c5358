#pragma once
// What the pipeline uses of the rest of Hearth, wired together once by app/daemon.cpp. The ports to the outside (loop with
// its clock, randomness, network, engine, ledger) are interfaces or can be simulated, so that tests run the whole
// pipeline from a seed; what only holds state (model directory, circuits) is the real thing there too. Outlives every
// request.
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "client/client.h"
#include "engine/engine.h"
#include "ledger/ledger.h"
#include "ledger/prices.h"
#include "net/loop.h"
#include "pipeline/metrics.h"
#include "pipeline/stages.h"
#include "text/json.h"
#include "upstream/access_tokens.h"
#include "upstream/circuits.h"
#include "upstream/model_directory.h"
#include "upstream/settings.h"

namespace hearth::pipeline {

// Parsed bodies keep their memory for the next request: a tape of a thousand nodes is not grown anew each time.
class DocumentPool {
  public:
    [[nodiscard]] json::Document take() {
        if (free_.empty()) return {};
        auto document = std::move(free_.back());
        free_.pop_back();
        return document;
    }
    void give(json::Document document) {
        document.clear();
        if (free_.size() < kMost) free_.push_back(std::move(document));
    }

  private:
    static constexpr std::size_t kMost = 64;
    std::vector<json::Document> free_;
};

struct Ports {
    net::Loop& loop;  // with the clock
    Random& random;
    client::Sender& client;
    engine::Engine& engine;
    ledger::Ledger& ledger;
    const ledger::PriceBook& prices;
    upstream::ModelDirectory& directory;
    upstream::Circuits& circuits;
    upstream::AccessTokens& tokens;
    Metrics& metrics;
    upstream::SettingsPtr settings;  // the current ones: a reload puts others in their place

    // Tests add rows of their own.
    std::span<const FilterRow> filters = kAnswerFilters;
    std::span<const VerifierRow> verifiers = kVerifiers;

    DocumentPool documents{};
    json::Document scratch{};  // for what is read and forgotten between two waits

    [[nodiscard]] Mono now() const { return loop.clock().mono(); }
    [[nodiscard]] std::int64_t now_s() const {  // Unix seconds
        return std::chrono::duration_cast<seconds>(loop.clock().wall().time_since_epoch()).count();
    }
};

}  // namespace hearth::pipeline
