#pragma once
// Precompiled for every room: the standard headers that nearly every file pulls in anyway. Nothing of ours, so a
// change in the project never rebuilds it, and no third-party header, so a missing include still shows.
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
