#pragma once
// Who is asked next after which failure: the plan's steps in order, at most `most` of them, one of them twice when it has
// refused the opaque state in the request. Pure policy: it sends nothing itself.
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "provider/classify.h"
#include "route/decide.h"

namespace hearth::pipeline {

class Candidates {
  public:
    Candidates(const route::Plan& plan, std::size_t most);

    struct Next {
        const route::Step* step = nullptr;  // null: no candidate is left
        bool without_opaque = false;
    };
    [[nodiscard]] Next current() const;
    // The current one failed before anything was promised. True: current() is another, or the same once more.
    bool failed(provider::Failure failure);

    // What the client is told when every candidate failed: the one failure in its own words, or all of them in one sentence
    // under the code of the first, which is the one that was wanted most. Once.
    [[nodiscard]] Error summary();

  private:
    struct Failed {
        std::string who;
        Error error;
    };
    const route::Plan& plan_;
    std::size_t count_;
    std::size_t at_ = 0;
    bool without_opaque_ = false;
    std::vector<Failed> failures_;
};

}  // namespace hearth::pipeline
