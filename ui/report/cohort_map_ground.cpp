// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_map_ground.h"

#include <cmath>
#include <limits>

#include "data/cohort/synthetic.h"
#include "data/error.h"
#include "data/session_numbers.h"
#include "imaging/head_model.h"
#include "imaging/mesh_measures.h"
#include "imaging/surface_io.h"

namespace precentral {
namespace {

MapGround of_surface(Surface surface, const std::string& name) {
    MapGround out;
    out.name = name;
    std::vector<Eigen::Vector3d> vertices;
    for (const Point<Scan>& v : surface.vertices) vertices.push_back(v.xyz);
    out.places = cohort::surface_places(std::move(vertices), surface.triangles);
    out.surface = std::move(surface);
    return out;
}

// Nothing within the reach: null.
const Eigen::Vector3d* crown_above(const Eigen::Vector3d& target, const std::vector<Eigen::Vector3d>& places,
                                   double reach_mm) {
    constexpr double kBeside_mm = 4.0;
    const Eigen::Vector3d middle(0.0, -18.0, 12.0);
    const Eigen::Vector3d outward = (target - middle).normalized();
    const Eigen::Vector3d *crown = nullptr, *nearest = nullptr;
    double outermost = -1.0, least = reach_mm;
    for (const Eigen::Vector3d& place : places) {
        const Eigen::Vector3d off = place - target;
        const double away = off.norm();
        if (away > reach_mm) continue;
        if (away <= least) {
            least = away;
            nearest = &place;
        }
        const double out = (place - middle).dot(outward);
        const double beside = (off - off.dot(outward) * outward).norm();
        if (beside > kBeside_mm || out <= outermost) continue;
        outermost = out;
        crown = &place;
    }
    return crown != nullptr ? crown : nearest;
}

}  // namespace

MapGround template_cortex(const std::filesystem::path& t1, const std::filesystem::path& cache_dir,
                          const Progress& progress) {
    const HeadModel head = prepare_head(t1, cache_dir, progress);
    Surface surface = head.brain;
    for (Point<Scan>& v : surface.vertices) v.xyz = head.template_space.mni(v).xyz;
    return of_surface(std::move(surface), "cortex of Colin27");
}

MapGround surface_ground(const std::filesystem::path& path) {
    return of_surface(read_surface(path), path.filename().string());
}

MapGround grid_ground(const std::vector<Eigen::Vector3d>& targets_mni, double grid_mm, bool lay_on_left,
                      double reach_mm) {
    if (!(grid_mm >= 0.5 && grid_mm <= 20.0)) throw InputError("The cells of a map's grid are 0.5 to 20 mm wide.");
    std::vector<Eigen::Vector3d> targets;
    for (const Eigen::Vector3d& t : targets_mni) {
        if (t.allFinite()) targets.push_back(lay_on_left ? cohort::laid_on_left(t) : t);
    }
    if (targets.empty()) throw InputError("No patient has a target in MNI coordinates, so there is no map.");
    Eigen::Vector3d low = targets.front(), high = low;
    for (const Eigen::Vector3d& t : targets) {
        low = low.cwiseMin(t);
        high = high.cwiseMax(t);
    }
    MapGround out;
    char name[40];
    std::snprintf(name, sizeof name, "grid of %g mm", grid_mm);
    out.name = name;
    out.grid_mm = grid_mm;
    out.origin_mni = grid_mm * ((low.array() - reach_mm) / grid_mm).floor().matrix();
    double cells = 1.0;
    for (int i = 0; i < 3; ++i) {
        const double count = std::ceil((high[i] + reach_mm - out.origin_mni[i]) / grid_mm) + 1.0;
        cells *= count;
        out.dims[static_cast<std::size_t>(i)] = static_cast<int>(std::min(count, 1e4));
    }
    if (cells > 1e6) throw InputError("The grid of the map would have more than a million cells; make them wider.");
    out.places.volume = true;
    for (int k = 0; k < out.dims[2]; ++k) {
        for (int j = 0; j < out.dims[1]; ++j) {
            for (int i = 0; i < out.dims[0]; ++i) {
                const Eigen::Vector3d at = out.origin_mni + grid_mm * Eigen::Vector3d(i, j, k);
                bool near = false;
                for (const Eigen::Vector3d& t : targets) near = near || (t - at).norm() <= reach_mm;
                if (!near) continue;
                out.cells.push_back({i, j, k});
                out.places.mni.push_back(at);
            }
        }
    }
    out.places.size.assign(out.cells.size(), grid_mm * grid_mm * grid_mm);
    out.places.neighbours = cohort::neighbours_of(std::span<const std::array<int, 3>>(out.cells));
    return out;
}

LaidTargets laid_on(const MapGround& ground, const std::vector<Eigen::Vector3d>& targets_mni, bool lay_on_left,
                    double reach_mm) {
    LaidTargets out;
    std::vector<double> moved;
    for (Eigen::Vector3d target : targets_mni) {
        if (lay_on_left && target.allFinite()) target = cohort::laid_on_left(target);
        if (target.allFinite() && !ground.surface.empty()) {
            const Eigen::Vector3d* nearest = crown_above(target, ground.places.mni, reach_mm);
            if (nearest == nullptr) {
                ++out.too_far;
                target.setConstant(std::numeric_limits<double>::quiet_NaN());
            } else {
                moved.push_back((*nearest - target).norm());
                target = *nearest;
            }
        }
        out.mni.push_back(target);
    }
    out.median_moved_mm = quantile(moved, 0.5).value_or(0.0);
    return out;
}

}  // namespace precentral
