// SPDX-License-Identifier: Apache-2.0
// The series of a folder of DICOM files, the one most likely the whole-head T1 first.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "imaging/dicom_stack.h"

namespace precentral {

struct DicomSeries {
    std::vector<std::shared_ptr<const DicomFile>> files;
    DicomStack stack;
    double likeness = 0.0;  // to a whole-head 3D T1; only their order means something
    std::string name;       // "T1 MPRAGE" (number 5), for messages; nothing of the patient in it
};

struct DicomFolder {
    std::vector<DicomSeries> series;  // best first
    int unreadable = 0;               // files that are DICOM but broken
    int copies = 0;                   // files that repeat another one
    int without_image = 0;            // reports, presentation states, raw data, …
};

// Below `folder`, sub-folders included, or the given files only. Throws InputError when the folder cannot be read.
DicomFolder find_series(const std::filesystem::path& folder);
DicomFolder find_series(const std::vector<std::filesystem::path>& files);

// Doubts about one series that its header alone raises: another modality, a localizer, a secondary capture, lossy
// compression, few slices, a T2 by its name or timing.
std::vector<std::string> header_doubts(const DicomSeries& series);

}  // namespace precentral
