#pragma once
// One worker's session after process isolation: wait for Load, confine, load, send Ready, serve until shutdown.

namespace hearth::engine {

// Exit statuses: 0 ended by the gateway, 3 the model could not be loaded (LoadFailed was sent), 2 the gateway violated the
// protocol.
int run_session(int fd, bool network_separated);

}  // namespace hearth::engine
