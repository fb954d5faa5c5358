#pragma once
// Who judges a whole answer before the client gets any of it. Where one applies, the answer is held until it is whole, also
// for a client that streams (which gets signs of life meanwhile); a rejected answer stays on the bill, and the next
// candidate is asked. The table stands in stages.cpp.
#include <memory>
#include <optional>
#include <string>

#include "base/task.h"
#include "exchange/event.h"
#include "pipeline/context.h"

namespace hearth::pipeline {

struct Judgement {
    std::optional<std::string> escalate;  // why the next candidate is asked, a sentence; nullopt: accepted
};

class Verifier {
  public:
    virtual ~Verifier() = default;
    [[nodiscard]] virtual Task<Judgement> judge(const RequestContext& context,
                                                const exchange::Answer& answer) = 0;
};

}  // namespace hearth::pipeline
