#include "models/memory.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "scratch.h"

namespace memory_test {

using namespace hearth;
using namespace hearth::models;

TEST_CASE("memory: the estimate grows with context, sequences and weights") {
    GgufFacts facts;
    facts.embedding_length = 1024;
    facts.heads = 16;
    facts.vocabulary = 32'000;
    facts.kv_bytes_per_token = 4096;
    const auto base = estimate_memory(facts, 1'000'000, 4096, 1);
    CHECK(base.weights == 1'000'000);
    CHECK(base.cache == 4096 * 4096);
    CHECK(estimate_memory(facts, 1'000'000, 8192, 1).cache == 2 * base.cache);
    CHECK(estimate_memory(facts, 1'000'000, 4096, 4).cache == 4 * base.cache);
    CHECK(base.total() == base.weights + base.cache + base.compute);
    facts.sliding_window = 512;
    facts.kv_window_bytes_per_token = 100;  // windowed layers keep the window and a batch, not the context
    CHECK(estimate_memory(facts, 0, 4096, 1).cache == base.cache + 100 * (512 + 512));
    facts.recurrent = true;
    CHECK(estimate_memory(facts, 0, 4096, 2).cache > 2 * base.cache + (100ULL << 20));
}

TEST_CASE("memory: the lower of the machine's memory and the control group's limit") {
    const models::test::Scratch scratch;
    scratch.write("proc/meminfo", "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    600 kB\n");
    CHECK(read_memory(scratch.path()).total == 1'024'000);
    CHECK(read_memory(scratch.path()).available == 614'400);

    scratch.write("proc/self/cgroup", "0::/user/a\n");
    scratch.write("sys/fs/cgroup/user/a/memory.max", "max\n");
    scratch.write("sys/fs/cgroup/user/a/memory.current", "1000\n");
    CHECK(read_memory(scratch.path()).available == 614'400);
    scratch.write("sys/fs/cgroup/user/memory.max", "200000\n");  // the parent's limit applies
    scratch.write("sys/fs/cgroup/user/memory.current", "150000\n");
    scratch.write("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 50000\n");
    CHECK(read_memory(scratch.path()).total == 200'000);
    CHECK(read_memory(scratch.path()).available == 100'000);

    const models::test::Scratch one;
    one.write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 600 kB\n");
    one.write("proc/self/cgroup", "5:cpu:/x\n4:memory:/g\n0::/\n");
    one.write("sys/fs/cgroup/memory/g/memory.limit_in_bytes", "300000\n");
    one.write("sys/fs/cgroup/memory/g/memory.usage_in_bytes", "310000\n");
    CHECK(read_memory(one.path()).total == 300'000);
    CHECK(read_memory(one.path()).available == 0);

    CHECK(read_memory("/").available > 0);
}

TEST_CASE("memory: sizes are formatted with binary units") {
    CHECK(human_bytes(0) == "0 B");
    CHECK(human_bytes(1023) == "1023 B");
    CHECK(human_bytes(4ULL << 30) == "4.0 GiB");
    CHECK(human_bytes(12'345'678) == "12 MiB");
}

}  // namespace memory_test
