#include "wire/openai/fim.h"

#include "text/json_writer.h"
#include "wire/openai/decode.h"
#include "wire/openai/request.h"

namespace hearth::wire::openai {

Result<exchange::Request> decode_fim(const json::Document& document) {
    Reader reader;
    const Path top;
    const json::Value prompt = document.root()["prompt"];
    if (prompt && !prompt.is_string()) {
        reader.wrong_type(prompt, "string", top.at("prompt"));
        return fail(std::move(*reader.error));
    }
    auto request = decode_completion(document);
    if (!request) return request;
    const auto seed = std::ranges::find(request->extra, "random_seed", &exchange::RawField::key);
    if (seed == request->extra.end()) return request;
    if (!reader.integer(document.root()["random_seed"], top.at("random_seed"), request->sampling.seed))
        return fail(std::move(*reader.error));
    request->extra.erase(seed);
    return request;
}

std::string encode_fim(const exchange::Request& request, std::string_view model) {
    const auto& body = request.completion();
    const auto& sampling = request.sampling;
    const auto* prompt = body.prompts.empty() ? nullptr : std::get_if<std::string>(&body.prompts.front());
    std::string out;
    json::Writer w(out);
    w.begin_object().member("model", model.empty() ? std::string_view(request.model) : model);
    w.member("prompt", prompt != nullptr ? std::string_view(*prompt) : std::string_view{});
    if (body.suffix) w.member("suffix", *body.suffix);
    if (sampling.max_tokens) w.member("max_tokens", *sampling.max_tokens);
    if (sampling.temperature) w.member("temperature", *sampling.temperature);
    if (sampling.top_p) w.member("top_p", *sampling.top_p);
    if (sampling.seed) w.member("random_seed", *sampling.seed);
    if (!sampling.stop.empty()) {
        w.key("stop").begin_array();
        for (const auto& stop : sampling.stop) w.string(stop);
        w.end_array();
    }
    if (request.stream) w.member("stream", true);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::openai
