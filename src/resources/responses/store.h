#pragma once
// Answers of the Responses dialect that a client may come back to: by previous_response_id, or to read or delete them.
// Kept in memory, bounded in bytes and time; on disk only where the owner wants it ([responses] on_disk): then they are
// written to one private file each as well, and outlive the process. A project sees its own only.
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/task.h"
#include "base/time.h"
#include "net/loop.h"

namespace hearth::resources {

struct StoredResponse {
    std::string id, project;
    std::string body;                // the response object, JSON
    std::vector<std::string> input;  // the items that it answered, the ones before included
    std::vector<std::string> output;
    [[nodiscard]] std::size_t bytes() const;
    [[nodiscard]] std::vector<std::string> conversation() const;  // input, then output
};

// As OpenAI says it: none, expired, or another project's.
[[nodiscard]] Failed no_such_response(std::string_view id);

// The port. A project sees its own answers only. Used on the loop's thread.
class ResponseStore {
  public:
    virtual ~ResponseStore() = default;
    // Replaces one of the same id. What cannot be kept (too large, or the disk refuses) is not an error of the request.
    virtual Task<void> put(StoredResponse response) = 0;
    // Error: not_found, as OpenAI words it, also for another project's and for what has expired.
    virtual Task<Result<StoredResponse>> find(std::string id, std::string project) = 0;
    virtual Task<Result<void>> remove(std::string id, std::string project) = 0;
    virtual Task<void> remove_expired() = 0;
};

struct ResponseStoreOptions {
    std::size_t bytes = std::size_t{64} << 20;  // in memory
    seconds keep{3600};
};

// In memory, bounded in bytes: the oldest make room. One too large for the whole store is not kept.
class MemoryResponses final : public ResponseStore {
  public:
    MemoryResponses(ResponseStoreOptions options, Clock& clock) : options_(options), clock_(clock) {}

    Task<void> put(StoredResponse response) override;
    Task<Result<StoredResponse>> find(std::string id, std::string project) override;
    Task<Result<void>> remove(std::string id, std::string project) override;
    Task<void> remove_expired() override;
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

  private:
    struct Kept {
        StoredResponse response;
        Wall until;
    };
    using Line = std::list<Kept>;  // oldest first
    [[nodiscard]] const StoredResponse* look_up(std::string_view id, std::string_view project);
    void drop(Line::iterator at);
    void expire();

    ResponseStoreOptions options_;
    Clock& clock_;
    Line line_;
    std::map<std::string, Line::iterator, std::less<>> by_id_;
    std::size_t bytes_ = 0;
};

// One private file for each answer. The calls block.
struct ResponseFolder {
    std::filesystem::path path;  // made with mode 0700 when first written
    seconds keep{3600};

    [[nodiscard]] Result<void> write(const StoredResponse& response) const;
    // not_found: none, expired or another project's.
    [[nodiscard]] Result<StoredResponse> read(std::string_view id, std::string_view project, Wall now) const;
    void remove(std::string_view id) const;
    void remove_expired(Wall now) const;
};

// In memory, and in a folder as well, so that answers outlive the process ([responses] on_disk).
class FolderResponses final : public ResponseStore {
  public:
    FolderResponses(ResponseStoreOptions options, std::filesystem::path folder, net::Loop& loop)
        : memory_(options, loop.clock()), folder_{std::move(folder), options.keep}, loop_(loop) {}

    Task<void> put(StoredResponse response) override;
    Task<Result<StoredResponse>> find(std::string id, std::string project) override;
    Task<Result<void>> remove(std::string id, std::string project) override;
    Task<void> remove_expired() override;

  private:
    MemoryResponses memory_;
    ResponseFolder folder_;
    net::Loop& loop_;
};

}  // namespace hearth::resources
