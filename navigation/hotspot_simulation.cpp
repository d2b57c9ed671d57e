// SPDX-License-Identifier: Apache-2.0
#include "navigation/hotspot_simulation.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPi = 3.14159265358979323846;

double quantile_of(std::vector<double> values, double probability) {
    if (values.empty()) {
        return 0.0;
    }
    std::sort(values.begin(), values.end());
    const double at = probability * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

struct Tally {
    std::vector<double> mm, gravity_mm, deg, share, threshold_pct;
    double threshold_sum_pct = 0.0;
    int covered = 0;
    int enough = 0;

    HotspotAccuracy accuracy() const {
        const auto n = static_cast<double>(std::max<std::size_t>(1, mm.size()));
        return {quantile_of(mm, 0.5),
                quantile_of(mm, 0.95),
                quantile_of(gravity_mm, 0.5),
                quantile_of(deg, 0.5),
                quantile_of(share, 0.5),
                covered / n,
                quantile_of(threshold_pct, 0.5),
                threshold_sum_pct / n,
                enough / n};
    }
};

CorticalPatch left_hand_patch() {
    CorticalPatch patch;
    patch.centre = {Eigen::Vector3d(-38.0, -16.0, 60.0)};
    patch.outward = Direction<Scan>{Eigen::Vector3d(-0.55, -0.1, 0.83)}.normalized();
    const Direction<Scan> front{Eigen::Vector3d::UnitY()};
    patch.anterior = (front - front.dot(patch.outward) * patch.outward).normalized();
    patch.lateral = patch.outward.cross(patch.anterior);
    patch.lateral = patch.lateral.xyz.x() < 0.0 ? patch.lateral : -patch.lateral;
    return patch;
}

}  // namespace

HotspotStudyResult simulate_hotspot(const HotspotStudy& study) {
    if (study.patients < 1 || study.patients > 100000 || study.report_at.empty() ||
        *std::min_element(study.report_at.begin(), study.report_at.end()) < 1 ||
        *std::max_element(study.report_at.begin(), study.report_at.end()) > 10000) {
        throw InputError("A hotspot study needs 1 to 100000 patients and 1 to 10000 pulses.");
    }
    const int pulses = *std::max_element(study.report_at.begin(), study.report_at.end());
    std::map<int, Tally> tallies;
    std::vector<double> to_enough;
    std::vector<double> relative_intensity;
    double responded_count = 0.0;
    std::chrono::duration<double> thinking{};
    for (int patient = 0; patient < study.patients; ++patient) {
        SeededRandom random = random_stream(study.seed, static_cast<std::uint64_t>(patient));
        const VirtualMuscle muscle = VirtualMuscle::draw(random, study.noise);
        const auto differing = [&](double value) {
            return value * draw_uniform(random, 1.0 - study.width_error, 1.0 + study.width_error);
        };
        HotspotPrior prior;
        prior.patch = left_hand_patch();
        prior.start_mso = study.start_mso;
        prior.highest_of_threshold = study.highest_of_threshold;
        DoseModel truth_model;
        truth_model.along_wings_mm = differing(truth_model.along_wings_mm);
        truth_model.along_handle_mm = differing(truth_model.along_handle_mm);
        truth_model.per_mm_of_depth = differing(truth_model.per_mm_of_depth);
        Eigen::Vector2d truth_uv(draw_normal(random, 0.0, study.site_sd_mm),
                                 draw_normal(random, 0.0, study.site_sd_mm));
        const double shift = draw_uniform(random, 0.0, 2.0 * kPi);
        truth_uv += study.off_centre_mm * Eigen::Vector2d(std::cos(shift), std::sin(shift));
        const double truth_yaw_deg = draw_normal(random, 45.0, study.yaw_sd_deg);
        const CorticalTarget truth{prior.patch.site(truth_uv), prior.patch.along(truth_uv, truth_yaw_deg),
                                   prior.nominal_depth_mm};

        HotspotSearch search(prior, study.seed + std::uint64_t{7919} * static_cast<std::uint64_t>(patient),
                             study.policy);
        const double skew_direction = draw_uniform(random, 0.0, 2.0 * kPi);
        const Eigen::Vector2d skewed_to(std::cos(skew_direction), std::sin(skew_direction));
        Eigen::Vector2d moment_uv = Eigen::Vector2d::Zero();
        double moment = 0.0;
        bool running = true;
        for (int pulse = 1; pulse <= pulses; ++pulse) {
            const auto before = std::chrono::steady_clock::now();
            const CoilAim aim = search.next();
            thinking += std::chrono::steady_clock::now() - before;
            const Eigen::Vector2d placed =
                aim.uv_mm + study.hand_error_mm * Eigen::Vector2d(draw_normal(random), draw_normal(random));
            MapPulse given;
            const double placed_yaw_deg = aim.yaw_deg + study.hand_error_deg * draw_normal(random);
            given.scan_from_coil = prior.patch.coil_pose(placed, placed_yaw_deg, prior.nominal_depth_mm);
            given.intensity_mso = aim.intensity_mso;
            // On the near side of the skew the coil acts as if it were closer to the hotspot, on the far side farther.
            Transform<Scan, Coil> acting = given.scan_from_coil;
            if (study.skew != 0.0) {
                const Eigen::Vector2d away = placed - truth_uv;
                const double side = away.norm() > 1e-9 ? away.normalized().dot(skewed_to) : 0.0;
                acting = prior.patch.coil_pose(truth_uv + (1.0 - study.skew * side) * away, placed_yaw_deg,
                                               prior.nominal_depth_mm);
            }
            double effective = 0.01 * aim.intensity_mso * relative_dose(truth_model, acting, truth);
            if (draw_uniform(random) < study.outliers) {
                effective = muscle.threshold() * draw_uniform(random, 0.5, 1.5);
            }
            given.mep_uv = 1e6 * muscle.mep_volt(effective, random);
            given.responded = given.mep_uv >= 50.0;
            if (given.responded) {
                moment_uv += given.mep_uv * placed;
                moment += given.mep_uv;
            }
            responded_count += given.responded ? 1.0 : 0.0;
            relative_intensity.push_back(0.01 * aim.intensity_mso / muscle.threshold());
            const auto answer = std::chrono::steady_clock::now();
            search.add(given);
            thinking += std::chrono::steady_clock::now() - answer;

            const HotspotEstimate estimate = search.estimate();
            if (running && (estimate.enough || pulse == pulses)) {
                running = false;
                to_enough.push_back(pulse);
            }
            if (std::find(study.report_at.begin(), study.report_at.end(), pulse) == study.report_at.end()) {
                continue;
            }
            Tally& tally = tallies[pulse];
            const double error_mm = distance_mm(estimate.site, truth.site);
            tally.mm.push_back(error_mm);
            // Without a response there is only where one began.
            tally.gravity_mm.push_back(distance_mm(
                prior.patch.site(moment > 0.0 ? Eigen::Vector2d(moment_uv / moment) : Eigen::Vector2d::Zero()),
                truth.site));
            tally.deg.push_back(std::abs(estimate.yaw_deg - truth_yaw_deg));
            tally.share.push_back(dose_share(
                truth_model, prior.patch.coil_pose(estimate.uv_mm, estimate.yaw_deg, prior.nominal_depth_mm), truth));
            const double threshold_error_pct = estimate.threshold_mso / muscle.threshold() - 100.0;
            tally.threshold_pct.push_back(std::abs(threshold_error_pct));
            tally.threshold_sum_pct += threshold_error_pct;
            tally.covered += error_mm <= estimate.radius95_mm ? 1 : 0;
            tally.enough += estimate.enough ? 1 : 0;
        }
    }
    HotspotStudyResult result;
    for (const auto& [count, tally] : tallies) {
        result.by_pulses[count] = tally.accuracy();
    }
    const double all = static_cast<double>(study.patients) * pulses;
    result.median_pulses_to_enough = quantile_of(to_enough, 0.5);
    result.median_intensity_of_threshold = quantile_of(relative_intensity, 0.5);
    result.responded_share = responded_count / all;
    result.seconds_per_pulse = thinking.count() / all;
    return result;
}

}  // namespace precentral
