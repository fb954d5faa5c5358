#pragma once
// What the road uses, wired together once by app/serve.cpp. References outlive every request.
#include <string>
#include <vector>

#include "base/time.h"
#include "client/client.h"
#include "config/config.h"
#include "engine/supervisor/supervisor.h"
#include "ledger/ledger.h"
#include "ledger/prices.h"
#include "models/store.h"
#include "net/loop.h"
#include "pipeline/access.h"
#include "pipeline/batches.h"
#include "pipeline/file_store.h"
#include "pipeline/health.h"
#include "pipeline/metrics.h"
#include "pipeline/model_directory.h"
#include "pipeline/response_store.h"
#include "pipeline/tokens.h"
#include "pipeline/upstreams.h"
#include "privacy/gate.h"
#include "provider/provider.h"
#include "text/json.h"

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

struct Services {
    net::Loop& loop;
    const config::Config& config;
    const privacy::Gate& gate;
    const provider::Registry& providers;
    const Upstreams& upstreams;
    const ledger::PriceBook& prices;
    client::Client& client;
    engine::Supervisor& supervisor;
    models::Store& store;
    ledger::Ledger& ledger;
    Access& access;
    ModelDirectory& directory;
    Health& health;
    Metrics& metrics;
    telemetry::Registry& registry;  // what /metrics shows
    ResponseStore& responses;
    const std::optional<ResponseFolder>& response_folder;  // nullopt: memory alone
    FileStore& files;
    Batches& batches;
    std::string instance;  // random, names this process to its owner
    DocumentPool documents{};
    Tokens tokens{};
    json::Document scratch{};  // for what is read and forgotten between two waits
};

}  // namespace hearth::pipeline
