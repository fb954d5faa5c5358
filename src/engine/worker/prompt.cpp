#include "engine/worker/prompt.h"

#include <fmt/format.h>

#include <random>

#include "base/limits.h"
#include "text/utf8.h"

namespace hearth::engine {

namespace {

using exchange::Kind;

Error too_long(const Model& model, std::size_t tokens, std::int64_t limit) {
    Error error;
    error.code = Code::context_exceeded;
    error.needed = static_cast<std::int64_t>(tokens);
    error.limit = limit;
    error.message = fmt::format(
        "The prompt is {} tokens long, and this model was loaded with a context of {} (prompt and answer "
        "together; it was "
        "trained for {}). Shorten it, or load the model with a larger context.",
        tokens, limit, model.facts().context_trained);
    return error;
}

Result<Prompt> one_prompt(const Model& model, const std::variant<std::string, exchange::TokenIds>& input,
                          const std::optional<std::string>& suffix, bool echo) {
    Prompt prompt;
    if (const auto* ids = std::get_if<exchange::TokenIds>(&input)) {
        for (const auto id : *ids) {
            if (id < 0 || id >= model.facts().vocabulary)
                return fail(Code::invalid_request,
                            fmt::format("Token id {} is not in this model's vocabulary of {}.", id,
                                        model.facts().vocabulary),
                            "prompt");
        }
        if (suffix)
            return fail(Code::unsupported, "A suffix requires a text prompt, not token ids.", "suffix");
        prompt.tokens.assign(ids->begin(), ids->end());
    } else if (suffix) {
        if (!model.facts().can_fill_middle)
            return fail(Code::unsupported,
                        "This model has no fill-in-the-middle tokens, so it does not support a suffix.",
                        "suffix");
        prompt.tokens = fill_middle_tokens(model, std::get<std::string>(input), *suffix);
    } else {
        prompt.tokens = model.tokenize(std::get<std::string>(input), true, true);
    }
    if (prompt.tokens.empty()) {  // at least one token must be decoded
        const auto first = llama_vocab_bos(model.vocab()) != LLAMA_TOKEN_NULL
                               ? llama_vocab_bos(model.vocab())
                               : llama_vocab_eos(model.vocab());
        if (first == LLAMA_TOKEN_NULL) return fail(Code::invalid_request, "The prompt is empty.", "prompt");
        prompt.tokens.push_back(first);
    }
    if (echo) {
        if (const auto* text = std::get_if<std::string>(&input)) {
            prompt.echo = *text;
        } else {
            for (const auto token : prompt.tokens) prompt.echo += model.piece(token, false);
        }
    }
    return prompt;
}

Result<void> prepare_sampling(const Model& model, const exchange::Request& request, Prepared& out) {
    const auto& sampling = request.sampling;
    auto& to = out.sampling;
    to.no_perf = true;
    to.temp = static_cast<float>(sampling.temperature.value_or(to.temp));
    to.top_p = static_cast<float>(sampling.top_p.value_or(to.top_p));
    to.min_p = static_cast<float>(sampling.min_p.value_or(to.min_p));
    to.top_k =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(sampling.top_k.value_or(to.top_k), 0, INT32_MAX));
    to.penalty_present = static_cast<float>(sampling.presence_penalty.value_or(0));
    to.penalty_freq = static_cast<float>(sampling.frequency_penalty.value_or(0));
    to.penalty_repeat = static_cast<float>(sampling.repeat_penalty.value_or(1));
    if (!(to.penalty_repeat > 0))
        return fail(Code::invalid_request, "repeat_penalty must be above 0.", "repeat_penalty");
    for (const auto& [token, bias] : sampling.logit_bias) {
        if (token < 0 || token >= model.facts().vocabulary)
            return fail(
                Code::invalid_request,
                fmt::format("logit_bias names token {}, which is not in this model's vocabulary.", token),
                "logit_bias");
        // OpenAI: -100 is a ban
        to.logit_bias.push_back(
            {static_cast<llama_token>(token), bias <= -100 ? -INFINITY : static_cast<float>(bias)});
    }
    if (sampling.ignore_eos)
        to.logit_bias.insert(to.logit_bias.end(), model.never_end().begin(), model.never_end().end());
    if (!sampling.grammar.empty()) {
        if (sampling.grammar.starts_with("%llguidance"))
            return fail(Code::unsupported, "This engine supports GBNF grammars only.", "grammar");
        to.grammar = {COMMON_GRAMMAR_TYPE_USER, sampling.grammar};
    }
    out.fixed_seed = sampling.seed.has_value();
    to.seed = sampling.seed ? static_cast<std::uint32_t>(*sampling.seed) : std::random_device{}();
    out.stops = sampling.stop;
    out.max_tokens = sampling.max_tokens.value_or(-1);
    out.logprobs = sampling.logprobs;
    out.top_logprobs = std::clamp<std::int64_t>(sampling.top_logprobs, 0, 20);
    return {};
}

Result<void> prepare_embedding(const Model& model, const exchange::Embedding& body, Prepared& out) {
    out.embedding = true;
    if (body.dimensions && *body.dimensions != model.facts().embedding_width)
        return fail(
            Code::unsupported,
            fmt::format("This model's embeddings have {} dimensions and do not support truncation to {}.",
                        model.facts().embedding_width, *body.dimensions),
            "dimensions");
    for (const auto& input : body.inputs) {
        auto prompt = one_prompt(model, input, std::nullopt, false);
        if (!prompt) return fail(prompt.error());
        out.prompts.push_back(std::move(*prompt));
    }
    return {};
}

}  // namespace

std::vector<llama_token> fill_middle_tokens(const Model& model, const std::string& prefix,
                                            const std::string& suffix) {
    const auto* vocab = model.vocab();
    std::vector<llama_token> tokens;
    if (llama_vocab_get_add_bos(vocab)) tokens.push_back(llama_vocab_bos(vocab));
    const auto add = [&](llama_token mark, const std::string& text) {
        tokens.push_back(mark);
        const auto part = model.tokenize(text, false, false);
        tokens.insert(tokens.end(), part.begin(), part.end());
    };
    if (model.fim_order() == FimOrder::prefix_first) {
        add(llama_vocab_fim_pre(vocab), prefix);
        add(llama_vocab_fim_suf(vocab), suffix);
    } else {
        add(llama_vocab_fim_suf(vocab), suffix);
        add(llama_vocab_fim_pre(vocab), prefix);
    }
    if (model.fim_order() != FimOrder::joined) tokens.push_back(llama_vocab_fim_mid(vocab));
    return tokens;
}

Result<Prepared> prepare(const Model& model, const exchange::Request& request) try {
    Prepared out;
    out.choices = std::clamp<std::int64_t>(request.n, 1, static_cast<std::int64_t>(limits::kChoices));
    if (request.n > out.choices)
        return fail(Code::invalid_request,
                    fmt::format("n is {}; the limit is {} choices.", request.n, limits::kChoices), "n");
    if (request.kind != Kind::embedding && model.facts().embeds_only)
        return fail(Code::unsupported, "This model supports embeddings only.");
    if (request.kind == Kind::embedding) {
        if (auto done = prepare_embedding(model, request.embedding(), out); !done) return fail(done.error());
        return out;
    }
    if (auto done = prepare_sampling(model, request, out); !done) return fail(done.error());
    if (request.kind == Kind::chat) {
        if (auto done = prepare_chat(model, request, out); !done) return fail(done.error());
    } else {
        const auto& body = request.completion();
        for (const auto& input : body.prompts) {
            auto prompt = one_prompt(model, input, body.suffix, body.echo);
            if (!prompt) return fail(prompt.error());
            out.prompts.push_back(std::move(*prompt));
        }
    }
    if (out.prompts.empty()) return fail(Code::invalid_request, "There is no prompt.", "prompt");
    for (const auto& prompt : out.prompts) {
        const auto limit = model.facts().context_tokens;
        if (static_cast<std::int64_t>(prompt.tokens.size()) >= limit)
            return fail(too_long(model, prompt.tokens.size(), limit));
    }
    return out;
} catch (const std::exception& e) {
    return fail(Code::invalid_request, fmt::format("The request cannot be prepared for this model: {}.",
                                                   text::printable(e.what(), 200)));
}

}  // namespace hearth::engine
