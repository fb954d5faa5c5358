#include "net/loop.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "net/loop_state.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEARTH_NO_BLOCK_POOL 1  // so that use of a released block is detected
#endif
#endif

namespace hearth::net {

void Fd::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

namespace detail {

void Inbox::ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto n =
        ::write(wake.get(), &one, sizeof one);  // fails only if it is already at its maximum
}

void Inbox::post(Callback callback) {
    {
        const std::lock_guard lock(mutex);
        if (!open) return;
        items.push_back(std::move(callback));
        if (std::exchange(signalled, true)) return;
    }
    ring();  // without the lock, which the loop takes as soon as it wakes; `wake` lives as long as this inbox
}

void LoopState::run_inbox() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto n = ::read(inbox->wake.get(), &count, sizeof count);
    std::vector<Callback> ready;
    {
        const std::lock_guard lock(inbox->mutex);
        ready.swap(inbox->items);
        inbox->signalled = false;
    }
    for (auto& callback : ready) callback();
}

void LoopState::run_deferred() {
    Link ready;
    while (deferred.linked()) ready.push_back(*deferred.next);
    while (ready.linked()) {
        auto& item = static_cast<Deferred&>(*ready.next);
        item.unlink();
        item.callback_();
    }
}

}  // namespace detail

void Deferred::schedule() {
    if (!linked()) loop_.state().deferred.push_back(*this);
}

Loop::Loop(Options options)
    : clock_(options.simulated ? options.simulated : &system_clock()),
      state_(std::make_unique<detail::LoopState>(options)) {
    state_->epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
    state_->inbox->wake = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // the inbox
    if (!state_->epoll || !state_->inbox->wake ||
        ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, state_->inbox->wake.get(), &event) != 0) {
        std::perror("hearth: cannot create an event loop (out of file descriptors?)");
        std::abort();  // before ready; nothing can run without it
    }
    // A write to a closed socket is an error value, not a signal. OpenSSL writes without MSG_NOSIGNAL.
    std::signal(SIGPIPE, SIG_IGN);
    state_->now = clock().mono();
    state_->swept_tick = detail::LoopState::tick_of(state_->now);
}

Loop::~Loop() {
    forget_signals();
    const std::lock_guard lock(state_->inbox->mutex);
    state_->inbox->open = false;
    for (char* block : state_->free_blocks) delete[] block;
}

void Loop::run() {
    auto& s = *state_;
    while (!s.stopping.load(std::memory_order_relaxed)) {
        const int wait = !s.simulated ? s.wait_ms() : s.simulated->held() ? 1 : 0;
        const int n = ::epoll_wait(s.epoll.get(), s.batch.data(), static_cast<int>(s.batch.size()), wait);
        if (s.simulated && n == 0 && !s.simulated->held()) s.advance_simulated_clock();
        s.now = clock().mono();
        s.batch_end = std::max(n, 0);  // EINTR: nothing ready
        bool mail = false;
        for (s.batch_next = 0; s.batch_next < s.batch_end;) {
            const auto& event = s.batch[static_cast<std::size_t>(s.batch_next++)];
            if (event.events == 0) continue;  // removed by an earlier event of this batch
            if (event.data.ptr == nullptr) {
                mail = true;
                continue;
            }
            static_cast<EventSink*>(event.data.ptr)->on_events(event.events);
        }
        if (mail) {
            s.run_inbox();
            s.run_signals();
        }
        s.sweep();
        s.run_deferred();
        s.wake_sleepers();  // last: resumed coroutines see the effects of this tick's events
        s.run_deferred();
    }
    s.stopping = false;
}

void Loop::stop() {
    state_->stopping = true;
    post([] {});
}

void Loop::post(Callback callback) {
    const auto inbox = state_->inbox;  // what is posted may end the loop before post() returns
    inbox->post(std::move(callback));
}

Mono Loop::now() const {
    return state_->now;
}

Result<void> Loop::add(int fd, EventSink& sink) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &sink;
    if (::epoll_ctl(state_->epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
    return fail(Code::overloaded, "the kernel cannot watch another descriptor (fs.epoll.max_user_watches)");
}

void Loop::remove(int fd, EventSink& sink) {
    ::epoll_ctl(state_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
    for (int i = state_->batch_next; i < state_->batch_end; ++i) {
        auto& event = state_->batch[static_cast<std::size_t>(i)];
        if (event.data.ptr == &sink) event.events = 0;
    }
}

Loop::Block Loop::take_block() {
    auto& blocks = state_->free_blocks;
    char* memory = nullptr;
    if (blocks.empty()) {
        memory = new char[kBlockBytes + kBlockSlack];
    } else {
        memory = blocks.back();
        blocks.pop_back();
    }
    return Block(memory, BlockReturn{this});
}

void Loop::BlockReturn::operator()(char* block) const {
#ifndef HEARTH_NO_BLOCK_POOL
    auto& blocks = loop->state_->free_blocks;
    if (blocks.size() < detail::LoopState::kFreeBlocks) {
        blocks.push_back(block);
        return;
    }
#endif
    delete[] block;
}

}  // namespace hearth::net
