// SPDX-License-Identifier: Apache-2.0
#include "imaging/image_doubts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include "imaging/orientation.h"

namespace precentral {
namespace {

constexpr double kSmallestHeadMm = 120.0;  // ear to ear of a small adult head, less a little
constexpr double kLargestImageMm = 600.0;  // of a scanner's field of view
constexpr std::size_t kEnoughVoxels = 100000;
constexpr std::size_t kMostLabels = 40;
constexpr double kLargestBrainMl = 2200.0;  // with its fluid; a head to the chin has 3000 to 5000
constexpr double kSmallestBrainMl = 600.0;
constexpr double kCutAreaCm2 = 25.0;  // of head on an outer face of the box: more than an ear
constexpr int kBins = 256;

std::string whole(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.0f", value);
    return text.data();
}

struct Counts {
    float lowest = 0.0F;
    float highest = 0.0F;
    std::size_t zeros = 0;
    std::size_t air_of_ct = 0;  // -1100 … -900, or a scanner's padding below
    bool whole_numbers = true;
    bool few_values = true;
    std::size_t repeated = 0;               // not zero, and the same as the sample before
    std::array<std::size_t, kBins> bins{};  // from the lowest to the highest value
};

Counts count(const std::vector<float>& samples) {
    Counts out;
    const auto [lowest, highest] = std::minmax_element(samples.begin(), samples.end());
    out.lowest = *lowest;
    out.highest = *highest;
    const float per_value = static_cast<float>(kBins - 1) / std::max(out.highest - out.lowest, 1e-30F);
    std::set<float> labels;
    float last = out.lowest;
    for (const float sample : samples) {
        out.zeros += sample == 0.0F ? 1U : 0U;
        out.air_of_ct += sample <= -900.0F && sample >= -3100.0F ? 1U : 0U;
        ++out.bins[static_cast<std::size_t>(std::clamp((sample - out.lowest) * per_value, 0.0F, kBins - 1.0F))];
        out.repeated += sample != 0.0F && sample == last ? 1U : 0U;
        if (out.few_values && (sample != last || labels.empty())) {
            labels.insert(sample);
            out.few_values = labels.size() <= kMostLabels;
        }
        out.whole_numbers = out.whole_numbers && sample == std::floor(sample);
        last = sample;
    }
    return out;
}

// Half of the value that best parts dark from bright (Otsu, IEEE Trans SMC 9:62, 1979, doi:10.1109/TSMC.1979.4310076):
// above it is head, also where the coil sees it weakly.
float head_threshold(const Counts& counts) {
    double total = 0.0;
    double sum = 0.0;
    for (int b = 0; b < kBins; ++b) {
        total += static_cast<double>(counts.bins[static_cast<std::size_t>(b)]);
        sum += b * static_cast<double>(counts.bins[static_cast<std::size_t>(b)]);
    }
    double below = 0.0;
    double sum_below = 0.0;
    double best = -1.0;
    int at = 0;
    for (int b = 0; b + 1 < kBins; ++b) {
        below += static_cast<double>(counts.bins[static_cast<std::size_t>(b)]);
        sum_below += b * static_cast<double>(counts.bins[static_cast<std::size_t>(b)]);
        if (below == 0.0 || below == total) continue;
        const double apart = sum_below / below - (sum - sum_below) / (total - below);
        const double between = below * (total - below) * apart * apart;
        if (between > best) {
            best = between;
            at = b;
        }
    }
    return counts.lowest + 0.5F * static_cast<float>(at + 1) * (counts.highest - counts.lowest) / (kBins - 1);
}

// The area of what is brighter than the threshold in one plane of the box.
double bright_area_cm2(const Volume& volume, int axis, int index, float threshold) {
    const Eigen::Vector3d spacing = volume.spacing_mm();
    const int a = (axis + 1) % 3;
    const int b = (axis + 2) % 3;
    std::size_t bright = 0;
    std::array<int, 3> voxel{};
    voxel[static_cast<std::size_t>(axis)] = index;
    for (int v = 0; v < volume.dims[static_cast<std::size_t>(b)]; ++v) {
        for (int u = 0; u < volume.dims[static_cast<std::size_t>(a)]; ++u) {
            voxel[static_cast<std::size_t>(a)] = u;
            voxel[static_cast<std::size_t>(b)] = v;
            bright += volume.at(voxel[0], voxel[1], voxel[2]) > threshold ? 1U : 0U;
        }
    }
    return static_cast<double>(bright) * spacing[a] * spacing[b] / 100.0;
}

const char* face_name(char letter) {
    switch (letter) {
        case 'R': return "on the right";
        case 'L': return "on the left";
        case 'A': return "at the front";
        case 'P': return "at the back";
        case 'S': return "at the top";
        default: return "";  // below, every head is cut
    }
}

char opposite(char letter) {
    const std::string pairs = "RLAPSI";
    return pairs[pairs.find(letter) ^ 1U];
}

void doubt_size(const Volume& volume, std::vector<std::string>& out) {
    const Eigen::Vector3d spacing = volume.spacing_mm();
    Eigen::Vector3d size;
    for (Eigen::Index i = 0; i < 3; ++i) size[i] = spacing[i] * volume.dims[static_cast<std::size_t>(i)];
    const std::string all = whole(size[0]) + " × " + whole(size[1]) + " × " + whole(size[2]) + " mm";
    if (size.maxCoeff() > kLargestImageMm) {
        out.push_back("The image spans " + all + ", which is no head: check its voxel size and its unit of length.");
    } else if (size.minCoeff() < kSmallestHeadMm) {
        out.push_back("The image covers only " + all + ", less than a whole head: scalp will be missing.");
    }
}

void doubt_cut(const Volume& volume, const Counts& counts, std::vector<std::string>& out) {
    const float threshold = head_threshold(counts);
    const std::string letters = orientation_letters(volume.scan_from_voxel);
    std::string where;
    for (int axis = 0; axis < 3; ++axis) {
        const int last = volume.dims[static_cast<std::size_t>(axis)] - 1;
        const char towards = letters[static_cast<std::size_t>(axis)];
        for (const bool high : {false, true}) {
            const char* name = face_name(high ? towards : opposite(towards));
            if (*name == '\0' || last < 4) continue;
            // The second plane: the outermost is often blank.
            const double area = bright_area_cm2(volume, axis, high ? last - 1 : 1, threshold);
            if (area < kCutAreaCm2) continue;
            where += (where.empty() ? "" : ", ") + std::string(name) + " (" + whole(area) + " cm²)";
        }
    }
    if (!where.empty()) {
        out.push_back("The head touches the edge of the image " + where +
                      ": the scalp there is cut off, so do not touch it for registration.");
    }
}

}  // namespace

std::vector<std::string> image_doubts(const Volume& volume) {
    std::vector<std::string> out;
    doubt_size(volume, out);
    const std::size_t voxels = volume.count();
    if (voxels < kEnoughVoxels) return out;
    const Counts counts = count(*volume.samples);
    const bool in_pieces = 2 * counts.repeated > voxels - counts.zeros;
    if (counts.whole_numbers && (counts.few_values || in_pieces)) {
        out.emplace_back(
            "The image holds large pieces of one whole number each, like a mask or a map of labels; give the T1 "
            "itself.");
        return out;
    }
    if (counts.air_of_ct * 10 > voxels) {
        out.emplace_back("Its values begin near -1000 as in a CT: scalp and brain are found on a T1 only.");
        return out;
    }
    const double voxel_ml = volume.spacing_mm().prod() / 1000.0;
    const double filled_ml = static_cast<double>(voxels - counts.zeros) * voxel_ml;
    if (2 * counts.zeros > voxels && filled_ml < kLargestBrainMl && filled_ml > kSmallestBrainMl) {
        out.push_back("All is zero but for " + whole(filled_ml) +
                      " ml, about a brain: the image looks skull-stripped, without the scalp that navigation needs.");
        return out;
    }
    doubt_cut(volume, counts, out);
    return out;
}

}  // namespace precentral
