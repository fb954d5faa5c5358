#include "wire/openai/chunk_reader.h"

namespace hearth::wire::openai {

namespace {

// A token's bytes; a token that is a part of a character is exact only in `bytes`.
std::string token_bytes(json::Value one) {
    const json::Value bytes = one["bytes"];
    if (!bytes.is_array()) return std::string(one["token"].as_string());
    std::string out;
    out.reserve(bytes.size());
    for (const json::Value byte : bytes.elements())
        out.push_back(static_cast<char>(byte.as_int().value_or(0) & 0xff));
    return out;
}

}  // namespace

std::vector<exchange::TokenLogprob> read_token_logprobs(json::Value content) {
    std::vector<exchange::TokenLogprob> out;
    out.reserve(content.size());
    for (const json::Value one : content.elements()) {
        auto& token = out.emplace_back();
        token.token = token_bytes(one);
        token.logprob = one["logprob"].as_double().value_or(0);
        for (const json::Value other : one["top_logprobs"].elements()) {
            token.top.emplace_back(token_bytes(other), other["logprob"].as_double().value_or(0));
        }
    }
    return out;
}

namespace {

std::vector<exchange::TokenLogprob> read_completion(json::Value logprobs) {
    std::vector<exchange::TokenLogprob> out;
    for (const json::Value token : logprobs["tokens"].elements())
        out.emplace_back().token = token.as_string();
    std::size_t index = 0;
    for (const json::Value value : logprobs["token_logprobs"].elements()) {
        if (index < out.size()) out[index].logprob = value.as_double().value_or(0);
        ++index;
    }
    index = 0;
    for (const json::Value top : logprobs["top_logprobs"].elements()) {
        if (index >= out.size()) break;
        for (const json::Member member : top.members()) {
            out[index].top.emplace_back(std::string(member.key()), member.value.as_double().value_or(0));
        }
        ++index;
    }
    return out;
}

}  // namespace

std::vector<exchange::TokenLogprob> read_logprobs(json::Value logprobs) {
    if (logprobs["content"].is_array()) return read_token_logprobs(logprobs["content"]);
    return read_completion(logprobs);
}

}  // namespace hearth::wire::openai
