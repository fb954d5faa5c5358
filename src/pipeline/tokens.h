#pragma once
// Access tokens of service accounts: fetched when first needed, kept until a minute before they end, one fetch at a time
// for all who wait.
#include <map>
#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "base/signal.h"
#include "base/stop.h"
#include "base/task.h"
#include "base/time.h"

namespace hearth::pipeline {

struct Services;
struct Upstream;

class Tokens {
  public:
    // Errors: what the token endpoint said, as Code::upstream_failed; forbidden by policy; storage when the ledger cannot
    // write the line that a fetch leaves; the token's reason. After a failure nothing is asked for a few seconds.
    [[nodiscard]] Task<Result<Secret>> get(Services& services, std::string project, const Upstream& upstream,
                                           StopToken stop);

  private:
    struct Slot {
        Secret token;
        Mono good_until{}, failed_until{};
        Error error;
        bool fetching = false;
        Signal changed;
    };
    static Task<void> fetch(Services& services, std::string project, const Upstream& upstream, Slot& slot);
    std::map<std::string, Slot, std::less<>> by_provider_;
};

}  // namespace hearth::pipeline
