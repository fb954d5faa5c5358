#pragma once
// Batches that are worked here: one at a time, the oldest first, one line after the other, each a request of its own on
// the road with the lowest priority, and none begun while the engine has anything else to do. On the loop's thread.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/stop.h"
#include "base/task.h"
#include "resources/batches/batch.h"
#include "resources/batches/folder.h"

namespace hearth::resources {

struct Resources;

class Batches {
  public:
    static constexpr std::size_t kMost = 1000;
    Batches(std::filesystem::path folder, seconds keep) : folder_(std::move(folder)), keep_(keep) {}

    // Reads what there is; before run() and before a client is answered.
    [[nodiscard]] Task<void> load(Resources& resources);
    // Works until `stop`; what is unfinished then goes on at the next start, at the line that has no result yet.
    [[nodiscard]] Task<void> run(Resources& resources, StopToken stop);

    // The rest of the batch is made. Errors: not_found (its file), too_large (too many batches), storage.
    [[nodiscard]] Task<Result<Batch>> create(Resources& resources, Batch batch);
    [[nodiscard]] const Batch* find(std::string_view id, std::string_view project) const;
    [[nodiscard]] std::vector<const Batch*> list(std::string_view project) const;  // newest first
    // Errors: not_found; conflict when it is over already.
    [[nodiscard]] Task<Result<Batch>> cancel(Resources& resources, std::string id, std::string project);
    // Errors: not_found; conflict while it is worked on.
    [[nodiscard]] Task<Result<void>> remove(Resources& resources, std::string id, std::string project);
    [[nodiscard]] Task<void> remove_expired(Resources& resources);

  private:
    struct Work;  // batch_work.cpp
    // As it is now; what is saved later wins, however long the disk takes.
    [[nodiscard]] Task<Result<void>> save(Resources& resources, const Batch& batch) {
        return save_as(resources, batch.id, ++saves_, to_json(batch, true));
    }
    [[nodiscard]] Task<Result<void>> save_as(Resources& resources, std::string id, std::uint64_t number,
                                             std::string text);
    [[nodiscard]] Batch* next_unfinished();
    void wake() {
        if (waiting_) std::exchange(waiting_, nullptr)->set(true);
    }

    BatchFolder folder_;
    seconds keep_;
    std::map<std::string, Batch, std::less<>> batches_;
    std::uint64_t saves_ = 0;
    Promised<bool>* waiting_ = nullptr;     // run() waits for a batch
    std::optional<StopSource> cancelling_;  // stops the line that is being asked
    const Batch* working_ = nullptr;
};

}  // namespace hearth::resources
