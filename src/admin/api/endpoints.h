#pragma once
// The endpoints of admin.h, one function each; admin.cpp holds the table that lists them.
#include "admin/admin.h"
#include "text/json.h"
#include "text/url.h"

namespace hearth::admin {

struct Call {
    Admin& admin;
    gateway::Services& services;
    server::Exchange& exchange;
    text::QueryParameters query;
    json::Value body;  // of a POST; an object
};

Task<void> show_status(Call& call);
Task<void> list_models(Call& call);
Task<void> list_workers(Call& call);
Task<void> list_ledger(Call& call);
Task<void> show_route(Call& call);
Task<void> load_model(Call& call);
Task<void> unload_model(Call& call);
Task<void> remove_model(Call& call);
Task<void> pull_model(Call& call);
Task<void> stop_daemon(Call& call);
Task<void> reload_configuration(Call& call);

}  // namespace hearth::admin
