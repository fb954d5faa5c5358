#pragma once
// Who answers an attempt. A backend sends the request and returns the answer as a stream; it neither writes to the client
// nor settles nor reports. The table of backends stands in stages.cpp; each has a file of its own here.
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "base/task.h"
#include "client/client.h"
#include "exchange/event.h"
#include "pipeline/context.h"
#include "pipeline/ports.h"
#include "provider/classify.h"
#include "wire/dialect.h"

namespace hearth::pipeline {

// An answer that can go to the client in its original bytes: one of the client's own dialect, or one that is passed
// through unread.
struct Original {
    client::Response& response;                  // 2xx; to a provider's own files and batches any status
    const wire::UpstreamCodec* codec = nullptr;  // null: passed through unread
    bool whole = true;                           // read to its end before the client gets any of it
    bool hide_usage = false;                     // usage was asked for by us (wire::Relay::Options)
};

class AnswerStream {
  public:
    virtual ~AnswerStream() = default;
    // The answer as events: waits for at least one; empty after Done or Error has been given. Not for passed through
    // answers.
    [[nodiscard]] virtual Task<std::vector<exchange::Event>> next() = 0;
    // In place of next(), never beside it.
    [[nodiscard]] virtual std::optional<Original> original() { return std::nullopt; }
    virtual void first_content() {}  // the first content has come: no deadline for it any more
    virtual void release() {
    }  // all of it has been delivered: what is kept for the next request is given back
    // False: Hearth made the answer itself, and no upstream charges for it.
    [[nodiscard]] virtual bool from_upstream() const { return true; }
    // What caused an Error among the events, unless it says so itself.
    [[nodiscard]] virtual provider::FailureCause cause() const { return provider::FailureCause::upstream; }
};

using Started = std::expected<std::unique_ptr<AnswerStream>, std::unique_ptr<provider::Failure>>;

class Backend {
  public:
    virtual ~Backend() = default;
    // The request has gone out and an answer has begun. Fails when there is none that the client could get.
    [[nodiscard]] virtual Task<Started> start(Ports& ports, const RequestContext& context,
                                              Attempt& attempt) const = 0;
};

// Events that are there already.
class GivenEvents final : public AnswerStream {
  public:
    explicit GivenEvents(std::vector<exchange::Event> events) : events_(std::move(events)) {}
    [[nodiscard]] Task<std::vector<exchange::Event>> next() override { co_return std::exchange(events_, {}); }
    [[nodiscard]] bool from_upstream() const override { return false; }

  private:
    std::vector<exchange::Event> events_;
};
[[nodiscard]] std::unique_ptr<AnswerStream> counted(std::int64_t tokens);  // the answer to Kind::count
[[nodiscard]] std::unique_ptr<AnswerStream> empty_answer();  // to a request without a prompt: it is over

}  // namespace hearth::pipeline
