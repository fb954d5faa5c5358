#include <algorithm>

#include "exchange/event.h"
#include "exchange/request.h"

namespace hearth::exchange {

namespace {

struct PartBytes {
    Needs& needs;
    std::size_t& bytes;
    void operator()(const Text& p) const { bytes += p.text.size(); }
    void operator()(const Image&) const { needs.images = true; }
    void operator()(const Audio&) const { needs.audio = true; }
    void operator()(const File&) const { needs.files = true; }
    void operator()(const Refusal& p) const { bytes += p.text.size(); }
    void operator()(const Reasoning& p) const { bytes += p.text.size(); }
    void operator()(const ToolCall& p) const { bytes += p.name.size() + p.arguments.size(); }
    void operator()(const Foreign& p) const { bytes += p.json.size(); }
};

void weigh_chat(const Chat& chat, Needs& needs, std::size_t& bytes) {
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) std::visit(PartBytes{needs, bytes}, part);
    }
    for (const auto& tool : chat.tools)
        bytes += tool.name.size() + tool.description.size() + tool.parameters.size();
    needs.tools = !chat.tools.empty();
    needs.json_schema =
        chat.response_format && chat.response_format->kind == ResponseFormat::Kind::json_schema;
}

void weigh_prompt(const std::variant<std::string, TokenIds>& prompt, std::size_t& bytes) {
    if (const auto* text = std::get_if<std::string>(&prompt)) {
        bytes += text->size();
    } else {
        bytes += std::get<TokenIds>(prompt).size() * 4;
    }
}

Choice& choice_at(Answer& answer, std::int32_t index) {
    const auto at = static_cast<std::size_t>(std::max(index, 0));
    if (answer.choices.size() <= at) answer.choices.resize(at + 1);
    return answer.choices[at];
}

struct Folder {
    Answer& answer;
    void operator()(Started e) const {
        answer.id = std::move(e.id);
        answer.model = std::move(e.model);
        answer.created_s = e.created_s;
    }
    void operator()(const TextDelta& e) const { choice_at(answer, e.choice).text += e.text; }
    void operator()(const ReasoningDelta& e) const {
        auto& choice = choice_at(answer, e.choice);
        choice.reasoning += e.text;
        choice.reasoning_opaque += e.opaque;
    }
    void operator()(const RefusalDelta& e) const { choice_at(answer, e.choice).refusal += e.text; }
    void operator()(const ToolCallDelta& e) const {
        auto& calls = choice_at(answer, e.choice).tool_calls;
        const auto at = static_cast<std::size_t>(std::max(e.call, 0));
        if (calls.size() <= at) calls.resize(at + 1);
        if (!e.id.empty()) calls[at].id = e.id;
        if (!e.name.empty()) calls[at].name = e.name;
        calls[at].arguments += e.arguments;
        calls[at].custom = calls[at].custom || e.custom;
    }
    void operator()(const LogprobsDelta& e) const {
        auto& all = choice_at(answer, e.choice).logprobs;
        all.insert(all.end(), e.tokens.begin(), e.tokens.end());
    }
    void operator()(const Finish& e) const { choice_at(answer, e.choice).finish = e.reason; }
    void operator()(EmbeddingVector e) const { answer.embeddings.push_back(std::move(e)); }
    void operator()(const UsageEvent& e) const {
        answer.usage = e.usage;
        if (e.timings) answer.timings = e.timings;
    }
    void operator()(Error e) const { answer.failure = std::move(e); }
    void operator()(Done) const { answer.done = true; }
};

}  // namespace

Needs needs_of(const Request& request) {
    Needs needs;
    std::size_t bytes = 0;
    if (const auto* chat = std::get_if<Chat>(&request.body)) {
        weigh_chat(*chat, needs, bytes);
    } else if (const auto* completion = std::get_if<Completion>(&request.body)) {
        for (const auto& prompt : completion->prompts) weigh_prompt(prompt, bytes);
        needs.suffix = completion->suffix.has_value();
        if (completion->suffix) bytes += completion->suffix->size();
    } else {
        for (const auto& input : request.embedding().inputs) weigh_prompt(input, bytes);
    }
    needs.approx_input_tokens = static_cast<std::int64_t>(bytes / 4);
    needs.max_output_tokens = request.sampling.max_tokens.value_or(0);
    return needs;
}

bool is_content(const Event& event) {
    if (const auto* text = std::get_if<TextDelta>(&event)) return !text->text.empty();
    if (const auto* thought = std::get_if<ReasoningDelta>(&event)) return !thought->text.empty();
    if (const auto* refusal = std::get_if<RefusalDelta>(&event)) return !refusal->text.empty();
    return std::holds_alternative<ToolCallDelta>(event) || std::holds_alternative<Finish>(event) ||
           std::holds_alternative<EmbeddingVector>(event);
}

void fold(Answer& into, Event event) {
    std::visit(Folder{into}, std::move(event));
}

}  // namespace hearth::exchange
