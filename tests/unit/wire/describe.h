#pragma once
// Exchange events and facts as lines of text: for transcripts, for comparing streams, for messages of failed checks.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "text/json_writer.h"
#include "wire/facts.h"
#include "wire/openai/chunk_reader.h"

namespace wire_test {

using namespace hearth;

inline std::string json_text(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}
inline std::string number(const std::optional<std::int64_t>& value) {
    return value ? fmt::to_string(*value) : "?";
}

struct Describer {
    std::string operator()(const exchange::Started& e) const {
        return fmt::format("started {} {} {}", json_text(e.id), json_text(e.model), e.created_s);
    }
    std::string operator()(const exchange::TextDelta& e) const {
        return fmt::format("text {} {}", e.choice, json_text(e.text));
    }
    std::string operator()(const exchange::ReasoningDelta& e) const {
        return fmt::format("reasoning {} {}{}", e.choice, json_text(e.text),
                           e.opaque.empty() ? std::string() : " opaque " + json_text(e.opaque));
    }
    std::string operator()(const exchange::RefusalDelta& e) const {
        return fmt::format("refusal {} {}", e.choice, json_text(e.text));
    }
    std::string operator()(const exchange::ToolCallDelta& e) const {
        return fmt::format("{} {} {} {} {} {}", e.custom ? "custom" : "call", e.choice, e.call,
                           json_text(e.id), json_text(e.name), json_text(e.arguments)) +
               (e.opaque.empty() ? std::string() : " opaque " + json_text(e.opaque));
    }
    std::string operator()(const exchange::Citation& e) const {
        return fmt::format("citation {} {} {} {} {} {}", e.choice, json_text(e.url), json_text(e.title),
                           json_text(e.text), e.start, e.end);
    }
    std::string operator()(const exchange::MediaDelta& e) const {
        return fmt::format("media {} {} {}", e.choice, e.media_type, e.data.size());
    }
    std::string operator()(const exchange::RerankScore& e) const {
        return fmt::format("score {} {}", e.index, e.score);
    }
    std::string operator()(const exchange::LogprobsDelta& e) const {
        std::string out = fmt::format("logprobs {}", e.choice);
        for (const auto& one : e.tokens) {
            out += fmt::format(" {}={}", json_text(one.token), one.logprob);
            for (const auto& [token, logprob] : one.top)
                out += fmt::format("|{}={}", json_text(token), logprob);
        }
        return out;
    }
    std::string operator()(const exchange::Finish& e) const {
        return fmt::format("finish {} {}{}", e.choice, wire::openai::finish_word(e.reason),
                           e.stop_sequence.empty() ? std::string() : " at " + json_text(e.stop_sequence));
    }
    std::string operator()(const exchange::EmbeddingVector& e) const {
        return fmt::format("embedding {} {}", e.index, e.values.size());
    }
    std::string operator()(const exchange::UsageEvent& e) const {
        const auto& u = e.usage;
        std::string out = fmt::format("usage in={} out={} cached={} written={} reasoning={}", number(u.input),
                                      number(u.output), number(u.cached_input), number(u.cache_write_input),
                                      number(u.reasoning_output));
        if (e.timings) {
            const auto& t = *e.timings;
            out += fmt::format(" timings {} {} {} {} {}", t.cache_n, t.prompt_n, t.predicted_n, t.prompt_ms,
                               t.predicted_ms);
        }
        return out;
    }
    std::string operator()(const Error& e) const {
        return fmt::format("error {} {}", code_name(e.code), json_text(e.message));
    }
    std::string operator()(const exchange::Done&) const { return "done"; }
};

inline std::string describe(const std::vector<exchange::Event>& events) {
    std::string out;
    for (const auto& event : events) out += std::visit(Describer{}, event) + "\n";
    return out;
}

inline std::string describe(const wire::AnswerFacts& facts) {
    std::string out = fmt::format("events={} content={} done={}", facts.events, facts.content, facts.done);
    for (std::size_t i = 0; i < facts.finish.size(); ++i) {
        if (facts.finish[i])
            out += fmt::format(" finish[{}]={}", i, wire::openai::finish_word(*facts.finish[i]));
    }
    if (facts.usage)
        out += fmt::format(" in={} out={}", number(facts.usage->input), number(facts.usage->output));
    if (facts.failure) out += fmt::format(" failure={}", code_name(facts.failure->code));
    return out + "\n";
}

}  // namespace wire_test
