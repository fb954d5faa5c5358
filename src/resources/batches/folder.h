#pragma once
// Batches on disk, under HEARTH_HOME/files/batches: each is a JSON object and, while it is worked on, its results so far.
// A line's result is one write of a whole line, and how far a batch has come is how many lines its results have: nothing
// else needs to be written for each line, and no line is twice in them whenever the process dies. The calls block.
//
//   batches/batch_0c3f....json     the batch
//   batches/batch_0c3f....output   results of the lines that went well, until they become a file of their own
//   batches/batch_0c3f....errors   and of the others
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "resources/batches/batch.h"

namespace hearth::resources {

class BatchFolder {
  public:
    enum class Results : std::uint8_t { output, errors };
    explicit BatchFolder(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] std::vector<Batch> load() const;  // those that can be read
    // Two saves of one batch may overtake each other on their way: the one with the higher number stays.
    [[nodiscard]] Result<void> save(const std::string& id, std::uint64_t number, std::string_view json);
    void remove(const std::string& id);  // with its results

    // Cuts off a line that a crash tore, and counts the rest.
    [[nodiscard]] Result<std::int64_t> recover(const std::string& id, Results which) const;
    [[nodiscard]] Result<void> append(const std::string& id, Results which, std::string_view line) const;
    [[nodiscard]] std::filesystem::path results(const std::string& id, Results which) const;
    void remove_results(const std::string& id) const;

  private:
    std::filesystem::path path_;
    std::mutex mutex_;
    std::map<std::string, std::uint64_t> saved_;
};

}  // namespace hearth::resources
