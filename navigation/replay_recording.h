// SPDX-License-Identifier: Apache-2.0
// Writes what a tracker sends to a sequence metafile (.igs.mha) that replay_tracker and PLUS read back.
#pragma once

#include <fstream>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "navigation/tracker.h"

namespace precentral {

// One thread, or under the caller's lock. A file that was not finished still reads, but tells no number of frames.
class PoseRecording {
public:
    // Throws Error naming the file when it cannot be made.
    explicit PoseRecording(const std::string& path);
    ~PoseRecording();
    PoseRecording(const PoseRecording&) = delete;
    PoseRecording& operator=(const PoseRecording&) = delete;

    // As DeviceListener::on_tools tells it; tools of the same device time become one frame. A few microseconds.
    void add(SteadyTime received, double device_time_s, std::span<const NamedTool> tools);
    // Writes what is left. Throws Error naming the file when the disk did not take all of it.
    void finish();

private:
    void write_frame();

    std::string path_;
    std::ofstream out_;
    std::streampos count_at_{};
    std::uint64_t frames_ = 0;
    SteadyTime first_{};
    SteadyTime received_{};
    double device_time_s_ = std::numeric_limits<double>::quiet_NaN();
    std::vector<NamedTool> tools_;
    std::string text_;
    bool finished_ = false;
};

}  // namespace precentral
