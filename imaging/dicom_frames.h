// SPDX-License-Identifier: Apache-2.0
// What a DICOM file says of each of its frames: where it lies, how its numbers are scaled, what tells it from others.
//
// Classic files say it once; enhanced multi-frame files in functional groups, for all frames and for each (PS3.3,
// C.7.6.16). Patient identity is looked at here, to keep it out of descriptions, and goes no further.
#pragma once

#include <Eigen/Core>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "imaging/dicom_parse.h"

namespace precentral {

// What may differ between images of the same place, in the order in which it is asked.
enum class FrameTrait { component, inversion, echo, diffusion, temporal, trigger, acquisition };
inline constexpr std::array<const char*, 7> kFrameTraitNames = {"kinds of image (magnitude, phase)",
                                                                "inversion times",
                                                                "echo times",
                                                                "diffusion weightings",
                                                                "times",
                                                                "trigger times",
                                                                "acquisitions"};

// Positions and axes as DICOM states them; imaging/orientation.h turns them into scan space.
struct DicomFrame {
    int index = 0;  // within the file
    bool placed = false;
    Eigen::Vector3d position_mm = Eigen::Vector3d::Zero();  // centre of the first pixel
    Eigen::Vector3d column_step = Eigen::Vector3d::Zero();  // unit: from a column to the next (i)
    Eigen::Vector3d row_step = Eigen::Vector3d::Zero();     // unit: from a row to the next (j)
    Eigen::Vector2d spacing_mm = Eigen::Vector2d::Zero();   // of i, of j
    double slope = 1.0;                                     // value = slope · stored + intercept
    double intercept = 0.0;
    std::array<double, kFrameTraitNames.size()> traits{};  // by FrameTrait; 0 when not said
};

struct DicomPixelFormat {
    int samples = 1;
    int bits_allocated = 16;
    int bits_stored = 16;
    int high_bit = 15;
    bool is_signed = false;
};

struct DicomFile {
    std::filesystem::path path;
    std::string sop_class;
    std::string sop_instance;
    std::string series;
    std::int64_t series_number = -1;  // -1: not said
    std::string description;          // of the series, else of the protocol; "" when it might name the patient
    std::string modality;
    std::string image_type;
    std::string transfer_syntax;
    std::int64_t instance_number = 0;
    int columns = 0;
    int rows = 0;
    DicomPixelFormat format;
    bool has_pixels = false;
    bool three_dimensional = false;
    bool lossy = false;
    bool contrast_agent = false;
    double echo_ms = 0.0;  // 0: not said
    double repetition_ms = 0.0;
    double inversion_ms = 0.0;
    std::vector<DicomFrame> frames;
};

// Throws InputError naming the file when what it says of itself is impossible.
DicomFile describe_dicom(const DicomContents& contents, const std::filesystem::path& path);

}  // namespace precentral
