#pragma once
// What is the same for every request to a provider, worked out once at the start: where it goes, how long it may take,
// what its head says, which edits its quirks need.
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "client/client.h"
#include "config/config.h"
#include "exchange/request.h"
#include "privacy/gate.h"
#include "provider/provider.h"
#include "wire/openai/edits.h"

namespace hearth::pipeline {

struct Upstream {
    struct Head {
        std::string target;
        client::CommonFields fields;
    };

    Upstream(const provider::Provider& row, const config::Config& config);

    // Error: why nothing of this kind can be asked (provider::common_head).
    [[nodiscard]] const Result<Head>& head(exchange::Kind kind, bool stream) const {
        return heads[static_cast<std::size_t>(kind)][stream ? 1 : 0];
    }
    [[nodiscard]] wire::openai::EditOptions edits(exchange::Kind kind, std::string_view model) const;

    const provider::Provider& provider;
    client::Destination to;
    privacy::Destination gate;  // the place is the model's
    client::Timeouts when_whole, when_streamed;
    milliseconds first_token{};
    std::array<std::array<Result<Head>, 2>, 3> heads;  // by kind, then stream
};

class Upstreams {
  public:
    Upstreams(const provider::Registry& providers, const config::Config& config);
    // Null: unknown, or it has no address.
    [[nodiscard]] const Upstream* find(std::string_view provider) const;

  private:
    std::map<std::string, Upstream, std::less<>> by_id_;
};

}  // namespace hearth::pipeline
