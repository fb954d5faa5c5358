#pragma once
// Task<T>: a lazy coroutine that runs when awaited and resumes its awaiter when done. No executor and no built-in
// cancellation: everything runs on one loop's thread, and a waiter is resumed by the owner of the wait (net, engine, ledger).
//
// Rules: parameters by value, or by reference to something that outlives the task; no exception leaves a task
// (that is std::terminate); no capturing lambda as a coroutine. Never destroy a suspended task: stop what it waits for and
// let it finish.
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/frame_pool.h"

namespace hearth {

template <class T>
class Task;

namespace detail {

struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
        auto next = done.promise().continuation;
        return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
};

struct PromiseBase {
    std::coroutine_handle<> continuation;
    static void* operator new(std::size_t bytes) { return FramePool::take(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { FramePool::give(frame, bytes); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U>
    void return_value(U&& v) {
        value.emplace(std::forward<U>(v));
    }
    T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() = default;
    explicit Task(Handle handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            if (handle_) handle_.destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
        handle_.promise().continuation = awaiter;
        return handle_;
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    Handle handle_ = nullptr;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

struct Detached {
    struct promise_type {
        static void* operator new(std::size_t bytes) { return FramePool::take(bytes); }
        static void operator delete(void* frame, std::size_t bytes) noexcept {
            FramePool::give(frame, bytes);
        }
        Detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};
}  // namespace detail

// Starts a detached task; it runs until its first suspension before this returns.
inline void spawn(Task<void> task) {
    [](Task<void> owned) -> detail::Detached { co_await owned; }(std::move(task));
}

// A one-shot wait: one side awaits, the other sets the value, on the same thread (from another, post to the loop first).
template <class T>
class Promised {
  public:
    void set(T value) {
        if (value_) return;
        value_.emplace(std::move(value));
        if (auto waiter = std::exchange(waiter_, nullptr)) waiter.resume();
    }
    [[nodiscard]] bool is_set() const { return value_.has_value(); }
    bool await_ready() const noexcept { return value_.has_value(); }
    void await_suspend(std::coroutine_handle<> h) noexcept { waiter_ = h; }
    T await_resume() { return std::move(*value_); }

  private:
    std::optional<T> value_;
    std::coroutine_handle<> waiter_;
};

}  // namespace hearth
