#include "route/decide.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hearth::route {

namespace {

struct Choice {
    const Model* model;
    std::string reason;
};
using Choices = std::vector<Choice>;

bool own(const Model& model) {
    return model.provider == kEngine;
}
bool on_this_machine(const Model& model) {
    return model.place <= Place::loopback;
}

void append_once(Choices& to, const Model* model, std::string reason) {
    const bool known = std::any_of(to.begin(), to.end(), [&](const Choice& c) { return c.model == model; });
    if (model && !known) to.push_back({model, std::move(reason)});
}

// Own engine: loaded models first, then the larger file, which is assumed to be the more capable model.
Choices own_models(const Models& models, const Preferences& want, const Checks& checks) {
    Choices out;
    for (const auto& model : models.all()) {
        if (own(model) && !model.builtin) out.push_back({&model, "local model"});
    }
    std::stable_sort(out.begin(), out.end(), [&](const Choice& a, const Choice& b) {
        const bool a_named = a.model->id == want.local, b_named = b.model->id == want.local;
        if (a_named != b_named) return a_named;
        const bool a_loaded = checks.loaded(*a.model), b_loaded = checks.loaded(*b.model);
        if (a_loaded != b_loaded) return a_loaded;
        return a.model->bytes > b.model->bytes;
    });
    return out;
}

Choices other_models(const Models& models, Place place, const char* reason) {
    Choices out;
    for (const auto& model : models.all()) {
        if (!own(model) && model.place == place && model.default_rank) out.push_back({&model, reason});
    }
    std::stable_sort(out.begin(), out.end(), [](const Choice& a, const Choice& b) {
        return *a.model->default_rank < *b.model->default_rank;
    });
    return out;
}

void append_all(Choices& to, Choices from) {
    for (auto& choice : from) append_once(to, choice.model, std::move(choice.reason));
}

void append_builtin(Choices& to, const Models& models) {
    for (const auto& model : models.all()) {
        if (model.builtin) append_once(to, &model, "built-in model, last choice");
    }
}

Choices for_local(const Models& models, const Preferences& want, const Checks& checks) {
    Choices out;
    if (const auto* named = want.local.empty() ? nullptr : models.find(want.local);
        named && on_this_machine(*named)) {
        append_once(out, named, "configured as local");
    }
    append_all(out, own_models(models, want, checks));
    append_all(out, other_models(models, Place::loopback, "on this machine"));
    append_builtin(out, models);
    return out;
}

Choices for_cloud(const Models& models, const Preferences& want) {
    Choices out;
    for (const auto& name : want.cloud) {
        const auto* model = models.find(name);
        if (model && !on_this_machine(*model)) append_once(out, model, "configured as cloud");
    }
    if (want.cloud.empty()) append_all(out, other_models(models, Place::cloud, "provider's default model"));
    return out;
}

// Local first; a cloud model when no other local model is capable; the built-in model when no other is permitted or
// capable.
Choices for_auto(const Models& models, const Preferences& want, const Checks& checks) {
    Choices out;
    for (const auto& name : want.automatic) {
        if (name == "local") {
            append_all(out, own_models(models, want, checks));
        } else if (name == "cloud") {
            append_all(out, for_cloud(models, want));
        } else {
            append_once(out, models.find(name), "configured for auto");
        }
    }
    append_all(out, own_models(models, want, checks));
    append_all(out, other_models(models, Place::loopback, "on this machine"));
    append_all(out, other_models(models, Place::lan, "on the local network"));
    append_all(out, for_cloud(models, want));
    append_builtin(out, models);
    return out;
}

Result<Choices> for_name(const Ask& ask, const Models& models, const Preferences& want) {
    Choices out;
    const auto* named = models.find(ask.name);
    if (!named) named = ask.unlisted.get();
    if (named) {
        out.push_back({named, "named"});
    } else if (!want.fallback.contains(ask.name)) {
        const auto near = nearest(ask.name, models);
        return fail(
            Code::not_found,
            near.empty()
                ? fmt::format("The model '{}' is not known. `hearth models` lists the known ones.", ask.name)
                : fmt::format("The model '{}' is not known. Nearest: {}. `hearth models` lists all.",
                              ask.name, fmt::join(near, ", ")),
            "model");
    }
    return out;
}

std::string join(const std::vector<Refusal>& refusals) {
    std::string out;
    for (std::size_t i = 0; i < refusals.size() && i < 4; ++i) {
        out += fmt::format("{}{}: {}", i ? "; " : "", refusals[i].model, refusals[i].why);
    }
    if (refusals.size() > 4) out += fmt::format("; and {} more", refusals.size() - 4);
    return out;
}

// Why a choice cannot be a step; the order of the checks determines which reason (and error code) a user sees.
struct Rejection {
    Code code;
    std::string why;
};
std::optional<Rejection> object(const Model& model, const Ask& ask, bool explicit_name,
                                const Checks& checks) {
    if (auto why = checks.refused(model.provider, model.place); !why.empty())
        return Rejection{Code::forbidden, why};
    if (!model.not_ready.empty()) return Rejection{Code::unauthenticated, model.not_ready};
    const auto missing = lacks(model, ask);
    if (!missing.empty() && (!explicit_name || own(model))) {
        return Rejection{Code::invalid_request, fmt::format("it does not support {}", missing)};
    }
    if (auto why = checks.unhealthy(model); !why.empty()) return Rejection{Code::unavailable, why};
    return std::nullopt;
}

}  // namespace

std::string lacks(const Model& model, const Ask& ask) {
    const auto& can = model.can;
    if (!can.known) return {};
    std::vector<std::string_view> missing;
    using exchange::Kind;
    if ((ask.kind == Kind::chat || ask.kind == Kind::count) && !can.chat) missing.push_back("chat requests");
    if (ask.kind == Kind::completion && !can.completion) missing.push_back("plain completions");
    if (ask.kind == Kind::embedding && !can.embedding) missing.push_back("embedding requests");
    if (ask.kind == Kind::rerank && !can.rerank) missing.push_back("reranking");
    if (exchange::passes_through(ask.kind)) missing.push_back("audio and image endpoints");
    if (ask.needs.suffix && !can.suffix) missing.push_back("a suffix (fill-in-the-middle)");
    if (ask.needs.tools && !can.tools && !(ask.needs.forced_tool && can.forced_tools))
        missing.push_back("tools");
    if (ask.needs.images && !can.images) missing.push_back("images");
    if (ask.needs.audio && !can.audio) missing.push_back("audio");
    if (ask.needs.files && !can.files) missing.push_back("files");
    if (ask.needs.json_schema && !can.json_schema) missing.push_back("a JSON schema");
    if (ask.needs.several_choices && !can.several_choices) missing.push_back("n greater than 1");
    return fmt::format("{}", fmt::join(missing, ", "));
}

Result<Plan> decide(const Ask& ask, std::shared_ptr<const Models> models, const Preferences& want,
                    const Checks& checks) {
    Choices choices;
    const bool explicit_name = ask.name != "auto" && ask.name != "local" && ask.name != "cloud";
    if (ask.name == "auto") {
        choices = for_auto(*models, want, checks);
    } else if (ask.name == "local") {
        choices = for_local(*models, want, checks);
    } else if (ask.name == "cloud") {
        choices = for_cloud(*models, want);
    } else {
        auto named = for_name(ask, *models, want);
        if (!named) return fail(std::move(named.error()));
        choices = std::move(*named);
    }
    if (const auto more = want.fallback.find(ask.name); more != want.fallback.end()) {
        int position = 0;
        for (const auto& name : more->second) {
            append_once(choices, models->find(name), fmt::format("fallback {} of {}", ++position, ask.name));
        }
    }

    Plan plan;
    std::optional<Code> first_code;
    for (const auto& choice : choices) {
        if (auto rejection = object(*choice.model, ask, explicit_name, checks)) {
            if (!first_code) first_code = rejection->code;
            plan.refusals.push_back({choice.model->full_name(), std::move(rejection->why)});
        } else {
            plan.steps.push_back({choice.model, choice.reason});
        }
    }
    if (!plan.steps.empty()) {
        plan.models = std::move(models);
        plan.unlisted = ask.unlisted;
        return plan;
    }
    if (plan.refusals.empty()) {
        return fail(
            Code::unavailable,
            fmt::format("No model can answer '{}': none is configured. Set a provider's key or pull a local "
                        "model (`hearth doctor` shows what is missing).",
                        ask.name),
            "model");
    }
    return fail(*first_code,
                fmt::format("No permitted and capable model for '{}': {}.", ask.name, join(plan.refusals)),
                "model");
}

}  // namespace hearth::route
