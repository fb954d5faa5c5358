#pragma once
// `hearth-engine --self-test-confinement MODEL [--no-confine]`: opens real listeners and a neighbouring file, confines a
// child as a worker is, loads MODEL in it and tries to reach them. Prints one JSON object; exit status 0 when every
// attempt was blocked, 1 when one succeeded, 2 when the test could not run.
#include <string>

namespace hearth::engine {

int self_test_confinement(const std::string& model_path, bool confine);

}  // namespace hearth::engine
