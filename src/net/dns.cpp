#include "net/dns.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <map>
#include <thread>

#include "net/loop_state.h"

namespace hearth::net {

namespace {

Result<std::vector<Address>> ask_system(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (error != 0) {
        return fail(Code::upstream_connect,
                    fmt::format("the name {} could not be resolved: {}", host, ::gai_strerror(error)));
    }
    std::vector<Address> found;
    for (const auto* a = list; a != nullptr && found.size() < 16; a = a->ai_next) {
        auto address = Address::from(a->ai_addr, a->ai_addrlen);
        if (address.family() != Address::Family::none) found.push_back(std::move(address));
    }
    ::freeaddrinfo(list);
    if (found.empty()) return fail(Code::upstream_connect, fmt::format("the name {} has no address", host));
    return found;
}

// Threads that are not joined: getaddrinfo cannot be interrupted, and a slow lookup must not delay process exit. All state
// of a thread is therefore shared with it.
struct Pool {
    using Lookup = std::function<Result<std::vector<Address>>(const std::string&)>;
    std::mutex mutex;
    std::deque<Callback> jobs;
    unsigned running = 0;

    static bool submit(const std::shared_ptr<Pool>& pool, Callback job, unsigned threads,
                       std::size_t queued) {
        const std::lock_guard lock(pool->mutex);
        if (pool->jobs.size() >= queued) return false;
        pool->jobs.push_back(std::move(job));
        if (pool->running >= threads) return true;
        ++pool->running;
        auto thread = std::thread([pool] {
            std::unique_lock inner(pool->mutex);
            while (!pool->jobs.empty()) {
                auto next = std::move(pool->jobs.front());
                pool->jobs.pop_front();
                inner.unlock();
                next();
                next = nullptr;
                inner.lock();
            }
            --pool->running;
        });
        // detached: its state is shared with it, and a slow getaddrinfo must not delay exit.
        thread.detach();
        return true;
    }
};

bool is_localhost(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

struct Resolver::Flight {
    std::vector<Promised<Result<std::vector<Address>>>*> waiters;
};

struct Resolver::Impl {
    struct Cached {
        std::vector<Address> addresses;
        Mono until;
    };
    Options options;
    std::shared_ptr<Pool> pool = std::make_shared<Pool>();
    std::map<std::string, std::shared_ptr<Flight>> flights;
    std::map<std::string, Cached> cache;
    // Guards against a lookup that ends after the resolver: results go through a token with the resolver's lifetime.
    std::shared_ptr<Impl*> self = std::make_shared<Impl*>(this);

    void complete_lookup(Loop& loop, const std::string& host, const Result<std::vector<Address>>& result) {
        if (result) {
            if (cache.size() >= options.entries) {
                cache.erase(std::min_element(cache.begin(), cache.end(), [](const auto& a, const auto& b) {
                    return a.second.until < b.second.until;
                }));
            }
            cache.insert_or_assign(host, Cached{*result, loop.now() + options.ttl});
        }
        const auto at = flights.find(host);
        if (at == flights.end()) return;
        const auto flight = std::move(at->second);
        flights.erase(at);
        while (!flight->waiters.empty()) {  // a resumed waiter may cancel another
            auto* waiter = flight->waiters.back();
            flight->waiters.pop_back();
            waiter->set(result);
        }
    }
};

Resolver::Resolver(Loop& loop, Options options) : loop_(loop), impl_(std::make_unique<Impl>()) {
    impl_->options = std::move(options);
    if (!impl_->options.lookup) impl_->options.lookup = ask_system;
}

Resolver::~Resolver() {
    *impl_->self = nullptr;
}

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, std::uint16_t port, StopToken stop) {
    using Answer = Result<std::vector<Address>>;
    const auto with_port = [port](std::vector<Address> addresses) {
        for (auto& address : addresses) address.set_port(port);
        return Answer(std::move(addresses));
    };
    if (auto literal = Address::parse(host, port)) co_return Answer({*literal});
    if (is_localhost(host))
        co_return Answer({*Address::parse("127.0.0.1", port), *Address::parse("::1", port)});
    if (const auto at = impl_->cache.find(host); at != impl_->cache.end()) {
        if (at->second.until > loop_.now()) co_return with_port(at->second.addresses);
        impl_->cache.erase(at);
    }
    auto& flight = impl_->flights[host];
    if (!flight) {
        flight = std::make_shared<Flight>();
        // The inbox, not the loop, is what the thread holds: it may outlive both.
        const bool queued = Pool::submit(
            impl_->pool,
            [host, lookup = impl_->options.lookup, inbox = loop_.state().inbox, self = impl_->self,
             loop = &loop_] {
                auto result = lookup(host);
                inbox->post([host, self, loop, result = std::move(result)] {
                    if (*self != nullptr) (*self)->complete_lookup(*loop, host, result);
                });
            },
            impl_->options.threads, impl_->options.queued);
        if (!queued) {
            impl_->flights.erase(host);
            co_return fail(Code::overloaded, "too many lookups are waiting; the name server may be down");
        }
    }
    const auto mine = flight;
    Promised<Answer> answer;
    mine->waiters.push_back(&answer);
    const auto leave = [&mine, &answer](Error why) {
        std::erase(mine->waiters, &answer);
        answer.set(fail(std::move(why)));
    };
    Deadline deadline(loop_, [&] {
        leave(Error{.code = Code::upstream_connect,
                    .message = fmt::format(
                        "the name {} could not be resolved: no answer from the name server", host)});
    });
    deadline.arm_in(impl_->options.timeout);
    const StopCallback on_stop(stop, [&] { leave(stop.reason()); });
    Answer got = co_await answer;
    if (!got) co_return got;
    co_return with_port(std::move(*got));
}

}  // namespace hearth::net
