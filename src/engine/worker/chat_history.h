#pragma once
// Adapts earlier turns to a model's template.
#include <vector>

#include "chat.h"
#include "engine/worker/model.h"

namespace hearth::engine {

// Mistral's templates reject call ids that are not nine letters and digits. Their own models produce such ids; ids of
// other models in a conversation become nine characters of their hash, which is deterministic.
void shorten_ids(const Model& model, std::vector<common_chat_msg>& messages);

// For templates without tool support, which reject calls and results or omit them. A call becomes the JSON object that
// the model was prompted for, a result a message of the user, who alternates with the assistant.
void write_out_calls(std::vector<common_chat_msg>& messages);

}  // namespace hearth::engine
