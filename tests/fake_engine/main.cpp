// A scripted worker. Usage: fake_engine MODE JOURNAL --fd 3
//
// MODE selects the start-up behaviour: ready | never-ready | load-failed | crash-at-load | ignore-shutdown (ignores Shutdown and the end of its
// socket) | ask:PORT (a program there answers the requests: ask.h). A completion's prompt is a script:
// "say N" (N pieces), "wait" (a piece, then nothing until it is cancelled), "crash", "crash-first", "silent", "garbage",
// "oversize", "leave" (exit 0). JOURNAL gets a line for every event.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <variant>

#include "engine/protocol/codec.h"
#include "engine/protocol/frame.h"
#include "fake_engine/ask.h"

using namespace hearth;
using namespace hearth::engine;

namespace {

constexpr int kSocket = 3;
std::string mode, journal_path;
int script_port = 0;  // of ask:PORT

void journal(const std::string& line) {
    const int fd = ::open(journal_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string text = line + "\n";
    if (::write(fd, text.data(), text.size()) < 0) std::abort();
    ::close(fd);
}

void write_all(const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto wrote = ::write(kSocket, bytes.data() + done, bytes.size() - done);
        if (wrote <= 0) std::_Exit(1);
        done += static_cast<std::size_t>(wrote);
    }
}

void send(const ToGateway& message) {
    write_all(*encode_frame(encode(message)));
}

void event(RequestId id, exchange::Event e) {
    Events events;
    events.events.push_back({id, std::move(e)});
    send(std::move(events));
}

void crash() {
    static constexpr char kAssertion[] = "kernel.c:7: ASSERT(false) failed\n";
    if (::write(2, kAssertion, sizeof kAssertion - 1) < 0) std::abort();
    ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would turn the signal into an exit code
    ::raise(SIGSEGV);
}

std::string script_of(const exchange::Request& request) {
    const auto* completion = std::get_if<exchange::Completion>(&request.body);
    if (!completion || completion->prompts.empty()) return "say 1";
    const auto* text = std::get_if<std::string>(&completion->prompts.front());
    return text ? *text : "say 1";
}

void take(const Load& load) {
    journal("load " + std::to_string(load.context_tokens) + " " + load.model_path);
    if (mode == "crash-at-load") crash();
    if (mode == "load-failed") {
        Error error;
        error.code = Code::corrupt;
        error.message = "the file ends in the middle of a tensor";
        send(LoadFailed{error});
        std::_Exit(3);
    }
    send(LoadProgress{0.5});
    if (mode == "never-ready") return;
    Ready ready;
    ready.model.context_tokens = load.context_tokens;
    ready.model.sequences = load.sequences;
    ready.model.weight_bytes = 1000;
    ready.model.can_chat = ready.model.can_call_tools = true;
    ready.confinement.level = Confinement::none;
    send(ready);
}

void take(const Submit& submit) {
    if (script_port) return ask(script_port, "submit", submit.id, submit, send);
    const auto script = script_of(submit.request);
    journal("submit " + script);
    if (script == "crash-first") crash();
    if (script == "leave") std::_Exit(0);
    event(submit.id, exchange::Started{});
    if (script == "silent") return;
    if (script.starts_with("say ")) {
        const int pieces = std::atoi(script.c_str() + 4);
        for (int i = 0; i < pieces; ++i)
            event(submit.id, exchange::TextDelta{0, "w" + std::to_string(i) + " "});
        exchange::UsageEvent usage;
        usage.usage.output = pieces;
        usage.timings = exchange::Timings{.predicted_n = 100, .predicted_ms = 1000};
        event(submit.id, exchange::Finish{0, exchange::FinishReason::stop});
        event(submit.id, usage);
        event(submit.id, exchange::Done{});
        return;
    }
    event(submit.id, exchange::TextDelta{0, "first"});
    if (script == "crash") crash();
    if (script == "garbage") write_all(*encode_frame("{\"type\":\"nonsense\"}"));
    if (script == "oversize") write_all(std::string("\xff\xff\xff\xff", 4));
}

void take(const Cancel& cancel) {
    journal("cancel");
    Error error;
    error.code = Code::cancelled;
    error.message = "cancelled";
    event(cancel.id, error);
}

void take(const Count& count) {
    if (script_port) return ask(script_port, "count", count.id, count, send);
    send(Counted{.id = count.id, .tokens = 42, .error = {}});
}
void take(const TextQuery& query) {
    send(TextAnswer{.id = query.id, .text = query.text, .tokens = {7, 8}, .pieces = {}, .error = {}});
}
void take(const StatsQuery&) {
    send(Stats{});
}
void take(const Shutdown& shutdown) {
    journal(shutdown.drain ? "shutdown drain" : "shutdown");
    if (mode != "ignore-shutdown") std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    mode = argv[1];
    journal_path = argv[2];
    if (mode.starts_with("ask:")) script_port = std::atoi(mode.c_str() + 4);
    journal("start");
    FrameReader frames;
    char buffer[65536];
    while (true) {
        const auto got = ::read(kSocket, buffer, sizeof buffer);
        if (got <= 0) break;
        frames.feed({buffer, static_cast<std::size_t>(got)});
        while (true) {
            auto payload = frames.next();
            if (!payload) return 4;
            if (!*payload) break;
            auto message = decode_to_worker(**payload);
            if (!message) return 5;
            std::visit([](const auto& m) { take(m); }, *message);
        }
    }
    journal("end of socket");
    while (mode == "ignore-shutdown") ::pause();
    return 0;
}
