#pragma once
// The port to models that run on this machine: what the pipeline asks of them. engine::Supervisor is the real one, with a
// process for each model; the simulation of the pipeline's tests has another. Used on the loop's thread.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/protocol/message.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "models/store.h"

namespace hearth::engine {

struct GenerateOptions {
    std::optional<seconds>
        keep_alive;  // this model's idle time from now on; negative = never, 0 = unload afterwards
    std::int32_t context_tokens =
        0;  // at least so many for this request; 0 = what there is. A loaded model with
            // less is reloaded once it is free; one with more is used as it is
    Priority priority = Priority::normal;
    std::string affinity;
};

// One request's events. Destroying it before its end cancels the request in the worker, which keeps what it read.
class Generation {
  public:
    virtual ~Generation() = default;
    // Waits for at least one event. Empty after Done or Error has been given. One caller at a time. When the stop
    // token that generate() got stops, the last event is Error with the token's reason.
    [[nodiscard]] virtual Task<std::vector<exchange::Event>> next() = 0;
    [[nodiscard]] virtual const ModelFacts& model() const = 0;  // of the worker that serves it
};

// Errors of generate, load and count_tokens: see Supervisor.
class Engine {
  public:
    virtual ~Engine() = default;
    // Loads the model if need be, and waits for its turn in the queue.
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Generation>>> generate(models::Model model,
                                                                             exchange::Request request,
                                                                             GenerateOptions options,
                                                                             StopToken stop) = 0;
    // Waits until the model is ready. `on_progress` gets 0..1.
    [[nodiscard]] virtual Task<Result<ModelFacts>> load(models::Model model, GenerateOptions options,
                                                        StopToken stop,
                                                        std::function<void(double)> on_progress) = 0;
    [[nodiscard]] Task<Result<ModelFacts>> load(models::Model model, GenerateOptions options,
                                                StopToken stop) {
        return load(std::move(model), std::move(options), std::move(stop), {});
    }
    // `drain`: lets running requests finish first. Code::not_found when it is not loaded.
    [[nodiscard]] virtual Task<Result<void>> unload(std::string name, bool drain) = 0;
    [[nodiscard]] virtual Task<Result<std::int64_t>> count_tokens(models::Model model,
                                                                  exchange::Request request,
                                                                  StopToken stop) = 0;
    [[nodiscard]] virtual bool loaded(std::string_view name) const = 0;
};

}  // namespace hearth::engine
