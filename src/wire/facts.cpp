#include "wire/facts.h"

#include <algorithm>

namespace hearth::wire {

bool AnswerFacts::all_finished(std::int64_t expected) const {
    std::int64_t finished = 0;
    for (std::size_t i = 0; i < kAnswerChoices; ++i) {
        if (finish[i]) {
            ++finished;
        } else if (choices[i]) {
            return false;
        }
    }
    return finished >= std::max<std::int64_t>(expected, 1);
}

void set_failure(AnswerFacts& facts, Code code, std::string message) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    facts.failure = std::move(error);
}

}  // namespace hearth::wire
