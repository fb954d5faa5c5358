// run: one question from the command line or a pipe, or a conversation on a terminal.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "cli/chat.h"
#include "cli/commands.h"
#include "cli/daemon.h"
#include "cli/interrupt.h"
#include "cli/line_editor.h"
#include "cli/terminal.h"
#include "text/json_writer.h"

namespace hearth::cli {

namespace {

constexpr Option kRunOptions[] = {
    {"--system", "TEXT", "system instructions for the conversation", 's'},
    {"--temperature", "T", "0 = deterministic; default: the model's own", 't'},
    {"--max-tokens", "N", "maximum length of the answer in tokens"},
    {"--verbose", "", "print which model answered, why, and the token counts", 'v'},
};

constexpr std::string_view kHelp =
    "  /set system TEXT      system instructions for the conversation\n"
    "  /set temperature T    0 = deterministic\n"
    "  /set max_tokens N     maximum length of the answer in tokens\n"
    "  /set model NAME       switch to another model\n"
    "  /clear                clear the conversation\n"
    "  /info                 which model answered last, and why\n"
    "  /bye                  exit (or Ctrl-D)\n"
    "  \"\"\" ... \"\"\"           several lines; or end a line with a backslash\n"
    "  Ctrl-C                stop the answer\n";

template <class T>
std::optional<T> number(std::string_view text, T min, T max) {
    T value{};
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = bad == std::errc{} && end == text.data() + text.size() && value >= min && value <= max;
    return good ? std::optional(value) : std::nullopt;
}

// Sets one setting by name; returns an error message or an empty string.
std::string set(ChatSettings& settings, std::string_view name, const std::string& value) {
    if (name == "system") {
        settings.system = value;
    } else if (name == "temperature") {
        const auto parsed = number<double>(value, 0, 2);
        if (!parsed) return "temperature must be a number from 0 to 2";
        settings.temperature = parsed;
    } else if (name == "max_tokens") {
        const auto parsed = number<std::int64_t>(value, 1, 10'000'000);
        if (!parsed) return "max_tokens must be a whole number from 1";
        settings.max_tokens = parsed;
    } else if (name == "model") {
        if (value.empty()) return "model must be a name: `hearth models` lists them";
        settings.model = value;
    } else {
        return "settings are system, temperature, max_tokens and model";
    }
    return {};
}

std::string stats(const Answer& answer) {
    std::string out = answer.route;
    if (answer.input_tokens)
        out += fmt::format("{}{} tokens in", out.empty() ? "" : "; ", human_count(*answer.input_tokens));
    if (answer.output_tokens) out += fmt::format(", {} out", human_count(*answer.output_tokens));
    return out;
}

Result<std::string> read_stdin() {
    constexpr std::size_t kMax = 32 * 1024 * 1024;
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        const auto n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) return fail(Code::cancelled, "Cancelled.");
        if (n <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
        if (text.size() > kMax) return fail(Code::too_large, "The input on stdin is longer than 32 MiB.");
    }
}

int ask_once(const Context& context, Chat& chat, std::string question, bool verbose) {
    const Interrupt interrupt;
    const auto show = [&](std::string_view piece, bool thinking) {
        if (thinking || context.json) return;
        print(piece);
        (void)std::fflush(stdout);
    };
    const auto answer = chat.ask(std::move(question), show, [&] { return interrupt.pressed(); });
    if (!answer) return report(context, answer.error());
    if (context.json) {
        std::string out;
        json::Writer writer(out);
        writer.begin_object().member("model", chat.settings.model).member("text", answer->text);
        writer.member("finish", answer->finish).member("route", answer->route);
        if (answer->input_tokens) writer.member("input_tokens", *answer->input_tokens);
        if (answer->output_tokens) writer.member("output_tokens", *answer->output_tokens);
        writer.end_object();
        print(out);
    }
    if (context.json || !answer->text.ends_with('\n')) print("\n");
    if (verbose) print_error(styled(stats(*answer) + "\n", Style::dim, stderr));
    return answer->cancelled ? 128 + SIGINT : kDone;
}

// A conversation on a terminal.
class Session {
  public:
    Session(Chat& chat, LineEditor& editor, bool verbose) : chat_(chat), editor_(editor), verbose_(verbose) {}

    int run() {
        print(fmt::format("{} {}\n", styled(chat_.settings.model, Style::bold),
                          styled("(/help for commands, Ctrl-D to exit)", Style::dim)));
        while (true) {
            const auto line = editor_.read(question_.open() ? "... " : ">>> ");
            if (!line) {
                print("\n");
                return kDone;
            }
            const auto question = question_.take(*line);
            if (!question || question->find_first_not_of(" \t\n") == std::string::npos) continue;
            editor_.add_history(*question);
            if (question->starts_with('/')) {
                if (!command(*question)) return kDone;
            } else {
                answer(*question);
            }
        }
    }

  private:
    void answer(const std::string& question) {
        const Interrupt interrupt;
        bool thought = false;
        const auto show = [&](std::string_view piece, bool thinking) {
            if (thought && !thinking) print("\n\n");
            thought = thinking;
            print(thinking ? styled(piece, Style::dim) : std::string(piece));
            (void)std::fflush(stdout);
        };
        const auto answer = chat_.ask(question, show, [&] { return interrupt.pressed(); });
        print("\n");
        if (!answer) {
            print(fmt::format("{} {}\n", styled("error:", Style::red), answer.error()->message));
        } else {
            last_ = stats(*answer);
            if (answer->cancelled) print(styled("(stopped)\n", Style::dim));
            if (answer->finish == "length") print(styled("(truncated at the length limit)\n", Style::dim));
            if (verbose_) print(styled(last_ + "\n", Style::dim));
        }
        print("\n");
    }

    // False: exit.
    bool command(std::string_view line) {
        const auto space = line.find(' ');
        const auto name = line.substr(0, space);
        auto rest = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
        if (name == "/bye" || name == "/exit" || name == "/quit") return false;
        if (name == "/clear") {
            chat_.clear();
            print("The conversation was cleared.\n");
        } else if (name == "/info") {
            print(last_.empty() ? "There is no answer yet.\n" : last_ + "\n");
        } else if (name == "/set") {
            const auto gap = rest.find(' ');
            const auto value =
                gap == std::string_view::npos ? std::string() : std::string(rest.substr(gap + 1));
            const auto wrong = set(chat_.settings, rest.substr(0, gap), value);
            print(wrong.empty() ? "Set.\n" : fmt::format("/set NAME VALUE: {}.\n", wrong));
        } else {
            if (name != "/help" && name != "/?") print(fmt::format("Unknown command {}.\n", name));
            print(kHelp);
        }
        return true;
    }

    Chat& chat_;
    LineEditor& editor_;
    QuestionLines question_;
    std::string last_;
    bool verbose_;
};

int run_command(Context& context, const Arguments& arguments) {
    ChatSettings settings{.model = arguments.positional()[0]};
    for (const auto& [option, name] :
         {std::pair("--system", "system"), std::pair("--temperature", "temperature"),
          std::pair("--max-tokens", "max_tokens")}) {
        const auto value = arguments.value(option);
        if (!value) continue;
        if (const auto wrong = set(settings, name, *value); !wrong.empty()) {
            (void)report(context,
                         {.code = Code::invalid_request, .message = fmt::format("{}: {}.", option, wrong)});
            return kUsage;
        }
    }
    const auto daemon = ensure_daemon(context);
    if (!daemon) return report(context, daemon.error());
    Chat chat(*daemon, std::move(settings));
    const bool verbose = arguments.has("--verbose");
    auto question = arguments.joined(1);
    if (!is_terminal(stdin)) {
        const auto piped = read_stdin();
        if (!piped) return report(context, piped.error());
        if (!question.empty() && !piped->empty()) question += "\n\n";
        question += *piped;
    } else if (question.empty()) {
        LineEditor editor(context.home.history());
        return Session(chat, editor, verbose).run();
    }
    if (question.find_first_not_of(" \t\r\n") == std::string::npos) {
        return report(context, {.code = Code::invalid_request,
                                .message = "There is no prompt, neither as an argument nor on stdin."});
    }
    return ask_once(context, chat, std::move(question), verbose);
}

}  // namespace

const Command kRun{.name = "run",
                   .group = Group::start,
                   .arguments = "MODEL [PROMPT...]",
                   .min = 1,
                   .max = 10'000,
                   .summary = "Chat with a model; starts Hearth in the background if necessary",
                   .options = kRunOptions,
                   .details =
                       "MODEL is a name from `hearth models`, or local, cloud, auto, provider/model.\n\n"
                       "Examples:\n"
                       "  hearth run spark                                   a conversation\n"
                       "  hearth run local \"Explain what a mutex is.\"        one question\n"
                       "  git diff | hearth run auto \"Review this diff.\"     with text from a pipe\n"
                       "  hearth run auto --verbose -t 0 \"2+2?\"              and which model answered\n",
                   .run = run_command,
                   .complete = Complete::model};

}  // namespace hearth::cli
