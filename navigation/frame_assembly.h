// SPDX-License-Identifier: Apache-2.0
// Turns a device's OpenIGTLink messages into frames of all tools at one instant.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "navigation/igtl_messages.h"
#include "navigation/tracker.h"

namespace precentral {

// Why poses were not taken. Each makes its tool hidden in that frame.
struct RefusedPoses {
    std::uint64_t not_finite = 0;
    std::uint64_t not_rigid = 0;  // scaled, sheared or mirrored by more than 1e-3, or no rotation given
    std::uint64_t too_far = 0;    // more than 10 m from the camera; NDI writes -3.7e28 for "no value"
    std::string last;             // a sentence about the newest
    std::uint64_t total() const { return not_finite + not_rigid + too_far; }
};

// One for each device; used on the device's thread only.
//
// TDATA and QTDATA carry a frame whole: a tool that is absent is hidden. TRANSFORM and POSITION come one by one and are
// put together when their time stamps are within 0.5 ms; the frame is complete when every tool of the frame before it
// is there, or when the next instant begins, or at flush(). A tool that comes back after its frame was given out joins
// from the next frame on. While TDATA or QTDATA arrives, single TRANSFORMs of the same tools are not used (a device
// may send both); they are again after 1 s without.
//
// A tool is known by its plain name or by `<Name>ToTracker`. It is `missing` until the device first names it. A status
// in the metadata (`TransformStatus`, `<name>Status`, as PLUS writes them) decides; without one, the identity matrix
// means hidden, because devices send it for "no pose". Matrices pass the rigid door of data/frames.h with its tolerance
// of 1e-3: rounding to 32-bit floats costs about 1e-7 of it.
class FrameAssembly {
public:
    explicit FrameAssembly(ToolNames names) : names_(std::move(names)) {}

    // What the newest message taken says about tools, under the device's own names and foreign ones too; in a TDATA or
    // QTDATA also the hidden ones it named before. Empty for any other message and for one that was not used.
    std::span<const NamedTool> tools() const { return tools_; }
    // The frames this message completes, oldest first: none, one or two.
    std::vector<TrackerFrame> take(const igtl::Message& message, SteadyTime received);
    // Gives out the frame whose tools are not all there. Called when nothing came for a moment.
    std::optional<TrackerFrame> flush();
    bool pending() const { return group_.has_value() && !group_->given_out; }
    // Another connection begins: what the one before sent says nothing about it. Sequence numbers go on.
    void start_connection();

    const RefusedPoses& refused() const { return refused_; }

private:
    enum Tool : std::size_t { kHead, kStylus, kCoil, kTools };
    struct Pose {
        ToolState state = ToolState::missing;
        Eigen::Isometry3d tracker_from_tool = Eigen::Isometry3d::Identity();
    };
    struct Group {
        std::uint64_t stamp = 0;
        SteadyTime received{};
        std::array<std::optional<Pose>, kTools> poses;
        bool given_out = false;
    };
    enum class Source { none, tdata, qtdata };

    std::optional<Tool> find_tool(const std::string& name) const;
    Pose read_pose(const std::string& name, const igtl::Matrix34& matrix, const std::string* status,
                   const std::string* valid, RefusedPoses& refused);
    Pose read_quaternion(const std::string& name, const std::array<float, 3>& position_mm,
                         const std::array<float, 4>& xyzw, const std::string* status, const std::string* valid,
                         RefusedPoses& refused);
    template <class Data>
    std::vector<TrackerFrame> take_whole(const igtl::Message& message, const Data& data, Source source,
                                         SteadyTime received);
    std::vector<TrackerFrame> take_single(const igtl::Message& message, SteadyTime received);
    void note_absent();
    TrackerFrame give_out(Group& group);

    ToolNames names_;
    std::vector<NamedTool> tools_;
    std::vector<std::string> named_;  // by TDATA or QTDATA since the connection began
    RefusedPoses refused_;
    RefusedPoses foreign_refused_;  // a foreign pose may be scaled: it is no concern of ours
    std::uint64_t sequence_ = 0;
    std::array<bool, kTools> known_{};     // named by the device since the connection began
    std::array<bool, kTools> expected_{};  // came as single messages in the instant before
    std::optional<Group> group_;
    Source source_ = Source::none;
    SteadyTime source_seen_{};
};

}  // namespace precentral
