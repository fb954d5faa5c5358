#include "telemetry/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hearth::telemetry {

namespace {

void append_escaped(std::string& out, std::string_view text, bool label) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (label && c == '"') {
            out += "\\\"";
        } else {
            out += c;
        }
    }
}

void append_number(std::string& out, double value) {
    if (std::isinf(value)) {
        out += value < 0 ? "-Inf" : "+Inf";
    } else if (std::isnan(value)) {
        out += "NaN";
    } else {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
}

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
    out += "# HELP ";
    out += name;
    out += ' ';
    append_escaped(out, help, false);
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, type);
}

// One line up to its value: name_suffix{labels...,le="bound"} and a space.
void append_series(std::string& out, std::string_view name, std::string_view suffix,
                   const std::vector<std::string>& labels, const std::vector<std::string>& values,
                   std::string_view le = {}) {
    out += name;
    out += suffix;
    if (!labels.empty() || !le.empty()) {
        char separator = '{';
        for (std::size_t i = 0; i < labels.size(); ++i) {
            out += separator;
            separator = ',';
            out += labels[i];
            out += "=\"";
            append_escaped(out, values[i], true);
            out += '"';
        }
        if (!le.empty()) fmt::format_to(std::back_inserter(out), "{}le=\"{}\"", separator, le);
        out += '}';
    }
    out += ' ';
}

constexpr std::string_view type_of(const Counter*) {
    return "counter";
}
constexpr std::string_view type_of(const Gauge*) {
    return "gauge";
}
constexpr std::string_view type_of(const Histogram*) {
    return "histogram";
}

void append_histogram(std::string& out, std::string_view name, const std::vector<std::string>& labels,
                      const std::vector<std::string>& values, const Histogram& histogram) {
    std::uint64_t total = 0;
    std::string le;
    for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
        total += histogram.bucket(i);
        le.clear();
        append_number(le, i < histogram.bounds().size() ? histogram.bounds()[i] : INFINITY);
        append_series(out, name, "_bucket", labels, values, le);
        fmt::format_to(std::back_inserter(out), "{}\n", total);
    }
    append_series(out, name, "_sum", labels, values);
    append_number(out, histogram.sum());
    out += '\n';
    append_series(out, name, "_count", labels, values);
    fmt::format_to(std::back_inserter(out), "{}\n", total);
}

}  // namespace

void Histogram::observe(double value) {
    if (std::isnan(value)) return;
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    auto& count = counts_[static_cast<std::size_t>(at)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    sum_.store(sum() + value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
    std::uint64_t total = 0;
    for (const auto& count : counts_) total += count.load(std::memory_order_relaxed);
    return total;
}

template <class Metric>
Metric& Family<Metric>::with(Values values) {
    if (const auto found = series_.find(values); found != series_.end()) return *found->second;
    std::vector<std::string> key(values.begin(), values.end());
    key.resize(labels_.size());
    if (series_.size() + 1 >= max_series_ && !series_.contains(key)) {
        std::ranges::fill(key, "other");  // the last slot is reserved for it
    }
    auto& series = series_[std::move(key)];
    if (!series) {
        if constexpr (std::is_same_v<Metric, Histogram>) {
            series = std::make_unique<Histogram>(bounds_);
        } else {
            series = std::make_unique<Metric>();
        }
    }
    return *series;
}

template <class Metric>
void Family<Metric>::expose(std::string& out) const {
    append_head(out, name_, help_, type_of(static_cast<const Metric*>(nullptr)));
    for (const auto& [values, metric] : series_) {
        if constexpr (std::is_same_v<Metric, Histogram>) {
            append_histogram(out, name_, labels_, values, *metric);
        } else {
            append_series(out, name_, "", labels_, values);
            fmt::format_to(std::back_inserter(out), "{}\n", metric->value());
        }
    }
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

namespace {
template <class Metric>
Family<Metric>& find_or_make(std::map<std::string, std::unique_ptr<Family<Metric>>, std::less<>>& families,
                             std::string_view name, std::string_view help, std::vector<std::string> labels,
                             std::vector<double> bounds = {}) {
    if (const auto found = families.find(name); found != families.end()) return *found->second;
    auto family = std::make_unique<Family<Metric>>(std::string(name), std::string(help), std::move(labels),
                                                   kMaxSeries, std::move(bounds));
    return *families.emplace(std::string(name), std::move(family)).first->second;
}
}  // namespace

Family<Counter>& Registry::counter(std::string_view name, std::string_view help,
                                   std::vector<std::string> labels) {
    return find_or_make(counters_, name, help, std::move(labels));
}

Family<Gauge>& Registry::gauge(std::string_view name, std::string_view help,
                               std::vector<std::string> labels) {
    return find_or_make(gauges_, name, help, std::move(labels));
}

Family<Histogram>& Registry::histogram(std::string_view name, std::string_view help,
                                       std::vector<double> bounds, std::vector<std::string> labels) {
    return find_or_make(histograms_, name, help, std::move(labels), std::move(bounds));
}

void Registry::gauge_from(std::string_view name, std::string_view help, std::function<double()> read) {
    computed_.insert_or_assign(std::string(name), Computed{std::string(help), "gauge", std::move(read)});
}

void Registry::counter_from(std::string_view name, std::string_view help, std::function<double()> read) {
    computed_.insert_or_assign(std::string(name), Computed{std::string(help), "counter", std::move(read)});
}

std::string Registry::expose() const {
    std::map<std::string_view, std::string> sorted;
    for (const auto& [name, family] : counters_) family->expose(sorted[name]);
    for (const auto& [name, family] : gauges_) family->expose(sorted[name]);
    for (const auto& [name, family] : histograms_) family->expose(sorted[name]);
    for (const auto& [name, computed] : computed_) {
        auto& text = sorted[name];
        append_head(text, name, computed.help, computed.type);
        append_series(text, name, "", {}, {});
        append_number(text, computed.read());
        text += '\n';
    }
    std::string out;
    for (const auto& [name, text] : sorted) out += text;
    return out;
}

std::vector<double> overhead_buckets() {
    return {0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1};
}

std::vector<double> latency_buckets() {
    return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
}

}  // namespace hearth::telemetry
