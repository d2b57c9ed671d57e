// SPDX-License-Identifier: Apache-2.0
// Images in: NIfTI-1/2 and ANALYZE, MGH/MGZ, NRRD, MetaImage, a DICOM file or a folder of DICOM files. NIfTI out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imaging/volume.h"

namespace precentral {

struct ImageInfo {
    std::array<int, 3> dims{};
    Eigen::Vector3d spacing_mm = Eigen::Vector3d::Zero();
    AffineMap<Scan, Voxel> ras_from_voxel;
    std::string affine_source;  // "sform", "qform", "DICOM", "header"
    std::string orientation;    // "RAS", "LIA", …: where the voxel axes mostly point
    std::string format;         // "NIfTI-1", "MGZ", "DICOM", …
    std::string left_is;        // "at the low end of the first axis (i)": where the patient's left is
    bool mirrored = false;      // the order of the voxels mirrors the patient ("radiological", a negative determinant)
    std::vector<std::string> warnings;
};

struct LoadedImage {
    Volume volume;
    ImageInfo info;
};

// Reads the whole image. Throws InputError, in one sentence that names the file, when it is missing, broken, cut short,
// not a volume (2D, colour), has values that are not numbers, or the same value everywhere. Of a 4D file the first
// volume is taken, of a DICOM folder the series most like a whole-head T1; both with a warning. Safe on any thread.
LoadedImage load_image(const std::filesystem::path& path);
Volume read_volume(const std::filesystem::path& path);
ImageInfo image_info(const std::filesystem::path& path);

// 32-bit float NIfTI-1, compressed when the name ends in .gz; written beside and renamed, so a reader never sees half a
// file. Throws Error naming the file when it cannot be written, InputError when the name does not end in .nii or
// .nii.gz.
void write_nifti(const Volume& volume, const std::filesystem::path& path);

}  // namespace precentral
