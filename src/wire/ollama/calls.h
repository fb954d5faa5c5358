#pragma once
// Inside this folder: which tool result belongs to which call. Ollama's clients long had no ids for calls, and many still
// send only the tool's name, or nothing, with the results in the order of the calls.
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/json_writer.h"

namespace hearth::wire::ollama {

// A call's arguments as the object that Ollama and its clients insist on; what is none stands in it as "input".
void write_arguments(json::Writer& w, std::string_view text, json::Document& scratch);

class Calls {
  public:
    // The call's id: the given one, or one made from its place.
    std::string begin(std::string_view name, std::string_view id);
    // A result: fills whichever of the two is empty and can be known from the calls before it.
    void answer(std::string& id, std::string& name);

  private:
    struct One {
        std::string name, id;
        bool answered = false;
    };
    struct Named {
        std::vector<std::size_t> calls;
        std::size_t next = 0;  // the first of them that may still wait
    };
    [[nodiscard]] const One* waiting(const std::string& name);

    std::vector<One> calls_;
    std::size_t next_ = 0;  // the first call that may still wait
    std::unordered_map<std::string, Named> by_name_;
    std::unordered_map<std::string, std::size_t> by_id_;
};

}  // namespace hearth::wire::ollama
