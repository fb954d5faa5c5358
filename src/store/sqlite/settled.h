#pragma once
// Which entries have an outcome, in one bit each: everything up to through(), and single ones above. Lets the writer
// know a second settlement, and lets a start skip what is known to be settled.
#include <cstdint>
#include <deque>

#include "ledger/entry.h"

namespace hearth::store::sqlite {

class Settled {
  public:
    explicit Settled(ledger::EntryId through = 0) : through_(through) {}

    [[nodiscard]] ledger::EntryId through() const { return through_; }
    [[nodiscard]] bool contains(ledger::EntryId id) const {
        if (id <= through_) return true;
        const auto at = static_cast<std::size_t>(id - through_ - 1) + skipped_;
        return at / 64 < words_.size() && ((words_[at / 64] >> (at % 64)) & 1) != 0;
    }
    void insert(ledger::EntryId id) {
        if (id <= through_) return;
        const auto at = static_cast<std::size_t>(id - through_ - 1) + skipped_;
        if (at / 64 >= words_.size()) words_.resize(at / 64 + 1);
        words_[at / 64] |= std::uint64_t{1} << (at % 64);
        while (!words_.empty() && ((words_.front() >> skipped_) & 1) != 0) {
            ++through_;
            if (++skipped_ == 64) {
                words_.pop_front();
                skipped_ = 0;
            }
        }
    }

  private:
    ledger::EntryId through_;
    std::size_t skipped_ = 0;          // bits of the first word that through_ has passed
    std::deque<std::uint64_t> words_;  // from bit skipped_ on: entries through_ + 1 …
};

}  // namespace hearth::store::sqlite
