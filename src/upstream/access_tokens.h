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
#include "client/client.h"
#include "ledger/ledger.h"
#include "net/loop.h"
#include "upstream/settings.h"

namespace hearth::upstream {

class AccessTokens {
  public:
    AccessTokens(net::Loop& loop, client::Sender& client, ledger::Ledger& ledger, Random& random)
        : loop_(loop), client_(client), ledger_(ledger), random_(random) {}

    // `upstream` belongs to `settings`. Errors: what the token endpoint answered, as Code::upstream_failed; forbidden by
    // policy; storage when the ledger cannot write the line that a fetch leaves; the stop token's reason. After a failure
    // nothing is fetched for a few seconds.
    [[nodiscard]] Task<Result<Secret>> get(SettingsPtr settings, std::string project,
                                           const Upstream& upstream, StopToken stop);
    // Accounts may have changed: every token is fetched anew when it is needed. One that is being fetched goes only to the
    // requests that wait for it.
    void forget();

  private:
    struct Slot {
        Secret token;
        Mono good_until{}, failed_until{};
        Error error;
        bool fetching = false;
        Signal changed;
    };
    Task<void> fetch(SettingsPtr settings, std::string project, const Upstream& upstream, Slot& slot);
    Task<Result<provider::AccessToken>> fetch_token(const Settings& settings, const std::string& project,
                                                    const Upstream& upstream);
    Task<Result<provider::AccessToken>> ask(const Settings& settings, const std::string& project,
                                            const Upstream& upstream, ledger::EntryId entry,
                                            std::string body);
    [[nodiscard]] ledger::Intent intent_of(const std::string& project, const Upstream& upstream) const;

    net::Loop& loop_;
    client::Sender& client_;
    ledger::Ledger& ledger_;
    Random& random_;
    std::uint64_t generation_ = 0;                          // of accounts: counts forget()
    std::map<std::string, Slot, std::less<>> by_provider_;  // slots stay where they are: fetch() holds one
};

}  // namespace hearth::upstream
