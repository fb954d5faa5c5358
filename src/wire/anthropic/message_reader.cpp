#include "wire/anthropic/message_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/utf8.h"
#include "wire/anthropic/error.h"

namespace hearth::wire::anthropic {

namespace {

using json::Value;

constexpr std::int32_t kAnswerCalls = 1024;
constexpr std::size_t kOpenBlocks = 64;   // Anthropic has one open at a time
constexpr std::size_t kCitations = 1024;  // of a block
constexpr std::size_t kSignatureBytes = 16 * 1024 * 1024;

exchange::Citation citation_of(Value from) {
    exchange::Citation out;
    out.url = from["url"].is_string() ? from["url"].as_string() : from["source"].as_string();
    out.title = from["title"].is_string() ? from["title"].as_string() : from["document_title"].as_string();
    out.text = from["cited_text"].as_string();
    return out;
}

}  // namespace

void judge_end(AnswerFacts& facts) {
    if (facts.failure) return;
    if (facts.choices.none()) {
        set_failure(facts, Code::upstream_broken, "The upstream's stream ended without an answer.");
    } else if (!facts.done && !facts.finish[0]) {
        set_failure(
            facts, Code::upstream_broken,
            fmt::format("The upstream's stream was cut after event {}, before a stop reason.", facts.events));
    }
}

void MessageReader::read_usage(Value usage, AnswerFacts& facts) {
    usage_.read(usage);
    if (auto known = usage_.usage()) facts.usage = *known;
}

// A second message_start (streams that were spliced together) adds nothing but its usage.
void MessageReader::begin(Value message, AnswerFacts& facts, Events& out) {
    facts.choices.set(0);
    if (!std::exchange(begun_, true)) {
        out.emplace_back(exchange::Started{std::string(message["id"].as_string()),
                                           std::string(message["model"].as_string()), 0});
    }
    read_usage(message["usage"], facts);
}

bool MessageReader::start_block(Value block, std::int64_t index, AnswerFacts& facts, Events& out) {
    stop_block(index, out);
    const auto type = block["type"].as_string();
    if (open_.size() >= kOpenBlocks || (type == "tool_use" && calls_ >= kAnswerCalls)) {
        set_failure(facts, Code::upstream_broken, "The upstream sent too many content blocks.");
        return false;
    }
    Block& made = open_.emplace_back();
    made.index = index;
    if (type == "text") {
        made.kind = Kind::text;
        made.start = chars_;
        if (const auto text = block["text"].as_string(); !text.empty()) {
            facts.content = true;
            chars_ += text::count_characters(text);
            out.emplace_back(exchange::TextDelta{0, std::string(text)});
        }
        for (const Value one : block["citations"].elements()) made.citations.push_back(citation_of(one));
    } else if (type == "thinking") {
        made.kind = Kind::thinking;
        made.signature = block["signature"].as_string();
        if (const auto text = block["thinking"].as_string(); !text.empty()) {
            facts.content = true;
            out.emplace_back(exchange::ReasoningDelta{0, std::string(text), {}});
        }
    } else if (type == "redacted_thinking") {
        facts.content = true;
        if (const auto data = block["data"].as_string(); !data.empty())
            out.emplace_back(exchange::ReasoningDelta{0, {}, std::string(kRedacted).append(data)});
    } else if (type == "tool_use") {
        facts.content = true;
        made.kind = Kind::call;
        made.call = calls_++;
        if (block["input"].size() > 0) made.input = block["input"].raw();
        out.emplace_back(exchange::ToolCallDelta{
            0, made.call, std::string(block["id"].as_string()), std::string(block["name"].as_string()), {}});
    } else {
        facts.content = true;
    }
    return true;
}

bool MessageReader::delta(Value delta, std::int64_t index, AnswerFacts& facts, Events& out) {
    const auto type = delta["type"].as_string();
    const auto block = std::ranges::find(open_, index, &Block::index);
    const Kind kind = block == open_.end() ? Kind::text : block->kind;  // text whose start is missing is text
    if (type == "text_delta") {
        const auto text = delta["text"].as_string();
        if (text.empty()) return true;
        facts.content = true;
        chars_ += text::count_characters(text);
        out.emplace_back(exchange::TextDelta{0, std::string(text)});
    } else if (type == "thinking_delta") {
        const auto text = delta["thinking"].as_string();
        if (text.empty()) return true;
        facts.content = true;
        out.emplace_back(exchange::ReasoningDelta{0, std::string(text), {}});
    } else if (type == "signature_delta" && kind == Kind::thinking) {
        block->signature += delta["signature"].as_string();
        if (block->signature.size() <= kSignatureBytes) return true;
        set_failure(facts, Code::upstream_broken,
                    fmt::format("The upstream sent a signature of more than {} bytes.", kSignatureBytes));
        return false;
    } else if (type == "input_json_delta" && kind == Kind::call) {
        const auto piece = delta["partial_json"].as_string();
        if (piece.empty()) return true;
        block->had_input = true;
        out.emplace_back(exchange::ToolCallDelta{0, block->call, {}, {}, std::string(piece)});
    } else if (type == "citations_delta") {
        auto citation = citation_of(delta["citation"]);
        if (kind == Kind::text && block != open_.end() && block->citations.size() < kCitations)
            block->citations.push_back(std::move(citation));
    }
    return true;
}

void MessageReader::close_block(Block& block, Events& out) {
    if (block.kind == Kind::thinking && !block.signature.empty())
        out.emplace_back(exchange::ReasoningDelta{0, {}, std::move(block.signature)});
    if (block.kind == Kind::call && !block.had_input) {
        if (block.input.empty()) block.input = "{}";
        out.emplace_back(exchange::ToolCallDelta{0, block.call, {}, {}, std::move(block.input)});
    }
    for (auto& citation : block.citations) {
        citation.start = block.start;
        citation.end = chars_;
        out.emplace_back(std::move(citation));
    }
}

void MessageReader::stop_block(std::int64_t index, Events& out) {
    const auto block = std::ranges::find(open_, index, &Block::index);
    if (block == open_.end()) return;
    close_block(*block, out);
    open_.erase(block);
}

void MessageReader::close_blocks(Events& out) {
    for (auto& block : open_) close_block(block, out);
    open_.clear();
}

void MessageReader::end(Value delta, AnswerFacts& facts, Events& out) {
    const auto reason = parse_stop(delta["stop_reason"].as_string());
    if (!reason || facts.finish[0]) return;
    close_blocks(out);
    facts.finish[0] = reason;
    facts.content = true;
    out.emplace_back(exchange::Finish{0, *reason, std::string(delta["stop_sequence"].as_string())});
}

bool MessageReader::read_event(Value event, std::string_view name, AnswerFacts& facts, Events& out) {
    const auto type = event["type"].is_string() ? event["type"].as_string() : name;
    const auto index = event["index"].as_int().value_or(0);
    if (type == "error" || name == "error" || (!event["type"] && event["error"].is_object())) {
        facts.failure = read_error_object(event);
        return false;
    }
    if (type == "message_start") {
        begin(event["message"], facts, out);
    } else if (type == "content_block_start" || type == "content_block_delta" || type == "message_delta") {
        if (!begun_) begin({}, facts, out);
        if (type == "content_block_start") return start_block(event["content_block"], index, facts, out);
        if (type == "content_block_delta") return delta(event["delta"], index, facts, out);
        read_usage(event["usage"], facts);
        end(event["delta"], facts, out);
    } else if (type == "content_block_stop") {
        stop_block(index, out);
    } else if (type == "message_stop") {
        facts.done = true;
    }
    return true;
}

bool MessageReader::read_message(Value message, AnswerFacts& facts, Events& out) {
    begin(message, facts, out);
    std::int64_t index = 0;
    for (const Value block : message["content"].elements()) {
        if (!start_block(block, index, facts, out)) return false;
        stop_block(index++, out);
    }
    end(message, facts, out);
    return true;
}

}  // namespace hearth::wire::anthropic
