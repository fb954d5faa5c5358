#pragma once
// Requests that are signed one by one, since no key may travel: AWS Signature Version 4. Facts:
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/time.h"
#include "http/head.h"

namespace hearth::provider {

struct Provider;

// A request as it will leave, as far as signatures care. Views of what must stay until it is sent.
struct Unsigned {
    std::string_view method = "POST";
    std::string_view host;    // as in Host
    std::string_view target;  // path and query
    std::span<const std::string_view> body;
};

class Signer {
  public:
    virtual ~Signer() = default;
    // Appends to `out` the fields that prove who asks. `now` must be right to a few minutes.
    virtual void sign(const Unsigned& request, Wall now, http::HeaderList& out) const = 0;
};

// Null: this provider's requests are not signed; its key, if any, is in the common head.
[[nodiscard]] std::unique_ptr<Signer> make_signer(const Provider& provider);

struct AwsAccount {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;         // empty: a long-lived key
    std::string region, service;  // "us-east-1", "bedrock"
};

// The value of Authorization. `headers`: the fields to sign with lower-case names, "host" among them; x-amz-date is `now`
// and must be among them too. Public for the known answers of AWS.
using SignedHeaders = std::span<const std::pair<std::string, std::string>>;
[[nodiscard]] std::string sigv4(const AwsAccount& account, const Unsigned& request, SignedHeaders headers,
                                Wall now);
[[nodiscard]] std::string amz_date(Wall now);  // "20150830T123600Z"

}  // namespace hearth::provider
