#pragma once
// Answers from another program: connects the scripted model of tests/agents to a worker.
#include <functional>
#include <string_view>

#include "engine/protocol/message.h"

namespace hearth::engine {

// POST /engine/WHAT to PORT of this machine, with the message as the worker decoded it: it is encoded
// again, so that losses of the codec reach the model too. The body of the response has a message for the gateway on each
// line; any status but 200 is the error of request `id`. Returns when everything has been sent.
void ask(int port, std::string_view what, RequestId id, const ToWorker& message,
         const std::function<void(const ToGateway&)>& send);

}  // namespace hearth::engine
