// SPDX-License-Identifier: Apache-2.0
// The frames of one DICOM series put in order: by where they lie, never by number or name.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "imaging/dicom_frames.h"
#include "imaging/orientation.h"

namespace precentral {

struct FrameOfFile {
    const DicomFile* file = nullptr;
    const DicomFrame* frame = nullptr;
};

struct DicomStack {
    std::vector<FrameOfFile> frames;  // ascending along the normal of the slices
    std::array<int, 3> dims{};
    ItkGrid grid;  // the step from slice to slice is that of the positions, so a tilted gantry comes out sheared
    std::vector<std::string> warnings;
    std::string refusal;  // "" or one sentence without the file's name: why these frames are no volume
};

// Takes the largest set of frames with one orientation, size and spacing; where several lie at one place (echoes,
// times, magnitude and phase), those of the first. Slices that are missing or unevenly spaced are a refusal that says
// after which.
DicomStack stack_frames(const std::vector<FrameOfFile>& frames);

}  // namespace precentral
