// What a ledger entry costs: N loops' worth of requests, each begin -> settle, over one loop and the real store.
//   ledger_bench [requests] [concurrent] [folder] [rate]; taskset -c 0 to put the writer on the loop's core.
// With a rate, so many requests begin each second whatever the others do, and `concurrent` says nothing.
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/time.h"
#include "net/loop.h"
#include "store/sqlite/store.h"

using namespace hearth;

namespace {

struct Run {
    net::Loop loop;
    std::unique_ptr<ledger::Ledger> ledger;
    std::int64_t left = 0;
    int running = 0;
    bool closed = true;  // a client that is done begins its next request
    std::vector<double> waits_us;
};

ledger::Intent intent(std::int64_t n) {
    return {.request_id = "req_0123456789abcdefghijklmnop",
            .time = system_clock().wall(),
            .client = "openai-node",
            .key = "key_7f3a",
            .project = "default",
            .dialect = "openai",
            .kind = "chat",
            .requested_model = "openai/gpt-5.5",
            .to = {.provider = "openai",
                   .model = "gpt-5.5",
                   .place = Place::cloud,
                   .reason = "named by the client"},
            .estimated_input_tokens = 500 + n % 7};
}

Task<void> client(Run& run) {
    while (run.left > 0) {
        --run.left;
        const auto entry = intent(run.left);
        const auto t0 = system_clock().mono();
        auto begun = co_await run.ledger->begin(entry);
        if (!begun) {
            std::fprintf(stderr, "%s\n", begun.error()->message.c_str());
            std::exit(1);
        }
        const auto t1 = system_clock().mono();
        ledger::Settlement settlement{.id = begun->id,
                                      .usage = {.input = 512, .output = 256},
                                      .cost = 10'240'000,
                                      .first_token = ledger::microseconds(412'345),
                                      .total = ledger::microseconds(2'912'345),
                                      .finish = "stop"};
        if (!co_await run.ledger->settle(settlement)) std::exit(1);
        run.waits_us.push_back(static_cast<double>((t1 - t0).count()) / 1000);
        if (!run.closed) break;
    }
    if (--run.running == 0) run.loop.stop();
}

Task<void> paced(Run& run, double rate) {
    const auto start = system_clock().mono();
    for (std::int64_t n = 0; run.left > 0; ++n) {
        const auto due = start + nanoseconds(static_cast<std::int64_t>(static_cast<double>(n) * 1e9 / rate));
        while (system_clock().mono() < due) co_await run.loop.sleep(milliseconds(1));
        ++run.running;
        spawn(client(run));
    }
    if (--run.running == 0) run.loop.stop();
}

double cpu_us() {
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
    const auto requests = argc > 1 ? std::atoll(argv[1]) : 200'000;
    const auto concurrent = argc > 2 ? std::atoi(argv[2]) : 64;
    const std::filesystem::path folder = argc > 3 ? argv[3] : ".";
    const auto path = folder / "ledger_bench.db";
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path.string() + suffix);
    auto store = store::sqlite::Store::open({.path = path});
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error()->message.c_str());
        return 1;
    }
    Run run;
    run.ledger = (*store)->ledger_for(run.loop);
    run.left = requests;
    const double rate = argc > 4 ? std::atof(argv[4]) : 0;
    run.closed = rate <= 0;
    run.running = run.closed ? concurrent : 1;
    const auto cpu = cpu_us();
    const auto start = system_clock().mono();
    if (!run.closed) spawn(paced(run, rate));
    for (int i = 0; run.closed && i < concurrent; ++i) spawn(client(run));
    run.loop.run();
    const auto wall = static_cast<double>((system_clock().mono() - start).count()) / 1e9;
    const auto used = cpu_us() - cpu;
    const auto health = (*store)->health();
    std::sort(run.waits_us.begin(), run.waits_us.end());
    const auto at = [&](double q) {
        return run.waits_us[static_cast<std::size_t>(q * double(run.waits_us.size() - 1))];
    };
    std::printf(
        "%lld requests, %d at once: %.2f us CPU per request, %.0f requests/s, batch %.1f (largest %llu), "
        "begin p50 %.0f p99 %.0f p99.9 %.0f max %.0f us\n",
        static_cast<long long>(requests), concurrent, used / double(requests), double(requests) / wall,
        double(health.operations) / double(health.commits),
        static_cast<unsigned long long>(health.largest_batch), at(.5), at(.99), at(.999), at(1));
    rusage u{};
    getrusage(RUSAGE_SELF, &u);
    std::printf("max RSS %ld KB, database %ju + wal %ju bytes\n", u.ru_maxrss,
                static_cast<std::uintmax_t>(std::filesystem::file_size(path)),
                static_cast<std::uintmax_t>(std::filesystem::file_size(path.string() + "-wal")));
    run.ledger.reset();
}
