#include "models/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>

namespace hearth::models {
namespace {

constexpr std::uint64_t kMiB = 1ULL << 20;

std::optional<std::uint64_t> leading_number(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    std::uint64_t value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec != std::errc()) return std::nullopt;
    return value;
}

std::string file_text(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream out;
    if (in) out << in.rdbuf();
    return std::move(out).str();
}

// "Name:  123 kB" lines (proc(5), meminfo; memory.stat has no colon and counts bytes).
std::optional<std::uint64_t> field(const std::string& text, std::string_view name) {
    for (std::size_t at = 0; at < text.size();) {
        auto end = text.find('\n', at);
        if (end == std::string::npos) end = text.size();
        const std::string_view line(text.data() + at, end - at);
        if (line.starts_with(name)) return leading_number(line.substr(name.size()));
        at = end + 1;
    }
    return std::nullopt;
}

// The control group of this process: "0::/path" is version 2, "N:memory:/path" version 1 (cgroups(7)).
std::string group_path(const std::string& root, std::string_view controller) {
    const auto text = file_text(root + "/proc/self/cgroup");
    for (std::size_t at = 0; at < text.size();) {
        auto end = text.find('\n', at);
        if (end == std::string::npos) end = text.size();
        const std::string_view line(text.data() + at, end - at);
        const auto first = line.find(':');
        const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second != std::string_view::npos && line.substr(first + 1, second - first - 1) == controller) {
            return std::string(line.substr(second + 1));
        }
        at = end + 1;
    }
    return "/";
}

struct Cap {
    std::uint64_t limit = 0, used = 0;
};

// The lowest limit from this group up to the root; inside a container the path may only exist at the top.
std::optional<Cap> tightest(const std::string& base, std::string path, const char* limit_file,
                            const char* used_file, std::string_view droppable) {
    std::optional<Cap> best;
    while (true) {
        if (path == "/") path.clear();
        const auto folder = base + path;
        const auto limit = leading_number(file_text(folder + limit_file));
        const auto used = leading_number(file_text(folder + used_file));
        if (limit && used) {
            const auto cache = field(file_text(folder + "/memory.stat"), droppable).value_or(0);
            const Cap cap{*limit, *used - std::min(*used, cache)};
            const auto room = [](const Cap& c) { return c.limit - std::min(c.limit, c.used); };
            if (!best || room(cap) < room(*best)) best = cap;
        }
        if (path.empty()) return best;
        path.resize(path.rfind('/'));
    }
}

std::optional<Cap> control_group(const std::string& root) {
    const auto two = tightest(root + "/sys/fs/cgroup", group_path(root, ""), "/memory.max", "/memory.current",
                              "inactive_file ");
    if (two) return two;
    return tightest(root + "/sys/fs/cgroup/memory", group_path(root, "memory"), "/memory.limit_in_bytes",
                    "/memory.usage_in_bytes", "total_inactive_file ");
}

}  // namespace

MemoryNeed estimate_memory(const GgufFacts& facts, std::uint64_t weights, std::uint64_t context,
                           std::uint64_t parallel, std::uint64_t batch) {
    MemoryNeed need;
    need.weights = weights;
    const auto cells = context * parallel;
    const auto window_cells = std::min(cells, (facts.sliding_window + batch) * parallel);
    constexpr std::uint64_t kStateBytes =
        64 * kMiB;  // of one sequence in a recurrent model; those seen take less
    need.cache = cells * facts.kv_bytes_per_token + window_cells * facts.kv_window_bytes_per_token;
    if (facts.recurrent) need.cache += parallel * kStateBytes;
    // Activations of one batch: a few dozen rows as wide as the model (the feed-forward's are wider), attention scores
    // of one layer, and the output row of every token that is sampled.
    const auto rows = batch * facts.embedding_length * 4 * 24;
    const auto scores =
        batch * std::min<std::uint64_t>(cells, 8192) * std::max<std::uint64_t>(facts.heads, 1);
    const auto outputs = std::max(batch, parallel) * facts.vocabulary * 4;
    need.compute = 48 * kMiB + rows + scores + outputs;
    return need;
}

MemoryState read_memory(const std::string& root) {
    MemoryState state;
    const auto meminfo = file_text(root + "/proc/meminfo");
    state.total = field(meminfo, "MemTotal:").value_or(0) * 1024;
    state.available = field(meminfo, "MemAvailable:").value_or(0) * 1024;
    if (const auto cap = control_group(root); cap && cap->limit < state.total) {
        state.total = cap->limit;
        state.available = std::min(state.available, cap->limit - std::min(cap->limit, cap->used));
    }
    return state;
}

std::string human_bytes(std::uint64_t bytes) {
    constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    if (unit == 0) return fmt::format("{} B", bytes);
    return fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, kUnits[unit]);
}

}  // namespace hearth::models
