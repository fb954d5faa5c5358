#pragma once
// Counters, gauges and histograms, and their Prometheus text exposition (format 0.0.4, prometheus.io/docs/instrumenting/
// exposition_formats). Created once, held by reference, updated by requests without locks or allocation.
//
// Threads: a family and its series are made and exposed on the loop's thread. add(), set() and observe() belong to one
// thread, whichever that is: they cost one plain addition. add_shared() may be called from any thread.
//
// Cardinality is bounded: a family holds at most `max_series`; label values beyond it share one series whose
// labels read "other". Never use a value that a client chooses freely (ids, prompts, paths) as a label.
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::telemetry {

class Counter {
  public:
    void add(std::uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void add_shared(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
  public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t n) { set(value() + n); }
    void add_shared(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

class Histogram {
  public:
    explicit Histogram(const std::vector<double>& bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}
    void observe(double value);  // one thread; NaN is ignored
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] double sum() const { return sum_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t bucket(std::size_t i) const {
        return counts_[i].load(std::memory_order_relaxed);
    }
    [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }

  private:
    const std::vector<double>& bounds_;  // the family's; ascending, without +Inf
    std::deque<std::atomic<std::uint64_t>> counts_;
    std::atomic<double> sum_{0};
};

using Values = std::initializer_list<std::string_view>;

inline constexpr std::size_t kMaxSeries = 256;

// One metric name with its label names; with() finds or creates the series for given label values.
template <class Metric>
class Family {
  public:
    Family(std::string name, std::string help, std::vector<std::string> labels,
           std::size_t max_series = kMaxSeries, std::vector<double> bounds = {})
        : name_(std::move(name)),
          help_(std::move(help)),
          labels_(std::move(labels)),
          bounds_(std::move(bounds)),
          max_series_(max_series) {}
    Family(const Family&) = delete;  // series refer to their family
    Family& operator=(const Family&) = delete;

    // As many values as labels; a missing one counts as "", an extra one is ignored. The reference stays valid.
    Metric& with(Values values = {});
    void expose(std::string& out) const;

  private:
    struct Less {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const {
            return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
        }
    };
    std::string name_, help_;
    std::vector<std::string> labels_;
    std::vector<double> bounds_;
    std::size_t max_series_;
    std::map<std::vector<std::string>, std::unique_ptr<Metric>, Less> series_;
};

extern template class Family<Counter>;
extern template class Family<Gauge>;
extern template class Family<Histogram>;

class Registry {
  public:
    // Prometheus naming (seconds, bytes, _total); the same name returns the same family.
    Family<Counter>& counter(std::string_view name, std::string_view help,
                             std::vector<std::string> labels = {});
    Family<Gauge>& gauge(std::string_view name, std::string_view help, std::vector<std::string> labels = {});
    Family<Histogram>& histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                                 std::vector<std::string> labels = {});
    // A value that is computed on exposition; `read` runs on the thread that calls expose().
    void gauge_from(std::string_view name, std::string_view help, std::function<double()> read);
    void counter_from(std::string_view name, std::string_view help, std::function<double()> read);

    [[nodiscard]] std::string expose() const;  // sorted by name

  private:
    struct Computed {
        std::string help, type;
        std::function<double()> read;
    };
    std::map<std::string, std::unique_ptr<Family<Counter>>, std::less<>> counters_;
    std::map<std::string, std::unique_ptr<Family<Gauge>>, std::less<>> gauges_;
    std::map<std::string, std::unique_ptr<Family<Histogram>>, std::less<>> histograms_;
    std::map<std::string, Computed, std::less<>> computed_;
};

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

// Upper bounds in seconds, for overhead inside the gateway and for model latency.
[[nodiscard]] std::vector<double> overhead_buckets();  // 25 us .. 100 ms
[[nodiscard]] std::vector<double> latency_buckets();   // 5 ms .. 300 s

// process_* metrics, named as in Prometheus's client libraries: memory, CPU seconds, descriptors, start time.
void register_process_metrics(Registry& registry);

}  // namespace hearth::telemetry
