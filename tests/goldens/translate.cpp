// Sends one request or answer through the codecs, as the road would, without sockets:
//   hearth-translate request FROM TO KIND [MODEL]   a client's body -> the body that an upstream would get
//   hearth-translate answer FROM TO KIND [MODEL]    an upstream's whole body -> the client's
//   hearth-translate stream FROM TO KIND [MODEL]    an upstream's stream -> the client's
// FROM and TO are dialects ("anthropic"), KIND is chat, count, embedding or rerank. In: stdin; out: stdout; what a client
// would be warned of or refused: stderr, and exit status 3 when it is refused.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "wire/codecs.h"
#include "wire/dialects.h"
#include "wire/translate/translate.h"

using namespace hearth;
using namespace hearth::exchange;

namespace {

constexpr int kRefused = 3, kUsage = 2;

struct Job {
    Dialect from, to;
    Kind kind;
    std::string model;
};

int refused(const Error& error) {
    fmt::print(stderr, "refused: {}: {}\n", code_name(error.code), error.message);
    return kRefused;
}

int request(const Job& job, const std::string& input) {
    json::Document document;
    if (auto parsed = document.parse(input); !parsed) return refused(parsed.error());
    const wire::Call call{.kind = job.kind, .endpoint = {}, .model = job.model, .stream = std::nullopt};
    auto decoded = wire::client_codec(job.from)->decode(call, document);
    if (!decoded) return refused(decoded.error());
    const auto* upstream = wire::upstream_codec(job.to);
    const wire::UpstreamNeeds needs{
        .provider = "upstream", .ask_usage = false, .max_tokens_field = "max_completion_tokens"};
    if (job.from == job.to) {
        const auto plan = upstream->edits(document, needs);
        const auto edited = text::apply_edits(document.text(), plan.edits);
        if (!edited) return refused(edited.error());
        fmt::print("{}", *edited);
        return 0;
    }
    auto crossed = wire::translate_request(*decoded, {.dialect = job.to, .provider = "upstream"});
    if (!crossed) return refused(crossed.error());
    std::ranges::move(upstream->losses(crossed->request, needs), std::back_inserter(crossed->warnings));
    for (const auto& warning : crossed->warnings) fmt::print(stderr, "warning: {}\n", warning);
    fmt::print("{}", upstream->encode(crossed->request, needs));
    return 0;
}

Request asked(const Job& job) {
    Request out;
    out.dialect = job.to;
    out.kind = job.kind;
    out.model = job.model;
    out.include_usage = true;
    if (job.kind == Kind::embedding) {
        out.body = Embedding{.inputs = {std::string("x")}};
    } else if (job.kind == Kind::rerank) {
        out.body = Rerank{};
    } else {
        Chat chat;
        chat.turns.emplace_back();  // Ollama takes an empty conversation for a wish to load the model
        out.body = std::move(chat);
    }
    return out;
}

wire::AnswerContext context_of(const Job& job, const Request& request) {
    return {.request = &request, .model = job.model, .origin = "upstream", .id = "x", .created_s = 1};
}

int answer(const Job& job, const std::string& input) {
    json::Document scratch;
    const auto question = asked(job);
    if (job.from == job.to) {  // the road passes it on
        auto facts = wire::upstream_codec(job.from)->facts(job.kind, input, scratch);
        if (!facts) return refused(facts.error());
        fmt::print("{}", input);
        return 0;
    }
    auto read = wire::upstream_codec(job.from)->whole(job.kind, input, scratch);
    if (!read) return refused(read.error());
    auto context = context_of(job, question);
    if (context.model.empty()) context.model = read->model;
    fmt::print("{}", wire::client_codec(job.to)->whole(context, *read));
    return 0;
}

int stream(const Job& job, const std::string& input) {
    const auto question = asked(job);
    if (job.from == job.to) {
        const auto relay = wire::upstream_codec(job.from)->relay({});
        for (const auto piece : relay->feed(input)) fmt::print("{}", piece);
        fmt::print("{}", relay->finish());
        return relay->facts().failure ? refused(*relay->facts().failure) : 0;
    }
    std::vector<Event> events;
    auto decoder = wire::upstream_codec(job.from)->stream(question);
    decoder->feed(input, events);
    decoder->finish(events);
    auto context = context_of(job, question);
    if (!events.empty() && std::holds_alternative<Started>(events.front()) && context.model.empty())
        context.model = std::get<Started>(events.front()).model;
    const auto encoder = wire::client_codec(job.to)->stream(context);
    std::string out;
    for (const auto& event : events) encoder->write(event, out);
    fmt::print("{}", out);
    return 0;
}

std::optional<Kind> kind_from(std::string_view name) {
    for (const auto kind : {Kind::chat, Kind::completion, Kind::embedding, Kind::count, Kind::rerank}) {
        if (kind_name(kind) == name) return kind;
    }
    return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const auto from = wire::parse_dialect(argc > 2 ? argv[2] : ""),
               to = wire::parse_dialect(argc > 3 ? argv[3] : "");
    const auto kind = kind_from(argc > 4 ? argv[4] : "");
    if (!from || !to || !kind || !wire::client_codec(*from) || !wire::upstream_codec(*to)) {
        fmt::print(stderr, "hearth-translate request|answer|stream FROM TO KIND [MODEL] <in >out\n");
        return kUsage;
    }
    const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
    const Job job{*from, *to, *kind, argc > 5 ? argv[5] : ""};
    if (what == "request") return request(job, input);
    if (what == "answer") return answer(job, input);
    if (what == "stream") return stream(job, input);
    return kUsage;
}
