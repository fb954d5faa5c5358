#include "engine/worker/confine.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "engine/worker/seccomp_filter.h"

namespace hearth::engine {

namespace {

// linux/landlock.h of Debian 12 has the first version only; the rest is declared here. Values are the kernel's ABI.
struct Ruleset {
    std::uint64_t handled_fs = 0, handled_net = 0, scoped = 0;
};
struct __attribute__((packed)) PathRule {
    std::uint64_t allowed = 0;
    std::int32_t parent = -1;
};
constexpr long kCreateRuleset = 444, kAddRule = 445,
               kRestrictSelf = 446;  // the same number on every architecture
constexpr std::uint32_t kAskVersion = 1;
constexpr int kPathBeneath = 1;
constexpr std::uint64_t kWriteFile = 1U << 1, kReadFile = 1U << 2, kTruncate = 1U << 14;
// File access rights of each version of Landlock: 13 bits at first, then refer, truncate, ioctl on devices.
constexpr std::uint64_t kFileRights[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};
constexpr std::uint64_t kBindAndConnectTcp = 3;          // since version 4
constexpr std::uint64_t kAbstractSocketsAndSignals = 3;  // since version 6

int landlock_version() {
    const long version = syscall(kCreateRuleset, nullptr, 0, kAskVersion);
    return version > 0 ? static_cast<int>(version) : 0;
}

bool allow(int ruleset, const std::string& file, std::uint64_t rights) {
    PathRule rule;
    rule.allowed = rights;
    rule.parent = open(file.c_str(), O_PATH | O_CLOEXEC);
    if (rule.parent < 0) return true;  // missing: loading will report it
    const bool done = syscall(kAddRule, ruleset, kPathBeneath, &rule, 0) == 0;
    close(rule.parent);
    return done;
}

bool restrict_files(const std::vector<std::string>& files, const std::string& output, int version) {
    Ruleset rules;
    rules.handled_fs =
        kFileRights[std::min<std::size_t>(static_cast<std::size_t>(version), std::size(kFileRights) - 1)];
    if (version >= 4) rules.handled_net = kBindAndConnectTcp;
    if (version >= 6) rules.scoped = kAbstractSocketsAndSignals;
    const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    const int ruleset = static_cast<int>(syscall(kCreateRuleset, &rules, size, 0));
    if (ruleset < 0) return false;
    bool done = true;
    for (const auto& file : files) done = done && allow(ruleset, file, kReadFile);
    if (!output.empty()) done = done && allow(ruleset, output, (kWriteFile | kTruncate) & rules.handled_fs);
    done = done && syscall(kRestrictSelf, ruleset, 0) == 0;
    close(ruleset);
    return done;
}

}  // namespace

void isolate_process(int keep, ConfinementReport& report, bool separate_network) {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);  // other processes of the same user cannot read this process's memory
    if (keep > 3) syscall(SYS_close_range, 3U, static_cast<unsigned>(keep - 1), 0U);
    syscall(SYS_close_range, static_cast<unsigned>(std::max(keep, 2) + 1), ~0U, 0U);
    if (!separate_network) return;
    report.network_namespace = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

void confine_before_load(const std::vector<std::string>& files, ConfinementReport& report) {
    report.no_new_privs = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    report.landlock_abi = landlock_version();
    report.landlock = report.landlock_abi > 0 && restrict_files(files, {}, report.landlock_abi);
    report.seccomp = confine_system_calls(Opening::to_read).has_value();
}

bool confine_to_output(const std::vector<std::string>& files, const std::string& output) {
    const int version = landlock_version();
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && version > 0 &&
           restrict_files(files, output, version) && confine_system_calls(Opening::as_landlock_allows);
}

void confine_after_load(ConfinementReport& report) {
    report.seccomp = report.seccomp && forbid_open().has_value();
}

}  // namespace hearth::engine
