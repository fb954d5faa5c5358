// The system prompt and the messages.
#include "text/base64.h"
#include "text/utf8.h"
#include "wire/anthropic/encode.h"
#include "wire/anthropic/schema.h"
#include "wire/anthropic/words.h"
#include "wire/data_url.h"
#include "wire/opaque.h"

namespace hearth::wire::anthropic {

namespace {

using exchange::Role;
using exchange::Turn;
using json::Writer;

bool is_system(const Turn& turn) {
    return turn.role == Role::system || turn.role == Role::developer;
}

// A place in a list of blocks: the comma, then the block.
class Blocks {
  public:
    Writer next() {
        if (!json_.empty()) json_ += ',';
        return Writer(json_);
    }
    void text(std::string_view text) {
        if (!is_blank(text)) next().begin_object().member("type", "text").member("text", text).end_object();
    }
    void append(const Blocks& other) {
        if (!other.empty()) next().raw(other.json_);
    }
    [[nodiscard]] bool empty() const { return json_.empty(); }
    [[nodiscard]] std::string array() const { return "[" + json_ + "]"; }

  private:
    std::string json_;
};

void write_base64(Blocks& blocks, std::string_view type, std::string_view media_type, std::string_view data,
                  std::string_view title) {
    auto w = blocks.next();
    w.begin_object().member("type", type).key("source").begin_object();
    w.member("type", "base64").member("media_type", media_type).member("data", data).end_object();
    if (!title.empty()) w.member("title", title);
    w.end_object();
}

void write_image(Blocks& blocks, const exchange::Image& image) {
    if (!image.data.empty()) return write_base64(blocks, "image", image.media_type, image.data, {});
    auto w = blocks.next();
    w.begin_object().member("type", "image").key("source").begin_object();
    if (image.url.empty()) {
        w.member("type", "file").member("file_id", image.file_id);
    } else {
        w.member("type", "url").member("url", image.url);
    }
    w.end_object().end_object();
}

void write_document(Blocks& blocks, std::string_view type, std::string_view field, std::string_view value,
                    std::string_view title) {
    auto w = blocks.next();
    w.begin_object().member("type", "document").key("source").begin_object().member("type", type);
    if (type == "text") w.member("media_type", "text/plain");
    w.member(field, value).end_object();
    if (!title.empty()) w.member("title", title);
    w.end_object();
}

// Data with its media type: a PDF goes as it is, text as text, an image as an image. Anthropic judges the rest.
void write_file_data(Blocks& blocks, const exchange::File& file) {
    std::string_view data = file.data, media = file.media_type;
    if (const auto url = parse_data_url(data)) {
        if (!url->media_type.empty()) media = url->media_type;
        data = url->data;
    }
    if (media.empty()) media = "application/pdf";
    if (media.starts_with("image/")) return write_base64(blocks, "image", media, data, {});
    if (media.starts_with("text/") || media == "application/json") {
        const auto text = text::base64_decode(data);
        if (text && text::is_utf8(*text)) {
            if (!is_blank(*text)) write_document(blocks, "text", "data", *text, file.name);
            return;
        }
    }
    write_base64(blocks, "document", media, data, file.name);
}

void write_file(Blocks& blocks, const exchange::File& file) {
    if (!file.text.empty()) return write_document(blocks, "text", "data", file.text, file.name);
    if (!file.data.empty()) return write_file_data(blocks, file);
    if (!file.url.empty()) return write_document(blocks, "url", "url", file.url, file.name);
    if (!file.id.empty()) write_document(blocks, "file", "file_id", file.id, file.name);
}

struct PartWriter {
    Blocks& blocks;
    const exchange::Request& request;
    const UpstreamNeeds& needs;

    void operator()(const exchange::Text& p) const { blocks.text(p.text); }
    void operator()(const exchange::Image& p) const { write_image(blocks, p); }
    void operator()(const exchange::File& p) const { write_file(blocks, p); }
    void operator()(const exchange::Refusal& p) const { blocks.text(p.text); }
    void operator()(const exchange::Reasoning& p) const {
        const auto& data = p.opaque.data;
        if (!may_carry(p.opaque, needs.provider, request.dialect, exchange::Dialect::anthropic)) return;
        auto w = blocks.next();
        w.begin_object();
        if (data.starts_with(kRedacted)) {
            w.member("type", "redacted_thinking")
                .member("data", std::string_view(data).substr(kRedacted.size()));
        } else {
            w.member("type", "thinking").member("thinking", p.text).member("signature", data);
        }
        w.end_object();
    }
    void operator()(const exchange::ToolCall& p) const {
        auto w = blocks.next();
        w.begin_object().member("type", "tool_use").member("id", tool_id(p.id)).member("name", p.name);
        w.member_raw("input", input_object(p.arguments)).end_object();
    }
    void operator()(const exchange::Audio&) const {}  // refused before
    void operator()(const exchange::ToolReference&) const {}
    void operator()(const exchange::Foreign&) const {}
};

// The message that is being put together. Results must stand before anything else of the user's.
struct Message {
    bool assistant = false;
    Blocks results, rest;
};

class Messages {
  public:
    Messages(const exchange::Request& request, const UpstreamNeeds& needs)
        : request_(request), needs_(needs) {}

    void add(const Turn& turn) {
        Message made;
        made.assistant = turn.role == Role::assistant;
        if (turn.role == Role::tool) {
            result(turn, made.results);
        } else {
            for (const auto& part : turn.parts) std::visit(PartWriter{made.rest, request_, needs_}, part);
        }
        if (made.results.empty() && made.rest.empty()) return;
        if (made.assistant != open_.assistant) flush();
        open_.assistant = made.assistant;
        open_.results.append(made.results);
        open_.rest.append(made.rest);
    }
    std::string array() {
        flush();
        return done_.array();
    }

  private:
    void result(const Turn& turn, Blocks& out) {
        Blocks content;
        for (const auto& part : turn.parts) std::visit(PartWriter{content, request_, needs_}, part);
        auto w = out.next();
        w.begin_object().member("type", "tool_result").member("tool_use_id", tool_id(turn.tool_call_id));
        const auto* text =
            turn.parts.size() == 1 ? std::get_if<exchange::Text>(&turn.parts.front()) : nullptr;
        if (text != nullptr && !content.empty()) {
            w.member("content", text->text);
        } else if (!content.empty()) {
            w.member_raw("content", content.array());
        }
        if (turn.is_error) w.member("is_error", true);
        w.end_object();
    }
    void flush() {
        auto message = std::exchange(open_, {});
        message.results.append(message.rest);
        if (message.results.empty()) return;
        auto w = done_.next();
        w.begin_object().member("role", message.assistant ? "assistant" : "user");
        w.member_raw("content", message.results.array()).end_object();
    }

    const exchange::Request& request_;
    const UpstreamNeeds& needs_;
    Message open_;
    Blocks done_;
};

// As a string where it is one text, else as blocks.
void write_system(Writer& w, std::span<const Turn> turns) {
    Blocks blocks;
    std::string_view only;
    int texts = 0;
    for (const auto& turn : turns) {
        for (const auto& part : turn.parts) {
            const auto* text = std::get_if<exchange::Text>(&part);
            if (text == nullptr || is_blank(text->text)) continue;
            blocks.text(text->text);
            only = text->text;
            ++texts;
        }
    }
    if (texts == 1) {
        w.member("system", only);
    } else if (texts > 1) {
        w.member_raw("system", blocks.array());
    }
}

}  // namespace

namespace {
// An answer to be continued may not end in white space.
Turn without_end_blanks(Turn turn) {
    auto& text = std::get<exchange::Text>(turn.parts.back()).text;
    text.erase(text.find_last_not_of(kBlanks) + 1);
    return turn;
}
}  // namespace

void write_turns(Writer& w, const exchange::Request& request, const UpstreamNeeds& needs) {
    const std::span<const Turn> turns = request.chat().turns;
    std::size_t leading = 0;
    while (leading < turns.size() && is_system(turns[leading])) ++leading;
    if (leading == turns.size() && leading > 0) --leading;  // there must be a message
    write_system(w, turns.first(leading));
    Messages messages(request, needs);
    for (const auto& turn : turns.subspan(leading)) {
        const bool begun = request.dialect != exchange::Dialect::anthropic && &turn == &turns.back() &&
                           turn.role == Role::assistant && !turn.parts.empty() &&
                           std::holds_alternative<exchange::Text>(turn.parts.back());
        messages.add(begun ? without_end_blanks(turn) : turn);
    }
    w.member_raw("messages", messages.array());
}

}  // namespace hearth::wire::anthropic
