#include "engine/worker/self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "engine/protocol/codec.h"
#include "engine/worker/confine.h"
#include "engine/worker/confine_probe.h"
#include "engine/worker/model.h"

namespace hearth::engine {

namespace {

constexpr int kNotTested = 2;

template <class Address>
int listen_on(int family, int type, Address address, int* port) {
    const int fd = socket(family, type, 0);
    socklen_t size = sizeof(address);
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) return -1;
    if (type == SOCK_STREAM && listen(fd, 4) != 0) return -1;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
    if constexpr (std::is_same_v<Address, sockaddr_in>) *port = ntohs(address.sin_port);
    if constexpr (std::is_same_v<Address, sockaddr_in6>) *port = ntohs(address.sin6_port);
    return fd;
}

int listen_unix(const std::string& name, bool abstract) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + 1);
    return fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 && listen(fd, 4) == 0
               ? fd
               : -1;
}

// Real listeners and files beside the model.
bool make_targets(const std::string& folder, ProbeTargets& targets) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_addr = in6addr_loopback;
    targets.abstract_name = fmt::format("hearth-probe-{}", getpid());
    targets.socket_path = fmt::format("{}/probe-{}.sock", folder, getpid());
    targets.neighbour = fmt::format("{}/neighbour-{}.gguf", folder, getpid());
    targets.new_file = fmt::format("{}/written-{}", folder, getpid());
    const int neighbour = open(targets.neighbour.c_str(), O_CREAT | O_WRONLY, 0600);
    return neighbour >= 0 && close(neighbour) == 0 &&
           listen_on(AF_INET, SOCK_STREAM, four, &targets.ipv4_port) >= 0 &&
           listen_on(AF_INET6, SOCK_STREAM, six, &targets.ipv6_port) >= 0 &&
           listen_on(AF_INET, SOCK_DGRAM, four, &targets.udp_port) >= 0 &&
           listen_unix(targets.abstract_name, true) >= 0 && listen_unix(targets.socket_path, false) >= 0;
}

int confined_child(const std::string& model_path, bool confine, const ProbeTargets& targets, int out) {
    Ready ready;
    auto& report = ready.confinement;
    if (confine) isolate_process(out, report, true);
    if (auto backends = load_backends(); !backends) return kNotTested;
    if (confine) confine_before_load(model_files(model_path), report);
    Load load;
    load.model_path = model_path;
    load.context_tokens = 256;
    const auto model = Model::load(load, 1, [](double) { return true; });
    if (!model) {
        fmt::print(stderr, "{}\n", model.error()->message);
        return kNotTested;
    }
    ready.model = (*model)->facts();
    if (confine) confine_after_load(report);
    probe_confinement(targets, report);
    const auto text = encode(ToGateway(ready)) + "\n";
    if (write(out, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return kNotTested;
    return report.level == Confinement::kernel ? 0 : 1;
}

}  // namespace

int self_test_confinement(const std::string& model_path, bool confine) {
    const auto path = model_path.starts_with('/') ? model_path : fmt::format("./{}", model_path);
    ProbeTargets targets;
    const bool ready = make_targets(path.substr(0, path.rfind('/')), targets);
    if (!ready)
        fmt::print(stderr, "The self-test could not open its listeners beside {}: {}.\n", path,
                   strerror(errno));
    const pid_t child = ready ? fork() : -1;
    if (child == 0) _exit(confined_child(path, confine, targets, STDOUT_FILENO));
    int status = 0;
    if (child > 0) waitpid(child, &status, 0);
    for (const auto& file : {targets.socket_path, targets.neighbour, targets.new_file}) unlink(file.c_str());
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : kNotTested;
}

}  // namespace hearth::engine
