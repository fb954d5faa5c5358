#pragma once
// What every download of a model has, whichever API asks for it: the ledger's row, the policy's permit for each host, the list
// of models read again at the end; and lines of progress for a client that may be slow.
#include <string>

#include "gateway/services.h"
#include "ledger/entry.h"
#include "models/pull.h"
#include "server/exchange.h"

namespace hearth::resources {

// A download leaves its line like everything that goes out.
class Download {
  public:
    Download(gateway::Services& services, server::Exchange& exchange)
        : services_(services), exchange_(exchange) {}

    // Before the answer begins: the source is understood, and the intent is written. `by`: the client, for the ledger.
    [[nodiscard]] Task<Result<void>> begin(std::string source, std::string by);
    // Once, after begin(): the model is in the store and in the list, and the entry is settled.
    [[nodiscard]] Task<Result<models::Model>> run(models::PullOptions options);

  private:
    gateway::Services& services_;
    server::Exchange& exchange_;
    std::string source_;
    ledger::EntryId entry_ = 0;
};

// Progress comes from inside the work; the client is written to beside it, so that a slow reader never slows a download.
class ProgressStream {
  public:
    explicit ProgressStream(server::Exchange& exchange) : exchange_(exchange) {}
    void start();  // 200 and application/x-ndjson
    void add(
        std::string line);  // dropped while the client has not taken the last one: the next one will say it
    void add_always(std::string line);
    [[nodiscard]] Task<void> end(std::string last_line);

  private:
    [[nodiscard]] Task<void> flush();
    server::Exchange& exchange_;
    std::string pending_;
    bool writing_ = false, closed_ = false;
    Promised<bool> idle_;
};

// Takes a model of ours out of the store, and first out of memory. Bytes freed.
[[nodiscard]] Task<Result<std::uint64_t>> remove_stored(gateway::Services& services, std::string name);

}  // namespace hearth::resources
