// USES: provider
// Responses of upstreams with any bytes: error bodies, Retry-After dates, and local servers' answers to probes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "provider/classify.h"
#include "provider/discover.h"

using namespace hearth;
using namespace hearth::provider;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    http::HeaderList headers;
    headers.append("retry-after", input);
    const auto classified = classify(Provider{.id = "x"}, size % 700, headers, input, Wall{});
    if (classified.error.message.empty() || classified.error.retry_after_ms.value_or(0) < 0) std::abort();
    for (const auto runtime : {Runtime::ollama, Runtime::lmstudio, Runtime::llama_server, Runtime::vllm}) {
        std::vector<ProbeAnswer> answers;
        for (const auto& probe : probes(runtime)) answers.push_back({probe.path, 200, std::string(input)});
        const auto found = read_probes(runtime, answers);
        if (found && found->models.size() > kMaxLocalModels) std::abort();
    }
    return 0;
}
