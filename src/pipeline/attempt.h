#pragma once
// Inside this room: what the attempts at a provider have in common. upstream_attempt.cpp asks; relay_answer.cpp passes on
// an answer of the client's own dialect; translated_answer.cpp takes one of another dialect apart for answer.h.
#include <memory>

#include "pipeline/journey.h"
#include "wire/translate/translate.h"

namespace hearth::pipeline {

// A client that leaves, a first token that does not come: both end the attempt through one token.
class AttemptStop {
  public:
    AttemptStop(Journey& journey, milliseconds first_token, const std::string& provider);
    [[nodiscard]] StopToken token() const { return source_.token(); }
    void first_token_came() { late_.disarm(); }

  private:
    StopSource source_;
    StopToken gone_token_;
    StopCallback gone_;
    net::Deadline late_;
};

[[nodiscard]] Served served_of(const wire::AnswerFacts& facts);
[[nodiscard]] Task<Ended> client_gone(Journey& journey, const route::Step& step, Served served);
// A status that is no success: read, judged, and a failure of the attempt. `same`: the client reads the upstream's dialect.
[[nodiscard]] Task<Ended> rejected(Journey& journey, const route::Step& step,
                                   const provider::Provider& provider, client::Response& answer, bool same);
// Headers of an upstream that reach the client: the vendor's, not those of one hop and not our own names.
void pass_headers(const http::HeaderList& from, http::HeaderList& to);
// Reads what is left of a finished answer, so that the connection can be used again, without holding up the client.
[[nodiscard]] Task<void> drain(std::unique_ptr<client::Response> response);

[[nodiscard]] Task<Ended> relay_stream(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                                       std::unique_ptr<client::Response> response, bool hide_usage,
                                       AttemptStop& stop);
[[nodiscard]] Task<Ended> pass_answer(Journey& journey, const route::Step& step, const UpstreamWire& wire,
                                      client::Response& response);

[[nodiscard]] Task<Ended> translate_stream(Journey& journey, const route::Step& step,
                                           const UpstreamWire& wire,
                                           std::unique_ptr<client::Response> response, AttemptStop& stop);
[[nodiscard]] Task<Ended> translate_answer(Journey& journey, const route::Step& step,
                                           const UpstreamWire& wire, client::Response& response);

}  // namespace hearth::pipeline
