#include "store/backends.h"

#include <fmt/format.h>

#include "store/memory/store.h"
#include "store/sqlite/store.h"

namespace hearth::store {

namespace {

constexpr Backend kBackends[] = {
    sqlite::kBackend,  // the default
    memory::kBackend,
};

}  // namespace

std::span<const Backend> backends() {
    return kBackends;
}

Result<const Backend*> find_backend(std::string_view name) {
    std::string known;
    for (const auto& backend : kBackends) {
        if (backend.name == name) return &backend;
        known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", backend.name);
    }
    return fail(Code::config, fmt::format("[ledger] store: there is no \"{}\"; known are {}.", name, known));
}

}  // namespace hearth::store
