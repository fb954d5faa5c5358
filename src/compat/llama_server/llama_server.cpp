// What llama-server tells of the model that it runs, and what it does with text: each for the model that is named in body
// or query, else for the one that `local` means.
#include <fmt/format.h>

#include <filesystem>

#include "compat/compat.h"
#include "models/gguf.h"
#include "pipeline/backends/model_settings.h"
#include "pipeline/plan.h"
#include "text/base64.h"
#include "text/json_require.h"
#include "text/json_writer.h"
#include "text/utf8.h"
#include "wire/openai/codec.h"
#include "wire/translate/translate.h"

namespace hearth::compat {

namespace {

using engine::TextQuery;
using json::Writer;

// A copy: the list may be read anew while the model loads.
Result<models::Model> asked_model(const Call& call) {
    std::string name = "local";
    if (const auto said = text::find_parameter(call.query, "model")) name = *said;
    const auto field = json::optional_string(call.body, "model");
    if (!field) return fail(field.error());
    if (*field) name = **field;
    if (name.empty()) name = "local";
    auto& services = call.services;
    const auto meant = services.ports.directory.resolve_alias(name);
    if (const auto* model = services.ports.directory.models()->find(meant);
        model && model->provider == route::kEngine) {
        if (const auto* own = services.ports.directory.own(model->id)) return *own;
    }
    const auto model = find_model(call, name);
    if (!model) return fail(model.error());
    // What `local` would ask first may be another program's.
    const auto plan = pipeline::plan_for_chat(services.ports, call.caller.project, meant, {});
    for (const auto& step : plan ? plan->steps : std::vector<route::Step>{}) {
        const auto* own =
            step.model->provider == route::kEngine ? services.ports.directory.own(step.model->id) : nullptr;
        if (own) return *own;
    }
    return fail(Code::unsupported,
                fmt::format("'{}' runs elsewhere: only models of Hearth's own engine can be asked this.",
                            name.substr(0, 200)),
                "model");
}

std::optional<engine::WorkerInfo> worker_of(const Call& call, const std::string& name) {
    for (auto& worker : call.services.supervisor.ps()) {
        if (worker.model == name && worker.facts) return std::move(worker);
    }
    return std::nullopt;
}

struct Size {
    std::int64_t context = 0, slots = 0;
};
Size size_of(const Call& call, const models::Model& model) {
    if (const auto worker = worker_of(call, model.name)) return {worker->context_tokens, worker->sequences};
    const auto& engine = call.services.config().engine;
    const auto trained = static_cast<std::int64_t>(model.facts.context_length);
    const auto usual = trained > 0 ? std::min<std::int64_t>(trained, engine::kDefaultContext)
                                   : std::int64_t{engine::kDefaultContext};
    return {engine.context > 0 ? engine.context : usual, engine.parallel};
}

Answer ask(Call& call, TextQuery query, std::string (*write)(const engine::TextAnswer&)) {
    auto model = asked_model(call);
    if (!model) co_return fail(std::move(model.error()));
    if (query.what == TextQuery::What::apply_template)
        pipeline::apply_settings(model->settings, query.request);
    const auto answer =
        co_await call.services.supervisor.ask(std::move(*model), std::move(query), call.exchange.gone());
    if (!answer) co_return fail(answer.error());
    co_return write(*answer);
}

// A piece is a string, or its bytes where they are no whole characters.
void write_piece(Writer& w, const std::string& base64) {
    const auto bytes = text::base64_decode(base64).value_or("");
    if (text::is_utf8(bytes)) {
        w.string(bytes);
        return;
    }
    w.begin_array();
    for (const char byte : bytes) w.integer(static_cast<unsigned char>(byte));
    w.end_array();
}

std::string write_tokens(const engine::TextAnswer& answer) {
    std::string out;
    Writer w(out);
    w.begin_object().key("tokens").begin_array();
    for (std::size_t i = 0; i < answer.tokens.size(); ++i) {
        if (i >= answer.pieces.size()) {
            w.integer(answer.tokens[i]);
            continue;
        }
        w.begin_object().member("id", answer.tokens[i]).key("piece");
        write_piece(w, answer.pieces[i]);
        w.end_object();
    }
    w.end_array().end_object();
    return out;
}

std::string write_text(std::string_view name, const std::string& text) {
    std::string out;
    Writer(out).begin_object().member(name, std::string_view(text)).end_object();
    return out;
}

}  // namespace

Answer llama_props(Call& call) {
    auto model = asked_model(call);
    if (!model) co_return fail(std::move(model.error()));
    auto chat_template = model->settings.chat_template;
    if (chat_template.empty()) {
        const auto path = model->path();
        auto gguf =
            co_await call.services.ports.loop.run_blocking([&path] { return models::read_gguf(path); });
        if (!gguf) co_return fail(std::move(gguf.error()));
        chat_template = std::move(gguf->chat_template);
    }
    const auto size = size_of(call, *model);
    std::string out;
    Writer w(out);
    w.begin_object().key("default_generation_settings").begin_object().member("id", 0);
    w.member("n_ctx", size.context).member("speculative", false).member("is_processing", false);
    w.end_object().member("total_slots", size.slots).member("model_alias", std::string_view(model->name));
    // Where it lies on this machine is nobody's business.
    const auto file =
        std::filesystem::path(model->files.front().name.empty() ? model->path() : model->files.front().name);
    w.member("model_path", std::string_view(file.filename().string()));
    w.key("modalities").begin_object().member("vision", false).member("audio", false).end_object();
    if (!chat_template.empty()) w.member("chat_template", std::string_view(chat_template));
    w.member("build_info", "hearth").member("is_sleeping", !worker_of(call, model->name).has_value());
    w.end_object();
    co_return out;
}

Answer llama_set_props(Call&) {
    co_return fail(Code::unsupported,
                   "Properties of a running model cannot be set here: hearth.toml and the request decide.");
}

Answer llama_slots(Call& call) {
    const auto model = asked_model(call);
    if (!model) co_return fail(model.error());
    const auto worker = worker_of(call, model->name);
    const auto size = size_of(call, *model);
    const auto busy = worker ? static_cast<std::int64_t>(worker->running) : 0;
    if (text::find_parameter(call.query, "fail_on_no_slot").value_or("0") == "1" && busy >= size.slots)
        co_return fail(Code::overloaded, "no slot available");
    std::string out;
    Writer w(out);
    w.begin_array();
    for (std::int64_t i = 0; i < size.slots; ++i) {
        w.begin_object().member("id", i).member("n_ctx", size.context).member("speculative", false);
        w.member("is_processing", i < busy).member("model", std::string_view(model->name)).end_object();
    }
    w.end_array();
    co_return out;
}

Answer llama_tokenize(Call& call) {
    TextQuery query;
    const auto content = json::require_string(call.body, "content");
    const auto add_special = json::optional_bool(call.body, "add_special");
    const auto parse_special = json::optional_bool(call.body, "parse_special");
    const auto pieces = json::optional_bool(call.body, "with_pieces");
    if (!content) co_return fail(content.error());
    for (const auto* flag : {&add_special, &parse_special, &pieces}) {
        if (!*flag) co_return fail(flag->error());
    }
    query.text = *content;
    query.add_special = add_special->value_or(false);
    query.parse_special = parse_special->value_or(true);
    query.with_pieces = pieces->value_or(false);
    co_return co_await ask(call, std::move(query), write_tokens);
}

Answer llama_detokenize(Call& call) {
    TextQuery query;
    query.what = TextQuery::What::detokenize;
    const auto tokens = json::require_array(call.body, "tokens");
    if (!tokens) co_return fail(tokens.error());
    for (const auto one : tokens->elements()) {
        const auto id = one.as_int();
        if (!id || *id < 0 || *id > INT32_MAX)
            co_return fail(Code::invalid_request, "'tokens' must be an array of token ids.", "tokens");
        query.tokens.push_back(static_cast<std::int32_t>(*id));
    }
    co_return co_await ask(call, std::move(query),
                           [](const engine::TextAnswer& a) { return write_text("content", a.text); });
}

Answer llama_apply_template(Call& call) {
    auto request = wire::openai::client_codec().decode(
        {.kind = exchange::Kind::chat, .endpoint = {}, .model = {}, .stream = {}}, call.document);
    if (!request) co_return fail(std::move(request.error()));
    auto prepared =
        wire::translate_request(*request, {.dialect = exchange::Dialect::engine, .provider = route::kEngine});
    if (!prepared) co_return fail(std::move(prepared.error()));
    TextQuery query;
    query.what = TextQuery::What::apply_template;
    query.request = std::move(prepared->request);
    co_return co_await ask(call, std::move(query),
                           [](const engine::TextAnswer& a) { return write_text("prompt", a.text); });
}

}  // namespace hearth::compat
