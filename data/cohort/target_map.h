// SPDX-License-Identifier: Apache-2.0
// Maps of where targets lay and how relief goes with place, corrected over the whole map by permutation.
//
// A patient is one target with a Gaussian round it (1 at the target); sessions are not patients, so each has one. Where
// fewer than five targets lie near, nothing is said: absent coverage is not absent effect.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/cohort/basis.h"
#include "data/cohort/logistic.h"
#include "data/cohort/threshold_free.h"
#include "data/progress.h"

namespace precentral::cohort {

// The places a map has values at: vertices of a surface or cells of a grid, in MNI mm.
struct MapPlaces {
    std::vector<Eigen::Vector3d> mni;
    std::vector<double> size;  // mm² of a vertex, mm³ of a cell
    Neighbours neighbours;
    bool volume = false;
};

// The vertices of a closed or open surface. Throws InputError when it has none or a triangle names another.
MapPlaces surface_places(std::vector<Eigen::Vector3d> vertices, std::span<const std::array<int, 3>> triangles);

enum class MapStatistic {
    largest_t,       // the largest |t| of the map
    threshold_free,  // the largest enhanced t (threshold_free.h)
};

struct MapSettings {
    double fwhm_mm = 10.0;  // of the Gaussian round a target
    double near_mm = 10.0;  // a target counts for the coverage of a place within
    int fewest = 5;         // patients near, else the place is left out
    int permutations = 5000;
    std::uint64_t seed = 1;
    bool lay_on_left = true;  // right targets are mirrored
    MapStatistic statistic = MapStatistic::threshold_free;
    double level = 0.95;
    double effect_percent = 20.0;  // points of relief on a place against far from it, for the map of power
    double power_alpha = 0.001;    // two-sided, of one place
};

struct MapPatients {
    std::vector<Eigen::Vector3d> target_mni;  // NaN where not known
    std::vector<double> relief;               // %, NaN missing
    std::vector<double> responder;            // 1, 0, NaN missing
    std::vector<Predictor> covariates;        // of relief; may be none
};

// What can be found, before looking at any relation: depends on where the targets lie, and on the spread of relief.
struct CoverageMap {
    Basis basis;
    int mirrored = 0;
    std::vector<int> near;      // patients, a place
    std::vector<double> power;  // to find `effect_percent`, 0 … 1; NaN outside the coverage
    int covered = 0;            // places
};

struct RelationMap {
    Basis basis;
    std::vector<double> slope;  // per unit of the Gaussian: points of relief, or share of responders; NaN outside
    std::vector<double> t;
    std::vector<double> enhanced;  // empty unless threshold_free
    std::vector<double> p;         // corrected over the map
    double critical = 0.0;         // of the statistic, at the level
    double smallest_p = 1.0;
    int best = -1;  // the place of the largest statistic
};

struct TargetMap {
    CoverageMap coverage;
    int responders = 0, others = 0;
    // Mean of the Gaussians of the group in %: 100 when all targets lie on the place. NaN outside the coverage.
    std::vector<double> responder_density, other_density, difference;
    RelationMap by_response;  // responder against place, labels permuted
    RelationMap by_relief;  // relief against place beside the covariates: Freedman & Lane, J Bus Econ Stat 1983;1:292,
                            // doi:10.1080/07350015.1983.10509354
};

// Throw InputError: lengths differ, no target known, no place with enough patients near, one class of response only,
// relief that does not vary, more covariates than patients. The same input gives the same map on any number of cores.
CoverageMap coverage_map(const MapPlaces& places, const MapPatients& patients, const MapSettings& settings = {});
TargetMap target_map(const MapPlaces& places, const MapPatients& patients, const MapSettings& settings = {},
                     const Progress& progress = {});

}  // namespace precentral::cohort
