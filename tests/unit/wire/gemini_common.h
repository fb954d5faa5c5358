#pragma once
// For the tests of the Gemini dialect.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "wire/gemini/codec.h"
#include "wire/gemini/request.h"

namespace gemini_test {

using namespace hearth;
using namespace hearth::exchange;
namespace gemini = hearth::wire::gemini;

inline wire::Call call_of(Kind kind, std::string_view endpoint = {}) {
    return {.kind = kind, .endpoint = endpoint, .model = "m"};
}

inline Request decoded(std::string_view body, const wire::Call& call = call_of(Kind::chat)) {
    json::Document document;
    REQUIRE(document.parse(body));
    auto request = gemini::client_codec().decode(call, document);
    REQUIRE_MESSAGE(request, std::string(request ? "" : request.error()->message));
    return std::move(*request);
}

inline std::string encoded(const Request& request, const wire::UpstreamNeeds& needs = {}) {
    auto body = gemini::upstream_codec().encode(request, needs);
    json::Document document;
    REQUIRE_MESSAGE(document.parse(body), body);
    return body;
}

// "param: message" of a body that must be refused.
inline std::string refused(std::string_view body, const wire::Call& call = call_of(Kind::chat)) {
    json::Document document;
    REQUIRE(document.parse(body));
    const auto request = gemini::client_codec().decode(call, document);
    if (request) return "accepted";
    CHECK((request.error()->code == Code::invalid_request || request.error()->code == Code::unsupported));
    return request.error()->param + ": " + request.error()->message;
}

template <class T>
const T& part(const Turn& turn, std::size_t index) {
    REQUIRE(turn.parts.size() > index);
    REQUIRE(std::holds_alternative<T>(turn.parts[index]));
    return std::get<T>(turn.parts[index]);
}

}  // namespace gemini_test
