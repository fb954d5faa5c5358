#pragma once
// Other programs' own APIs beside models' answers: Ollama's under /api/, llama.cpp's /props and its siblings. Answers and
// errors have those programs' shapes; docs/native-apis.md lists what differs. compat.cpp holds the table.
#include <string>
#include <string_view>

#include "gateway/services.h"
#include "route/facts.h"
#include "server/exchange.h"
#include "text/json.h"
#include "text/url.h"
#include "wire/dialect.h"

namespace hearth::compat {

// The handler of these endpoints.
[[nodiscard]] Task<void> handle(gateway::Services& services, server::Exchange& exchange,
                                pipeline::Caller caller);

struct Call {
    gateway::Services& services;
    server::Exchange& exchange;
    const pipeline::Caller& caller;
    const wire::ClientCodec& dialect;
    std::string rest;  // of the path, behind the row's
    text::QueryParameters query;
    const json::Document& document;
    json::Value body;  // of a request that has one; an object
};

// The answer's JSON. Empty: 200 without a body, as Ollama answers what it has done.
using Answer = Task<Result<std::string>>;

Answer ollama_version(Call& call);
Answer ollama_tags(Call& call);
Answer ollama_show(Call& call);
Answer ollama_ps(Call& call);
Answer ollama_delete(Call& call);
Answer ollama_copy(Call& call);
Answer ollama_push(Call& call);
Answer llama_props(Call& call);
Answer llama_set_props(Call& call);
Answer llama_slots(Call& call);
Answer llama_tokenize(Call& call);
Answer llama_detokenize(Call& call);
Answer llama_apply_template(Call& call);

// These answer by themselves, errors too: streams, and statuses other than 200.
Task<void> ollama_pull(Call& call);
Task<void> ollama_create(Call& call);
Task<void> ollama_find_blob(Call& call);
Task<void> ollama_take_blob(Call& call);

// ---- among them

// "model" or, as it was once called, "name".
[[nodiscard]] Result<std::string> requested_model(const Call& call);
// Ollama's names of the hub in ours: "hf.co/org/repo:QUANT" is "hf:org/repo:QUANT".
[[nodiscard]] std::string canonical_hub_name(std::string_view name);
// The model that a name stands for: aliases, "auto", "local" and "cloud" too (what they would choose first). Errors in
// the words that Ollama's clients look for.
[[nodiscard]] Result<route::Model> find_model(const Call& call, const std::string& name);
[[nodiscard]] Task<void> reply_compat_error(Call& call, Error error);
// {"status":"success"} and the like, as a line.
[[nodiscard]] std::string status_line(std::string_view status);
[[nodiscard]] std::string error_line(const Call& call, const Error& error);

}  // namespace hearth::compat
