// SPDX-License-Identifier: Apache-2.0
// One value handed from one thread to others: the newest wins, nothing is queued.
#pragma once

#include <mutex>
#include <utility>

namespace precentral {

template <class T>
class Latest {
public:
    void put(T value) {
        const std::scoped_lock lock(mutex_);
        value_ = std::move(value);
    }
    T get() const {
        const std::scoped_lock lock(mutex_);
        return value_;
    }

private:
    mutable std::mutex mutex_;
    T value_{};
};

}  // namespace precentral
