// SPDX-License-Identifier: Apache-2.0
#include "navigation/efield/live_target_field.h"

#include <sys/resource.h>

#include "data/error.h"
#include "imaging/decimate.h"
#include "navigation/efield/inner_skull.h"

namespace precentral {
namespace {

constexpr int kStillTriangles = 60000;  // on the way: thinning in two steps as the screen does gives the same vertices
constexpr int kFieldTriangles = 20000;
constexpr int kLowPriority = 10;

}  // namespace

Surface field_cortex(const Surface& brain) { return decimated(decimated(brain, kStillTriangles), kFieldTriangles); }

LiveTargetField::LiveTargetField(const HeadModel& head, CoilModel coil)
    : head_(head), coil_(std::move(coil)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

LiveTargetField::~LiveTargetField() {
    thread_.request_stop();
    thread_.join();
}

void LiveTargetField::aim_at(const Point<Scan>& cortex) {
    {
        const std::scoped_lock lock(mutex_);
        wanted_ = cortex;
    }
    changed_.notify_one();
}

std::shared_ptr<const TargetField> LiveTargetField::at(const Point<Scan>& cortex) const {
    const std::scoped_lock lock(mutex_);
    return made_ && made_->target() == cortex ? made_ : nullptr;
}

std::shared_ptr<const ShellModes> LiveTargetField::inner_skull() const {
    const std::scoped_lock lock(mutex_);
    return modes_;
}

std::optional<std::string> LiveTargetField::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

std::shared_ptr<const ShellModes> LiveTargetField::prepare(const std::stop_token& stop) const {
    const Surface shell = inner_skull_around(head_.brain, kLiveShellTriangles);
    const auto points = field_cortex(head_.brain).vertices;
    const std::string key = shell_modes_key(shell, points, coil_);
    if (!head_.cache_dir.empty()) {
        if (auto kept = kept_shell_modes(head_.cache_dir, key)) return std::make_shared<ShellModes>(std::move(*kept));
    }
    auto made = std::make_shared<ShellModes>(prepare_shell_modes(shell, points, coil_, {}, Progress{stop, nullptr}));
    try {
        if (!head_.cache_dir.empty()) keep_shell_modes(*made, head_.cache_dir);
    } catch (const Error&) {
        // They are good; only the next session prepares them anew.
    }
    return made;
}

void LiveTargetField::work(const std::stop_token& stop) {
    // Of this thread and those it starts; the session and the screen come first.
    ::setpriority(PRIO_PROCESS, 0, kLowPriority);
    try {
        const auto modes = prepare(stop);
        std::unique_lock lock(mutex_);
        modes_ = modes;
        for (;;) {
            if (!changed_.wait(lock, stop, [&] { return wanted_ && !(made_ && made_->target() == *wanted_); })) return;
            const Point<Scan> target = *wanted_;
            lock.unlock();
            std::shared_ptr<const TargetField> made;
            std::string why;
            try {
                made = std::make_shared<TargetField>(coil_, *modes, target);
            } catch (const InputError& error) {  // this target is no good; another may be
                why = error.what();
            }
            lock.lock();
            if (made) {
                made_ = made;
                trouble_.reset();
            } else {
                trouble_ = why;
                if (wanted_ == target) wanted_.reset();
            }
        }
    } catch (const Cancelled&) {
        // The session is over.
    } catch (const std::exception& error) {
        const std::scoped_lock lock(mutex_);
        trouble_ = error.what();
    }
}

}  // namespace precentral
