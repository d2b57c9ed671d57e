// SPDX-License-Identifier: Apache-2.0
#include "navigation/tracking_watch.h"

#include <array>
#include <cstdio>

namespace precentral {

template <class Body>
void TrackingWatch::take(Watched& watched, const TrackedTool<Body>& tool, SteadyTime received) {
    if (watched.state != tool.state || watched.state_since == SteadyTime{}) {
        watched.state = tool.state;
        watched.state_since = received;
        watched.repeats = 0;
        watched.pose.setZero();
    }
    if (!tool.visible()) return;
    const Eigen::Matrix4d& pose = tool.tracker_from_tool.isometry().matrix();
    if (pose == watched.pose) {
        ++watched.repeats;
        return;
    }
    watched.pose = pose;
    watched.pose_since = received;
    watched.repeats = 0;
}

void TrackingWatch::add(const TrackerFrame& frame) {
    any_frame_ = true;
    last_frame_ = frame.received;
    take(head_, frame.head, frame.received);
    take(stylus_, frame.stylus, frame.received);
    take(coil_, frame.coil, frame.received);
}

void TrackingWatch::link(LinkState state, const std::string& why, SteadyTime now) {
    if (state != link_) link_since_ = now;
    link_ = state;
    link_why_ = why;
}

ToolReport TrackingWatch::report(const Watched& watched, const char* name, SteadyTime now) const {
    const auto say = [](ToolCondition condition, double since_s, std::string sentence) {
        return ToolReport{condition, since_s, std::move(sentence)};
    };
    if (link_ == LinkState::lost) {
        return say(ToolCondition::lost, seconds_between(link_since_, now),
                   link_why_.empty() ? "The connection to the tracker is lost." : link_why_);
    }
    if (!any_frame_) {
        return say(ToolCondition::waiting, 0.0,
                   link_why_.empty() ? "No frame has come from the tracker yet." : link_why_);
    }
    const double silent_s = seconds_between(last_frame_, now);
    if (silent_s > limits_.stale_s) {
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "The tracker has been silent for %.1f s.", silent_s);
        return say(ToolCondition::stale, silent_s, text.data());
    }
    const double since_s = seconds_between(watched.state_since, now);
    switch (watched.state) {
        case ToolState::hidden: return say(ToolCondition::hidden, since_s, std::string(name) + " hidden.");
        case ToolState::out_of_volume:
            return say(ToolCondition::out_of_volume, since_s,
                       std::string(name) + " outside the volume in which the camera measures.");
        case ToolState::missing:
            return say(ToolCondition::missing, since_s,
                       std::string(name) + " is not among the tracker's tools; check its name.");
        case ToolState::frozen:  // another listener has seen it already
            return say(ToolCondition::frozen, since_s, std::string(name) + " frozen: the tracker repeats one pose.");
        case ToolState::visible: break;
    }
    const double same_s = seconds_between(watched.pose_since, last_frame_);
    if (watched.repeats >= limits_.frozen_frames && same_s >= limits_.frozen_s) {
        return say(ToolCondition::frozen, seconds_between(watched.pose_since, now),
                   std::string(name) + " frozen: the tracker repeats one pose.");
    }
    return say(ToolCondition::live, since_s, {});
}

}  // namespace precentral
