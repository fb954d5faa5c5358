#pragma once
// The running Hearth of this home: found by its lock, reached at its address, started in the background when a command
// needs one. $HEARTH_API_KEY is sent, for daemons that require keys on loopback too.
#include <string>

#include "cli/command.h"
#include "cli/http_client.h"
#include "text/json.h"

namespace hearth::cli {

// Errors: unavailable when none runs ("No Hearth is running …").
[[nodiscard]] Result<HttpClient> find_daemon(const Context& context);

// Finds it, or starts `hearth serve` in the background with its output in $HEARTH_HOME/logs/daemon.log and waits until
// it answers. Reports this on stderr. Errors: the end of that log when the start failed.
[[nodiscard]] Result<HttpClient> ensure_daemon(const Context& context);

// One request for JSON. Errors: those of HttpClient, and error_of() for a status >= 400.
[[nodiscard]] Result<std::string> ask(const HttpClient& daemon, std::string_view method, std::string target,
                                      std::string body = {});

// For commands that only show the daemon's response: prints the JSON with --json, else calls `show(root)`. Returns the
// exit status.
int show_answer(const Context& context, const Result<std::string>& answer, void (*show)(json::Value root));

// Exit status for an error: kNoDaemon if there is no daemon.
int report_daemon(const Context& context, const Error& error);

}  // namespace hearth::cli
