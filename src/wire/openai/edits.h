#pragma once
// Same dialect on both sides: the client's own bytes with a listed set of edits; everything else stays byte
// for byte.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/edit.h"
#include "text/json.h"

namespace hearth::wire::openai {

// What an upstream of this dialect needs changed; the values come from the provider's row.
struct EditOptions {
    std::string_view model;  // the upstream's id; empty: leave the client's
    bool ask_usage = true;   // the vendor knows stream_options.include_usage
    std::string_view
        max_tokens_field;  // "max_tokens" or "max_completion_tokens": rename the other; empty: leave
    bool developer_as_system = false;  // vendors without the role `developer`
    std::span<const std::string_view>
        remove;  // top-level fields that the vendor refuses; each removal is a warning
};

struct EditPlan {
    std::vector<text::Edit> edits;  // for text::apply_edits on document.text()
    bool hide_usage = false;        // the usage chunk was asked for by us: StreamRelay::Options::hide_usage
    std::vector<std::string>
        warnings;  // one sentence for each field removed, for the ledger and a response header
};

// For a chat, completion or embedding body that decoded without an error.
[[nodiscard]] EditPlan same_dialect_edits(const json::Document& document, const EditOptions& options);

}  // namespace hearth::wire::openai
