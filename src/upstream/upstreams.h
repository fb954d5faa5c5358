#pragma once
// What is the same for every request to a provider, worked out once at the start: where it goes, how long it may take,
// which dialects it speaks, what each one's head says, what its quirks need.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/client.h"
#include "config/config.h"
#include "exchange/request.h"
#include "privacy/gate.h"
#include "provider/provider.h"
#include "wire/dialect.h"

namespace hearth::upstream {

// One dialect that a provider speaks.
struct UpstreamWire {
    struct Head {
        std::string target;
        client::CommonFields fields;
    };

    UpstreamWire(const provider::Provider& row, const provider::Wire& wire);

    // Error: why nothing of this kind can be asked (provider::common_head).
    [[nodiscard]] const Result<Head>& head(exchange::Kind kind, bool stream) const {
        return heads[static_cast<std::size_t>(kind)][stream ? 1 : 0];
    }
    // `endpoint`: wire::Call::endpoint when the client's own bytes go out, else empty. `built` holds what the view leads to
    // when the path is not the same for every request.
    [[nodiscard]] std::string_view target(const exchange::Request& request, std::string_view endpoint,
                                          std::string_view model, std::string& built) const;
    // The client's own bytes can go out: the same dialect, and an endpoint that exists here too.
    [[nodiscard]] bool can_forward_bytes(const exchange::Request& request, exchange::Dialect client,
                                         std::string_view endpoint) const;

    exchange::Dialect dialect;
    bool fim = false;  // completions are Mistral's fill in the middle (wire/openai/fim.h)
    const wire::UpstreamCodec& codec;
    std::string base_path;
    std::array<std::array<Result<Head>, 2>, exchange::kKinds> heads;  // by kind, then stream
};

struct Upstream {
    Upstream(const provider::Provider& row, const config::Config& config);

    // The client's own dialect where the provider speaks it, for then nothing is translated; else the first that has such
    // an endpoint; else the first, whose head says what is missing.
    [[nodiscard]] const UpstreamWire& wire_for(exchange::Dialect client, exchange::Kind kind) const;
    [[nodiscard]] wire::UpstreamNeeds needs(const UpstreamWire& wire, exchange::Kind kind,
                                            std::string_view model) const;

    const provider::Provider& provider;
    client::Remote to;
    privacy::Destination gate;  // the place is the model's
    client::Timeouts when_whole, when_streamed;
    milliseconds first_token{};
    std::vector<UpstreamWire> wires;
    std::unique_ptr<provider::Signer> signer;  // null: nothing is signed
    bool authenticates_each_request = false;   // each request gets its own credentials (authorize.h)
};

class Upstreams {
  public:
    Upstreams(const provider::Registry& providers, const config::Config& config);
    // Null: unknown, or it has no address.
    [[nodiscard]] const Upstream* find(std::string_view provider) const;

  private:
    std::map<std::string, Upstream, std::less<>> by_id_;
};

}  // namespace hearth::upstream
