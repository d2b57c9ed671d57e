// SPDX-License-Identifier: Apache-2.0
// A recorded tracker as a device: the frames of a sequence metafile, at the pace at which they were taken.
#pragma once

#include <memory>
#include <string>

#include "navigation/tracker.h"

namespace precentral {

struct ReplayOptions {
    double pace = 1.0;  // 2 = twice as fast; 0 = as fast as the listener takes them
};

// Reads the whole file, then starts a thread that tells `connected`, every frame, and `lost` with "… is over." at the
// end. device_time_s is the file's own; a frame without a time comes 1/60 s after the one before. A tool that a frame
// does not show is hidden, out of volume or missing as the file says. Throws InputError as read_pose_sequence does, and
// for a pace that is no number from 0 to 1000.
std::unique_ptr<Device> replay_tracker(const std::string& path, const ToolNames& names, DeviceListener& listener,
                                       const ReplayOptions& options = {});

}  // namespace precentral
