// SPDX-License-Identifier: Apache-2.0
// Whether what a tracker says of a tool may be shown and used now, in a word and a sentence.
#pragma once

#include <cstdint>
#include <string>

#include "navigation/tracker.h"

namespace precentral {

enum class ToolCondition {
    waiting,        // no frame has come yet
    live,           // the pose is of now
    hidden,         // the camera does not see it
    out_of_volume,  // seen where the camera cannot measure
    missing,        // the device does not know it
    frozen,         // the same pose to the last bit again and again: no measurement
    stale,          // no frame came for a while
    lost,           // the connection is gone
};

struct ToolReport {
    ToolCondition condition = ToolCondition::waiting;
    double since_s = 0.0;  // how long it has been so
    std::string sentence;  // "Coil hidden.", "" when live; for the user
    bool usable() const { return condition == ToolCondition::live; }
};

struct WatchLimits {
    double stale_s = 0.150;
    // So many frames with the same bits, over at least so long. A camera that measures never repeats itself for long:
    // even positions rounded to 0.01 mm, of a tool at rest, do so for a few frames at most.
    int frozen_frames = 10;
    double frozen_s = 0.150;
};

// Fed and asked on one thread, or under the caller's lock. Asked at any time, so that silence shows without a frame.
class TrackingWatch {
public:
    explicit TrackingWatch(WatchLimits limits = {}) : limits_(limits) {}

    void add(const TrackerFrame& frame);
    // As DeviceListener::on_link tells it.
    void link(LinkState state, const std::string& why, SteadyTime now);

    ToolReport head(SteadyTime now) const { return report(head_, "Head", now); }
    ToolReport stylus(SteadyTime now) const { return report(stylus_, "Stylus", now); }
    ToolReport coil(SteadyTime now) const { return report(coil_, "Coil", now); }

private:
    struct Watched {
        ToolState state = ToolState::missing;
        SteadyTime state_since{};
        Eigen::Matrix4d pose = Eigen::Matrix4d::Zero();
        SteadyTime pose_since{};
        int repeats = 0;  // frames after the first with this pose
    };
    template <class Body>
    static void take(Watched& watched, const TrackedTool<Body>& tool, SteadyTime received);
    ToolReport report(const Watched& watched, const char* name, SteadyTime now) const;

    WatchLimits limits_;
    bool any_frame_ = false;
    SteadyTime last_frame_{};
    LinkState link_ = LinkState::connecting;
    SteadyTime link_since_{};
    std::string link_why_;
    Watched head_;
    Watched stylus_;
    Watched coil_;
};

}  // namespace precentral
