#include "cli/line_editor.h"

#include <fcntl.h>
#include <histedit.h>
#include <unistd.h>

#include <cstdio>
#include <system_error>

namespace hearth::cli {

struct LineEditor::State {
    EditLine* edit = nullptr;
    History* history = nullptr;
    HistEvent event{};
    std::filesystem::path path;
    std::string prompt;
};

namespace {

constexpr int kHistoryLines = 1000;

char* prompt_of(EditLine* edit) {
    LineEditor::State* state = nullptr;
    el_get(edit, EL_CLIENTDATA, &state);
    return state->prompt.data();
}

// Ctrl-C as a key: clears the line without ending the program.
unsigned char on_interrupt(EditLine* edit, int) {
    const auto* line = el_line(edit);
    const bool empty = line->lastchar == line->buffer;
    (void)std::fputs(empty ? "\nCtrl-D or /bye to exit.\n" : "^C\n", stdout);
    el_cursor(edit, static_cast<int>(line->lastchar - line->cursor));
    el_deletestr(edit, static_cast<int>(line->lastchar - line->buffer));
    return CC_REDISPLAY;
}

}  // namespace

LineEditor::LineEditor(std::filesystem::path history) : state_(std::make_unique<State>()) {
    state_->path = std::move(history);
    state_->history = history_init();
    ::history(state_->history, &state_->event, H_SETSIZE, kHistoryLines);
    ::history(state_->history, &state_->event, H_SETUNIQUE, 1);
    // Created with the right mode before libedit writes to it.
    const int fd = ::open(state_->path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) (void)::close(fd);
    ::history(state_->history, &state_->event, H_LOAD, state_->path.c_str());
    auto* edit = state_->edit = el_init("hearth", stdin, stdout, stderr);
    el_set(edit, EL_CLIENTDATA, state_.get());
    el_set(edit, EL_PROMPT, prompt_of);
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_HIST, ::history, state_->history);
    el_set(edit, EL_ADDFN, "hearth-interrupt", "empty the line", on_interrupt);
    el_set(edit, EL_SETTY, "-d", "-isig", nullptr);  // Ctrl-C arrives as a key
    el_set(edit, EL_BIND, "^C", "hearth-interrupt", nullptr);
    el_set(edit, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(edit, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
    el_set(edit, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
}

LineEditor::~LineEditor() {
    el_end(state_->edit);
    history_end(state_->history);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
    state_->prompt = prompt;
    int count = 0;
    // libedit shows the prompt before it changes the terminal mode: a Ctrl-C in between would end the program.
    el_set(state_->edit, EL_PREP_TERM, 1);
    const char* line = el_gets(state_->edit, &count);
    if (!line || count <= 0) return std::nullopt;
    std::string text(line, static_cast<std::size_t>(count));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

void LineEditor::add_history(const std::string& text) {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return;
    ::history(state_->history, &state_->event, H_ENTER, text.c_str());
    ::history(state_->history, &state_->event, H_SAVE, state_->path.c_str());
}

}  // namespace hearth::cli
