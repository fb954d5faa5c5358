#include "http/head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hearth::http {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto kTokenTable = make_token_table();

bool allowed_in_value(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

}  // namespace

bool iequals(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

bool is_token(std::string_view text) {
    if (text.empty()) return false;
    for (const char c : text) {
        if (!kTokenTable[static_cast<unsigned char>(c)]) return false;
    }
    return true;
}

#if defined(__SSE2__)
namespace {

bool sixteen_allowed(const char* p) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
    const __m128i rubout = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
    const __m128i tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
    return _mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, control), rubout)) == 0;
}

}  // namespace
#endif

bool is_field_value(std::string_view text) {
    const char *p = text.data(), *const end = p + text.size();
#if defined(__SSE2__)
    if (text.size() >= 16) {
        for (; end - p > 16; p += 16) {
            if (!sixteen_allowed(p)) return false;
        }
        return sixteen_allowed(end - 16);  // the last sixteen, overlapping the previous ones
    }
#endif
    return std::all_of(p, end, allowed_in_value);
}

void HeaderList::append(std::string_view name, std::string_view value) {
    const std::size_t at = buffer_.size();
    // The arguments may point into the buffer, so it grows into a new one while the old one is still valid.
    if (buffer_.capacity() < at + name.size() + value.size()) {
        std::string larger;
        larger.reserve(std::max<std::size_t>(2 * (at + name.size() + value.size()), 256));
        larger.append(buffer_).append(name).append(value);
        buffer_.swap(larger);
    } else {
        buffer_.append(name).append(value);
    }
    if (entries_.capacity() == 0) entries_.reserve(16);  // one allocation for most heads instead of five
    entries_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(at + name.size()),
                        static_cast<std::uint32_t>(value.size())});
}

void HeaderList::set(std::string_view name, std::string_view value) {
    const std::string own_name(name), own_value(value);
    remove(own_name);
    append(own_name, own_value);
}

std::size_t HeaderList::remove(std::string_view name) {
    const std::string own(name);
    const std::string_view all = buffer_;
    return std::erase_if(entries_,
                         [&](const Entry& e) { return iequals(all.substr(e.name, e.name_size), own); });
}

void HeaderList::clear() {
    buffer_.clear();
    entries_.clear();
}

std::optional<std::string_view> HeaderList::find(std::string_view name) const {
    const char* data = buffer_.data();
    for (const Entry& e : entries_) {
        if (e.name_size != name.size() || !iequals({data + e.name, e.name_size}, name)) continue;
        return std::string_view(data + e.value, e.value_size);
    }
    return std::nullopt;
}

std::size_t HeaderList::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(*this, [&](const Header& h) { return iequals(h.name, name); }));
}

bool HeaderList::has_token(std::string_view name, std::string_view token) const {
    for (const Header header : *this) {
        if (!iequals(header.name, name)) continue;
        for (std::string_view rest = header.value; !rest.empty();) {
            const std::size_t comma = rest.find(',');
            std::string_view item = rest.substr(0, comma);
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
            while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
            while (item.ends_with(' ') || item.ends_with('\t')) item.remove_suffix(1);
            if (iequals(item, token)) return true;
        }
    }
    return false;
}

std::optional<std::uint64_t> HeaderList::find_number(std::string_view name) const {
    const auto text = find(name);
    if (!text) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return value;
}

std::string_view RequestHead::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestHead::query() const {
    const std::size_t mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

void RequestHead::clear() {
    method.clear();
    target.clear();
    host.clear();
    form = TargetForm::origin;
    version_minor = 1;
    headers.clear();
}

void ResponseHead::clear() {
    status = 0;
    reason.clear();
    version_minor = 1;
    headers.clear();
}

bool is_hop_by_hop(std::string_view name) {
    static constexpr std::string_view kNames[] = {
        "connection",         "keep-alive",          "proxy-connection", "te", "trailer", "upgrade",
        "proxy-authenticate", "proxy-authorization", "transfer-encoding"};
    return std::ranges::any_of(kNames, [&](std::string_view known) { return iequals(name, known); });
}

}  // namespace hearth::http
