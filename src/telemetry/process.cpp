#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "telemetry/metrics.h"

namespace hearth::telemetry {

namespace {

// Second field of /proc/self/statm, proc(5): resident pages.
double resident_bytes() {
    std::FILE* file = std::fopen("/proc/self/statm", "re");
    if (!file) return 0;
    long size = 0, resident = 0;
    const int fields = std::fscanf(file, "%ld %ld", &size, &resident);
    (void)std::fclose(file);
    return fields == 2 ? static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double open_descriptors() {
    std::error_code error;
    std::filesystem::directory_iterator entries("/proc/self/fd", error);
    double count = 0;
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) ++count;
    return count > 0 ? count - 1 : 0;  // without the descriptor of this iteration
}

}  // namespace

void register_process_metrics(Registry& registry) {
    const auto started =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    registry.gauge_from("process_resident_memory_bytes",
                        "Resident memory of the gateway, without its workers.", resident_bytes);
    registry.counter_from("process_cpu_seconds_total", "User and system CPU time of the gateway.",
                          cpu_seconds);
    registry.gauge_from("process_open_fds", "Open file descriptors of the gateway.", open_descriptors);
    registry.gauge_from("process_start_time_seconds", "Start of the gateway, seconds since 1970.",
                        [started] { return started; });
}

}  // namespace hearth::telemetry
