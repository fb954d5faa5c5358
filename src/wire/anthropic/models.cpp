#include "wire/anthropic/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "text/json_writer.h"

namespace hearth::wire::anthropic {

namespace {

// RFC 3339, in the years that have four digits.
std::string rfc3339(std::int64_t unix_s) {
    constexpr std::int64_t kLastSecond = 253402300799;
    const std::chrono::sys_seconds at{std::chrono::seconds(std::clamp<std::int64_t>(unix_s, 0, kLastSecond))};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

void write_model(json::Writer& w, const ModelEntry& model) {
    w.begin_object().member("type", "model").member("id", model.id);
    w.member("display_name", model.display_name.empty() ? model.id : model.display_name);
    w.member("created_at", rfc3339(model.created_s));
    if (model.max_input_tokens) w.member("max_input_tokens", *model.max_input_tokens);
    if (model.max_tokens) w.member("max_tokens", *model.max_tokens);
    w.end_object();
}

void write_id(json::Writer& w, std::string_view key, const ModelEntry* model) {
    w.key(key);
    model == nullptr ? w.null() : w.string(model->id);
}

}  // namespace

bool shown_in_menu(std::string_view id) {
    return id.starts_with("claude") || id.starts_with("anthropic");
}

std::string encode_models(std::span<const ModelEntry> models, bool has_more) {
    std::string out;
    json::Writer w(out);
    w.begin_object().key("data").begin_array();
    for (const auto& model : models) write_model(w, model);
    w.end_array().member("has_more", has_more);
    write_id(w, "first_id", models.empty() ? nullptr : &models.front());
    write_id(w, "last_id", models.empty() ? nullptr : &models.back());
    w.end_object();
    return out;
}

std::string encode_model(const ModelEntry& model) {
    std::string out;
    json::Writer w(out);
    write_model(w, model);
    return out;
}

}  // namespace hearth::wire::anthropic
