#pragma once
// Random chats as clients of one dialect write them: each feature only if the table of wire/translate/features.h says that the
// dialect can say it.
#include <string>

#include "exchange/request.h"
#include "wire/dialect.h"
#include "wire/translate/features.h"

namespace wire_test {

struct Conversation {
    std::string body, model;
    bool stream = false;
    // What decoding must be told beside the body: Gemini has the model and the kind of answer in its path.
    [[nodiscard]] hearth::wire::Call call(hearth::exchange::Dialect dialect) const;
};

// Inside rc::check only. What `towards` rejects is rare, so that most conversations can be translated to it; but the feature that
// `number` counts to is always there.
[[nodiscard]] Conversation some_conversation(hearth::exchange::Dialect client,
                                             hearth::exchange::Dialect towards, int number);

// The body in which a client of that dialect says the request. The upstream's encoder writes what translate_request() lets through;
// parts and tools that are never translated stand in the request as markers, which are replaced in the text.
[[nodiscard]] std::string client_body(const hearth::exchange::Request& request,
                                      const hearth::wire::Features& wanted);

// Texts in place of parts that encoders do not write.
inline constexpr const char* kForeignMark = "@@foreign";      // of the user
inline constexpr const char* kHostedMark = "@@hosted";        // of the assistant
inline constexpr const char* kReferenceMark = "@@reference";  // in a tool's result: the deferred tool "late"

}  // namespace wire_test
