#include "engine/worker/text_query.h"

#include <fmt/format.h>

#include "engine/worker/prompt.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace hearth::engine {

namespace {

using What = TextQuery::What;

Result<void> tokenize(const Model& model, const TextQuery& query, TextAnswer& out) {
    if (query.text.size() > kTextQueryBytes) {
        return fail(Code::too_large, fmt::format("The text has {} bytes; the limit is {}.", query.text.size(),
                                                 kTextQueryBytes));
    }
    const auto tokens = model.tokenize(query.text, query.add_special, query.parse_special);
    out.tokens.assign(tokens.begin(), tokens.end());
    if (out.tokens.size() > kTextQueryTokens)
        return fail(Code::too_large, fmt::format("The text has {} tokens; the limit is {}.",
                                                 out.tokens.size(), kTextQueryTokens));
    if (!query.with_pieces) return {};
    out.pieces.reserve(tokens.size());
    for (const auto token : tokens) out.pieces.push_back(text::base64_encode(model.piece(token, true)));
    return {};
}

Result<void> detokenize(const Model& model, const TextQuery& query, TextAnswer& out) {
    for (const auto token : query.tokens) {
        if (token < 0 || token >= model.facts().vocabulary) {
            return fail(Code::invalid_request,
                        fmt::format("Token id {} is not in this model's vocabulary of {}.", token,
                                    model.facts().vocabulary),
                        "tokens");
        }
        out.text += model.piece(token, true);
        if (out.text.size() > kTextQueryBytes)
            return fail(Code::too_large,
                        fmt::format("The tokens' text is longer than {} bytes.", kTextQueryBytes));
    }
    return {};
}

}  // namespace

TextAnswer answer_text(const Model& model, const TextQuery& query) {
    TextAnswer out;
    out.id = query.id;
    Result<void> done;
    try {
        if (query.what == What::tokenize) {
            done = tokenize(model, query, out);
        } else if (query.what == What::detokenize) {
            done = detokenize(model, query, out);
        } else if (!std::holds_alternative<exchange::Chat>(query.request.body)) {
            done = fail(Code::invalid_request, "Only chats use a template.", "request");
        } else {
            auto prompt = apply_template(model, query.request);
            if (prompt) out.text = std::move(*prompt);
            if (!prompt) done = fail(prompt.error());
        }
    } catch (const std::exception& e) {  // an untrusted template with untrusted messages
        done = fail(Code::invalid_request, fmt::format("This model's chat template cannot be applied: {}.",
                                                       text::printable(e.what(), 200)));
    }
    if (!done) out.error = std::move(*done.error());
    return out;
}

}  // namespace hearth::engine
