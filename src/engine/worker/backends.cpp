// Work before confinement: opening shared libraries, and reading the machine's topology.
#include <dirent.h>
#include <dlfcn.h>
#include <sched.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "engine/worker/log_capture.h"
#include "engine/worker/model.h"

namespace hearth::engine {

namespace {

// The folder of this program's libllama: the processor variants are beside it.
std::string library_folder() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&llama_backend_init), &info) == 0 || !info.dli_fname) return {};
    const std::string file = info.dli_fname;
    const auto slash = file.rfind('/');
    return slash == std::string::npos ? "." : file.substr(0, slash);
}

}  // namespace

Result<void> load_backends() {
    capture_logs();
    unsetenv("GGML_BACKEND_PATH");  // only bundled libraries
    llama_backend_init();
    const auto folder = library_folder();
    ggml_backend_load_all_from_path(folder.c_str());
    if (!ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU))
        return fail(Code::config, "There is no ggml processor library (libggml-cpu-*.so) in " + folder +
                                      "; build again or reinstall Hearth.");
    return {};
}

int usable_cores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
    std::set<std::string> cores;
    int threads = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        ++threads;
        std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                           "/topology/thread_siblings_list");
        std::string siblings;
        std::getline(file, siblings);
        cores.insert(siblings.empty() ? "cpu" + std::to_string(cpu) : siblings);
    }
    return std::max(1, std::min(threads, static_cast<int>(cores.size())));
}

std::vector<std::string> model_files(const std::string& path) {
    // "name-00001-of-00003.gguf", as llama_split_path writes it
    constexpr std::size_t kTail = std::string_view("-00001-of-00003.gguf").size();
    if (path.size() <= kTail) return {path};
    const auto tail = path.substr(path.size() - kTail);
    int part = 0, parts = 0, end = 0;
    if (std::sscanf(tail.c_str(), "-%5d-of-%5d.gguf%n", &part, &parts, &end) != 2 ||
        end != static_cast<int>(kTail) || part != 1 || parts < 1)
        return {path};
    std::vector<std::string> files;
    std::string name(path.size() + 16, '\0');
    for (int i = 0; i < parts; ++i) {
        const int length =
            llama_split_path(name.data(), name.size(), path.substr(0, path.size() - kTail).c_str(), i, parts);
        files.emplace_back(name.data(), static_cast<std::size_t>(length));
    }
    return files;
}

}  // namespace hearth::engine
