#pragma once
// What clients may leave here and come back to: answers of the Responses API, files, batches.
#include "base/stop.h"
#include "base/task.h"
#include "gateway/services.h"
#include "pipeline/context.h"

namespace hearth::resources {

using pipeline::Caller;
using pipeline::Ingress;

class Batches;
class FileStore;
class ResponseStore;

struct Resources {
    gateway::Services& services;
    pipeline::Ports& ports;
    ResponseStore& responses;
    FileStore& files;
    Batches& batches;
};

// Removes what has expired at the start and once a day, until `stop`.
[[nodiscard]] Task<void> remove_expired_daily(Resources& resources, StopToken stop);

}  // namespace hearth::resources
