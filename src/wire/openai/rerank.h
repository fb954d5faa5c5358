#pragma once
// Reranking, in the shape that Jina began and Cohere, llama-server, vLLM and most others share: POST /v1/rerank, /rerank,
// /v2/rerank.
//
// Facts: jina.ai/reranker (API), docs.cohere.com/reference/rerank, format_response_rerank() in
// tools/server/server-common.cpp of llama.cpp; Voyage's answers have `data` in place of `results`, those of Hugging
// Face's text-embeddings-inference are a bare array with `score`.
#include <string>
#include <string_view>

#include "base/error.h"
#include "exchange/event.h"
#include "exchange/request.h"
#include "text/json.h"
#include "wire/dialect.h"

namespace hearth::wire::openai {

// {"model","query","documents":[text or {"text"}],"top_n","return_documents"}; other fields of the request stay in
// `extra`, those of a document do not.
[[nodiscard]] Result<exchange::Request> decode_rerank(const json::Document& document);

// `model` empty: the request's. return_documents is not asked for: encode_scores() knows the documents itself.
[[nodiscard]] std::string encode_rerank(const exchange::Request& request, std::string_view model = {});

// Scores in the order in which they came. Fails with Code::upstream_failed when there are none, or one has no place among
// the results. An index past the documents is encode_scores()'s to leave out.
[[nodiscard]] Result<exchange::Answer> decode_scores(std::string_view body, json::Document& scratch);

// {"object":"list","model","results":[{"index","relevance_score","document"?}],"usage"}: best first, at most top_n.
[[nodiscard]] std::string encode_scores(const AnswerContext& context, const exchange::Answer& answer);

}  // namespace hearth::wire::openai
