#pragma once
// Precompiled for every room: headers that nearly every file includes. None of the project's own, so that a change in the
// project never rebuilds it. The preset `dev` builds without it, which reveals missing includes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
