#include "engine/worker/seccomp_filter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace hearth::engine {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kAbsent = SECCOMP_RET_ERRNO | ENOSYS;

class Filter {
  public:
    Filter() {
        load(offsetof(seccomp_data, arch));
        jump(BPF_JEQ, kArchitecture, 1, 0);
        answer(SECCOMP_RET_KILL_PROCESS);
        load(offsetof(seccomp_data, nr));
        jump(BPF_JGE, 0x40000000, 0, 1);  // x86-64's second table of calls (x32)
        answer(SECCOMP_RET_KILL_PROCESS);
    }
    void when(long call, std::uint32_t verdict) {
        jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 1);
        answer(verdict);
    }
    // Allowed when (argument & mask) == wanted. Flags live in the low half of an argument.
    void when_bits(long call, int argument, std::uint32_t mask, std::uint32_t wanted) {
        jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 5);
        load(static_cast<std::uint32_t>(offsetof(seccomp_data, args)) +
             8 * static_cast<std::uint32_t>(argument));
        code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
        jump(BPF_JEQ, wanted, 0, 1);
        answer(SECCOMP_RET_ALLOW);
        answer(kRefuse);
    }
    Result<void> install(std::uint32_t otherwise) {
        answer(otherwise);
        const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
            return fail(Code::unsupported,
                        fmt::format("seccomp is not available on this system: {}.", strerror(errno)));
        return {};
    }

  private:
    void load(std::uint32_t offset) { code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }
    void answer(std::uint32_t verdict) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, verdict)); }
    void jump(std::uint16_t test, std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
        code_.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value, yes, no));
    }
    std::vector<sock_filter> code_;
};

// System calls that computation needs, with any arguments.
constexpr long kPlain[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_lseek,
    SYS_close,
    SYS_fstat,
    SYS_newfstatat,
    SYS_ppoll,
#if defined(__x86_64__)
    SYS_poll,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_time,
    SYS_arch_prctl,
#endif
    SYS_statx,
    SYS_faccessat,
    SYS_readlinkat,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_mlock,
    SYS_munlock,
    SYS_futex,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_set_tid_address,
    SYS_membarrier,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getparam,
    SYS_sched_setscheduler,
    SYS_sched_getscheduler,
    SYS_getcpu,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_gettid,
    SYS_getpid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_getrlimit,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
    SYS_seccomp,
    SYS_eventfd2,
    SYS_fadvise64,
};

}  // namespace

Result<void> confine_system_calls(Opening opening) {
    if (kArchitecture == 0)
        return fail(Code::unsupported, "There is no system call filter for this processor.");
    Filter filter;
    for (const long call : kPlain) filter.when(call, SECCOMP_RET_ALLOW);
    filter.when_bits(SYS_mmap, 2, PROT_EXEC, 0);
    filter.when_bits(SYS_mprotect, 2, PROT_EXEC, 0);
    filter.when_bits(SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
    filter.when(SYS_clone3,
                kAbsent);  // its flags are in memory, which a filter cannot read; glibc falls back to clone
    filter.when_bits(SYS_prctl, 0, ~0U, PR_SET_NAME);
    filter.when_bits(SYS_tgkill, 0, ~0U, static_cast<std::uint32_t>(getpid()));  // abort()
    // F_GETFD 1, F_SETFD 2, F_GETFL 3 and F_SETFL 4 only; 0 (F_DUPFD) is harmless
    filter.when_bits(SYS_fcntl, 1, ~7U, 0);
    const auto writing =
        static_cast<std::uint32_t>(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY));
    if (opening == Opening::as_landlock_allows) {
        filter.when(SYS_openat, SECCOMP_RET_ALLOW);
        return filter.install(kRefuse);
    }
    filter.when_bits(SYS_openat, 2, writing, O_RDONLY);
#if defined(__x86_64__)
    filter.when_bits(SYS_open, 1, writing, O_RDONLY);
#endif
    return filter.install(kRefuse);
}

Result<void> forbid_open() {
    Filter filter;
    filter.when(SYS_openat, kRefuse);
#if defined(__x86_64__)
    filter.when(SYS_open, kRefuse);
#endif
    filter.when(SYS_seccomp, kRefuse);
    return filter.install(SECCOMP_RET_ALLOW);
}

}  // namespace hearth::engine
