#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cwchar>

#include "models/memory.h"
#include "text/utf8.h"

namespace hearth::cli {

bool is_terminal(std::FILE* stream) {
    return ::isatty(::fileno(stream)) == 1;
}

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

std::string styled(std::string_view text, Style style, std::FILE* stream) {
    constexpr std::string_view kCodes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"};
    const char* no_colour = std::getenv("NO_COLOR");
    if (style == Style::plain || !is_terminal(stream) || (no_colour && *no_colour)) return std::string(text);
    return fmt::format("{}{}\x1b[0m", kCodes[static_cast<std::size_t>(style)], text);
}

void print(std::string_view text) {
    (void)std::fwrite(text.data(), 1, text.size(), stdout);
}
void print_error(std::string_view text) {
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

std::size_t display_width(std::string_view utf8) {
    std::mbstate_t state{};
    std::size_t columns = 0;
    while (!utf8.empty()) {
        wchar_t wide = 0;
        const auto used = std::mbrtowc(&wide, utf8.data(), utf8.size(), &state);
        if (used == 0 || used > utf8.size()) {
            // No UTF-8 locale: count characters.
            return columns + static_cast<std::size_t>(text::count_characters(utf8));
        }
        const int width = ::wcwidth(wide);
        columns += width > 0 ? static_cast<std::size_t>(width) : 0;
        utf8.remove_prefix(used);
    }
    return columns;
}

std::string Table::render(bool colour) const {
    std::vector<std::size_t> widths;
    for (const auto& column : columns_) widths.push_back(display_width(column.title));
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    }
    std::string out;
    const auto add = [&](std::size_t i, std::string_view cell, bool last) {
        const std::string gap(widths[i] - display_width(cell), ' ');
        if (columns_[i].right) out += gap;
        out += cell;
        if (!columns_[i].right && !last) out += gap;
        out += last ? "\n" : "  ";
    };
    if (colour) out += "\x1b[1m";
    for (std::size_t i = 0; i < columns_.size(); ++i) add(i, columns_[i].title, i + 1 == columns_.size());
    if (colour) out.insert(out.size() - 1, "\x1b[0m");
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) add(i, row[i], i + 1 == row.size());
    }
    return out;
}

std::string human_duration(std::chrono::milliseconds time) {
    const auto ms = time.count();
    if (ms < 1000) return fmt::format("{} ms", ms);
    if (ms < 60'000) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
    const auto s = ms / 1000;
    if (s < 3600) return fmt::format("{}m {}s", s / 60, s % 60);
    if (s < 86'400) return fmt::format("{}h {}m", s / 3600, s / 60 % 60);
    return fmt::format("{}d {}h", s / 86'400, s / 3600 % 24);
}

std::string human_money(std::optional<NanoUsd> cost) {
    if (!cost) return "unknown";
    if (*cost == 0) return "$0";
    const bool negative = *cost < 0;
    const auto value = static_cast<std::uint64_t>(negative ? -*cost : *cost);
    auto text = fmt::format("{}${}.{:09}", negative ? "-" : "", value / kNanoPerUsd, value % kNanoPerUsd);
    const auto cents = text.size() - 7;  // exact, without trailing zeros beyond cents
    while (text.size() > cents && text.ends_with('0')) text.pop_back();
    return text;
}

std::string human_count(std::int64_t count) {
    auto text = fmt::format("{}", count);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3) {
        text.insert(static_cast<std::size_t>(at), ",");
    }
    return text;
}

std::string ProgressBar::line(std::string_view label, std::uint64_t done, std::uint64_t total, double rate,
                              std::size_t width) {
    if (done == 0 && total == 0) return std::string(text::utf8_prefix(label, width));
    std::string right = models::human_bytes(done);
    if (total > 0) right += " of " + models::human_bytes(total);
    if (rate > 0) {
        right += fmt::format("  {}/s", models::human_bytes(static_cast<std::uint64_t>(rate)));
        if (total > done) {
            const auto left = std::llround(static_cast<double>(total - done) / rate);
            right += fmt::format("  {} left",
                                 human_duration(std::chrono::seconds(std::min<std::int64_t>(left, 864'000))));
        }
    }
    constexpr std::size_t kBar = 24;
    std::string bar;
    if (total > 0) {
        const auto part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
        const auto full = static_cast<std::size_t>(part * kBar);
        bar = fmt::format(" [{}{}] {:3.0f}%", std::string(full, '#'), std::string(kBar - full, '.'),
                          std::floor(part * 100));
    }
    const auto fixed = bar.size() + right.size() + 3;
    const auto room = width > fixed ? width - fixed : 0;
    if (room < 8)
        return fmt::format("{} {}", total > 0 ? fmt::format("{}%", done * 100 / total) : "", right)
            .substr(0, width);
    return fmt::format("{}{}  {}", text::utf8_prefix(label, std::min<std::size_t>(room, 40)), bar, right);
}

void ProgressBar::update(std::string_view label, std::uint64_t done, std::uint64_t total, double rate) {
    if (terminal_) {
        print(fmt::format("\r\x1b[K{}", line(label, done, total, rate, terminal_width() - 1)));
        (void)std::fflush(stdout);
        drawn_ = true;
        return;
    }
    const int tenth =
        total > 0 ? static_cast<int>(static_cast<double>(done) / static_cast<double>(total) * 10) : 0;
    if (tenth == last_tenth_ && label == last_label_) return;
    last_tenth_ = tenth;
    last_label_ = label;
    print(fmt::format("{}\n", line(label, done, total, rate, 120)));
    (void)std::fflush(stdout);
}

void ProgressBar::finish() {
    if (std::exchange(drawn_, false)) print("\n");
}

}  // namespace hearth::cli
