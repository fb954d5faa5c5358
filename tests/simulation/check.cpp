#include "check.h"

#include <fmt/format.h>

#include "filters.h"
#include "wire/codecs.h"

namespace hearth::simulation {

namespace {

using ledger::Status;

// What the client's own decoder makes of what it got.
struct Heard {
    std::string text;
    bool done = false;
    std::optional<Error> failure;
    std::string_view after_failure;  // bytes behind the error
    bool unreadable = false;
};

void take(Heard& heard, const std::vector<exchange::Event>& events) {
    for (const auto& event : events) {
        if (const auto* text = std::get_if<exchange::TextDelta>(&event)) heard.text += text->text;
        if (std::holds_alternative<exchange::Done>(event)) heard.done = true;
        if (const auto* error = std::get_if<Error>(&event)) heard.failure = *error;
    }
}

Heard read_stream(const Scenario& scenario, const Log& log) {
    Heard heard;
    exchange::Request request;
    request.body = exchange::Chat{};
    request.stream = true;
    request.dialect = scenario.client;
    const auto decoder = wire::upstream_codec(scenario.client)->stream(request);
    std::vector<exchange::Event> events;
    // Line by line, to see where the error stands.
    for (std::size_t at = 0; at < log.bytes.size() && !heard.failure;) {
        const auto end = std::min(log.bytes.find('\n', at), log.bytes.size() - 1) + 1;
        events.clear();
        decoder->feed(std::string_view(log.bytes).substr(at, end - at), events);
        if (decoder->over()) decoder->finish(events);
        take(heard, events);
        at = end;
        if (heard.failure) heard.after_failure = std::string_view(log.bytes).substr(at);
        if (decoder->over()) return heard;
    }
    events.clear();
    decoder->finish(events);
    take(heard, events);
    return heard;
}

Heard read_whole(const Scenario& scenario, const Log& log) {
    Heard heard;
    json::Document scratch;
    auto answer = wire::upstream_codec(scenario.client)->whole(exchange::Kind::chat, log.bytes, scratch);
    heard.unreadable = !answer.has_value();
    if (!answer) return heard;
    if (!answer->choices.empty()) heard.text = answer->choices.front().text;
    heard.done = !answer->failure;
    return heard;
}

std::string expected_text(const Scenario& scenario, const Log& log) {
    std::string text;
    if (log.seen.empty()) return text;
    for (const auto& piece : scenario.acts[log.seen.back().act].text) text += piece;
    return scenario.replacing ? replaced(std::move(text)) : text;
}

void check_settlement(const Scenario& scenario, Log& log) {
    const bool ledger_down = log.begins == 0 && log.refusals > 0;
    if (log.records > 0) {
        log.fails("a request that could be planned was refused before any candidate");
        return;
    }
    if (ledger_down) {
        if (!log.seen.empty()) log.fails("an upstream was asked although the ledger refused the row");
        return;
    }
    if (log.begins != 1) log.fails(fmt::format("{} rows were begun", log.begins));
    if (log.settlements != 1) log.fails(fmt::format("{} settlements", log.settlements));
    if (log.finished && !log.settled_before_end) log.fails("the last byte came before the settlement");
    if (!log.settlement) return;
    const auto status = log.settlement->status;
    if (log.left && status != Status::cancelled && !log.finished)
        log.fails("the client left, but the row does not say so");
    if (log.finished && !log.broken_off && log.status == 200 && status != Status::ok)
        log.fails(fmt::format("a whole answer is settled as {}", ledger::status_name(status)));
    if ((log.broken_off || (log.whole && log.status != 200)) && status != Status::error)
        log.fails(fmt::format("a failed answer is settled as {}", ledger::status_name(status)));
    if (!log.seen.empty()) {
        const auto last = kUpstreams[static_cast<std::size_t>(log.seen.back().upstream)].provider;
        const bool refused_last =
            !scenario.acts.empty() && scenario.acts.back().fault == Fault::ledger_refuses;
        if (log.intent.to.provider != last && !refused_last)
            log.fails(fmt::format("the row names {}, but {} was asked last", log.intent.to.provider, last));
    }
}

void check_answer(const Scenario& scenario, Log& log) {
    const auto expected = expected_text(scenario, log);
    if (log.left && !log.finished) {
        if (!log.started) return;
        const auto heard = read_stream(scenario, log);
        if (!expected.starts_with(heard.text)) log.fails("a client that left had got another answer's text");
        return;
    }
    if (!log.finished) {
        log.fails("the answer never ended");
        return;
    }
    if (log.whole && log.status == 200) {
        const auto heard = read_whole(scenario, log);
        if (heard.unreadable) log.fails("the client cannot read the answer");
        if (heard.text != expected)
            log.fails(fmt::format("the client got \"{}\" instead of \"{}\"", heard.text, expected));
        return;
    }
    if (log.whole) return;  // an error in place of an answer
    const auto heard = read_stream(scenario, log);
    if (log.broken_off) {
        if (heard.done && !heard.failure) log.fails("a broken answer looks whole");
        if (heard.after_failure.find_first_not_of(" \r\n") != std::string_view::npos)
            log.fails(fmt::format("after the error came \"{}\"", heard.after_failure));
        if (!expected.starts_with(heard.text))
            log.fails(fmt::format("after an error the client got \"{}\"", heard.text));
    } else if (!heard.done || heard.failure || heard.text != expected) {
        log.fails(fmt::format("the client got \"{}\"{} instead of \"{}\"", heard.text,
                              heard.failure ? " and an error"
                              : heard.done  ? ""
                                            : " and no end",
                              expected));
    }
}

bool is_free(const Seen& seen) {
    return seen.upstream == kNetworkUpstreams;
}

// What all vendors together charge. `last_in_full`: the last answer was complete when its client left.
std::optional<NanoUsd> charge_of(const Log& log, const upstream::Settings& settings, bool last_in_full) {
    NanoUsd sum = 0;
    for (const auto& seen : log.seen) {
        if (is_free(seen)) continue;
        const auto* provider =
            settings.providers.find(kUpstreams[static_cast<std::size_t>(seen.upstream)].provider);
        const bool full = last_in_full && &seen == &log.seen.back();
        const auto part = full ? seen.full : seen.charged;
        if (!part || (*part != 0 && provider->prices.empty())) return std::nullopt;
        sum += *part;
    }
    return sum;
}

void check_bill(Log& log, const upstream::Settings& settings) {
    if (!log.settlement) return;
    ledger::Entry entry;
    entry.attempts = log.attempts;
    entry.settlement = *log.settlement;
    const auto billed = entry.total_cost();
    const auto charged = charge_of(log, settings, false);
    if (billed == charged) return;
    // Whether a request that was dropped is charged for, nobody here knows; it may have been answered in full.
    if (log.left && (!billed || billed == charge_of(log, settings, true))) return;
    const auto words = [](std::optional<NanoUsd> cost) {
        return cost ? fmt::format("{}", *cost) : "unknown";
    };
    log.fails(fmt::format("the ledger bills {}, the vendors charge {}", words(billed), words(charged)));
}

}  // namespace

void check(const Scenario& scenario, Log& log, const upstream::Settings& settings) {
    check_settlement(scenario, log);
    check_answer(scenario, log);
    check_bill(log, settings);
}

}  // namespace hearth::simulation
