#include "telemetry/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace hearth::telemetry {

namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error", "off"};

std::string_view cut(std::string_view text) {
    if (text.size() <= kFieldBytes) return text;
    std::size_t end = kFieldBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;  // whole UTF-8 characters
    return text.substr(0, end);
}

// JSON string escapes (RFC 8259), which also keep a text line on one line. The room `text` is not below this one.
void append_escaped(std::string& out, std::string_view whole) {
    const auto text = cut(whole);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    if (text.size() < whole.size()) out += "...";
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text);
    out += '"';
}

// Quotes only where the end of the value would be ambiguous.
void append_text_value(std::string& out, std::string_view text) {
    const bool plain = !text.empty() && text.find_first_of(" \t\r\n\"\\=") == std::string_view::npos;
    if (plain) {
        append_escaped(out, text);
    } else {
        append_quoted(out, text);
    }
}

void append_value(std::string& out, const Field& field, bool json) {
    std::visit(
        [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::string_view>) {
                json ? append_quoted(out, value) : append_text_value(out, value);
            } else if constexpr (std::is_same_v<T, double>) {
                if (json && !std::isfinite(value)) {
                    out += "null";
                } else {
                    fmt::format_to(std::back_inserter(out), "{}", value);
                }
            } else {
                fmt::format_to(std::back_inserter(out), "{}", value);
            }
        },
        field.value);
}

}  // namespace

Log::Log(Level level, Format format, Clock& clock)
    : clock_(clock), level_(level), format_(format), fd_(STDERR_FILENO) {}

Log::~Log() {
    if (fd_ > STDERR_FILENO) (void)::close(fd_);
}

Result<void> Log::open(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(Code::storage, fmt::format("The log file {} cannot be opened: {}. Change [log] file.",
                                               path.string(), std::strerror(errno)));
    }
    const int old = fd_.exchange(fd);
    if (old > STDERR_FILENO) (void)::close(old);
    return {};
}

std::string Log::render(Level level, Literal message, Fields fields) const {
    const bool json = format_ == Format::json;
    const auto time = to_rfc3339(clock_.wall());
    const auto name = kLevels[static_cast<std::size_t>(level)];
    std::string line;
    line.reserve(160);
    if (json) {
        fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","message":)", time, name);
        append_quoted(line, message.text);
    } else {
        // The time of day is enough on a terminal; for files that span days there is JSON.
        fmt::format_to(std::back_inserter(line), "{} {:5} {}", std::string_view(time).substr(11, 12), name,
                       message.text);
    }
    for (const auto& field : fields) {
        line += json ? ",\"" : " ";
        line += field.key;
        line += json ? "\":" : "=";
        append_value(line, field, json);
    }
    line += json ? "}\n" : "\n";
    return line;
}

void Log::write(Level level, Literal message, Fields fields) {
    if (!enabled(level)) return;
    const auto line = render(level, message, fields);
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0 &&
        ::write(ready.fd, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
        return;
    }
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

Log& log() {
    static Log instance;
    return instance;
}

}  // namespace hearth::telemetry
