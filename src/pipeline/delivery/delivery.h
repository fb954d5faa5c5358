#pragma once
// The client's side of a request: the only writer to it. pump() brings an attempt's answer to the client up to its last
// bytes; what is left is written by finish(), after the settlement. Nothing is sent before the first content, so that any
// failure until then leads to the next candidate.
//
// An answer goes by one of four ways:
//   relay        the client's own dialect, no filter and no verifier: the original bytes (relay.cpp)
//   passthrough  audio, images, files: unread bytes (passthrough.cpp)
//   stream       events, written by the client's codec as they come (events.cpp)
//   whole        events, folded into one answer and written at once (events.cpp)
// Where a verifier applies, stream and whole hold everything until it has judged.
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/backends/backend.h"
#include "pipeline/context.h"
#include "pipeline/delivery/filters.h"
#include "pipeline/delivery/heartbeat.h"
#include "pipeline/delivery/verifiers.h"
#include "pipeline/ports.h"
#include "wire/translate/answer_features.h"

namespace hearth::pipeline {

class Delivery {
  public:
    Delivery(Ports& ports, RequestContext& context);
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    // For streams that the configuration allows it for.
    void start_heartbeat();
    [[nodiscard]] Task<Outcome> pump(Attempt& attempt);
    // Its route is named in the error, should no candidate answer.
    void attempt_failed(const Attempt& attempt);
    // Once, after the settlement: the answer's last bytes. Nothing for a client that has disconnected.
    [[nodiscard]] Task<void> finish();
    // In place of an answer: a status and a body, or an error event and a broken stream once the head has gone out.
    [[nodiscard]] Task<void> refuse(Error error);

  private:
    friend class Heartbeat;
    enum class Ending : std::uint8_t { none, whole, stream, broken };

    bool send_keep_alive();  // false: the client has disconnected

    // relay.cpp
    Task<Outcome> relay_stream(Attempt& attempt, Original original);
    Task<Outcome> relay_whole(Attempt& attempt, Original original);
    // passthrough.cpp
    Task<Outcome> pass_stream(Attempt& attempt, Original original);
    Task<Outcome> pass_whole(Attempt& attempt, Original original);
    [[nodiscard]] http::HeaderList passed_headers(const Attempt& attempt, const client::Response& response);
    // events.cpp
    struct EventWriter;
    Task<Outcome> write_stream(Attempt& attempt, FilterChain filters);
    Task<Outcome> write_held(Attempt& attempt, FilterChain filters, std::unique_ptr<Verifier> verifier);
    void end_stream(EventWriter& writer, Outcome& outcome);
    [[nodiscard]] wire::AnswerContext answer_context(const Attempt& attempt) const;

    // headers.cpp
    [[nodiscard]] http::HeaderList answer_headers(const Attempt& attempt,
                                                  std::string_view content_type) const;
    [[nodiscard]] http::HeaderList headers(std::string_view route, const std::vector<std::string>& warnings,
                                           std::string_view content_type) const;

    // Promises the answer to the client: the head of a stream goes out, with `more` behind our own headers. No other
    // candidate can be asked any more, so the body's memory is given back.
    void start_stream(Attempt& attempt, Outcome& outcome, const http::HeaderList& more = {});
    void end_whole(Attempt& attempt, int status, http::HeaderList headers, std::string body);
    [[nodiscard]] std::unique_ptr<Verifier> verifier_for(const Attempt& attempt) const;

    Ports& ports_;
    RequestContext& context_;
    Heartbeat heartbeat_;
    bool head_sent_ = false;  // of a stream, possibly by the heartbeat
    bool promised_ = false;   // content has been sent

    // What finish() writes.
    Ending ending_ = Ending::none;
    int status_ = 200;
    http::HeaderList headers_;
    std::string bytes_;      // the body, or the end of a stream
    std::string_view tail_;  // the end of a relayed stream: a view into relay_
    std::unique_ptr<wire::Relay> relay_;
    std::string failed_route_;
};

// The upstream had the request, and may charge for it.
[[nodiscard]] inline Outcome disconnected() {
    Outcome outcome;
    outcome.result = AttemptResult::client_disconnected;
    outcome.answered = true;
    return outcome;
}

// Headers of an upstream that reach the client: the vendor's, not those of one hop, of framing, and not our own names.
void pass_headers(const http::HeaderList& from, http::HeaderList& to);
// "provider/model; place=cloud; reason=named", in visible ASCII.
[[nodiscard]] std::string route_header(const route::Step& step);

}  // namespace hearth::pipeline
