#include "resources/resources.h"

#include "resources/batches/batches.h"
#include "resources/files/store.h"
#include "resources/responses/store.h"

namespace hearth::resources {

Task<void> remove_expired_daily(Resources& resources, StopToken stop) {
    auto& loop = resources.ports.loop;
    while (!stop.stopped()) {
        const auto now = loop.clock().wall();
        [[maybe_unused]] const auto done = co_await loop.run_blocking([&]() -> Result<void> {
            resources.files.remove_expired(now);
            return {};
        });
        co_await resources.batches.remove_expired(resources);
        co_await resources.responses.remove_expired();
        co_await loop.sleep(std::chrono::hours(24), stop);
    }
}

}  // namespace hearth::resources
