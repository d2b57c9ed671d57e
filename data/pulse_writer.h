// SPDX-License-Identifier: Apache-2.0
// Pulses to the store on a thread of its own, in order, each acknowledged once it is durable. Neither a slow disk nor
// a lost server holds up the session or loses a pulse: what cannot be written yet waits in memory and is tried again.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "data/store.h"

namespace precentral {

// All functions may be called from any thread.
class PulseWriter {
public:
    using OpenStore = std::function<std::unique_ptr<Store>()>;
    using OnDurable = std::function<void(const Pulse&)>;

    // Opens its own connection to the existing store at `url` before it returns; throws as open_existing_store does.
    // Private memory (":memory:") cannot be shared, so it is refused; ":memory:NAME" works.
    // `on_durable` is called on the writer's thread, in order, once for each pulse; it must be quick and not throw.
    explicit PulseWriter(std::string url, OnDurable on_durable = {});
    // The same with a store opened by `open`, on the writer's thread and again after each failure.
    explicit PulseWriter(OpenStore open, OnDurable on_durable = {});
    PulseWriter(const PulseWriter&) = delete;
    PulseWriter& operator=(const PulseWriter&) = delete;
    // Writes what is waiting. When that fails for 10 s, says on the standard error what is lost and gives up: ask
    // wait_until_written() before closing.
    ~PulseWriter();

    // Never waits for the disk.
    void put(Pulse pulse);

    // How many pulses are durable, in the order of put().
    std::uint64_t acknowledged() const { return acknowledged_.load(); }

    // True as soon as every pulse put so far is durable; false when that is not so after `at_most`, or when a pulse
    // was refused.
    bool wait_until_written(std::chrono::milliseconds at_most = std::chrono::seconds(10)) const;

    // Why pulses are waiting longer than they should, as one sentence; empty when all is well.
    std::optional<std::string> trouble() const;

    // Everything not durable, in order: waiting, or refused by the store as it was (such as a pulse of a session that
    // the store does not hold). For a rescue by other means, such as a table in a file.
    std::vector<Pulse> unwritten() const;

private:
    void work(const std::stop_token& stop, const std::function<void()>& opened);
    void start();
    bool write_batch(Store& store);
    void drop_already_durable(const Store& store);
    void announce(const std::vector<Pulse>& done);

    OpenStore open_;
    OnDurable on_durable_;
    mutable std::mutex mutex_;
    mutable std::condition_variable_any changed_;
    std::deque<Pulse> queue_;
    std::vector<Pulse> batch_;    // being written; only the writer changes it
    std::vector<Pulse> refused_;  // the store cannot keep these as they are
    std::size_t largest_batch_ = 0;
    std::optional<std::string> trouble_;
    std::atomic<std::uint64_t> acknowledged_{0};
    std::jthread thread_;  // last: ends before what it uses
};

}  // namespace precentral
