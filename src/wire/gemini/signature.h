#pragma once
// Thought signatures: what Gemini must be sent back with its own calls and texts. On the wire they are base64 (proto3's
// JSON mapping of bytes: both alphabets, with or without padding). One that came from a provider of another dialect is
// marked (wire/opaque.h) and then written as base64, since clients decode it: base64("hearth:1:PROVIDER:DATA").
// Format: ai.google.dev/gemini-api/docs/thought-signatures.
#include <string>
#include <string_view>

#include "exchange/request.h"

namespace hearth::wire::gemini {

// What Google documents (the page above, "FAQs") for calls that a Gemini model did not make: Gemini 3 refuses a function
// call of the current turn without a signature, and takes this in its place.
inline constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

[[nodiscard]] std::string seal_signature(std::string_view origin, std::string_view data);
[[nodiscard]] bool is_sealed_signature(std::string_view text);
// Of a field as a client sent it. Without a mark: the text as it is, without an origin.
[[nodiscard]] exchange::Opaque unseal_signature(std::string_view text);

// The N of "gemini-N…", behind any "models/" or "google/"; 0: another name.
[[nodiscard]] int generation(std::string_view model);
// Whether a model of that name may refuse calls without a signature: all but the ones known not to.
[[nodiscard]] inline bool wants_signatures(std::string_view model) {
    return generation(model) == 0 || generation(model) >= 3;
}

}  // namespace hearth::wire::gemini
