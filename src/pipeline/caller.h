#pragma once
// Who a request comes from, as the front door (gateway/access.h) has found out from its head.
#include <string>

namespace hearth::pipeline {

struct Caller {
    std::string key;      // id of the key; empty when none was needed or known
    std::string project;  // "default"
    std::string client;   // family of the user agent: "openai-node", "curl"
    int hops = 0;         // Hearths that this request has passed before us
    // The value for access-control-allow-origin; empty: not a browser's page, or one that may not read answers.
    std::string cors_origin{};
};

}  // namespace hearth::pipeline
