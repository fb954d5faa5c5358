#include "wire/gemini/path.h"

#include <algorithm>

#include "base/limits.h"
#include "text/url.h"
#include "text/utf8.h"

namespace hearth::wire::gemini {

namespace {

using exchange::Kind;

struct Method {
    std::string_view name;
    Kind kind;
    bool stream;
};
constexpr Method kMethods[] = {
    {"generateContent", Kind::chat, false}, {"streamGenerateContent", Kind::chat, true},
    {"countTokens", Kind::count, false},    {"embedContent", Kind::embedding, false},
    {kBatchEmbed, Kind::embedding, false},
};
constexpr std::string_view kVersions[] = {"/v1beta/", "/v1/", "/v1beta1/", "/v1alpha/"};

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// "publishers/P/models/", wherever it ends.
bool take_publisher(std::string_view& text) {
    std::string_view rest = text;
    if (!take(rest, "publishers/")) return false;
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    rest.remove_prefix(slash + 1);
    if (!take(rest, "models/")) return false;
    text = rest;
    return true;
}

// Google's other resources, whose names begin with these.
constexpr std::string_view kOthers[] = {"files/", "publishers/", "cachedContents/", "corpora/", "batches/"};

// What stands before the model; false when this is no model's path.
bool take_collection(std::string_view& rest) {
    if (rest.starts_with("projects/")) {
        const auto at = rest.find("/publishers/");
        if (at == std::string_view::npos) return false;
        rest.remove_prefix(at + 1);
        return take_publisher(rest);
    }
    if (take_publisher(rest) || rest.starts_with("tunedModels/")) return true;
    if (take(rest, "models/")) return true;
    // The `ai` package leaves the collection away before a name with a slash in it, which ours have: "openai/gpt-5.5".
    const auto begins = [&](std::string_view other) { return rest.starts_with(other); };
    return rest.find('/') != std::string_view::npos && std::ranges::none_of(kOthers, begins);
}

bool asks_for_sse(std::string_view query) {
    const auto parameters = text::parse_query(query);
    if (!parameters) return false;
    for (const std::string_view name : {"alt", "$alt"}) {
        const auto alt = text::find_parameter(*parameters, name);
        if (alt) return *alt == "sse";
    }
    return false;
}

}  // namespace

std::optional<Call> parse_path(std::string_view path, std::string_view query) {
    const auto version = std::ranges::find_if(kVersions, [&](auto one) { return path.starts_with(one); });
    if (version == std::end(kVersions)) return std::nullopt;
    std::string_view rest = path.substr(version->size());
    if (!take_collection(rest)) return std::nullopt;
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto method = std::ranges::find(kMethods, rest.substr(colon + 1), &Method::name);
    if (method == std::end(kMethods)) return std::nullopt;
    const auto decoded = text::percent_decode(rest.substr(0, colon));
    if (!decoded || !text::is_utf8(*decoded)) return std::nullopt;
    std::string_view model = *decoded;
    take(model, "models/");  // some clients write the whole name behind the collection
    take_publisher(model);
    if (model.empty() || model.size() > limits::kModelNameBytes) return std::nullopt;
    Call call;
    call.kind = method->kind;
    call.endpoint = method->stream && !asks_for_sse(query) ? kArrayStream : method->name;
    call.model = std::string(model);
    call.stream = method->stream;
    return call;
}

std::string resource_name(std::string_view model) {
    if (model.starts_with("models/") || model.starts_with("tunedModels/")) return std::string(model);
    return "models/" + std::string(model);
}

std::optional<std::string> upstream_path(Kind kind, std::string_view model, bool stream) {
    std::string out = "/" + text::percent_encode(resource_name(model), "/");
    switch (kind) {
        case Kind::chat:
            return out + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
        case Kind::count:
            return out + ":countTokens";
        case Kind::embedding:
            return out + ":batchEmbedContents";
        case Kind::completion:
        case Kind::rerank:
        case Kind::audio:
        case Kind::image:
        case Kind::file:
        case Kind::batch:
            break;
    }
    return std::nullopt;
}

}  // namespace hearth::wire::gemini
