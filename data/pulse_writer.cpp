// SPDX-License-Identifier: Apache-2.0
#include "data/pulse_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <future>

#include "data/error.h"

namespace precentral {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLargestBatch = 256;
constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 2000ms;
constexpr auto kLastAttempts = 10s;

// The same pulse, but for the id the store gave it.
bool is_same_pulse(const Pulse& a, const Pulse& b) {
    const bool same_device_time =
        a.device_time_s == b.device_time_s || (std::isnan(a.device_time_s) && std::isnan(b.device_time_s));
    return a.session == b.session && a.purpose == b.purpose && a.sequence == b.sequence && a.train == b.train &&
           a.index == b.index && a.time == b.time && same_device_time;
}

}  // namespace

PulseWriter::PulseWriter(std::string url, OnDurable on_durable)
    : PulseWriter(
          [url = std::move(url)]() -> std::unique_ptr<Store> {
              if (url == ":memory:") {
                  throw InputError(
                      "Pulses are written by a thread of its own, which cannot see a private store in "
                      "memory; name it, for example :memory:rehearsal.");
              }
              return open_existing_store(url);
          },
          std::move(on_durable)) {}

PulseWriter::PulseWriter(OpenStore open, OnDurable on_durable)
    : open_(std::move(open)), on_durable_(std::move(on_durable)), largest_batch_(kLargestBatch) {
    start();
}

PulseWriter::~PulseWriter() {
    thread_.request_stop();
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    const std::vector<Pulse> lost = unwritten();
    if (lost.empty()) return;
    std::fprintf(stderr, "%zu %s could not be written and %s lost, from sequence %d of session %lld on: %s\n",
                 lost.size(), lost.size() == 1 ? "pulse" : "pulses", lost.size() == 1 ? "is" : "are",
                 lost.front().sequence, static_cast<long long>(lost.front().session),
                 trouble().value_or("no reason known").c_str());
}

void PulseWriter::start() {
    std::promise<void> opened;
    std::future<void> is_open = opened.get_future();
    thread_ = std::jthread([this, &opened](const std::stop_token& stop) {
        bool told = false;
        try {
            work(stop, [&] {
                told = true;
                opened.set_value();
            });
        } catch (...) {
            // Only the first opening may fail this way; the constructor passes it on.
            if (!told) opened.set_exception(std::current_exception());
        }
    });
    is_open.get();
}

void PulseWriter::put(Pulse pulse) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(pulse));
    }
    changed_.notify_all();
}

bool PulseWriter::wait_until_written(std::chrono::milliseconds at_most) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [&] { return queue_.empty() && batch_.empty(); });
    return queue_.empty() && batch_.empty() && refused_.empty();
}

std::optional<std::string> PulseWriter::trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

std::vector<Pulse> PulseWriter::unwritten() const {
    const std::lock_guard lock(mutex_);
    std::vector<Pulse> out = refused_;
    out.insert(out.end(), batch_.begin(), batch_.end());
    out.insert(out.end(), queue_.begin(), queue_.end());
    return out;
}

void PulseWriter::work(const std::stop_token& stop, const std::function<void()>& opened) {
    std::unique_ptr<Store> store = open_();
    opened();
    std::chrono::milliseconds pause = kFirstPause;
    std::optional<std::chrono::steady_clock::time_point> give_up;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [&] { return !queue_.empty() || !batch_.empty(); });
            if (queue_.empty() && batch_.empty()) return;  // asked to stop, and all is written
            while (!queue_.empty() && batch_.size() < largest_batch_) {
                batch_.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        try {
            if (!store) {
                store = open_();
                drop_already_durable(*store);
            }
            if (write_batch(*store)) pause = kFirstPause;
            continue;
        } catch (const std::exception& error) {
            const std::lock_guard lock(mutex_);
            trouble_ = error.what();
        }
        store.reset();  // a connection that failed is not trusted again
        std::unique_lock lock(mutex_);
        if (stop.stop_requested()) {
            const auto now = std::chrono::steady_clock::now();
            if (!give_up) give_up = now + kLastAttempts;
            if (now >= *give_up) return;
            changed_.wait_for(lock, kFirstPause, [] { return false; });
        } else {
            changed_.wait_for(lock, stop, pause, [] { return false; });
            pause = std::min<std::chrono::milliseconds>(pause * 2, kLongestPause);
        }
    }
}

// False when the store refused the data themselves; throws when it could not be reached or could not write.
bool PulseWriter::write_batch(Store& store) {
    if (batch_.empty()) return true;
    try {
        store.add(std::span<const Pulse>(batch_));
    } catch (const InputError& error) {
        // One pulse that cannot be kept must not hold up those behind it: find it by going one by one.
        const std::lock_guard lock(mutex_);
        trouble_ = error.what();
        if (batch_.size() == 1) {
            refused_.push_back(std::move(batch_.front()));
            batch_.clear();
        } else {
            for (auto pulse = batch_.rbegin(); pulse != batch_.rend(); ++pulse) queue_.push_front(std::move(*pulse));
            batch_.clear();
            largest_batch_ = 1;
        }
        changed_.notify_all();
        return false;
    }
    std::vector<Pulse> done;
    {
        const std::lock_guard lock(mutex_);
        done.swap(batch_);
        acknowledged_ += done.size();
        if (refused_.empty()) trouble_.reset();
        if (queue_.empty()) largest_batch_ = kLargestBatch;
    }
    changed_.notify_all();
    announce(done);
    return true;
}

// When a connection broke during the commit, the pulses may be durable although nobody said so.
void PulseWriter::drop_already_durable(const Store& store) {
    if (batch_.empty()) return;
    std::vector<Pulse> there;
    RecordId session = 0;
    std::vector<Pulse> done;
    std::vector<Pulse> missing;
    for (const Pulse& pulse : batch_) {
        if (pulse.session != session) {
            session = pulse.session;
            there = store.pulses(session);
        }
        const bool durable =
            std::any_of(there.begin(), there.end(), [&](const Pulse& one) { return is_same_pulse(one, pulse); });
        (durable ? done : missing).push_back(pulse);
    }
    if (done.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        batch_ = std::move(missing);
        acknowledged_ += done.size();
        if (batch_.empty() && refused_.empty()) trouble_.reset();
    }
    changed_.notify_all();
    announce(done);
}

void PulseWriter::announce(const std::vector<Pulse>& done) {
    if (!on_durable_) return;
    for (const Pulse& pulse : done) {
        try {
            on_durable_(pulse);
        } catch (const std::exception& error) {
            const std::lock_guard lock(mutex_);
            trouble_ = std::string("A written pulse could not be announced: ") + error.what();
        }
    }
}

}  // namespace precentral
