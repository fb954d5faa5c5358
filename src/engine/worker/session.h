#pragma once
// One worker's life after its process was isolated: wait for Load, confine, load, say Ready, serve until the end.

namespace hearth::engine {

// Exit statuses: 0 the gateway ended it, 3 the model could not be loaded (LoadFailed was sent), 2 the gateway broke the
// protocol.
int run_session(int fd, bool network_separated);

}  // namespace hearth::engine
