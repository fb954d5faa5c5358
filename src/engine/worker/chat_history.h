#pragma once
// Earlier turns as a model's template takes them.
#include <vector>

#include "chat.h"
#include "engine/worker/model.h"

namespace hearth::engine {

// Mistral's templates refuse ids of calls that are not nine letters and digits. Their own models write such ones; in a
// conversation that began elsewhere others stand, and become nine characters of their hash: always the same ones.
void shorten_ids(const Model& model, std::vector<common_chat_msg>& messages);

// For templates that know no tools. They know no calls and no results either: they refuse them or leave them out. A call
// becomes the JSON object that the model was asked for, a result words of the user, who alternates with the assistant.
void write_out_calls(std::vector<common_chat_msg>& messages);

}  // namespace hearth::engine
