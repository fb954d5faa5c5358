#include "engine/worker/quantize.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "engine/worker/confine.h"
#include "engine/worker/crash.h"
#include "engine/worker/log_capture.h"
#include "engine/worker/model.h"
#include "llama.h"

namespace hearth::engine {

namespace {

struct Type {
    std::string_view name;
    llama_ftype value;
};
// Named as in llama-quantize, without those that need an importance matrix.
constexpr Type kTypes[] = {
    {"F32", LLAMA_FTYPE_ALL_F32},          {"F16", LLAMA_FTYPE_MOSTLY_F16},
    {"BF16", LLAMA_FTYPE_MOSTLY_BF16},     {"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    {"Q6_K", LLAMA_FTYPE_MOSTLY_Q6_K},     {"Q5_K_M", LLAMA_FTYPE_MOSTLY_Q5_K_M},
    {"Q5_K_S", LLAMA_FTYPE_MOSTLY_Q5_K_S}, {"Q5_0", LLAMA_FTYPE_MOSTLY_Q5_0},
    {"Q5_1", LLAMA_FTYPE_MOSTLY_Q5_1},     {"Q4_K_M", LLAMA_FTYPE_MOSTLY_Q4_K_M},
    {"Q4_K_S", LLAMA_FTYPE_MOSTLY_Q4_K_S}, {"Q4_0", LLAMA_FTYPE_MOSTLY_Q4_0},
    {"Q4_1", LLAMA_FTYPE_MOSTLY_Q4_1},     {"IQ4_NL", LLAMA_FTYPE_MOSTLY_IQ4_NL},
    {"IQ4_XS", LLAMA_FTYPE_MOSTLY_IQ4_XS}, {"Q3_K_L", LLAMA_FTYPE_MOSTLY_Q3_K_L},
    {"Q3_K_M", LLAMA_FTYPE_MOSTLY_Q3_K_M}, {"Q3_K_S", LLAMA_FTYPE_MOSTLY_Q3_K_S},
    {"Q2_K", LLAMA_FTYPE_MOSTLY_Q2_K},
};

std::optional<llama_ftype> type_named(std::string name) {
    for (auto& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto found = std::ranges::find(kTypes, name, &Type::name);
    return found == std::end(kTypes) ? std::nullopt : std::optional(found->value);
}

std::string type_names() {
    std::vector<std::string_view> names;
    for (const auto& type : kTypes) names.push_back(type.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// Maximum output size: all weights at twice their width.
void bound_output(const std::vector<std::string>& files) {
    std::uint64_t bytes = 64U << 20;
    for (const auto& file : files) {
        struct stat facts{};
        if (stat(file.c_str(), &facts) == 0) bytes += 2 * static_cast<std::uint64_t>(facts.st_size);
    }
    const rlimit most{bytes, bytes};
    setrlimit(RLIMIT_FSIZE, &most);
}

int print_and_return(int status, std::string_view why) {
    fmt::print(stderr, "{}\n", why);
    return status;
}

}  // namespace

int quantize(const std::string& in, const std::string& out, const std::string& type) {
    const auto requested = type_named(type);
    if (!requested)
        return print_and_return(kNoSuchType, fmt::format("There is no quantization '{}'; available are {}.",
                                                         type.substr(0, 40), type_names()));
    if (auto backends = load_backends(); !backends)
        return print_and_return(kCannotConfine, backends.error()->message);
    const int cores = usable_cores();
    const int made = open(out.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (made < 0)
        return print_and_return(kNoOutput, fmt::format("{} cannot be written: {}.", out, strerror(errno)));
    close(made);
    const auto files = model_files(in);
    bound_output(files);
    if (!confine_to_output(files, out)) {
        return print_and_return(kCannotConfine,
                                "Quantizing needs a kernel with Landlock (Linux 5.13): the file is "
                                "untrusted, and writing could not be restricted to the output.");
    }
    auto params = llama_model_quantize_default_params();
    params.ftype = *requested;
    params.nthread = cores;
    (void)take_last_error();
    if (llama_model_quantize(in.c_str(), out.c_str(), &params) == 0) return 0;
    const auto why = take_last_error();
    return print_and_return(kLoadFailedStatus, fmt::format("{} cannot be quantized to {}: {}.", in, type,
                                                           why.empty() ? "llama.cpp gives no reason" : why));
}

}  // namespace hearth::engine
