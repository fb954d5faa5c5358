// POST /api/create: a name for a model that is there, or for a GGUF file that was uploaded, with smaller weights if asked
// for, and with what its owner wants for it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "compat/compat.h"
#include "gateway/reply.h"
#include "resources/downloads/download.h"
#include "text/json_require.h"
#include "wire/ollama/defaults.h"

namespace hearth::compat {

namespace {

// What was asked for, taken out of a body that is given back once the answer begins.
struct Order {
    models::Name name;
    std::string from;    // a model; or
    std::string file;    // what the uploaded file is called, and
    std::string digest;  // its sum in hex
    std::string quantize;
    models::Settings settings;
    bool streamed = true;
};

Result<std::string> text_at(const Call& call, std::string_view field) {
    const auto text = json::optional_string(call.body, field);
    if (!text) return fail(text.error());
    return std::string(text->value_or(std::string_view{}));
}

bool is_given(json::Value value) {
    return value && !value.is_null() && !(value.is_string() && value.as_string().empty()) &&
           !((value.is_array() || value.is_object()) && value.size() == 0);
}

Result<void> refuse_what_is_not_there(const Call& call) {
    struct {
        std::string_view field, why;
    } constexpr kNotThere[] = {
        {"adapters", "'adapters': LoRA adapters are not supported; merge them into the model's file."},
        {"messages", "'messages': a model cannot bring a conversation along; send it with the request."},
        {"modelfile",
         "'modelfile' is of an older API: send 'from' or 'files', 'system' and 'parameters' as fields."},
        {"path", "'path' is of an older API: send 'from' or 'files'."},
    };
    for (const auto& one : kNotThere) {
        if (is_given(call.body[one.field]))
            return fail(Code::unsupported, std::string(one.why), std::string(one.field));
    }
    return {};
}

// Ollama's templates are Go's; the engine reads Jinja, as it stands in GGUF files.
bool is_go_template(std::string_view text) {
    constexpr std::string_view kGo[] = {".Prompt", ".Messages", ".System", ".Response",
                                        ".Role",   "{{ end",    "{{- end"};
    return std::ranges::any_of(
        kGo, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

Result<void> read_files(const Call& call, Order& order) {
    const auto files = json::optional_object(call.body, "files");
    if (!files) return fail(files.error());
    if (!*files || files->size() == 0) return {};
    if (files->size() != 1) {
        return fail(Code::unsupported,
                    "'files' may name one GGUF file; parts and safetensors must be joined before.", "files");
    }
    for (const auto member : files->members()) {
        const auto digest = member.value.as_string();
        order.file = std::filesystem::path(std::string(member.key())).filename().string();
        if (!order.file.ends_with(".gguf")) order.file += ".gguf";
        if (!digest.starts_with("sha256:"))
            return fail(Code::invalid_request, "'files' maps a file's name to its digest, sha256:...",
                        "files");
        order.digest = digest.substr(7);
    }
    return {};
}

Result<void> read_settings(const Call& call, models::Settings& out) {
    auto system = text_at(call, "system"), chat_template = text_at(call, "template");
    if (!system || !chat_template) return fail(!system ? system.error() : chat_template.error());
    if (is_go_template(*chat_template)) {
        return fail(Code::unsupported,
                    "'template' is a Go template, and Hearth's engine reads Jinja. Leave it out: the file's "
                    "own is used.",
                    "template");
    }
    out.system = std::move(*system);
    out.chat_template = std::move(*chat_template);
    const auto parameters = json::optional_object(call.body, "parameters");
    if (!parameters) return fail(parameters.error());
    if (*parameters && parameters->size() > 0) {
        out.parameters = parameters->raw();
        if (auto checked = wire::ollama::decode_defaults(out.parameters); !checked)
            return fail(checked.error());
    }
    const auto license = call.body["license"];
    if (license.is_string()) out.license = license.as_string();
    if (license.is_array()) {
        for (const auto one : license.elements()) {
            if (!out.license.empty()) out.license += "\n\n";
            out.license += one.as_string();
        }
    }
    const auto bytes =
        out.system.size() + out.chat_template.size() + out.parameters.size() + out.license.size();
    if (bytes <= models::kSettingsBytes) return {};
    return fail(Code::too_large,
                fmt::format("system, template, parameters and license have {} bytes together; {} are "
                            "the most.",
                            bytes, models::kSettingsBytes));
}

Result<Order> read_order(const Call& call) {
    Order order;
    const auto name = requested_model(call);
    if (!name) return fail(name.error());
    auto parsed = models::parse_name(canonical_hub_name(*name));
    if (!parsed) return fail(parsed.error());
    order.name = std::move(*parsed);
    if (order.name.kind == models::Name::Kind::file || order.name.canonical == models::kBuiltinName)
        return fail(Code::invalid_request,
                    fmt::format("a model cannot be created as '{}'.", order.name.canonical), "model");
    if (auto fine = refuse_what_is_not_there(call); !fine) return fail(fine.error());
    const auto streamed = json::optional_bool(call.body, "stream");
    auto from = text_at(call, "from"), quantize = text_at(call, "quantize");
    if (!streamed) return fail(streamed.error());
    if (!from || !quantize) return fail(!from ? from.error() : quantize.error());
    order.streamed = streamed->value_or(true);
    order.from = canonical_hub_name(*from);
    order.quantize = std::move(*quantize);
    if (auto read = read_files(call, order); !read) return fail(read.error());
    if (auto read = read_settings(call, order.settings); !read) return fail(read.error());
    if (order.from.empty() == order.digest.empty())
        return fail(Code::invalid_request, "Say either 'from' (a model) or 'files' (an uploaded GGUF file).",
                    "from");
    return order;
}

// Where the weights come from.
struct Source {
    std::vector<models::ModelFile> files;
    std::string text, quantization;
    bool move = false;
};

class Creation {
  public:
    Creation(Call& call, Order order, resources::ProgressStream* stream)
        : call_(call), services_(call.services), order_(std::move(order)), stream_(stream) {}

    Task<Result<void>> run() {
        auto source = order_.from.empty() ? co_await uploaded() : co_await named();
        if (!source) co_return fail(std::move(source.error()));
        if (!order_.quantize.empty()) {
            auto made = co_await quantize(*source);
            if (!made) co_return made;
        }
        tell("writing manifest");
        const auto files = source->files;
        auto added = co_await services_.ports.loop.run_blocking([&] {
            return services_.store.add(order_.name, source->text, std::move(source->files), source->move,
                                       services_.ports.loop.clock().wall(), order_.settings);
        });
        if (!added && !order_.quantize.empty()) ::unlink(files.front().path.c_str());
        if (!added) co_return fail(std::move(added.error()));
        if (services_.supervisor.loaded(added->name)) {
            [[maybe_unused]] const auto unloaded = co_await services_.supervisor.unload(added->name, true);
        }
        co_await services_.refresh_models();
        co_return Result<void>{};
    }

  private:
    void tell(std::string_view status) {
        if (stream_ != nullptr) stream_->add_always(status_line(status));
    }

    Task<Result<Source>> uploaded() {
        const auto blob = services_.store.blob(order_.digest);
        if (!blob) {
            co_return fail(
                Code::invalid_request,
                fmt::format("There is no blob sha256:{}; upload it first (POST /api/blobs/sha256:...).",
                            order_.digest.substr(0, 64)),
                "files");
        }
        tell("parsing GGUF");
        auto gguf = co_await services_.ports.loop.run_blocking([&] { return models::read_gguf(blob->path); });
        if (!gguf) co_return fail(std::move(gguf.error()));
        std::error_code error;
        const auto bytes = std::filesystem::file_size(blob->path, error);
        Source source;
        source.files.push_back({blob->path, order_.file, order_.digest, error ? 0 : bytes});
        source.text = "upload:" + order_.file;
        source.quantization = gguf->facts.quantization;
        source.move = blob->uploaded && order_.quantize.empty();
        co_return source;
    }

    Task<Result<Source>> named() {
        const auto from = services_.ports.directory.resolve_alias(order_.from);
        auto model =
            co_await services_.ports.loop.run_blocking([&] { return services_.store.resolve(from); });
        if (!model) {
            if (model.error()->code == Code::not_found)
                model.error()->message = fmt::format("model '{}' not found: {}", order_.from.substr(0, 200),
                                                     model.error()->message);
            co_return fail(std::move(model.error()));
        }
        for (const auto& file : model->files) {
            if (!file.sha256.empty()) tell("using existing layer sha256:" + file.sha256);
        }
        auto& settings = order_.settings;
        if (settings.system.empty()) settings.system = model->settings.system;
        if (settings.chat_template.empty()) settings.chat_template = model->settings.chat_template;
        if (settings.parameters.empty()) settings.parameters = model->settings.parameters;
        if (settings.license.empty()) settings.license = model->settings.license;
        co_return Source{model->files, model->source, model->facts.quantization, false};
    }

    Task<Result<void>> quantize(Source& source) {
        tell(fmt::format("quantizing {} model to {}", source.quantization, order_.quantize));
        auto scratch = co_await services_.ports.loop.run_blocking(
            [&] { return services_.store.scratch("quantized-" + call_.exchange.id()); });
        if (!scratch) co_return fail(std::move(scratch.error()));
        auto made = co_await services_.supervisor.quantize(source.files.front().path, *scratch,
                                                           order_.quantize, call_.exchange.gone());
        if (!made) co_return made;
        std::error_code error;
        const auto bytes = std::filesystem::file_size(*scratch, error);
        const auto name = fmt::format(
            "{}-{}.gguf", std::filesystem::path(source.files.front().name).stem().string(), order_.quantize);
        source.files = {{*scratch, name, {}, error ? 0 : bytes}};
        source.move = true;
        co_return Result<void>{};
    }

    Call& call_;
    gateway::Services& services_;
    Order order_;
    resources::ProgressStream* stream_;
};

}  // namespace

Task<void> ollama_create(Call& call) {
    auto order = read_order(call);
    if (!order) {
        co_await reply_compat_error(call, std::move(order.error()));
        co_return;
    }
    const bool streamed = order->streamed;
    resources::ProgressStream stream(call.exchange);
    Creation creation(call, std::move(*order), streamed ? &stream : nullptr);
    if (streamed) stream.start();
    auto done = co_await creation.run();
    if (streamed) {
        co_await stream.end(done ? status_line("success") : error_line(call, done.error()));
    } else if (done) {
        co_await gateway::reply_json(call.services, call.exchange, 200, status_line("success"));
    } else {
        co_await reply_compat_error(call, std::move(done.error()));
    }
}

}  // namespace hearth::compat
