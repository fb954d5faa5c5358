// Runs tests/transcripts/wire/*.txt: what an upstream sent, what the client must get, the facts and events read from it.
// Each is played whole, byte by byte, and cut in two at every byte. The format stands in that folder's README.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/wire/describe.h"
#include "wire/openai/relay.h"
#include "wire/openai/stream_decoder.h"

namespace transcripts_test {

using namespace wire_test;
namespace openai = hearth::wire::openai;

namespace {

struct Transcript {
    std::map<std::string, std::string> sections;  // name -> bytes
    openai::StreamRelay::Options options;
};

std::string with_crlf(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

Transcript load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    Transcript out;
    std::string line, name, words;
    const auto close = [&] {
        auto& text = out.sections[name];
        if (words.find("no-newline") != std::string::npos && text.ends_with('\n')) text.pop_back();
        if (words.find("crlf") != std::string::npos) text = with_crlf(text);
    };
    while (std::getline(file, line)) {
        if (!line.starts_with("=== ")) {
            out.sections[name] += line + "\n";
            continue;
        }
        close();
        std::istringstream head(line.substr(4));
        head >> name;
        words.clear();
        std::getline(head, words);
        out.sections[name];
        if (words.find("hide_usage") != std::string::npos) out.options.hide_usage = true;
        if (words.find("no-hold") != std::string::npos) out.options.hold_prologue = false;
        if (const auto n = words.find("choices="); n != std::string::npos)
            out.options.choices = std::stoi(words.substr(n + 8));
    }
    close();
    return out;
}

struct Played {
    std::string client, facts, events, decoder_facts;
};

Played play(const Transcript& transcript, const std::vector<std::string_view>& pieces) {
    Played out;
    openai::StreamRelay relay(transcript.options);
    openai::StreamDecoder decoder(transcript.options.choices);
    std::vector<exchange::Event> events;
    for (const auto piece : pieces) {
        const std::string copy(
            piece);  // a place of its own: views that outlive it would be seen by the sanitizer
        for (const auto part : relay.feed(copy)) out.client += part;
        decoder.feed(copy, events);
    }
    out.client += relay.finish();
    decoder.finish(events);
    CHECK(relay.promised() == (relay.facts().content && !out.client.empty()));
    out.facts = describe(relay.facts());
    out.decoder_facts = describe(decoder.facts());
    out.events = describe(events);
    return out;
}

void check_equal(const Played& got, const Played& want, std::size_t cut) {
    CAPTURE(cut);
    REQUIRE(got.client == want.client);
    REQUIRE(got.facts == want.facts);
    REQUIRE(got.decoder_facts == want.decoder_facts);
    REQUIRE(got.events == want.events);
}

void check(const std::filesystem::path& path) {
    CAPTURE(path.filename().string());
    const auto transcript = load(path);
    const std::string_view upstream = transcript.sections.at("upstream");
    const auto whole = play(transcript, {upstream});
    CHECK(whole.client == transcript.sections.at("client"));
    CHECK(whole.facts == transcript.sections.at("facts"));
    CHECK(whole.decoder_facts == whole.facts);
    CHECK(whole.events == transcript.sections.at("events"));
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < upstream.size(); ++i) {
        check_equal(play(transcript, {upstream.substr(0, i), upstream.substr(i)}), whole, i);
        bytes.push_back(upstream.substr(i, 1));
    }
    check_equal(play(transcript, bytes), whole, upstream.size());
}

}  // namespace

TEST_CASE("transcripts of upstream streams") {
    std::size_t count = 0;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(HEARTH_SOURCE_DIR "/tests/transcripts/wire")) {
        if (entry.path().extension() == ".txt") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    for (const auto& path : paths) {
        check(path);
        ++count;
    }
    CHECK(count >= 12);
}

}  // namespace transcripts_test
