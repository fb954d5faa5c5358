#pragma once
// What changes an answer's events on their way to the client. An answer that a filter changes goes by events even within one
// dialect; one that no filter changes may be relayed in its original bytes. The table stands in stages.cpp.
#include <memory>
#include <span>
#include <vector>

#include "exchange/event.h"
#include "pipeline/context.h"
#include "pipeline/stages.h"

namespace hearth::pipeline {

class AnswerFilter {
  public:
    virtual ~AnswerFilter() = default;
    // Appends what `event` becomes: itself, others, or nothing yet. Every answer ends in Done or Error, which comes through
    // here too: what a filter has held back it gives out before the Finish of its choice or before Done; before an Error
    // it need not.
    virtual void apply(exchange::Event event, std::vector<exchange::Event>& out) = 0;
};

// All filters of one answer, in order.
class FilterChain {
  public:
    FilterChain(std::span<const FilterRow> rows, const RequestContext& context, const Attempt& attempt);
    [[nodiscard]] bool empty() const { return filters_.empty(); }
    [[nodiscard]] std::vector<exchange::Event> apply(std::vector<exchange::Event> events);

  private:
    std::vector<std::unique_ptr<AnswerFilter>> filters_;
};

}  // namespace hearth::pipeline
