#pragma once
// Small calls on sockets that more than one file of this room needs; not for other rooms.
#include "net/address.h"
#include "net/fd.h"

namespace hearth::net {

[[nodiscard]] Fd open_socket(const Address& address);  // stream, non-blocking, close-on-exec
[[nodiscard]] Address socket_address(int fd);          // getsockname
[[nodiscard]] Address peer_address(int fd);            // getpeername
void set_blocking(int fd);

}  // namespace hearth::net
