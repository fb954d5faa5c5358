#include "provider/credentials.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/head.h"

namespace hearth::provider {

namespace {

constexpr const char* kGoogleVariable = "GOOGLE_APPLICATION_CREDENTIALS";

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

// The names are those of the AWS SDKs.
void find_aws(Provider& row, const config::Environment& env) {
    auto id = env.get("AWS_ACCESS_KEY_ID");
    auto secret = env.get("AWS_SECRET_ACCESS_KEY");
    if (!id || !secret) return;
    auto region = env.get("AWS_REGION");
    if (!region) region = env.get("AWS_DEFAULT_REGION");
    AwsAccount account;
    account.access_key_id = std::move(*id);
    account.secret_access_key = Secret(std::move(*secret));
    account.session_token = Secret(env.get("AWS_SESSION_TOKEN").value_or(""));
    account.region = region.value_or("");
    account.service = row.aws_service;
    if (!is_region(account.region)) {
        row.credential_error =
            fmt::format("{} needs AWS_REGION, such as us-east-1, to sign its requests.", row.id);
        return;
    }
    if (!http::is_field_value(account.access_key_id) ||
        !http::is_field_value(account.session_token.reveal())) {
        row.credential_error = fmt::format(
            "AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN has characters that cannot be sent (a line break?), so "
            "{} "
            "cannot be used.",
            row.id);
        return;
    }
    row.key_from = "AWS_ACCESS_KEY_ID";
    row.aws = std::move(account);
}

Result<void> take_google(Provider& row, std::string_view json, const std::string& from) {
    auto account = parse_google_account(json);
    if (!account) {
        return fail(Code::config,
                    fmt::format("The key file {} cannot be used. {}", from, account.error()->message));
    }
    row.google = std::move(*account);
    row.key_from = from;
    return {};
}

void find_google(Provider& row, const config::Environment& env, std::vector<std::string>& warnings) {
    const auto path = env.get(kGoogleVariable);
    if (!path) return;
    auto file = read_secret_file(*path);
    auto taken = file ? take_google(row, file->key.reveal(), *path) : Result<void>(fail(file.error()));
    if (!taken) {
        row.credential_error =
            fmt::format("{} has no key: {} ({}).", row.id, taken.error()->message, kGoogleVariable);
    } else if (!file->warning.empty()) {
        warnings.push_back(file->warning);
    }
}

// A service account's file is JSON over many lines; every other holds a key in its first.
Result<void> read_configured(Provider& row, const std::string& path, std::vector<std::string>& warnings) {
    if (row.account == Account::google) {
        auto whole = read_secret_file(path);
        if (!whole) return fail(std::move(whole.error()));
        if (whole->key.reveal().starts_with('{')) {
            if (!whole->warning.empty()) warnings.push_back(whole->warning);
            return take_google(row, whole->key.reveal(), path);
        }
    }
    auto file = read_key_file(path);
    if (!file) return fail(std::move(file.error()));
    if (!file->warning.empty()) warnings.push_back(file->warning);
    row.key = std::move(file->key);
    row.key_from = path;
    return {};
}

}  // namespace

Result<void> find_credentials(Provider& row, const std::string& key_file, const config::Environment& env,
                              std::vector<std::string>& warnings) {
    if (!key_file.empty()) return read_configured(row, key_file, warnings);
    for (const auto& variable : row.key_env) {
        auto value = env.get(variable);
        if (!value) continue;
        row.key = Secret(std::move(*value));
        row.key_from = variable;
        return {};
    }
    if (row.account == Account::aws) find_aws(row, env);
    if (row.account == Account::google) find_google(row, env, warnings);
    return {};
}

}  // namespace hearth::provider
