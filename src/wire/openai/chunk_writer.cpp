#include "text/json_writer.h"
#include "wire/openai/answer_parts.h"
#include "wire/openai/error.h"
#include "wire/openai/stream_encoder.h"

namespace hearth::wire::openai {

void ChunkWriter::start(const exchange::Started& started) {
    head_ = "data: ";
    json::Writer w(head_);
    w.begin_object().member("id", started.id).member("object", object_);
    w.member("created", started.created_s).member("model", started.model).key("choices").begin_array();
}

void ChunkWriter::open(std::string& out) {
    if (head_.empty()) start({});
    release(out);
    opened_at_ = out.size();
    out += head_;
}

void ChunkWriter::close(std::string& out) const {
    // OpenAI writes "usage":null in every chunk when the usage chunk was asked for.
    out += options_.include_usage ? "],\"usage\":null}\n\n" : "]}\n\n";
}

void ChunkWriter::hold(std::string& out) {
    held_.assign(out, opened_at_);
    out.resize(opened_at_);
}

void ChunkWriter::release(std::string& out) {
    if (held_.empty()) return;
    out += held_;
    held_.clear();
    close(out);
}

void ChunkWriter::usage(const exchange::UsageEvent& event, std::string& out) {
    const bool timings = event.timings && options_.timings;
    std::string extra;  // members, from the first comma on
    if (options_.include_usage && knows_anything(event.usage)) {
        open(out);
        json::Writer w(extra);
        w.begin_object();
        write_usage(w, event.usage);
        if (timings) write_timings(w, *event.timings);
        extra.front() = ',';
        out += ']';
    } else if (timings && !held_.empty()) {
        out += held_;
        held_.clear();
        out += options_.include_usage ? "],\"usage\":null" : "]";
        json::Writer w(extra);
        w.begin_object();
        write_timings(w, *event.timings);
        extra.front() = ',';
    } else {
        return;
    }
    out += extra;
    out += "}\n\n";
}

void ChunkWriter::error(const Error& error, std::string& out) {
    over_ = true;
    append_error_event(out, error);
}

void ChunkWriter::done(std::string& out) {
    release(out);
    over_ = true;
    out += "data: [DONE]\n\n";
}

}  // namespace hearth::wire::openai
