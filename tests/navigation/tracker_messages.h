// SPDX-License-Identifier: Apache-2.0
// Messages as a tracker sends them, for the tests of the link and of the frames made from them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "navigation/igtl_messages.h"

namespace precentral {

inline igtl::Matrix34 pose_at(double x, double turn_deg = 10.0) {
    Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
    pose.rotate(Eigen::AngleAxisd(turn_deg * M_PI / 180.0, Eigen::Vector3d(1, 1, 0).normalized()));
    pose.pretranslate(Eigen::Vector3d(x, -2.0 * x, 1000.0));
    return igtl::to_matrix34(pose.matrix());
}

inline igtl::Message tdata(double time_s, double x,
                           const std::vector<std::string>& names = {"Head", "Stylus", "Coil", "Robot"}) {
    igtl::TrackingData data;
    for (const std::string& name : names) data.tools.push_back({name, 1, pose_at(x)});
    return {.device = "Tracker", .stamp = igtl::stamp_from_seconds(time_s), .content = std::move(data)};
}

inline igtl::Message transform(const std::string& name, double time_s, const igtl::Matrix34& matrix,
                               const std::string& status = {}) {
    igtl::Message m{.device = name, .stamp = igtl::stamp_from_seconds(time_s)};
    m.content = igtl::TransformData{matrix};
    if (!status.empty()) {
        m.header_version = 2;
        m.metadata = {{"TransformStatus", status}};
    }
    return m;
}

}  // namespace precentral
