#include "engine/worker/confine_probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace hearth::engine {

namespace {

ConfinementProbe outcome(std::string what, int result, int error) {
    ConfinementProbe probe;
    probe.what = std::move(what);
    probe.refused = result < 0 && (error == EPERM || error == EACCES);
    probe.detail = result >= 0 ? "allowed" : strerrorname_np(error) ? strerrorname_np(error) : "failed";
    return probe;
}

ConfinementProbe reach(std::string what, int type, const void* address, socklen_t size, sa_family_t family) {
    const int fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return outcome(std::move(what), fd, errno);
    int result = connect(fd, static_cast<const sockaddr*>(address), size);
    if (result == 0 && type == SOCK_DGRAM) result = send(fd, "probe", 5, MSG_NOSIGNAL) == 5 ? 0 : -1;
    const int error = errno;
    close(fd);
    return outcome(std::move(what), result, error);
}

ConfinementProbe reach_unix(std::string what, const std::string& name, bool abstract) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto length = std::min(name.size(), sizeof(address.sun_path) - 2);
    std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), length);
    const auto size = offsetof(sockaddr_un, sun_path) + length + 1;
    return reach(std::move(what), SOCK_STREAM, &address, static_cast<socklen_t>(size), AF_UNIX);
}

ConfinementProbe open_file(std::string what, const std::string& path, int flags) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
    const int error = errno;
    if (fd >= 0) close(fd);
    return outcome(std::move(what), fd, error);
}

ConfinementProbe run_program() {
    char name[] = "/bin/true";
    char* arguments[] = {name, nullptr};
    char* environment[] = {nullptr};
    pid_t child = 0;
    const int error = posix_spawn(&child, name, nullptr, nullptr, arguments, environment);
    if (error == 0) waitpid(child, nullptr, 0);
    return outcome("exec", error == 0 ? 0 : -1, error);
}

}  // namespace

void probe_confinement(const ProbeTargets& targets, ConfinementReport& report) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    four.sin_port = htons(static_cast<std::uint16_t>(targets.ipv4_port));
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    six.sin6_port = htons(static_cast<std::uint16_t>(targets.ipv6_port));
    auto datagram = four;
    datagram.sin_port = htons(static_cast<std::uint16_t>(targets.udp_port));

    auto& probes = report.probes;
    probes.push_back(reach("ipv4", SOCK_STREAM, &four, sizeof(four), AF_INET));
    probes.push_back(reach("ipv6", SOCK_STREAM, &six, sizeof(six), AF_INET6));
    probes.push_back(reach("udp", SOCK_DGRAM, &datagram, sizeof(datagram), AF_INET));
    probes.push_back(reach_unix("unix-abstract", targets.abstract_name, true));
    probes.push_back(reach_unix("unix-path", targets.socket_path, false));
    probes.push_back(open_file("read-passwd", "/etc/passwd", O_RDONLY));
    probes.push_back(open_file("read-neighbour", targets.neighbour, O_RDONLY));
    probes.push_back(open_file("write-file", targets.new_file, O_WRONLY | O_CREAT));
    probes.push_back(run_program());
    // A process that is not traced: ESRCH shows that the system call itself is allowed.
    const long traced = ptrace(PTRACE_CONT, getppid(), nullptr, nullptr);
    auto trace = outcome("ptrace", static_cast<int>(traced), errno);
    if (trace.detail == "ESRCH") trace.detail = "allowed";
    probes.push_back(std::move(trace));

    const auto refused = std::ranges::count_if(probes, [](const auto& p) { return p.refused; });
    report.level = refused == static_cast<std::ptrdiff_t>(probes.size()) ? Confinement::kernel
                   : refused > 0                                         ? Confinement::partial
                                                                         : Confinement::none;
}

}  // namespace hearth::engine
