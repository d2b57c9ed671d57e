// SPDX-License-Identifier: Apache-2.0
// The field at the target in the patient's own inner skull, prepared beside a running session.
//
// A thread of its own, of low priority: once the shell's modes (taken from the head's cache where they are kept), then
// for each target asked for the few probes that carry it. Whoever asks never waits.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "imaging/head_model.h"
#include "navigation/efield/target_field.h"

namespace precentral {

inline constexpr int kLiveShellTriangles = 1280;

// The cortex as a live field is computed and painted on it: about 20 000 triangles. Seconds of work.
Surface field_cortex(const Surface& brain);

class LiveTargetField {
public:
    // `head` outlives this. Starts the thread; the destructor stops it and waits for it.
    LiveTargetField(const HeadModel& head, CoilModel coil);
    ~LiveTargetField();
    LiveTargetField(const LiveTargetField&) = delete;
    LiveTargetField& operator=(const LiveTargetField&) = delete;

    // The rest at once, from any thread.
    void aim_at(const Point<Scan>& cortex);
    // Of that target; none before it is made.
    std::shared_ptr<const TargetField> at(const Point<Scan>& cortex) const;
    // None before they are prepared; their points are the vertices of field_cortex(head.brain).
    std::shared_ptr<const ShellModes> inner_skull() const;
    // Why there will be none, one sentence.
    std::optional<std::string> trouble() const;

private:
    void work(const std::stop_token& stop);
    std::shared_ptr<const ShellModes> prepare(const std::stop_token& stop) const;

    const HeadModel& head_;
    const CoilModel coil_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Point<Scan>> wanted_;
    std::shared_ptr<const TargetField> made_;
    std::shared_ptr<const ShellModes> modes_;
    std::optional<std::string> trouble_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace precentral
