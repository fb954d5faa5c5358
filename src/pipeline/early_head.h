#pragma once
// A local model may read a long prompt for minutes, and clients give up on a server that says nothing (clients wait 60 to
// 300 s for a head). When no content has come after a while, the head of the stream goes out, then a keep-alive in the
// client's dialect now and then. Admission and routing are decided by then; failover is still open, for no content has
// been promised; only the status can no longer be changed.
#include "net/loop.h"

namespace hearth::pipeline {

struct Journey;

class EarlyHead {
  public:
    explicit EarlyHead(Journey& journey);
    // Begins to wait; nothing happens for answers that are not streamed, or when the configuration says never.
    void arm();
    // Something is to be written: no more keep-alives.
    void stop();
    [[nodiscard]] bool sent() const { return sent_; }

  private:
    void speak();

    Journey& journey_;
    net::Deadline deadline_;
    bool sent_ = false;
};

}  // namespace hearth::pipeline
