#pragma once
// Typing a line on a terminal, over libedit: cursor keys, search, history in a file of its own (mode 0600).
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

    // Without the line end; nullopt at Ctrl-D on an empty line or when the terminal is gone. Ctrl-C empties the line.
    [[nodiscard]] std::optional<std::string> read(const std::string& prompt);
    void remember(const std::string& text);  // one entry of the history; kept in the file at once

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace hearth::cli
