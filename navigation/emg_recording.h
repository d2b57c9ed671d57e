// SPDX-License-Identifier: Apache-2.0
// A continuous EMG recording with its markers, as BrainVision, EDF and BDF files hold it.
#pragma once

#include <string>
#include <vector>

namespace precentral {

struct EmgChannel {
    std::string name;
    double sample_rate_hz = 0.0;
    std::vector<float> microvolts;
};

struct EmgMarker {
    double seconds = 0.0;  // since the first sample
    std::string text;
};

struct EmgRecording {
    std::vector<EmgChannel> channels;
    std::vector<EmgMarker> markers;
};

// `path` is the .vhdr; data and markers are looked for beside it. Throws InputError naming the file.
EmgRecording read_brainvision(const std::string& path);

// EDF, EDF+C and BDF. Markers: the annotations, the Status channel, or a channel whose name holds "trig".
// Throws InputError naming the file.
EmgRecording read_edf(const std::string& path);

}  // namespace precentral
