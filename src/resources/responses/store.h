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
#include "base/time.h"

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

class ResponseStore {
  public:
    struct Options {
        std::size_t bytes = std::size_t{64} << 20;
        seconds keep{3600};
    };
    ResponseStore(Options options, Clock& clock) : options_(std::move(options)), clock_(clock) {}

    // Too large for the whole store: not kept. The oldest make room.
    void put(StoredResponse response);
    // Error: not_found, as OpenAI says it, also for another project's and for what has expired.
    [[nodiscard]] Result<const StoredResponse*> find(std::string_view id, std::string_view project);
    [[nodiscard]] Result<void> remove(std::string_view id, std::string_view project);
    [[nodiscard]] std::size_t size() const { return by_id_.size(); }

  private:
    struct Kept {
        StoredResponse response;
        Wall until;
    };
    using Line = std::list<Kept>;  // oldest first
    void drop(Line::iterator at);
    void expire();

    Options options_;
    Clock& clock_;
    Line line_;
    std::map<std::string, Line::iterator, std::less<>> by_id_;
    std::size_t bytes_ = 0;
};

// The same on disk, for run_blocking: they block.
struct ResponseFolder {
    std::filesystem::path path;  // made with mode 0700 when first written
    seconds keep{3600};

    [[nodiscard]] Result<void> write(const StoredResponse& response) const;
    // not_found: none, expired or another project's.
    [[nodiscard]] Result<StoredResponse> read(std::string_view id, std::string_view project, Wall now) const;
    void remove(std::string_view id) const;
    void remove_expired(Wall now) const;
};

}  // namespace hearth::resources
