// USES: wire text base exchange
#include "local_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hearth;
    fuzz::same_when_split(data, size, [](std::string_view bytes, std::size_t step) {
        return fuzz::play_local(exchange::Dialect::llama, bytes, step);
    });
    return 0;
}
