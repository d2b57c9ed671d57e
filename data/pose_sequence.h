// SPDX-License-Identifier: Apache-2.0
// Poses of tracked tools over time from a sequence metafile (.igs.mha, .seq.mha: a MetaImage header with
// `Seq_FrameNNNN_<From>To<To>Transform = 16 numbers`). Images in the file are skipped.
#pragma once

#include <Eigen/Geometry>
#include <map>
#include <string>
#include <vector>

namespace precentral {

struct PoseFrame {
    double time_s = 0.0;  // the file's own clock; NaN where it has none
    // By the file's name, "StylusToTracker" = tracker_from_stylus, mm; absent where its status is not OK.
    std::map<std::string, Eigen::Isometry3d> poses{};
    // By the same names, where the file says something other than OK: "OUT_OF_VIEW".
    std::map<std::string, std::string> not_ok{};
};

// In the order of frame numbers. Throws InputError naming file and line when it is no such file, a number is broken, or
// a matrix is not rigid.
std::vector<PoseFrame> read_pose_sequence(const std::string& path);

// reference_from_tool in every frame that shows both, through the tracker where the file holds no such pose itself.
// `frames` gets the index of each. Throws InputError that lists the file's own names when there is none.
std::vector<Eigen::Isometry3d> poses_between(const std::vector<PoseFrame>& sequence, const std::string& tool,
                                             const std::string& reference, std::vector<std::size_t>* frames = nullptr);

}  // namespace precentral
