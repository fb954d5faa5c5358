#pragma once
// Hearth's own engine as a target of translation: the form itself is its language, so it has a row (wire/dialects.h) and no
// codecs.
#include "wire/dialect.h"

namespace hearth::wire::engine {

extern const DialectRow kDialect;  // dialect.cpp

}  // namespace hearth::wire::engine
