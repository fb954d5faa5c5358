#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "text/json_writer.h"
#include "text/ndjson.h"

namespace hearth::cli {

namespace {

constexpr Option kPullOptions[] = {{"--name", "NAME", "the model's name; default: derived from its source"}};

// The daemon's lines, each {"stage","file","done","total","bytes_per_second"}, the last with "model" or "error".
class PullView {
  public:
    explicit PullView(bool json) : json_(json), bar_(is_terminal(stdout)) {}

    void take(std::string_view line) {
        if (json_) print(fmt::format("{}\n", line));
        json::Document document;
        const auto root = document.parse(line);
        if (!root) return;
        if (const auto error = (*root)["error"]) {
            error_ = std::string(error["message"].as_string());
            if (error_.empty()) error_ = "The download failed.";
            return;
        }
        if (const auto model = (*root)["model"]; model.is_string()) {
            model_ = model.as_string();
            return;
        }
        if (json_) return;
        const auto stage = (*root)["stage"].as_string();
        const auto file = (*root)["file"].as_string();
        bar_.update(stage == "download" ? std::string(file) : fmt::format("{} {}", stage, file),
                    (*root)["done"].as_uint().value_or(0), (*root)["total"].as_uint().value_or(0),
                    (*root)["bytes_per_second"].as_double().value_or(0));
    }

    void finish() { bar_.finish(); }
    [[nodiscard]] const std::string& model() const { return model_; }
    [[nodiscard]] const std::string& error() const { return error_; }

  private:
    bool json_;
    ProgressBar bar_;
    std::string model_, error_;
};

// A relative path is resolved against this process's folder, not the daemon's.
std::string source_of(const std::string& text) {
    std::error_code error;
    const bool file = std::filesystem::is_regular_file(text, error);
    return file ? std::filesystem::absolute(text, error).string() : text;
}

int pull(Context& context, const Arguments& arguments) {
    const auto daemon = ensure_daemon(context);
    if (!daemon) return report(context, daemon.error());
    std::string body;
    json::Writer writer(body);
    writer.begin_object().member("source", source_of(arguments.positional()[0]));
    if (const auto name = arguments.value("--name")) writer.member("name", *name);
    writer.end_object();

    PullView view(context.json);
    text::LineDecoder lines;
    const Interrupt interrupt;
    const auto reply = daemon->send({.method = "POST",
                                     .target = "/hearth/v1/pull",
                                     .body = body,
                                     .silence = std::chrono::minutes(5),
                                     .on_body =
                                         [&](std::string_view bytes) {
                                             lines.feed(bytes);
                                             std::string_view line;
                                             while (lines.next(line).value_or(false)) view.take(line);
                                         },
                                     .cancelled = [&] { return interrupt.pressed(); }});
    view.finish();
    if (!reply && reply.error()->code == Code::cancelled) {
        print_error("Stopped. The partial download is kept; the same command resumes it.\n");
        return kFailed;
    }
    if (!reply) return report(context, reply.error());
    if (!reply->ok()) return report(context, error_of(*reply));
    if (!view.error().empty())
        return report(context, {.code = Code::upstream_failed, .message = view.error()});
    if (view.model().empty()) {
        return report(
            context,
            {.code = Code::upstream_broken,
             .message = "Hearth stopped before the download finished. Run the command again to resume."});
    }
    if (!context.json)
        print(fmt::format("{} is available. Try it: hearth run {}\n", view.model(), view.model()));
    return kDone;
}

}  // namespace

const Command kPull{.name = "pull",
                    .group = Group::models,
                    .arguments = "SOURCE",
                    .min = 1,
                    .max = 1,
                    .summary = "Download a model: a file, a URL, or hf:ORG/REPO[:QUANT]",
                    .options = kPullOptions,
                    .details =
                        "Interrupted downloads are resumed, and every file is verified with its SHA-256.\n\n"
                        "Examples:\n"
                        "  hearth pull hf:Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF:Q4_K_M\n"
                        "  hearth pull ./my-model.gguf --name mine\n",
                    .run = pull,
                    .complete = Complete::file};

}  // namespace hearth::cli
