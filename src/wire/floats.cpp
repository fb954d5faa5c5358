#include "wire/floats.h"

namespace hearth::wire {

Result<std::vector<float>> read_floats(json::Value value, std::string_view no_array) {
    if (!value.is_array() || value.size() > kDimensions)
        return fail(Code::upstream_failed, std::string(no_array));
    std::vector<float> out;
    out.reserve(value.size());
    for (const json::Value one : value.elements()) {
        const auto number = one.as_double();
        if (!number)
            return fail(Code::upstream_failed, "The upstream's embedding holds something that is no number.");
        out.push_back(static_cast<float>(*number));
    }
    return out;
}

}  // namespace hearth::wire
