#pragma once
// The models that clouds offer: facts and prices from catalog/models.json, embedded, dated, derived from
// models.dev (MIT) by tools/catalog/derive.py. Nothing is fetched.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ledger/prices.h"

namespace hearth::provider {

struct ModelFacts {
    std::string_view id;         // as the provider names it
    std::int64_t context = 0;    // tokens, prompt and answer together; 0 = unknown
    std::int64_t max_input = 0;  // tokens, where it is less than context; 0 = unknown
    std::int64_t max_output = 0;
    bool tools = false, images = false, audio = false, files = false, reasoning = false, json_schema = false;
    bool embedding = false;  // embeddings only: no chat
};

class Catalogue {
  public:
    // The embedded one; parsed at the first call, lives as long as the process.
    static const Catalogue& embedded();
    // Error: Code::corrupt with the place in the text. `json` must outlive the catalogue.
    [[nodiscard]] static Result<Catalogue> parse(std::string_view json);

    // `prices` is Provider::prices ("openai", "togetherai"). In order of id.
    [[nodiscard]] const std::vector<ModelFacts>& models(std::string_view prices) const;
    [[nodiscard]] const ModelFacts* find(std::string_view prices, std::string_view model) const;
    // Up to `count` names that look most like `name`, best first, as "provider/model" of the given price ids;
    // none that needs more than a third of its letters changed.
    [[nodiscard]] std::vector<std::string> nearest(std::string_view name, std::size_t count = 3) const;

    [[nodiscard]] const ledger::PriceBook& prices() const { return prices_; }
    [[nodiscard]] std::string_view date() const { return date_; }        // "2026-07-02"
    [[nodiscard]] const std::string& source() const { return source_; }  // "models.dev f3fc6922"

  private:
    struct Vendor {
        std::string_view id;
        std::vector<ModelFacts> models;
    };
    std::vector<Vendor> vendors_;
    ledger::PriceBook prices_;
    std::string_view date_;
    std::string source_;
};

}  // namespace hearth::provider
