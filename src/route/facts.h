#pragma once
// The input of routing: facts about models and the configured preferences. This room is independent of vendors and does
// no I/O.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/place.h"
#include "exchange/request.h"

namespace hearth::route {

struct Abilities {
    bool chat = true, completion = false, suffix = false, embedding = false, rerank = false;
    bool tools = false, images = false, audio = false, files = false, json_schema = false;
    bool forced_tools = false;        // calls a tool when it must, even without `tools`: a grammar sees to it
    bool several_choices = true;      // takes n > 1
    std::int64_t context_tokens = 0;  // 0 = not known, assumed to be enough
    bool known = true;                // false: nothing is known, so nothing is ruled out
};

struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// One model at one place.
struct Model {
    std::string provider;  // registry id; own engine: kEngine
    std::string id;        // as the provider (or the store) names it
    Place place = Place::cloud;
    Abilities can;
    bool builtin = false;             // used last
    std::optional<int> default_rank;  // set: may be chosen by `cloud` and `auto`; lower first
    std::string not_ready;            // a message: key missing, address missing; empty = ready
    std::int64_t bytes = 0;  // file size of a local model: the larger one is assumed to be more capable

    [[nodiscard]] std::string full_name() const { return provider + "/" + id; }
};

inline constexpr const char* kEngine = "engine";

// A snapshot of all models, found by name without a scan. Shared with the plans made from it.
class Models {
  public:
    Models() = default;
    explicit Models(std::vector<Model> all);
    Models(const Models&) = delete;  // the index points into `all`
    Models& operator=(const Models&) = delete;

    [[nodiscard]] const std::vector<Model>& all() const { return all_; }
    // A name as users write it: "provider/model", a bare local name, or a bare id that some provider offers; if several
    // offer it, the local engine comes first, then one that is ready.
    [[nodiscard]] const Model* find(std::string_view name) const;

  private:
    std::vector<Model> all_;
    std::unordered_map<std::string, const Model*, Hash, std::equal_to<>> by_name_;
};

// Preferences ([route] of the configuration). Names as in full_name(), or a bare local model name.
struct Preferences {
    std::vector<std::string> automatic;  // tried first by `auto`
    std::string local;                   // what `local` means, when present and capable
    std::vector<std::string> cloud;      // what `cloud` means, in order; empty: the providers' defaults
    std::map<std::string, std::vector<std::string>>
        fallback;  // requested name -> further candidates, in order
};

struct Ask {
    std::string name;  // "auto" | "local" | "cloud" | "provider/model" | "model"
    exchange::Kind kind = exchange::Kind::chat;
    exchange::Needs needs;
    // The model that `name` stands for where the snapshot does not list it; null: there is none.
    std::shared_ptr<const Model> unlisted{};
};

// The first two return a reason (a message), or an empty string for no objection.
struct Checks {
    std::function<std::string(const std::string& provider, Place)> refused;  // the gate's policy
    std::function<std::string(const Model&)> unhealthy;                      // circuits, quarantine
    std::function<bool(const Model&)> loaded;                                // already in memory
};

}  // namespace hearth::route
