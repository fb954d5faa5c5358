#include "provider/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "provider/embedded.h"
#include "text/json_require.h"

namespace hearth::provider {

namespace {

Error corrupt(std::string_view vendor, std::string_view model, std::string_view why) {
    Error error;
    error.code = Code::corrupt;
    error.message = fmt::format("catalog/models.json, \"{}/{}\": {}", vendor, model, why);
    return error;
}

// Ids are kept as views into the embedded text, which an escaped one is not.
bool plain(json::Value text) {
    return text.is_string() && text.raw().size() == text.as_string().size() + 2;
}

Result<ledger::Rates> read_rates(json::Value object) {
    ledger::Rates rates;
    const std::pair<std::string_view, std::optional<ledger::NanoPerMillion>*> fields[] = {
        {"input", &rates.input},
        {"output", &rates.output},
        {"cached_input", &rates.cached_input},
        {"cache_write", &rates.cache_write},
        {"reasoning", &rates.reasoning},
    };
    for (const auto& [name, rate] : fields) {
        auto value =
            json::optional_int(object, name, {.min = 0, .max = ledger::kMaxDollarsPerMillion * kNanoPerUsd});
        if (!value) return fail(std::move(value.error()));
        *rate = *value;
    }
    return rates;
}

Result<ledger::Price> read_price(json::Value object) {
    ledger::Price price;
    auto base = read_rates(object);
    if (!base) return fail(std::move(base.error()));
    price.base = *base;
    for (const auto item : object["tiers"].elements()) {
        auto rates = read_rates(item);
        if (!rates) return fail(std::move(rates.error()));
        const auto above = json::require_int(item, "above", {.min = 1});
        if (!above) return fail(above.error());
        if (!price.tiers.empty() && price.tiers.back().above >= *above) {
            return fail(Code::corrupt, "tiers must ascend.");
        }
        price.tiers.push_back({.above = *above, .rates = *rates});
    }
    return price;
}

ModelFacts read_facts(std::string_view id, json::Value object) {
    const auto count = [&](std::string_view key) {
        return std::max<std::int64_t>(object[key].as_int().value_or(0), 0);
    };
    const auto flag = [&](std::string_view key) { return object[key].as_bool().value_or(false); };
    return {.id = id,
            .context = count("context"),
            .max_input = count("max_input"),
            .max_output = count("max_output"),
            .tools = flag("tools"),
            .images = flag("images"),
            .audio = flag("audio"),
            .files = flag("files"),
            .reasoning = flag("reasoning"),
            .json_schema = flag("json_schema"),
            .embedding = flag("embedding")};
}

// Letters to insert, remove or change to make b of a; gives up above `most`. Case, '-', '_' and '.' are alike.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
    const auto alike = [](char c) {
        if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
        return c == '_' || c == '.' ? '-' : c;
    };
    if ((a.size() > b.size() ? a.size() - b.size() : b.size() - a.size()) > most) return most + 1;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0], best = row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto change = diagonal + (alike(a[i - 1]) == alike(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
            best = std::min(best, row[j]);
        }
        if (best > most) return most + 1;
    }
    return row[b.size()];
}

}  // namespace

const Catalogue& Catalogue::embedded() {
    static const Catalogue catalogue = [] {
        auto parsed = parse(embedded_models());
        if (!parsed) {  // a defect of the build, which a test of the room excludes
            std::fprintf(stderr, "hearth: %s\n", parsed.error()->message.c_str());
            std::abort();
        }
        return std::move(*parsed);
    }();
    return catalogue;
}

Result<Catalogue> Catalogue::parse(std::string_view json_text) {
    json::Document document;
    const auto root = document.parse(json_text);
    if (!root) return fail(corrupt("", "", root.error()->message));
    Catalogue out;
    if (!plain(root->get("date")) || !plain(root->get("source")) || !plain(root->get("commit"))) {
        return fail(corrupt("", "", "date, source and commit are needed."));
    }
    out.date_ = root->get("date").as_string();
    out.source_ = fmt::format("{} {}", root->get("source").as_string(), root->get("commit").as_string());
    out.prices_.set_origin(out.source_, std::string(out.date_));
    for (const auto [vendor_key, models] : root->get("providers").members()) {
        const auto vendor = vendor_key.as_string();
        if (!plain(vendor_key) || !models.is_object())
            return fail(corrupt(vendor, "", "an object of models is needed."));
        out.vendors_.push_back({.id = vendor, .models = {}});
        auto& facts = out.vendors_.back().models;
        facts.reserve(models.size());
        for (const auto [model_key, object] : models.members()) {
            const auto model = model_key.as_string();
            if (!plain(model_key) || !object.is_object())
                return fail(corrupt(vendor, model, "an object is needed."));
            if (!facts.empty() && facts.back().id >= model)
                return fail(corrupt(vendor, model, "not in order of id."));
            facts.push_back(read_facts(model, object));
            if (!object["price"]) continue;
            auto price = read_price(object["price"]);
            if (!price) return fail(corrupt(vendor, model, price.error()->message));
            out.prices_.add(std::string(vendor), std::string(model), std::move(*price));
        }
    }
    return out;
}

const std::vector<ModelFacts>& Catalogue::models(std::string_view prices) const {
    static const std::vector<ModelFacts> none;
    const auto found = std::ranges::find(vendors_, prices, &Vendor::id);
    return found == vendors_.end() ? none : found->models;
}

const ModelFacts* Catalogue::find(std::string_view prices, std::string_view model) const {
    const auto& all = models(prices);
    const auto found = std::ranges::lower_bound(all, model, {}, &ModelFacts::id);
    return found == all.end() || found->id != model ? nullptr : &*found;
}

std::vector<std::string> Catalogue::nearest(std::string_view name, std::size_t count) const {
    name = name.substr(0, limits::kModelNameBytes);
    const auto slash = name.find('/');
    const auto bare = slash == std::string_view::npos ? name : name.substr(slash + 1);
    struct Near {
        std::size_t distance, whole;  // whole: with the provider, which decides where many offer the same
        std::string name;
    };
    std::vector<Near> near;
    for (const auto& vendor : vendors_) {
        for (const auto& model : vendor.models) {
            auto full = fmt::format("{}/{}", vendor.id, model.id);
            const auto most = std::max<std::size_t>(1, bare.size() / 3);
            const auto whole = distance(name, full, most);
            const auto d = std::min(whole, distance(bare, model.id, most));
            if (d <= most) near.push_back({d, whole, std::move(full)});
        }
    }
    std::ranges::sort(near, {}, [](const Near& found) {
        return std::tuple(found.distance, found.whole, std::string_view(found.name));
    });
    std::vector<std::string> names;
    for (auto& found : near) {
        if (names.size() == count) break;
        names.push_back(std::move(found.name));
    }
    return names;
}

}  // namespace hearth::provider
