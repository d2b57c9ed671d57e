// SPDX-License-Identifier: Apache-2.0
// Finding a muscle's cortical hotspot in few pulses: a posterior over the site, the preferred current direction and the
// threshold there, from every pulse with the pose the coil really had. The site of the largest response is never the
// answer: after 75 pulses on a grid it is still 5 mm off.
//
// Likelihood: a pulse of intensity I at a pose with relative dose r acts like I·r; amplitude follows the recruitment
// curve of an average hand muscle with the two noises of Goetz et al. 2014 (doi 10.1016/j.brs.2014.03.002). Poses off
// the believed peak tell more than poses on it, because the dose is flat there. Related: Weise et al. 2022,
// doi 10.1038/s41596-022-00776-6; Tervo et al. 2020, doi 10.1016/j.neuroimage.2020.117082.
//
// One thread at a time; add() takes a few milliseconds.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"
#include "navigation/cortical_patch.h"
#include "navigation/dose_share.h"
#include "navigation/seeded_random.h"

namespace precentral {

struct HotspotPrior {
    CorticalPatch patch;      // centred on the expected site
    double site_sd_mm = 8.5;  // along each axis
    double yaw_deg = 45.0;
    double yaw_sd_deg = 20.0;
    double threshold_mso = 60.0;
    double threshold_sd_mso = 15.0;
    double nominal_depth_mm = 15.0;     // of the cortex below the coil's bottom face, coil on the scalp
    double start_mso = 60.0;            // first intensity
    double highest_mso = 100.0;         // never proposed above this
    double highest_of_threshold = 1.3;  // nor, once something responds, above this multiple of the estimated threshold
    DoseModel dose;
    // Moves a point of the patch onto the patient's own cortex, when that is known.
    std::function<Point<Scan>(const Point<Scan>&)> onto_cortex;
};

// How the next pose is chosen.
enum class HotspotPolicy {
    thompson_ring,  // a draw from the posterior, 14 mm beside it, turned by ±20°
    expected_gain,  // of many such poses the one that is expected to shrink the posterior most
};

struct CoilAim {
    Eigen::Vector2d uv_mm = Eigen::Vector2d::Zero();
    double yaw_deg = 45.0;
    double intensity_mso = 0.0;            // whole
    Transform<Scan, Coil> scan_from_coil;  // flat above the patch
};

struct MapPulse {
    Transform<Scan, Coil> scan_from_coil;  // as it really was
    double intensity_mso = 0.0;
    double mep_uv = 0.0;     // peak to peak
    bool responded = false;  // stood out of the noise; below 50 µV counts as no response in any case
    bool rejected = false;   // the sweep says nothing: the pulse is left out
};

struct HotspotEstimate {
    Eigen::Vector2d uv_mm = Eigen::Vector2d::Zero();  // posterior mean
    Point<Scan> site;
    double radius95_mm = 0.0;  // around it lies the true site with 95 % probability
    double yaw_deg = 0.0;
    double yaw_sd_deg = 0.0;
    Direction<Scan> preferred;   // unit, tangent
    double threshold_mso = 0.0;  // at the best pose
    double threshold_sd_mso = 0.0;
    double expected_loss = 1.0;  // mean share of the best effect lost by stimulating at this site and yaw
    bool enough = false;         // at least 10 responses and less than 1 % lost
    int pulses = 0;              // used
    int responses = 0;
    std::string verdict;  // a sentence on where this stands
};

struct HotspotCell {
    Point<Scan> site;
    double probability = 0.0;  // all cells sum to 1
};

class HotspotSearch {
public:
    // Throws InputError for a prior that makes no sense (axes not orthonormal, widths not positive).
    HotspotSearch(const HotspotPrior& prior, std::uint64_t seed, HotspotPolicy policy = HotspotPolicy::expected_gain);

    // The same until the next add().
    CoilAim next() const;
    // Throws InputError when pose, intensity or amplitude are not finite.
    void add(const MapPulse& pulse);
    HotspotEstimate estimate() const;
    // The posterior of the site, for display.
    std::vector<HotspotCell> posterior() const;

private:
    struct Sample {
        Eigen::Vector2d uv;
        double yaw_deg;
        double threshold_mso;
    };
    void build_grid();
    void summarise();
    std::vector<Sample> draw_samples(int count, SeededRandom& random) const;
    double relative_dose_of(const Sample& sample, const Transform<Scan, Coil>& scan_from_coil) const;
    CoilAim aim_at(const Eigen::Vector2d& uv_mm, double yaw_deg, const std::vector<Sample>& samples) const;
    double expected_gain(const CoilAim& aim, const std::vector<Sample>& samples) const;

    HotspotPrior prior_;
    std::uint64_t seed_ = 0;
    HotspotPolicy policy_;
    std::vector<Eigen::Vector2d> site_uv_;
    std::vector<Point<Scan>> sites_;
    std::vector<double> yaws_deg_;
    std::vector<Direction<Scan>> preferred_;  // by site, then yaw
    std::vector<double> thresholds_mso_;      // equal steps of the logarithm
    std::vector<float> weights_;              // by site, yaw, threshold; sums to 1
    std::vector<double> pose_weights_;        // summed over thresholds
    HotspotEstimate estimate_;
    double last_mso_ = 0.0;
};

}  // namespace precentral
