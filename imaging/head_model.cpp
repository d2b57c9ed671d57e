// SPDX-License-Identifier: Apache-2.0
#include "imaging/head_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "data/time.h"
#include "imaging/brain.h"
#include "imaging/content_hash.h"
#include "imaging/head_cache.h"
#include "imaging/landmarks.h"
#include "imaging/parallel.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

// Scalp and skull over the upper half of a brain are 10 to 20 mm thick; under this there is no scalp in the image.
constexpr double kThinnestScalpMm = 6.0;
constexpr double kBrainOverlapTrusted = 0.92;
constexpr double kCoarseMm = 1.5;
constexpr double kEdgeMm = 2.5;  // a place nearer than this to the edge of the image may be of the cut, not of the head
constexpr double kTurnedDeg = 5.0;

// Measures stages, and maps the progress of one onto its share of the whole.
class Stages {
public:
    Stages(const Progress& progress, std::vector<StageSeconds>& seconds) : progress_(progress), seconds_(seconds) {}

    Progress next(const std::string& stage, double from, double to) {
        end();
        stage_ = stage;
        began_ = steady_now();
        Progress part;
        part.stop = progress_.stop;
        part.report = [this, from, to](double fraction, std::string_view doing) {
            if (progress_.report) progress_.report(from + fraction * (to - from), doing);
        };
        return part;
    }
    void end() {
        if (!stage_.empty()) seconds_.push_back({stage_, seconds_between(began_, steady_now())});
        stage_.clear();
    }

private:
    const Progress& progress_;
    std::vector<StageSeconds>& seconds_;
    std::string stage_;
    SteadyTime began_;
};

// The usual distance from the upper half of the brain to the scalp.
double usual_scalp_distance_mm(const Surface& brain, const SurfaceIndex& scalp) {
    double low = brain.vertices.front().xyz[2];
    double high = low;
    for (const auto& vertex : brain.vertices) {
        low = std::min(low, vertex.xyz[2]);
        high = std::max(high, vertex.xyz[2]);
    }
    std::vector<double> distances;
    for (std::size_t i = 0; i < brain.vertices.size(); i += 23) {
        const auto& vertex = brain.vertices[i];
        if (vertex.xyz[2] > 0.5 * (low + high)) distances.push_back(std::abs(scalp.closest(vertex).distance_mm));
    }
    if (distances.empty()) return 0.0;
    const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
    std::nth_element(distances.begin(), middle, distances.end());
    return *middle;
}

// What the operator should know of the proposals before using them.
void warn_of_proposals(HeadModel& head) {
    const Eigen::Vector3d last = Eigen::Vector3d(head.t1.dims[0], head.t1.dims[1], head.t1.dims[2]).array() - 1.0;
    const Eigen::Vector3d edge_voxels = kEdgeMm * head.t1.spacing_mm().cwiseInverse();
    for (const Landmark& fiducial : head.fiducials) {
        const Eigen::Vector3d voxel = (head.t1.scan_from_voxel.inverse() * fiducial.point).xyz;
        if ((voxel.array() >= edge_voxels.array()).all() && (voxel.array() <= (last - edge_voxels).array()).all())
            continue;
        head.warnings.push_back("The proposed place of the " + fiducial.name +
                                " lies at the edge of the image, where the head is cut: do not touch it there.");
    }
    const Eigen::Vector3d front = head.template_space.affine.affine().linear().inverse().col(1);
    const double turned_deg = std::atan2(-front.x(), front.y()) * 180.0 / std::numbers::pi;
    if (std::abs(turned_deg) > kTurnedDeg) {
        head.warnings.push_back("The head is turned to the " + std::string(turned_deg > 0.0 ? "left" : "right") +
                                " by " + std::to_string(std::lround(std::abs(turned_deg))) +
                                "° in the scan; coil angles are counted from the front of the scan, not of the face.");
    }
}

HeadModel made_from(const LoadedImage& image, const Template& to, const std::string& file, const Progress& progress) {
    HeadModel head;
    Stages stages(progress, head.seconds);
    head.t1 = image.volume;
    head.warnings = image.info.warnings;

    const Scalp scalp = extract_scalp(head.t1, file, stages.next("scalp", 0.03, 0.12));
    const TemplateMatch match = match_template(head.t1, scalp, to, file, stages.next("template", 0.12, 0.3));
    BrainMask mask = find_brain(head.t1, match, nullptr, to, file, stages.next("brain", 0.3, 0.37));
    head.template_space = normalise(head.t1, match, mask, to, stages.next("warp", 0.37, 0.85));
    mask = find_brain(head.t1, match, &head.template_space.bend, to, file, stages.next("brain, bent", 0.85, 0.92));
    head.template_space.overlap = mask.overlap;
    head.brain_grid = mask.grid;
    head.brain_mask = mask.mask;
    head.brain_volume_ml = mask.volume_ml;
    Brain brain = brain_surfaces(std::move(mask), file, stages.next("cortex", 0.92, 0.97));

    stages.next("landmarks", 0.97, 1.0);
    const SurfaceIndex scalp_index(scalp.surface);
    const double over_brain_mm = usual_scalp_distance_mm(brain.surface, scalp_index);
    if (over_brain_mm < kThinnestScalpMm) {
        throw InputError("There is no scalp in " + file +
                         ": the skull seems to have been taken off. Give the T1 as the scanner made it.");
    }
    head.scalp = scalp.surface;
    head.brain = std::move(brain.surface);
    const auto scan_from_mni = [&](const Point<Mni>& p) { return head.template_space.scan(p); };
    head.fiducials = propose_fiducials(scan_from_mni, scalp_index);
    head.motor = propose_motor(scan_from_mni, SurfaceIndex(std::move(brain.hull)));
    warn_of_proposals(head);
    head.warnings.insert(head.warnings.end(), scalp.warnings.begin(), scalp.warnings.end());
    if (head.t1.spacing_mm().maxCoeff() > kCoarseMm) {
        head.warnings.emplace_back(
            "The voxels are larger than 1.5 mm: the cortex is coarse and may hold patches of skull. Ask for a T1 of 1 "
            "mm.");
    }
    if (head.template_space.overlap < kBrainOverlapTrusted) {
        head.warnings.emplace_back(
            "The outline of the brain is uncertain (strong shading, coarse voxels or unusual anatomy): look at it "
            "before "
            "you use the proposed targets.");
    }
    if (head.template_space.least_jacobian <= 0.0) {
        head.warnings.emplace_back(
            "The map to template space folds somewhere in the brain: do not rely on MNI coordinates or proposed "
            "targets.");
    }
    if (match.same_head) {
        head.warnings.emplace_back(
            "The template is this same head (Colin27): the fit to the template says nothing about how well it fits "
            "others.");
    }
    stages.end();
    return head;
}

}  // namespace

HeadModel make_head(const std::filesystem::path& t1, const Progress& progress,
                    const std::filesystem::path& template_dir) {
    progress.at(0.0, "Reading the image");
    const SteadyTime began = steady_now();
    const LoadedImage image = load_image(t1);
    const Template to = load_template(template_dir);
    const double reading_s = seconds_between(began, steady_now());
    HeadModel head = made_from(image, to, t1.string(), progress);
    head.content_sha256 = content_sha256(t1);
    head.seconds.insert(head.seconds.begin(), {"read", reading_s});
    progress.at(1.0, "Head ready");
    return head;
}

HeadModel prepare_head(const std::filesystem::path& t1, const std::filesystem::path& cache_dir,
                       const Progress& progress, const std::filesystem::path& template_dir) {
    progress.at(0.0, "Reading the image");
    const SteadyTime began = steady_now();
    LoadedImage image = load_image(t1);
    const std::string t1_sha256 = content_sha256(t1);
    const std::string key = head_cache_key(t1_sha256, template_sha256(template_dir));
    KeptHead kept = kept_head(cache_dir, key);
    if (kept.head) {
        kept.head->t1 = std::move(image.volume);
        kept.head->cache_dir = cache_dir;
        kept.head->seconds = {{"read what was kept", seconds_between(began, steady_now())}};
        progress.at(1.0, "Head ready");
        return *std::move(kept.head);
    }
    const Template to = load_template(template_dir);
    const double reading_s = seconds_between(began, steady_now());
    HeadModel head = made_from(image, to, t1.string(), progress);
    head.content_sha256 = t1_sha256;
    head.cache_dir = cache_dir;
    try {
        keep_head(head, cache_dir, key);
    } catch (const Error& error) {
        // The head is good; only the next start will be slow.
        head.warnings.emplace_back(error.what());
    }
    if (kept.damaged) head.warnings.emplace_back("The kept model of this head was damaged; it was made again.");
    head.seconds.insert(head.seconds.begin(), {"read", reading_s});
    progress.at(1.0, "Head ready");
    return head;
}

Mask brain_voxels(const HeadModel& head) {
    const Eigen::Affine3d grid_from_voxel =
        head.brain_grid.scan_from_voxel().affine().inverse() * head.t1.scan_from_voxel.affine();
    const Field brain(head.brain_mask.begin(), head.brain_mask.end());
    Mask out(head.t1.count(), 0);
    const auto& dims = head.t1.dims;
    for_each_part(dims[2], [&](int k) {
        std::size_t at =
            static_cast<std::size_t>(dims[0]) * static_cast<std::size_t>(dims[1]) * static_cast<std::size_t>(k);
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i, ++at) {
                out[at] = sampled(brain, head.brain_grid, grid_from_voxel * Eigen::Vector3d(i, j, k)) > 0.5F ? 1 : 0;
            }
        }
    });
    return out;
}

}  // namespace precentral
