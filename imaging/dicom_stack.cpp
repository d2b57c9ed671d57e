// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_stack.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr double kSamePlaceMm = 0.01;      // files round positions to 1e-3 mm or so
constexpr double kSameAxis = 1e-3;         // between unit vectors
constexpr double kUnevenShare = 0.05;      // of the usual step: more is no longer one grid
constexpr double kUnevenWarningMm = 0.02;  // more is said
constexpr double kOffLineMm = 0.5;         // a slice beside the line of the others
constexpr double kTiltSine = 2e-3;         // 0.1 degrees
constexpr std::size_t kFewestSlices = 4;

std::string with_digits(double value, int digits) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

bool same_grid(const FrameOfFile& a, const FrameOfFile& b) {
    return a.file->rows == b.file->rows && a.file->columns == b.file->columns &&
           (a.frame->column_step - b.frame->column_step).norm() < kSameAxis &&
           (a.frame->row_step - b.frame->row_step).norm() < kSameAxis &&
           (a.frame->spacing_mm - b.frame->spacing_mm).norm() < kSameAxis * a.frame->spacing_mm.norm();
}

struct PlacedFrame {
    FrameOfFile of;
    double along_mm = 0.0;  // along the normal
    int place = 0;          // frames of one place share it
};

void number_places(std::vector<PlacedFrame>& frames) {
    std::stable_sort(frames.begin(), frames.end(),
                     [](const PlacedFrame& a, const PlacedFrame& b) { return a.along_mm < b.along_mm; });
    for (std::size_t i = 1; i < frames.size(); ++i) {
        const bool same = frames[i].along_mm - frames[i - 1].along_mm < kSamePlaceMm;
        frames[i].place = frames[i - 1].place + (same ? 0 : 1);
    }
}

bool several_at_one_place(const std::vector<PlacedFrame>& frames) {
    return !frames.empty() && static_cast<std::size_t>(frames.back().place) + 1 < frames.size();
}

// Leaves one image of each place: splits by the first trait that tells frames of one place apart, and so on; by the
// order of acquisition when none does.
void keep_one_image(std::vector<PlacedFrame>& frames, std::vector<std::string>& warnings) {
    for (std::size_t trait = 0; trait < kFrameTraitNames.size() && several_at_one_place(frames); ++trait) {
        const auto value = [trait](const PlacedFrame& f) { return f.of.frame->traits[trait]; };
        bool tells_apart = false;
        for (std::size_t i = 1; i < frames.size(); ++i) {
            tells_apart =
                tells_apart || (frames[i].place == frames[i - 1].place && value(frames[i]) != value(frames[i - 1]));
        }
        if (!tells_apart) continue;
        std::map<double, std::vector<PlacedFrame>> images;
        for (const PlacedFrame& frame : frames) images[value(frame)].push_back(frame);
        std::vector<PlacedFrame> best;
        std::size_t most_places = 0;
        double chosen = 0.0;
        for (auto& [key, image] : images) {
            for (PlacedFrame& frame : image) frame.place = 0;
            number_places(image);
            const auto places = static_cast<std::size_t>(image.back().place) + 1;
            if (places <= most_places) continue;
            most_places = places;
            best = image;
            chosen = key;
        }
        std::string which = static_cast<FrameTrait>(trait) == FrameTrait::component
                                ? std::string(chosen < 2 ? "the magnitude image" : "the first of them")
                                : "the one with " + with_digits(chosen, 4);
        if (which.find('.') != std::string::npos) {
            which.erase(which.find_last_not_of('0') + 1);
            if (which.back() == '.') which.pop_back();
        }
        warnings.push_back("The series holds " + std::to_string(images.size()) +
                           " images of the same place (different " + kFrameTraitNames[trait] + "); " + which +
                           " is used.");
        frames = std::move(best);
    }
    if (!several_at_one_place(frames)) return;
    std::stable_sort(frames.begin(), frames.end(), [](const PlacedFrame& a, const PlacedFrame& b) {
        if (a.place != b.place) return a.place < b.place;
        return a.of.file->instance_number < b.of.file->instance_number;
    });
    const std::size_t before = frames.size();
    frames.erase(std::unique(frames.begin(), frames.end(),
                             [](const PlacedFrame& a, const PlacedFrame& b) { return a.place == b.place; }),
                 frames.end());
    warnings.push_back(
        std::to_string(before - frames.size()) +
        " slices lie where another one lies, and the files do not say how they differ; the first of each "
        "place is used.");
}

std::string number_of(const PlacedFrame& frame) {
    return frame.of.file->frames.size() > 1 ? "frame " + std::to_string(frame.of.frame->index + 1)
                                            : "instance " + std::to_string(frame.of.file->instance_number);
}

// "" or what is wrong with the steps from slice to slice.
std::string uneven_steps(const std::vector<PlacedFrame>& frames) {
    std::vector<double> steps;
    for (std::size_t i = 1; i < frames.size(); ++i) steps.push_back(frames[i].along_mm - frames[i - 1].along_mm);
    std::vector<double> sorted = steps;
    std::sort(sorted.begin(), sorted.end());
    const double usual = sorted[sorted.size() / 2];
    int missing = 0;
    int gaps = 0;
    std::string where;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const double ratio = steps[i] / usual;
        if (std::abs(ratio - 1.0) <= kUnevenShare) continue;
        const std::string between = number_of(frames[i]) + " and " + number_of(frames[i + 1]) + " (step " +
                                    with_digits(steps[i], 2) + " mm, usually " + with_digits(usual, 2) + " mm)";
        if (ratio < 1.5 || std::abs(ratio - std::round(ratio)) > kUnevenShare * ratio) {
            return "The slices are unevenly spaced: see " + between + "; export the series again, or scan in 3D.";
        }
        missing += static_cast<int>(std::min(std::round(ratio), 1e6)) - 1;
        if (gaps++ == 0) where = between;
    }
    if (missing == 0) return "";
    return std::to_string(missing) + (missing == 1 ? " slice is" : " slices are") + " missing between " + where +
           (gaps > 1 ? ", and at " + std::to_string(gaps - 1) + " more places" : "") + "; export the series again.";
}

}  // namespace

DicomStack stack_frames(const std::vector<FrameOfFile>& all) {
    DicomStack out;
    std::vector<std::vector<FrameOfFile>> grids;
    for (const FrameOfFile& frame : all) {
        if (!frame.frame->placed) continue;
        const auto found =
            std::find_if(grids.begin(), grids.end(), [&](const auto& grid) { return same_grid(grid.front(), frame); });
        if (found == grids.end()) {
            if (grids.size() > 1000) continue;
            grids.push_back({frame});
        } else {
            found->push_back(frame);
        }
    }
    if (grids.empty()) {
        out.refusal = all.size() == 1 ? "It does not say where its slice lies in the patient."
                                      : "It does not say where its " + std::to_string(all.size()) +
                                            " slices lie in the patient (no position, orientation or pixel spacing).";
        return out;
    }
    const auto largest =
        std::max_element(grids.begin(), grids.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (largest->size() < all.size()) {
        out.warnings.push_back(std::to_string(all.size() - largest->size()) + " of its " + std::to_string(all.size()) +
                               " slices have another orientation, size or spacing, or no place, and are left out.");
    }
    const FrameOfFile& first = largest->front();
    const Vector3d normal = first.frame->column_step.cross(first.frame->row_step).normalized();
    std::vector<PlacedFrame> frames;
    for (const FrameOfFile& frame : *largest) frames.push_back({frame, normal.dot(frame.frame->position_mm), 0});
    number_places(frames);
    keep_one_image(frames, out.warnings);
    if (frames.size() < kFewestSlices) {
        out.refusal = "It holds " + std::to_string(frames.size()) + (frames.size() == 1 ? " slice" : " slices") +
                      " of one orientation, which is no volume; give the whole 3D T1.";
        return out;
    }
    out.refusal = uneven_steps(frames);
    if (!out.refusal.empty()) return out;

    const Vector3d origin = frames.front().of.frame->position_mm;
    const Vector3d step = (frames.back().of.frame->position_mm - origin) / static_cast<double>(frames.size() - 1);
    double furthest = 0.0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const Vector3d expected = origin + static_cast<double>(i) * step;
        furthest = std::max(furthest, (frames[i].of.frame->position_mm - expected).norm());
        out.frames.push_back(frames[i].of);
    }
    if (furthest > kOffLineMm) {
        out.refusal = "Its slices do not lie on one line (one is " + with_digits(furthest, 1) +
                      " mm beside it); export the series again.";
        return out;
    }
    if (furthest > kUnevenWarningMm) {
        out.warnings.push_back("The slices are a little unevenly spaced (up to " + with_digits(furthest, 2) +
                               " mm from even); they are taken as even.");
    }
    const double slant = step.normalized().cross(normal).norm();
    if (slant > kTiltSine) {
        out.warnings.push_back("The slices are stacked at a slant of " +
                               with_digits(std::asin(std::min(1.0, slant)) * 180.0 / 3.14159265358979323846, 1) +
                               " degrees (tilted gantry); the affine keeps the slant.");
    }
    out.dims = {first.file->columns, first.file->rows, static_cast<int>(frames.size())};
    out.grid.origin = origin;
    out.grid.spacing = {first.frame->spacing_mm[0], first.frame->spacing_mm[1], step.norm()};
    out.grid.direction.col(0) = first.frame->column_step;
    out.grid.direction.col(1) = first.frame->row_step;
    out.grid.direction.col(2) = step.normalized();
    return out;
}

}  // namespace precentral
