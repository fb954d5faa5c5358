#pragma once
// Messages between the gateway and a worker. Plain data; codec.h turns each message into one frame's
// payload.
//
// Lifecycle of a worker
//   gateway: starts `hearth-engine --fd N` (the socketpair's end is inherited as descriptor N, by default 3)
//   gateway: Load                      exactly one, first
//   worker:  LoadProgress*             about ten a second while it reads the file
//   worker:  Ready | LoadFailed        after LoadFailed the worker exits with status 3
//   gateway: Submit | Cancel | Count | TextQuery | StatsQuery, in any order
//   worker:  Events (one frame for each scheduler step, for all requests that moved), Counted,
//            TextAnswer, Stats
//   gateway: Shutdown, or closes the socket: the worker stops at once and exits with status 0; with
//   Shutdown.drain it
//            first finishes what runs and answers what waits with Code::unavailable
// A worker that exits without LoadFailed or Shutdown has crashed: the supervisor reports an error
// for every request still open. A worker exits when its socket closes: none outlives its gateway.
//
// Lifecycle of a request
//   Every Submit gets events in the order of exchange/event.h and ends with exactly one Done or Error, also
//   when it was cancelled (Error with Code::cancelled) or was not started (queue full: Code::overloaded).
//   Started comes first, when a sequence is found for it, with empty `id` and `model`: the gateway knows
//   those. After Done or Error the id may be used again. Cancel for an unknown or finished id is ignored.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "exchange/event.h"
#include "exchange/request.h"

namespace hearth::engine {

using RequestId = std::uint64_t;  // chosen by the gateway, unique among the open requests of one worker

// ---- gateway -> worker

struct Load {
    std::string model_path;            // absolute path of a GGUF file; of a split model, its first part
    std::int32_t context_tokens = 0;   // KV cells shared by all sequences; 0 = the model's own, at most 16384
    std::int32_t sequences = 4;        // concurrent requests, 1..64
    std::int32_t threads = 0;          // 0 = usable physical cores; 1 for small models
    std::int32_t batch_tokens = 2048;  // maximum tokens per step (n_batch)
    std::int32_t micro_batch_tokens = 512;  // maximum tokens per graph (n_ubatch)
    std::int32_t gpu_layers = -1;           // -1 = all that fit, where a GPU library is present; 0 = CPU only
    bool embedding = false;                 // load for embeddings only (encoders; generation is rejected)
    bool confine = true;                    // false: for tests that show the effect of the confinement
    std::string chat_template;              // overrides the model's own (Jinja), or empty
};

enum class Priority : std::uint8_t {
    interactive,
    normal,
    background
};  // completions while typing; chats; batch jobs

struct Submit {
    RequestId id = 0;
    exchange::Request request;
    Priority priority = Priority::normal;
    std::string
        affinity;  // conversation or session key: prefers the sequence that served it last; may be empty
};
struct Cancel {
    RequestId id = 0;
};
// Counts the tokens of a request's prompt. Answered by Counted, without waiting for a sequence.
struct Count {
    RequestId id = 0;
    exchange::Request request;
};
// Text operations without generation. Answered by TextAnswer, without waiting for a sequence.
struct TextQuery {
    enum class What : std::uint8_t { tokenize, detokenize, apply_template };
    RequestId id = 0;
    What what = What::tokenize;
    std::string text;           // tokenize
    exchange::TokenIds tokens;  // detokenize
    exchange::Request request;  // apply_template: a chat
    bool add_special = false;   // tokenize: with the model's special tokens (BOS, EOS)
    bool parse_special = true;  // tokenize: "<|im_end|>" is that token, not its characters
    bool with_pieces = false;   // tokenize: TextAnswer::pieces too
};
inline constexpr std::size_t kTextQueryBytes = 8U << 20;   // of text
inline constexpr std::size_t kTextQueryTokens = 4U << 20;  // ids, in a question and in an answer
struct StatsQuery {};
struct Shutdown {
    bool drain = false;
};
using ToWorker = std::variant<Load, Submit, Cancel, Count, StatsQuery, Shutdown, TextQuery>;

// ---- worker -> gateway

enum class Confinement : std::uint8_t {
    none,
    partial,
    kernel
};  // kernel: every attempt of the self-test was blocked

// One attempt of the self-test, made by the worker after confinement.
struct ConfinementProbe {
    std::string what;      // "ipv4", "ipv6", "udp", "unix-abstract", "unix-path", "read-passwd",
                           // "read-neighbour", "write-file", "exec", "ptrace"
    bool refused = false;  // by the kernel; an attempt that fails for another reason does not count
    std::string detail;    // "EPERM (seccomp)", "connected", …
};
struct ConfinementReport {
    Confinement level = Confinement::none;
    bool seccomp = false, landlock = false, network_namespace = false, no_new_privs = false;
    std::int32_t landlock_abi = 0;  // 0 = the kernel has none
    std::vector<ConfinementProbe> probes;
};

struct ModelFacts {
    std::string architecture;  // general.architecture: "qwen2"
    std::string name;          // general.name, or empty
    std::string description;   // libllama's: "qwen2 1B Q4_K - Medium"
    std::int64_t parameters = 0;
    std::int64_t weight_bytes = 0;
    std::int64_t context_bytes = 0;   // KV and recurrent state, as allocated
    std::int32_t context_tokens = 0;  // cells of this worker: the maximum for a prompt and its answer
    std::int32_t context_trained = 0;
    std::int32_t vocabulary = 0;
    std::int32_t embedding_width = 0;
    std::int32_t sequences = 0;
    std::int32_t threads = 0;
    bool can_chat = false;  // has a chat template (its own or the one of Load)
    bool can_call_tools = false, can_think = false;
    bool can_fill_middle = false;  // has the FIM tokens
    bool can_embed = false;
    bool embeds_only = false;  // encoder: no generation
    bool recurrent = false;    // state cannot be truncated: prefixes are reused whole or not at all
};

struct LoadProgress {
    double fraction = 0;  // 0..1
};
struct Ready {
    ModelFacts model;
    ConfinementReport confinement;
    std::int64_t load_ms = 0;
    std::int64_t process_id = 0;
};
struct LoadFailed {
    Error error;  // Code::corrupt, not_found, storage (memory), unsupported; the message names the file and
                  // the cause
};

struct RequestEvent {
    RequestId id = 0;
    exchange::Event event;
};
struct Events {
    std::vector<RequestEvent> events;  // in order; never empty
};
struct Counted {
    RequestId id = 0;
    std::int64_t tokens = 0;
    std::optional<Error> error;  // if set, `tokens` is invalid
};
struct TextAnswer {
    RequestId id = 0;
    std::string text;                 // detokenize, apply_template
    exchange::TokenIds tokens;        // tokenize
    std::vector<std::string> pieces;  // bytes of each token in base64: they may split a character
    std::optional<Error> error;       // if set, the other fields are invalid
};
struct Stats {
    std::int32_t waiting = 0;  // requests in the queue
    std::int32_t sequences = 0, busy_sequences = 0;
    std::int64_t context_tokens = 0;  // total cells
    std::int64_t used_tokens = 0;     // cells held by running sequences
    std::int64_t cached_tokens = 0;   // cells kept by idle sequences for requests with the same prefix
    std::int64_t steps = 0;           // calls of llama_decode since the start
    std::int64_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;  // totals since the start
    double prompt_ms = 0, generate_ms = 0;
    std::int64_t resident_bytes = 0;  // of this process
};
using ToGateway = std::variant<LoadProgress, Ready, LoadFailed, Events, Counted, Stats, TextAnswer>;

}  // namespace hearth::engine
