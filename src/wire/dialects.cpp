// The table of dialects, one line each, in the order of exchange::Dialect. This source holds nothing else: the test of a new
// dialect (tests/unit/wire/new_dialect/) is linked with a copy of it that has one more line.
#include "wire/dialects.h"

#include "wire/anthropic/codec.h"
#include "wire/engine/dialect.h"
#include "wire/gemini/codec.h"
#include "wire/llama/codec.h"
#include "wire/ollama/codec.h"
#include "wire/openai/codec.h"
#include "wire/responses/codec.h"

namespace hearth::wire {

namespace {
constexpr const DialectRow* kRows[] = {
    &openai::kDialect,     // Chat Completions and what came with it
    &responses::kDialect,  // OpenAI Responses
    &anthropic::kDialect,  // Messages
    &gemini::kDialect,     // generateContent
    &ollama::kDialect,     // Ollama's own API
    &llama::kDialect,      // llama-server's own API
    &engine::kDialect,     // Hearth's own engine
#ifdef HEARTH_TEST_DIALECT
    &HEARTH_TEST_DIALECT,
#endif
};
}  // namespace

std::span<const DialectRow* const> dialects() {
    return kRows;
}

}  // namespace hearth::wire
