// hearth-simulation: runs scenarios, or shows that the checks find planted faults. --help lists its options.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "wire/dialects.h"
#include "world.h"

namespace {

using namespace hearth::simulation;

struct Options {
    std::uint64_t seed = 1, first = 0, scenarios = 10'000;
    std::uint64_t seconds = 0;  // instead of a number of scenarios
    bool verbose = false;
    std::string_view plant;
    std::string coverage;  // file to write it to
    std::vector<std::string> merge;
    int least = 0;
};

constexpr std::array<std::pair<std::string_view, Plant>, 5> kPlants = {{{"settlement", Plant::settlement},
                                                                        {"report", Plant::report},
                                                                        {"bytes", Plant::bytes},
                                                                        {"cost", Plant::cost},
                                                                        {"content", Plant::content}}};

[[noreturn]] void usage() {
    fmt::print(stderr,
               "usage: hearth-simulation [--seed N] [--first N] [--scenarios N] [--seconds N] [--verbose]\n"
               "                         [--coverage FILE]\n"
               "       hearth-simulation --merge FILE... --least N    how often each fault met each pair of "
               "dialects\n"
               "       hearth-simulation --plant all|settlement|report|bytes|cost|content\n");
    std::exit(2);
}

Options parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--verbose") {
            options.verbose = true;
            continue;
        }
        if (name == "--merge") {
            while (i + 1 < argc && argv[i + 1][0] != '-') options.merge.emplace_back(argv[++i]);
            continue;
        }
        if (i + 1 == argc) usage();
        const std::string_view value = argv[++i];
        if (name == "--plant") {
            options.plant = value;
            continue;
        }
        if (name == "--coverage") {
            options.coverage = value;
            continue;
        }
        std::uint64_t number = 0;
        if (std::from_chars(value.data(), value.data() + value.size(), number).ptr !=
            value.data() + value.size())
            usage();
        if (name == "--seed")
            options.seed = number;
        else if (name == "--first")
            options.first = number;
        else if (name == "--scenarios")
            options.scenarios = number;
        else if (name == "--seconds")
            options.seconds = number;
        else if (name == "--least")
            options.least = static_cast<int>(number);
        else
            usage();
    }
    return options;
}

// How often each fault met each pair of dialects.
class Coverage {
  public:
    void add(const Scenario& scenario, const Log& log) {
        const auto client =
            static_cast<std::size_t>(std::ranges::find(kClients, scenario.client) - kClients.begin());
        const auto count = [&](std::size_t act) {
            const auto& done = scenario.acts[act];
            if (done.upstream >= kNetworkUpstreams) return;
            ++met_[client][static_cast<std::size_t>(done.upstream)][static_cast<std::size_t>(done.fault)];
        };
        for (const auto& seen : log.seen) count(seen.act);
        for (std::size_t i = 0; i < scenario.acts.size(); ++i) {
            if (scenario.acts[i].fault == Fault::ledger_refuses && i <= log.seen.size()) count(i);
        }
    }
    [[nodiscard]] int least() const {
        int least = INT32_MAX;
        for (const auto& client : met_) {
            for (const auto& upstream : client) {
                for (const auto times : upstream) least = std::min(least, times);
            }
        }
        return least;
    }
    void print() const {
        for (int fault = 0; fault < kFaults; ++fault) {
            int low = INT32_MAX, sum = 0;
            for (const auto& client : met_) {
                for (const auto& upstream : client) {
                    low = std::min(low, upstream[static_cast<std::size_t>(fault)]);
                    sum += upstream[static_cast<std::size_t>(fault)];
                }
            }
            fmt::print("  {:<20} {:>6} times, each pair of dialects at least {}\n",
                       fault_name(static_cast<Fault>(fault)), sum, low);
        }
    }

    void write(const std::string& path) const {
        std::ofstream out(path);
        for (const auto& client : met_) {
            for (const auto& upstream : client) {
                for (const auto times : upstream) out << times << ' ';
            }
        }
    }
    void add_file(const std::string& path) {
        std::ifstream in(path);
        for (auto& client : met_) {
            for (auto& upstream : client) {
                for (auto& times : upstream) {
                    int more = 0;
                    in >> more;
                    times += more;
                }
            }
        }
    }

  private:
    std::array<std::array<std::array<int, kFaults>, kNetworkUpstreams>, kClients.size()> met_{};
};

void print_failure(const Scenario& scenario, const Log& log) {
    fmt::print("FAILED seed {} scenario {}: client {}, {}\n", scenario.seed, scenario.number,
               hearth::wire::dialect_name(scenario.client), scenario.stream ? "streamed" : "whole");
    for (const auto& act : scenario.acts)
        fmt::print("  {}: {}\n", kUpstreams[static_cast<std::size_t>(act.upstream)].provider,
                   fault_name(act.fault));
    for (const auto& broken : log.broken) fmt::print("  broken: {}\n", broken);
    fmt::print("  again: hearth-simulation --seed {} --first {} --scenarios 1 --verbose\n", scenario.seed,
               scenario.number);
}

// Each planted fault must be found: by a check, or by an assertion that ends the process.
bool finds(Plant plant) {
    std::fflush(stdout);
    const auto child = ::fork();
    if (child == 0) {
        std::freopen("/dev/null", "w", stderr);
        World world;
        for (std::uint64_t number = 0; number < 2000; ++number) {
            const auto scenario = make_scenario(1, number);
            if (!world.run(scenario, plant).broken.empty()) ::_exit(3);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return (WIFEXITED(status) && WEXITSTATUS(status) == 3) ||
           (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int run_plants(std::string_view wanted) {
    int failed = 0, found = 0;
    for (const auto& [name, plant] : kPlants) {
        if (wanted != "all" && wanted != name) continue;
        const bool good = finds(plant);
        fmt::print("{} planted fault: {}\n", good ? "ok    " : "FAILED", name);
        ++(good ? found : failed);
    }
    fmt::print("{} passed, {} failed\n", found, failed);
    return failed == 0 && found > 0 ? 0 : 1;
}

int merge(const Options& options) {
    Coverage all;
    for (const auto& path : options.merge) all.add_file(path);
    all.print();
    const bool enough = all.least() >= options.least;
    fmt::print("{} each fault met each pair of dialects at least {} times\n", enough ? "ok    " : "FAILED",
               all.least());
    fmt::print("{} passed, {} failed\n", enough ? 1 : 0, enough ? 0 : 1);
    return enough ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = parse(argc, argv);
    if (!options.plant.empty()) return run_plants(options.plant);
    if (!options.merge.empty()) return merge(options);
    World world;
    Coverage coverage;
    const auto begin = std::chrono::steady_clock::now();
    const auto seconds = [&] {
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin)
                .count());
    };
    std::uint64_t done = 0, failed = 0;
    for (auto number = options.first;; ++number) {
        if (options.seconds > 0 ? seconds() >= options.seconds : done == options.scenarios) break;
        const auto scenario = make_scenario(options.seed, number);
        const auto log = world.run(scenario);
        coverage.add(scenario, log);
        ++done;
        if (!log.broken.empty() && ++failed <= 10) print_failure(scenario, log);
        if (options.verbose) fmt::print("{}: status {}, {}\n", number, log.status, log.bytes);
        if (done % 1000 != 0) continue;
        if (const auto wrong = world.compare_store(); !wrong.empty()) {
            fmt::print("FAILED seed {}: {}\n", options.seed, wrong);
            ++failed;
        }
    }
    if (const auto wrong = world.compare_store(); !wrong.empty()) {
        fmt::print("FAILED seed {}: {}\n", options.seed, wrong);
        ++failed;
    }
    if (!options.coverage.empty()) coverage.write(options.coverage);
    if (options.coverage.empty() && done > 1) coverage.print();
    fmt::print("{} scenarios of seed {} in {} s\n", done, options.seed, seconds());
    fmt::print("{} passed, {} failed\n", done - std::min(failed, done), failed);
    return failed == 0 ? 0 : 1;
}
