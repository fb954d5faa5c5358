#include <doctest/doctest.h>

#include "engine/supervisor/crash_record.h"

namespace supervisor_crash_record_test {

using namespace hearth;
using engine::CrashRecord;

TEST_CASE("crash record: back-off grows with every crash, then quarantine, then reset") {
    CrashRecord record(
        {.to_quarantine = 4, .window = seconds(100), .first = milliseconds(500), .most = milliseconds(1500)});
    const Mono t{seconds(1000)};
    CHECK(record.not_before(t) == t);
    record.crashed(t);
    CHECK(record.not_before(t) == t + milliseconds(500));
    record.crashed(t + seconds(1));
    CHECK(record.not_before(t + seconds(1)) == t + seconds(2));
    record.crashed(t + seconds(2));
    CHECK(record.not_before(t + seconds(2)) == t + seconds(2) + milliseconds(1500));
    CHECK_FALSE(record.quarantined(t + seconds(2)));
    record.crashed(t + seconds(3));
    CHECK(record.quarantined(t + seconds(3)));
    CHECK(record.count(t + seconds(3)) == 4);
    CHECK(record.not_before(t + seconds(3)) == t + seconds(100));  // when the first of the four expires
    CHECK(record.quarantined(t + seconds(99)));
    CHECK_FALSE(record.quarantined(t + seconds(100)));
    CHECK(record.not_before(t + seconds(300)) == t + seconds(300));
    record.crashed(t + seconds(300));
    record.clear();
    CHECK(record.count(t + seconds(300)) == 0);
}

}  // namespace supervisor_crash_record_test
