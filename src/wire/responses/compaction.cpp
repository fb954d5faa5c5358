#include "wire/responses/compaction.h"

#include <fmt/format.h>

#include "text/base64.h"
#include "text/json_writer.h"
#include "wire/opaque.h"
#include "wire/responses/response_object.h"

namespace hearth::wire::responses {

namespace {

constexpr std::string_view kMaker = "hearth";  // no provider's id: whoever is asked next may read it
constexpr std::string_view kAsk =
    "The conversation above will be replaced by what you write now. Write a summary from which the work can "
    "be continued "
    "without it: what the user wants and has decided, what was done and found out, which files and commands "
    "matter (with "
    "their exact names), what is open, and the next step. Write the summary alone.";
constexpr std::string_view kBefore = "Summary of the conversation so far:\n";

}  // namespace

bool asks_compaction(json::Value input) {
    return input.is_array() && input.size() > 0 &&
           input.at(input.size() - 1)["type"].as_string() == "compaction_trigger";
}

void ask_for_summary(exchange::Request& request) {
    request.compact = true;
    auto& chat = std::get<exchange::Chat>(request.body);
    if (!chat.turns.empty()) {  // the trigger itself
        std::erase_if(chat.turns.back().parts, [](const exchange::Part& part) {
            const auto* foreign = std::get_if<exchange::Foreign>(&part);
            return foreign != nullptr && foreign->type == "compaction_trigger";
        });
        if (chat.turns.back().parts.empty()) chat.turns.pop_back();
    }
    chat.turns.push_back({.role = exchange::Role::user, .parts = {exchange::Text{std::string(kAsk), {}}}});
    if (!chat.tools.empty())
        chat.tool_choice = exchange::ToolChoice{exchange::ToolChoice::Mode::none, {}, {}};
    chat.parallel_tool_calls.reset();
    chat.response_format.reset();
}

std::string sealed_summary(std::string_view summary) {
    return seal(kMaker, text::base64_encode(summary));
}

std::optional<std::string> summary_of(std::string_view encrypted_content) {
    if (!is_sealed(encrypted_content)) return std::nullopt;
    const auto opaque = unseal(encrypted_content);
    if (opaque.origin != kMaker) return std::nullopt;
    const auto summary = text::base64_decode(opaque.data);
    if (!summary) return std::nullopt;
    return std::string(kBefore) + *summary;
}

bool is_summary(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

Error no_summary() {
    Error error;
    error.code = Code::upstream_failed;
    error.message = "The model wrote no summary of the conversation; nothing was compacted.";
    return error;
}

void CompactionStream::write(const exchange::Event& event, std::string& out) {
    if (const auto* text = std::get_if<exchange::TextDelta>(&event)) {
        summary_ += text->text;
        return;
    }
    const bool passed = std::holds_alternative<exchange::Started>(event) ||
                        std::holds_alternative<exchange::UsageEvent>(event) ||
                        std::holds_alternative<exchange::Done>(event) || std::holds_alternative<Error>(event);
    if (passed) return inner_.write(event, out);
    if (!std::holds_alternative<exchange::Finish>(event)) return;  // what it thought on the way
    if (!is_summary(summary_)) return inner_.write(no_summary(), out);
    inner_.compaction(sealed_summary(summary_), out);
    inner_.write(exchange::Finish{}, out);
}

std::string compaction_body(const AnswerContext& context, const exchange::Answer& answer) {
    const std::string_view text = answer.choices.empty() ? std::string_view() : answer.choices.front().text;
    std::string out;
    json::Writer w(out);
    w.begin_object().member("id", fmt::format("resp_{}", context.id)).member("object", "response.compaction");
    w.member("created_at", context.created_s).key("output").begin_array();
    w.begin_object().member("id", fmt::format("cmp_{}", context.id)).member("type", "compaction");
    w.member("encrypted_content", sealed_summary(text)).end_object().end_array();
    write_usage(w, &answer.usage);
    w.end_object();
    return out;
}

}  // namespace hearth::wire::responses
