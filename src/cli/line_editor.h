#pragma once
// Line input on a terminal with libedit: cursor keys, search, history in a separate file (mode 0600).
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace hearth::cli {

class LineEditor {
  public:
    explicit LineEditor(std::filesystem::path history);
    ~LineEditor();
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Without the line end; nullopt at Ctrl-D on an empty line or when the terminal is closed. Ctrl-C clears the line.
    [[nodiscard]] std::optional<std::string> read(const std::string& prompt);
    void add_history(const std::string& text);  // adds a history entry and writes it to the file at once

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace hearth::cli
