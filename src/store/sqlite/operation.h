#pragma once
// What a loop hands to the writer: a node in the waiting coroutine's own frame, so that nothing is copied or allocated
// on the way. The writer fills in the result and gives the node back to its loop.
#include <coroutine>
#include <optional>

#include "ledger/ledger.h"

namespace hearth::store::sqlite {

struct Mailbox;

enum class Action : std::uint8_t { begin, reroute, settle, record };

struct Operation {
    Action action = Action::begin;
    ledger::Kept kept = ledger::Kept::committed;
    ledger::EntryId id = 0;  // begin, record: given with the commit
    const ledger::Intent* intent = nullptr;
    const ledger::Attempt* failed = nullptr;
    const ledger::Route* next_route = nullptr;
    const ledger::Settlement* settlement = nullptr;
    std::optional<ErrorBox> error;

    Operation* next = nullptr;
    Mailbox* mailbox = nullptr;
    std::coroutine_handle<> waiter;

    [[nodiscard]] bool opens() const { return action == Action::begin || action == Action::record; }
    [[nodiscard]] bool closes() const { return action == Action::settle || action == Action::record; }

    // May bytes leave this machine on the strength of this operation?
    [[nodiscard]] bool leaves() const {
        if (action == Action::begin) return intent->to.place > Place::loopback;
        if (action == Action::reroute) return next_route->place > Place::loopback;
        return false;
    }
};

// Operations in the order in which they were given.
struct Chain {
    Operation* head = nullptr;
    Operation* tail = nullptr;
    void push(Operation& operation) {
        operation.next = nullptr;
        (tail ? tail->next : head) = &operation;
        tail = &operation;
    }
    void splice(Chain other) {
        if (!other.head) return;
        (tail ? tail->next : head) = other.head;
        tail = other.tail;
    }
    [[nodiscard]] bool empty() const { return head == nullptr; }
};

// On the waiters' loop. Resuming ends the frame that holds the node.
inline void resume_all(Chain chain) {
    for (auto* operation = chain.head; operation;) {
        auto* const next = operation->next;
        operation->waiter.resume();
        operation = next;
    }
}

// An operation that outlives its caller: a member of the backlog.
struct OwnedOperation {
    Action action;
    ledger::EntryId id;
    std::optional<ledger::Intent> intent;
    std::optional<ledger::Attempt> failed;
    std::optional<ledger::Route> next_route;
    std::optional<ledger::Settlement> settlement;

    explicit OwnedOperation(const Operation& from) : action(from.action), id(from.id) {
        if (from.intent) intent = *from.intent;
        if (from.failed) failed = *from.failed;
        if (from.next_route) next_route = *from.next_route;
        if (from.settlement) settlement = *from.settlement;
    }
    [[nodiscard]] Operation view() const {
        Operation operation;
        operation.action = action;
        operation.id = id;
        operation.intent = intent ? &*intent : nullptr;
        operation.failed = failed ? &*failed : nullptr;
        operation.next_route = next_route ? &*next_route : nullptr;
        operation.settlement = settlement ? &*settlement : nullptr;
        return operation;
    }
};

}  // namespace hearth::store::sqlite
