// SPDX-License-Identifier: Apache-2.0
// Targets and pulses as navigators exchange them, in one form: RAS mm, our coil axes, what is not known left empty.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"

namespace precentral {

// The space that a file names, known only when it is read: MarkerSet::space says which. Axes are RAS, mm.
struct MarkerSpace {};

enum class SpaceKind {
    scan,          // the patient's MRI
    mni,           // MNI152 template space
    head,          // nasion and ears of a head without an MRI; axes as the file has them
    image_corner,  // the image's own axes, from the centre of a corner voxel
    unknown,
};
const char* to_words(SpaceKind kind);

struct MarkerTarget {
    std::string name;
    std::optional<Transform<MarkerSpace, Coil>> pose;
    std::optional<Point<MarkerSpace>> point;  // when only a place is known, not a coil's pose
    std::optional<Point<MarkerSpace>> entry;  // on the scalp, for a target given as a line
};

// A pulse, or a coil pose that was sampled. Without pose and point it was not tracked.
struct MarkerPulse {
    std::string name;
    std::optional<Transform<MarkerSpace, Coil>> pose;
    std::optional<Point<MarkerSpace>> point;
    std::string time;                      // ISO 8601 with ms; ends in Z when the file's clock is UTC, "" = not known
    std::optional<double> since_start_ms;  // of the recording
    std::optional<double> intensity_mso;   // % of maximum stimulator output
    std::optional<double> di_dt_a_per_us;  // at the coil
    std::optional<double> mep_uv;          // peak to peak
    std::optional<double> mep_latency_ms;
    std::string target;  // the name of the one it was aimed at
    bool is_tracked() const { return pose || point; }
};

struct MarkerLandmark {
    std::string name;
    Point<MarkerSpace> point;
};

struct MarkerSet {
    std::string format;             // "brainsight", "localite", …
    std::string version;            // as the file says; "" when it does not
    std::string coordinate_system;  // as the file names it
    SpaceKind space = SpaceKind::unknown;
    std::vector<MarkerTarget> targets;
    std::vector<MarkerPulse> pulses;
    std::vector<MarkerLandmark> landmarks;
    int ignored = 0;                    // entries that are neither; `warnings` says what they were
    std::vector<std::string> warnings;  // sentences
    int untracked() const;
};

}  // namespace precentral
