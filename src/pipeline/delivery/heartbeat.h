#pragma once
// A local model may read a long prompt for minutes, and clients give up on a server that sends nothing (they wait 60 to
// 300 s for a head). When no content has come after a while, the head of the stream goes out, then a keep-alive in the
// client's dialect at intervals. Access and routing are decided by then; failover is still open, for no content has been
// promised; only the status can no longer be changed.
#include "base/time.h"
#include "net/loop.h"
#include "server/exchange.h"

namespace hearth::pipeline {

class Delivery;

class Heartbeat {
  public:
    Heartbeat(net::Loop& loop, Delivery& delivery)
        : delivery_(delivery), deadline_(loop, [this] { beat(); }) {}
    void start(milliseconds interval);  // 0: never
    // Content or an error is to be written: no more keep-alives.
    void stop() { deadline_.disarm(); }

  private:
    void beat();
    Delivery& delivery_;
    milliseconds interval_{0};
    net::Deadline deadline_;
};

}  // namespace hearth::pipeline
