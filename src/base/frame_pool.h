#pragma once
// Memory for coroutine frames. A request runs through a dozen coroutines, some with frames of kilobytes, which malloc's
// fast path does not cover; here a frame of a known size costs two pointer moves. Per thread, since a task stays on
// its loop's thread. Sanitizer builds use malloc, so that use after free is detected.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEARTH_PLAIN_FRAMES 1
#endif
#endif

namespace hearth::detail {

class FramePool {
  public:
    static void* take(std::size_t bytes) {
#ifndef HEARTH_PLAIN_FRAMES
        const std::size_t slot = slot_of(bytes);
        if (slot < kSlots) {
            auto& pool = instance();
            if (Free* block = pool.free_[slot]) {
                pool.free_[slot] = block->next;
                --pool.kept_[slot];
                return block;
            }
            bytes = (slot + 1) * kStep;
        }
#endif
        void* block = std::malloc(bytes);
        if (!block) throw std::bad_alloc();
        return block;
    }

    static void give(void* block, [[maybe_unused]] std::size_t bytes) noexcept {
#ifndef HEARTH_PLAIN_FRAMES
        const std::size_t slot = slot_of(bytes);
        auto& pool = instance();
        if (slot < kSlots && pool.kept_[slot] < kMaxKept) {
            auto* free = static_cast<Free*>(block);
            free->next = pool.free_[slot];
            pool.free_[slot] = free;
            ++pool.kept_[slot];
            return;
        }
#endif
        std::free(block);
    }

  private:
    struct Free {
        Free* next;
    };
    static constexpr std::size_t kStep = 128, kSlots = 64;  // frames up to 8 KiB
    static constexpr unsigned kMaxKept = 64;  // kept per size: enough for 64 concurrent requests
    static std::size_t slot_of(std::size_t bytes) { return (bytes - 1) / kStep; }
    static FramePool& instance() {
        thread_local FramePool pool;
        return pool;
    }
    ~FramePool() {
        for (auto* block : free_) {
            while (block) std::free(std::exchange(block, block->next));
        }
    }
    std::array<Free*, kSlots> free_{};
    [[maybe_unused]] std::array<unsigned, kSlots> kept_{};  // unused in sanitizer builds
};

}  // namespace hearth::detail
