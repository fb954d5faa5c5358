#pragma once
// Answers from another program: what tests/agents lets its scripted model say through a worker.
#include <functional>
#include <string_view>

#include "engine/protocol/message.h"

namespace hearth::engine {

// POST /engine/WHAT to PORT of this machine, with the message as the worker understood it: it was decoded and is encoded
// anew, so what the codec loses is lost to the model too. The body of the answer is a message for the gateway on each
// line; any status but 200 is the error of request `id`. Returns when all has been sent.
void ask(int port, std::string_view what, RequestId id, const ToWorker& message,
         const std::function<void(const ToGateway&)>& send);

}  // namespace hearth::engine
