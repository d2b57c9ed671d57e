// SPDX-License-Identifier: Apache-2.0
#include "navigation/frame_assembly.h"

#include <algorithm>
#include <cmath>
#include "data/error.h"
#include "navigation/tool_names.h"

namespace precentral {
namespace {

constexpr std::uint64_t kSameInstant = (1ULL << 32U) / 2000;  // 0.5 ms in units of a header time stamp
constexpr double kFarthest_mm = 10000.0;
constexpr double kIdentityTolerance = 1e-6;
constexpr double kSourceSilence_s = 1.0;
// A device that makes up a new name every frame must not fill the memory.
constexpr std::size_t kMostNames = 64;

// What a status word of PLUS means here; none for no status.
std::optional<ToolState> read_status(const std::string* status, const std::string* valid) {
    if (valid != nullptr && (*valid == "0" || *valid == "false" || *valid == "FALSE" || *valid == "False")) {
        if (status == nullptr || *status == "OK") return ToolState::hidden;
    }
    if (status == nullptr) return std::nullopt;
    return state_of_status(*status);
}

}  // namespace

void FrameAssembly::start_connection() {
    known_ = {};
    expected_ = {};
    group_.reset();
    source_ = Source::none;
    tools_.clear();
    named_.clear();
}

std::optional<FrameAssembly::Tool> FrameAssembly::find_tool(const std::string& name) const {
    const std::optional<TrackedBody> body = body_of(name, names_);
    if (!body) return std::nullopt;
    return *body == TrackedBody::head ? kHead : *body == TrackedBody::stylus ? kStylus : kCoil;
}

FrameAssembly::Pose FrameAssembly::read_pose(const std::string& name, const igtl::Matrix34& matrix,
                                             const std::string* status, const std::string* valid,
                                             RefusedPoses& refused) {
    const std::optional<ToolState> told = read_status(status, valid);
    Pose pose;
    pose.state = told.value_or(ToolState::visible);
    if (pose.state != ToolState::visible) return pose;

    const Eigen::Matrix4d m = igtl::to_matrix(matrix);
    if (!m.allFinite()) {
        ++refused.not_finite;
        refused.last = "The tracker sent a pose of " + igtl::printable(name) + " that is not a number.";
        pose.state = ToolState::hidden;
        return pose;
    }
    if (!told && (m - Eigen::Matrix4d::Identity()).cwiseAbs().maxCoeff() <= kIdentityTolerance) {
        pose.state = ToolState::hidden;
        return pose;
    }
    if (m.topRightCorner<3, 1>().cwiseAbs().maxCoeff() > kFarthest_mm) {
        ++refused.too_far;
        refused.last = "The tracker sent a pose of " + igtl::printable(name) + " more than 10 m away.";
        pose.state = ToolState::hidden;
        return pose;
    }
    try {
        pose.tracker_from_tool = rigid_from_matrix(m, "the tracker for " + igtl::printable(name));
    } catch (const InputError& error) {
        ++refused.not_rigid;
        refused.last = error.what();
        pose.state = ToolState::hidden;
    }
    return pose;
}

FrameAssembly::Pose FrameAssembly::read_quaternion(const std::string& name, const std::array<float, 3>& position_mm,
                                                   const std::array<float, 4>& xyzw, const std::string* status,
                                                   const std::string* valid, RefusedPoses& refused) {
    const Eigen::Quaterniond q(static_cast<double>(xyzw[3]), static_cast<double>(xyzw[0]), static_cast<double>(xyzw[1]),
                               static_cast<double>(xyzw[2]));
    const double length2 = q.squaredNorm();
    Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
    // |q|² R: a quaternion that is not of unit length (to 2.5e-4) gives a matrix that the rigid door refuses.
    if (!std::isfinite(length2)) {
        m.topLeftCorner<3, 3>().setConstant(length2);
    } else if (length2 > 0.0) {
        m.topLeftCorner<3, 3>() = length2 * q.normalized().toRotationMatrix();
    } else {
        m.topLeftCorner<3, 3>().setZero();
    }
    for (Eigen::Index i = 0; i < 3; ++i) m(i, 3) = static_cast<double>(position_mm[static_cast<std::size_t>(i)]);
    return read_pose(name, igtl::to_matrix34(m), status, valid, refused);
}

TrackerFrame FrameAssembly::give_out(Group& group) {
    group.given_out = true;
    TrackerFrame frame;
    frame.sequence = ++sequence_;
    frame.received = group.received;
    frame.device_time_s = igtl::seconds_from_stamp(group.stamp);
    const auto fill = [&](Tool tool, auto& out) {
        const std::optional<Pose>& pose = group.poses[tool];
        if (!pose) {
            out.state = known_[tool] ? ToolState::hidden : ToolState::missing;
            return;
        }
        out.state = pose->state;
        using Pose3 = std::remove_cvref_t<decltype(out.tracker_from_tool)>;
        if (pose->state == ToolState::visible) out.tracker_from_tool = Pose3(pose->tracker_from_tool);
    };
    fill(kHead, frame.head);
    fill(kStylus, frame.stylus);
    fill(kCoil, frame.coil);
    return frame;
}

template <class Data>
std::vector<TrackerFrame> FrameAssembly::take_whole(const igtl::Message& message, const Data& data, Source source,
                                                    SteadyTime received) {
    const bool other_is_live =
        source_ != Source::none && source_ != source && seconds_between(source_seen_, received) < kSourceSilence_s;
    if (other_is_live) return {};
    source_ = source;
    source_seen_ = received;
    std::vector<TrackerFrame> out;
    if (std::optional<TrackerFrame> rest = flush()) out.push_back(*rest);
    group_.reset();
    Group group;
    group.stamp = message.stamp;
    group.received = received;
    for (const auto& item : data.tools) {
        const std::string* status = message.metadata.empty() ? nullptr : message.find_metadata(item.name + "Status");
        const std::optional<Tool> tool = find_tool(item.name);
        RefusedPoses& refused = tool ? refused_ : foreign_refused_;
        Pose pose;
        if constexpr (std::is_same_v<Data, igtl::QuaternionData>) {
            pose = read_quaternion(item.name, item.position_mm, item.xyzw, status, nullptr, refused);
        } else {
            pose = read_pose(item.name, item.matrix, status, nullptr, refused);
        }
        tools_.push_back({.name = item.name, .state = pose.state, .tracker_from_tool = pose.tracker_from_tool});
        if (tool) {
            group.poses[*tool] = pose;
            known_[*tool] = true;
        }
    }
    note_absent();
    out.push_back(give_out(group));
    return out;
}

std::vector<TrackerFrame> FrameAssembly::take_single(const igtl::Message& message, SteadyTime received) {
    const std::optional<Tool> tool = find_tool(message.device);
    if (source_ != Source::none) {
        if (seconds_between(source_seen_, received) < kSourceSilence_s) return {};
        source_ = Source::none;
    }
    const std::string* status = message.find_metadata("TransformStatus");
    const std::string* valid = message.find_metadata("TransformValid");
    RefusedPoses& refused = tool ? refused_ : foreign_refused_;
    Pose pose;
    if (const auto* data = std::get_if<igtl::TransformData>(&message.content)) {
        pose = read_pose(message.device, data->matrix, status, valid, refused);
    } else {
        const auto& position = std::get<igtl::PositionData>(message.content);
        // A point has no rotation: as a pose it is as good as a matrix of zeros, which the rigid door names.
        pose = read_quaternion(message.device, position.position_mm,
                               position.xyzw.value_or(std::array<float, 4>{0, 0, 0, 0}), status, valid, refused);
    }
    tools_.push_back({.name = message.device, .state = pose.state, .tracker_from_tool = pose.tracker_from_tool});
    if (!tool) return {};
    known_[*tool] = true;

    std::vector<TrackerFrame> out;
    if (group_) {
        const std::uint64_t apart =
            message.stamp > group_->stamp ? message.stamp - group_->stamp : group_->stamp - message.stamp;
        if (apart > kSameInstant || group_->poses[*tool].has_value()) {
            if (std::optional<TrackerFrame> rest = flush()) out.push_back(*rest);
            for (std::size_t i = 0; i < kTools; ++i) expected_[i] = group_->poses[i].has_value();
            group_.reset();
        }
    }
    if (!group_) {
        Group group;
        group.stamp = message.stamp;
        group.received = received;
        group_ = group;
    }
    group_->poses[*tool] = pose;
    if (group_->given_out) return out;  // joins from the next frame on
    bool any_expected = false;
    bool complete = true;
    for (std::size_t i = 0; i < kTools; ++i) {
        any_expected = any_expected || expected_[i];
        complete = complete && (!expected_[i] || group_->poses[i].has_value());
    }
    if (any_expected && complete) out.push_back(give_out(*group_));
    return out;
}

void FrameAssembly::note_absent() {
    const std::size_t present = tools_.size();
    for (const std::string& name : named_) {
        const auto end = tools_.begin() + static_cast<std::ptrdiff_t>(present);
        if (std::none_of(tools_.begin(), end, [&](const NamedTool& tool) { return tool.name == name; })) {
            tools_.push_back({.name = name, .state = ToolState::hidden});
        }
    }
    for (std::size_t i = 0; i < present && named_.size() < kMostNames; ++i) {
        if (std::find(named_.begin(), named_.end(), tools_[i].name) == named_.end()) named_.push_back(tools_[i].name);
    }
}

std::vector<TrackerFrame> FrameAssembly::take(const igtl::Message& message, SteadyTime received) {
    tools_.clear();
    if (const auto* tools = std::get_if<igtl::TrackingData>(&message.content)) {
        return take_whole(message, *tools, Source::tdata, received);
    }
    if (const auto* tools = std::get_if<igtl::QuaternionData>(&message.content)) {
        return take_whole(message, *tools, Source::qtdata, received);
    }
    if (std::holds_alternative<igtl::TransformData>(message.content) ||
        std::holds_alternative<igtl::PositionData>(message.content)) {
        return take_single(message, received);
    }
    return {};
}

std::optional<TrackerFrame> FrameAssembly::flush() {
    if (!pending()) return std::nullopt;
    return give_out(*group_);
}

}  // namespace precentral
