// SPDX-License-Identifier: Apache-2.0
#include "imaging/atlas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

#include "data/error.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Eigen::Vector3i;

// FSL's list for values 1 to 48; the package has the volume without its names.
constexpr std::array<const char*, 48> kHarvardOxford = {"Frontal Pole",
                                                        "Insular Cortex",
                                                        "Superior Frontal Gyrus",
                                                        "Middle Frontal Gyrus",
                                                        "Inferior Frontal Gyrus, pars triangularis",
                                                        "Inferior Frontal Gyrus, pars opercularis",
                                                        "Precentral Gyrus",
                                                        "Temporal Pole",
                                                        "Superior Temporal Gyrus, anterior division",
                                                        "Superior Temporal Gyrus, posterior division",
                                                        "Middle Temporal Gyrus, anterior division",
                                                        "Middle Temporal Gyrus, posterior division",
                                                        "Middle Temporal Gyrus, temporooccipital part",
                                                        "Inferior Temporal Gyrus, anterior division",
                                                        "Inferior Temporal Gyrus, posterior division",
                                                        "Inferior Temporal Gyrus, temporooccipital part",
                                                        "Postcentral Gyrus",
                                                        "Superior Parietal Lobule",
                                                        "Supramarginal Gyrus, anterior division",
                                                        "Supramarginal Gyrus, posterior division",
                                                        "Angular Gyrus",
                                                        "Lateral Occipital Cortex, superior division",
                                                        "Lateral Occipital Cortex, inferior division",
                                                        "Intracalcarine Cortex",
                                                        "Frontal Medial Cortex",
                                                        "Juxtapositional Lobule Cortex",
                                                        "Subcallosal Cortex",
                                                        "Paracingulate Gyrus",
                                                        "Cingulate Gyrus, anterior division",
                                                        "Cingulate Gyrus, posterior division",
                                                        "Precuneous Cortex",
                                                        "Cuneal Cortex",
                                                        "Frontal Orbital Cortex",
                                                        "Parahippocampal Gyrus, anterior division",
                                                        "Parahippocampal Gyrus, posterior division",
                                                        "Lingual Gyrus",
                                                        "Temporal Fusiform Cortex, anterior division",
                                                        "Temporal Fusiform Cortex, posterior division",
                                                        "Temporal Occipital Fusiform Cortex",
                                                        "Occipital Fusiform Gyrus",
                                                        "Frontal Operculum Cortex",
                                                        "Central Opercular Cortex",
                                                        "Parietal Operculum Cortex",
                                                        "Planum Polare",
                                                        "Heschl's Gyrus",
                                                        "Planum Temporale",
                                                        "Supracalcarine Cortex",
                                                        "Occipital Pole"};

constexpr int kMostLabels = 255;
constexpr int kLastBrodmannArea = 52;

std::filesystem::path present(const std::filesystem::path& folder, const char* name) {
    const auto file = folder / name;
    if (!std::filesystem::exists(file)) {
        throw InputError("The atlas " + file.string() + " is not there: install the package mricron-data.");
    }
    return file;
}

// Lines of "number name …".
std::vector<std::string> names_in(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<std::string> out(1);
    std::string line;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        int value = 0;
        std::string name;
        if (!(words >> value >> name) || value < 1 || value > kMostLabels) continue;
        if (out.size() <= static_cast<std::size_t>(value)) out.resize(static_cast<std::size_t>(value) + 1);
        out[static_cast<std::size_t>(value)] = name;
    }
    if (out.size() < 2) throw InputError("The names of the atlas in " + file.string() + " cannot be read.");
    return out;
}

}  // namespace

Atlas::Atlas(std::string name, const Volume& labels, std::vector<std::string> names, bool add_side)
    : name_(std::move(name)),
      dims_(labels.dims),
      mni_from_voxel_(labels.scan_from_voxel.affine()),
      voxel_from_mni_(labels.scan_from_voxel.affine().inverse()),
      names_(std::move(names)),
      add_side_(add_side) {
    values_.reserve(labels.count());
    bool any = false;
    for (const float sample : *labels.samples) {
        const long value = std::lround(sample);
        const bool named = value > 0 && value <= kMostLabels && static_cast<std::size_t>(value) < names_.size() &&
                           !names_[static_cast<std::size_t>(value)].empty();
        values_.push_back(named ? static_cast<unsigned char>(value) : 0);
        any = any || named;
    }
    if (!any) throw InputError("No voxel of the atlas " + name_ + " carries a name.");
}

std::optional<AtlasLabel> Atlas::label_at(const Point<Mni>& p, double reach_mm) const {
    if (!p.xyz.allFinite()) return std::nullopt;
    const Vector3d voxel = (voxel_from_mni_ * p).xyz;
    const auto value_at = [&](const Vector3i& v) {
        for (int a = 0; a < 3; ++a) {
            if (v[a] < 0 || v[a] >= dims_[static_cast<std::size_t>(a)]) return 0;
        }
        return static_cast<int>(values_[static_cast<std::size_t>(v[0]) +
                                        static_cast<std::size_t>(dims_[0]) *
                                            (static_cast<std::size_t>(v[1]) +
                                             static_cast<std::size_t>(dims_[1]) * static_cast<std::size_t>(v[2]))]);
    };
    // Far outside the atlas nothing is near; this also keeps the rounding below in range.
    for (int a = 0; a < 3; ++a) {
        if (std::abs(voxel[a]) > 1e6) return std::nullopt;
    }
    const Vector3i centre = voxel.array().round().cast<int>();
    AtlasLabel best;
    best.value = value_at(centre);
    Vector3i where = centre;
    if (best.value == 0) {
        // A sphere may reach this many voxels along each voxel axis (rows of the inverse map).
        Vector3i reach;
        for (int a = 0; a < 3; ++a) {
            reach[a] = static_cast<int>(std::ceil(reach_mm * voxel_from_mni_.affine().linear().row(a).norm())) + 1;
        }
        double nearest = reach_mm;
        const Vector3i low = (centre - reach).cwiseMax(Vector3i::Zero());
        const Vector3i high = (centre + reach).cwiseMin(Vector3i(dims_[0] - 1, dims_[1] - 1, dims_[2] - 1));
        for (int k = low[2]; k <= high[2]; ++k) {
            for (int j = low[1]; j <= high[1]; ++j) {
                for (int i = low[0]; i <= high[0]; ++i) {
                    const Vector3i v(i, j, k);
                    const int value = value_at(v);
                    if (value == 0) continue;
                    const double away = distance_mm(mni_from_voxel_ * Point<Voxel>{v.cast<double>()}, p);
                    if (away > nearest || (away == nearest && best.value != 0)) continue;
                    nearest = away;
                    best.value = value;
                    where = v;
                }
            }
        }
        if (best.value == 0) return std::nullopt;
        best.distance_mm = nearest;
    }
    best.name = names_[static_cast<std::size_t>(best.value)];
    if (add_side_) {
        const double x = (mni_from_voxel_ * Point<Voxel>{where.cast<double>()}).xyz.x();
        best.name += x < 0.0 ? ", left" : ", right";
    }
    return best;
}

std::vector<Atlas> load_atlases(const std::filesystem::path& folder) {
    std::vector<Atlas> out;
    out.emplace_back("AAL", read_volume(present(folder, "aal.nii.gz")), names_in(present(folder, "aal.nii.txt")),
                     false);
    std::vector<std::string> areas(1);
    for (int area = 1; area <= kLastBrodmannArea; ++area) areas.push_back("Brodmann " + std::to_string(area));
    out.emplace_back("Brodmann", read_volume(present(folder, "brodmann.nii.gz")), std::move(areas), true);
    std::vector<std::string> cortex(1);
    cortex.insert(cortex.end(), kHarvardOxford.begin(), kHarvardOxford.end());
    out.emplace_back("Harvard-Oxford", read_volume(present(folder, "HarvardOxford-cort-maxprob-thr0-1mm.nii.gz")),
                     std::move(cortex), true);
    return out;
}

}  // namespace precentral
