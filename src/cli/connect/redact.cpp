// Redaction of settings files: values of names that denote secrets, and text that looks like a known kind of key.
#include <algorithm>
#include <array>
#include <cctype>

#include "cli/connect/diff.h"

namespace hearth::cli::connect {

namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

bool names_secret(std::string_view name) {
    std::string plain;  // normalizes "x-api-key", "apiKey" and "API_KEY"
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    for (const std::string_view end : {"key", "keys", "token", "tokens"}) {
        if (plain.ends_with(end)) return true;
    }
    constexpr std::array<std::string_view, 6> kParts = {"apikey", "secret",     "password",
                                                        "passwd", "credential", "authorization"};
    for (const auto part : kParts) {
        if (plain.find(part) != std::string::npos) return true;
    }
    return false;
}

bool looks_secret(std::string_view word) {
    constexpr std::array<std::string_view, 10> kKeyPrefixes = {
        "sk-", "hk_", "ghp_", "gho_", "github_pat_", "glpat-", "xoxb-", "AIza", "AKIA", "eyJ"};
    for (const auto beginning : kKeyPrefixes) {
        if (word.size() >= beginning.size() + 8 && word.starts_with(beginning)) return true;
    }
    return false;
}

// Harmless values: those that Hearth writes, numbers, references to variables.
bool harmless(std::string_view value) {
    if (value.empty() || value == "hearth" || value == "HEARTH_API_KEY" || value.starts_with('$'))
        return true;
    if (value == "true" || value == "false" || value == "null") return true;
    return value.find_first_not_of("0123456789._") == std::string_view::npos;
}

// Scans one line: a word, then `:` or `=`, then its value.
class LineRedactor {
  public:
    explicit LineRedactor(std::string_view line) : line_(line) {}

    std::string shown() {
        while (at_ < line_.size()) {
            const char c = line_[at_];
            if (c == '"' || c == '\'') {
                take_quoted(c);
            } else if (is_word(c)) {
                take_word();
            } else {
                if (c != ':' && c != '=' && c != ' ' && c != '\t') secret_ = false;
                out_ += c;
                ++at_;
            }
        }
        return out_;
    }

  private:
    bool named() const {  // whether the value of this word follows
        auto next = at_;
        while (next < line_.size() && (line_[next] == ' ' || line_[next] == '\t')) ++next;
        return next < line_.size() && (line_[next] == ':' || line_[next] == '=');
    }
    void emit(std::string_view word) {
        if (named()) {
            secret_ = names_secret(word);
            out_ += word;
            return;
        }
        out_ += (secret_ && !harmless(word)) || looks_secret(word) ? std::string_view("***") : word;
    }
    void take_quoted(char quote) {
        auto end = at_ + 1;
        while (end < line_.size() && line_[end] != quote) end += line_[end] == '\\' ? 2 : 1;
        end = std::min(end, line_.size());
        const auto inner = line_.substr(at_ + 1, end - at_ - 1);
        at_ = std::min(end + 1, line_.size());
        out_ += quote;
        const bool held = secret_;
        if (!named() && inner.find(' ') != std::string_view::npos && !held) {
            out_ += redacted(inner);  // free text: only key-like parts of it
        } else {
            emit(inner);
        }
        if (end < line_.size()) out_ += quote;
        if (!named()) secret_ = false;
    }
    void take_word() {
        auto end = at_;
        while (end < line_.size() && is_word(line_[end])) ++end;
        // A bare value extends over all characters that may belong to it: base64 has '/', '+' and '='.
        if (secret_) {
            while (end < line_.size() && line_[end] != ',' && line_[end] != ' ' && line_[end] != '}') ++end;
        }
        const auto word = line_.substr(at_, end - at_);
        at_ = end;
        emit(word);
    }

    std::string_view line_;
    std::size_t at_ = 0;
    bool secret_ = false;  // the value of a secret's name is being read
    std::string out_;
};

}  // namespace

std::string redacted(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto feed = text.find('\n', at);
        const auto end = feed == std::string_view::npos ? text.size() : feed;
        out += LineRedactor(text.substr(at, end - at)).shown();
        if (feed != std::string_view::npos) out += '\n';
        at = end + 1;
    }
    return out;
}

}  // namespace hearth::cli::connect
