#pragma once
// Local servers (Ollama, LM Studio, llama-server, vLLM): looked for at start and watched, so that their models can be
// named and chosen, and are dropped when their server stops.
#include "base/stop.h"
#include "base/task.h"
#include "client/client.h"
#include "net/loop.h"
#include "upstream/model_directory.h"
#include "upstream/settings.h"

namespace hearth::upstream {

class Discovery {
  public:
    // `settings`: the current ones, which a reload replaces.
    Discovery(net::Loop& loop, client::Sender& client, ModelDirectory& directory, const SettingsPtr& settings)
        : loop_(loop), client_(client), directory_(directory), settings_(settings) {}

    // One look at every enabled provider that is a local program.
    [[nodiscard]] Task<void> look(StopToken stop);
    // The same again every kInterval, until the token stops; pauses while `[client] watch_local_servers` is off.
    [[nodiscard]] Task<void> watch(StopToken stop);
    static constexpr seconds kInterval{15};

  private:
    Task<provider::ProbeAnswer> ask(const Settings& settings, const Upstream& upstream, std::string path,
                                    StopToken stop);
    Task<void> look_at(const Settings& settings, const Upstream& upstream, StopToken stop);

    net::Loop& loop_;
    client::Sender& client_;
    ModelDirectory& directory_;
    const SettingsPtr& settings_;
};

}  // namespace hearth::upstream
