#pragma once
// What every pull has, whoever asks for it and in whatever words it is told: the ledger's line, permits for each host, the
// list of models read again at the end; and lines of progress for a client that may be slow.
#include <string>

#include "admin/admin.h"
#include "ledger/entry.h"
#include "models/pull.h"

namespace hearth::resources {

// A download leaves its line like everything that goes out.
class Download {
  public:
    Download(Admin& admin, server::Exchange& exchange) : admin_(admin), exchange_(exchange) {}

    // Before the answer begins: the source is understood, and the intent is written. `by`: the client, for the ledger.
    [[nodiscard]] Task<Result<void>> begin(std::string source, std::string by);
    // Once, after begin(): the model is in the store and in the list, and the entry is settled.
    [[nodiscard]] Task<Result<models::Model>> run(models::PullOptions options);

  private:
    Admin& admin_;
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
[[nodiscard]] Task<Result<std::uint64_t>> remove_stored(Admin& admin, std::string name);

}  // namespace hearth::resources
