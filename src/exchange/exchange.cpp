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
    void operator()(const File& p) const {
        needs.files = needs.files || p.text.empty();
        bytes += p.text.size();
    }
    void operator()(const Refusal& p) const { bytes += p.text.size(); }
    void operator()(const Reasoning& p) const { bytes += p.text.size(); }
    void operator()(const ToolCall& p) const { bytes += p.name.size() + p.arguments.size(); }
    void operator()(const ToolReference&) const {}
    void operator()(const Foreign& p) const { bytes += p.json.size(); }
};

void weigh_chat(const Chat& chat, Needs& needs, std::size_t& bytes) {
    for (const auto& turn : chat.turns) {
        for (const auto& part : turn.parts) std::visit(PartBytes{needs, bytes}, part);
    }
    for (const auto& tool : chat.tools)
        bytes += tool.name.size() + tool.description.size() + tool.parameters.size();
    needs.tools = !chat.tools.empty();
    needs.forced_tool = chat.tool_choice && (chat.tool_choice->mode == ToolChoice::Mode::required ||
                                             chat.tool_choice->mode == ToolChoice::Mode::named);
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
        auto& blocks = choice_at(answer, e.choice).reasoning;
        if (blocks.empty() || !blocks.back().opaque.data.empty()) blocks.emplace_back();
        blocks.back().text += e.text;
        blocks.back().opaque.data = e.opaque;
    }
    void operator()(Citation e) const {
        auto& citations = choice_at(answer, e.choice).citations;
        citations.push_back(std::move(e));
    }
    void operator()(MediaDelta e) const {
        auto& media = choice_at(answer, e.choice).media;
        media.push_back(std::move(e));
    }
    void operator()(const RerankScore& e) const { answer.scores.push_back(e); }
    void operator()(const RefusalDelta& e) const { choice_at(answer, e.choice).refusal += e.text; }
    void operator()(const ToolCallDelta& e) const {
        auto& calls = choice_at(answer, e.choice).tool_calls;
        const auto at = static_cast<std::size_t>(std::max(e.call, 0));
        if (calls.size() <= at) calls.resize(at + 1);
        if (!e.id.empty()) calls[at].id = e.id;
        if (!e.name.empty()) calls[at].name = e.name;
        calls[at].arguments += e.arguments;
        calls[at].custom = calls[at].custom || e.custom;
        if (!e.opaque.empty()) calls[at].opaque.data = e.opaque;
    }
    void operator()(const LogprobsDelta& e) const {
        auto& all = choice_at(answer, e.choice).logprobs;
        all.insert(all.end(), e.tokens.begin(), e.tokens.end());
    }
    void operator()(Finish e) const {
        auto& choice = choice_at(answer, e.choice);
        choice.finish = e.reason;
        choice.stop_sequence = std::move(e.stop_sequence);
    }
    void operator()(EmbeddingVector e) const { answer.embeddings.push_back(std::move(e)); }
    void operator()(const UsageEvent& e) const {
        answer.usage = e.usage;
        if (e.timings) answer.timings = e.timings;
    }
    void operator()(Error e) const { answer.failure = std::move(e); }
    void operator()(Done) const { answer.done = true; }
};

}  // namespace

namespace {
constexpr std::string_view kKindNames[] = {"chat",  "completion", "embedding", "count", "rerank",
                                           "audio", "image",      "file",      "batch"};
static_assert(std::size(kKindNames) == kKinds);
}  // namespace

std::string_view kind_name(Kind kind) {
    return kKindNames[static_cast<std::size_t>(kind)];
}

Needs needs_of(const Request& request) {
    Needs needs;
    std::size_t bytes = 0;
    if (const auto* chat = std::get_if<Chat>(&request.body)) {
        weigh_chat(*chat, needs, bytes);
    } else if (const auto* completion = std::get_if<Completion>(&request.body)) {
        for (const auto& prompt : completion->prompts) weigh_prompt(prompt, bytes);
        needs.suffix = completion->suffix.has_value();
        if (completion->suffix) bytes += completion->suffix->size();
    } else if (const auto* rerank = std::get_if<Rerank>(&request.body)) {
        bytes += rerank->query.size();
        for (const auto& document : rerank->documents) bytes += document.size();
    } else {
        for (const auto& input : request.embedding().inputs) weigh_prompt(input, bytes);
    }
    needs.approx_input_tokens = static_cast<std::int64_t>(bytes / 4);
    needs.several_choices = request.n > 1;
    needs.max_output_tokens = request.sampling.max_tokens.value_or(0);
    return needs;
}

bool is_content(const Event& event) {
    if (const auto* text = std::get_if<TextDelta>(&event)) return !text->text.empty();
    if (const auto* thought = std::get_if<ReasoningDelta>(&event))
        return !thought->text.empty() || !thought->opaque.empty();
    if (const auto* refusal = std::get_if<RefusalDelta>(&event)) return !refusal->text.empty();
    return std::holds_alternative<ToolCallDelta>(event) || std::holds_alternative<Finish>(event) ||
           std::holds_alternative<EmbeddingVector>(event) || std::holds_alternative<MediaDelta>(event) ||
           std::holds_alternative<RerankScore>(event);
}

void fold(Answer& into, Event event) {
    std::visit(Folder{into}, std::move(event));
}

std::string Choice::reasoning_text() const {
    std::string out;
    for (const auto& block : reasoning) out += block.text;
    return out;
}

namespace {

void unfold_choice(const Choice& choice, std::int32_t index, std::vector<Event>& out) {
    for (const auto& block : choice.reasoning)
        out.emplace_back(ReasoningDelta{index, block.text, block.opaque.data});
    if (!choice.text.empty()) out.emplace_back(TextDelta{index, choice.text});
    for (const auto& citation : choice.citations) out.emplace_back(citation);
    for (const auto& media : choice.media) out.emplace_back(media);
    if (!choice.refusal.empty()) out.emplace_back(RefusalDelta{index, choice.refusal});
    if (!choice.logprobs.empty()) out.emplace_back(LogprobsDelta{index, choice.logprobs});
    std::int32_t number = 0;
    for (const auto& call : choice.tool_calls) {
        out.emplace_back(ToolCallDelta{index, number++, call.id, call.name, call.arguments, call.custom,
                                       call.opaque.data});
    }
    if (choice.finish) out.emplace_back(Finish{index, *choice.finish, choice.stop_sequence});
}

}  // namespace

std::vector<Event> unfold(const Answer& answer) {
    std::vector<Event> out;
    out.emplace_back(Started{answer.id, answer.model, answer.created_s});
    std::int32_t index = 0;
    for (const auto& choice : answer.choices) unfold_choice(choice, index++, out);
    for (const auto& vector : answer.embeddings) out.emplace_back(vector);
    for (const auto& score : answer.scores) out.emplace_back(score);
    if (answer.usage != Usage{} || answer.timings) out.emplace_back(UsageEvent{answer.usage, answer.timings});
    if (answer.failure) {
        out.emplace_back(*answer.failure);
    } else {
        out.emplace_back(Done{});
    }
    return out;
}

}  // namespace hearth::exchange
