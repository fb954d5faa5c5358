#pragma once
// What the owner of a local model's name wants for it (models::Settings), put into a request that leaves it unsaid.
#include "exchange/request.h"
#include "models/store.h"

namespace hearth::pipeline {

void apply_settings(const models::Settings& settings, exchange::Request& request);

}  // namespace hearth::pipeline
