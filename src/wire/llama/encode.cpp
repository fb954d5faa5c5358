#include "wire/openai/encode.h"
#include "text/json_writer.h"
#include "wire/llama/request.h"
#include "wire/llama/sampling.h"

namespace hearth::wire::llama {

std::string encode_request(const exchange::Request& request, std::string_view model) {
    const auto& body = request.completion();
    const auto& sampling = request.sampling;
    std::string out;
    json::Writer w(out);
    w.begin_object();
    const std::string_view name = model.empty() ? std::string_view(request.model) : model;
    if (!name.empty()) w.member("model", name);
    openai::write_prompts(w, body.suffix ? "input_prefix" : "prompt", body.prompts);
    if (body.suffix) w.member("input_suffix", *body.suffix);
    write_sampling(w, sampling, "n_predict");
    if (!sampling.grammar.empty()) w.member("grammar", sampling.grammar);
    if (sampling.ignore_eos) w.member("ignore_eos", true);
    if (!sampling.logit_bias.empty()) {
        w.key("logit_bias").begin_array();
        for (const auto& [id, bias] : sampling.logit_bias) w.begin_array().integer(id).real(bias).end_array();
        w.end_array();
    }
    if (sampling.logprobs) w.member("n_probs", std::max<std::int64_t>(sampling.top_logprobs, 1));
    if (request.n != 1) w.member("n_cmpl", request.n);
    if (request.stream) w.member("stream", true);
    if (request.dialect == exchange::Dialect::llama) {
        for (const auto& field : request.extra) w.member_raw(key_of(field), field.json);
    }
    w.end_object();
    return out;
}

}  // namespace hearth::wire::llama
