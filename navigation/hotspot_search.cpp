// SPDX-License-Identifier: Apache-2.0
#include "navigation/hotspot_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "data/error.h"
#include "navigation/recruitment.h"

namespace precentral {
namespace {

constexpr double kDegree = 3.14159265358979323846 / 180.0;

// The grid of hypotheses.
constexpr double kSiteStepMm = 2.0;
constexpr double kYawStepDeg = 7.5;
constexpr double kYawReachDeg = 60.0;  // either side of the expected yaw
constexpr int kThresholds = 48;
constexpr double kLowestThresholdMso = 18.0;
constexpr double kThresholdLogStep = 0.041;  // 18 … 124 % MSO

// The likelihood of one answer is tabled over the drive log(I · r / T), eight entries to a step of the threshold, so
// that a whole row of thresholds is multiplied from one contiguous row of the table.
constexpr int kPhases = 8;
constexpr double kDriveStep = kThresholdLogStep / kPhases;
constexpr double kLowestDrive = -1.6;
constexpr int kDrives = 512;  // up to about +1.0
constexpr DriveGrid kDriveGrid{kLowestDrive, kDriveStep, kDrives};

constexpr double kRingMm = 14.0;
constexpr double kTurnDeg = 20.0;
constexpr double kAboveThreshold = 1.12;  // of the threshold at that pose: amplitudes tell most there

bool is_unit(const Direction<Scan>& d) { return std::abs(d.norm() - 1.0) < 1e-3; }

void check(const HotspotPrior& p) {
    const CorticalPatch& patch = p.patch;
    const bool axes = is_unit(patch.lateral) && is_unit(patch.anterior) && is_unit(patch.outward) &&
                      std::abs(patch.lateral.dot(patch.anterior)) < 1e-3 &&
                      std::abs(patch.lateral.dot(patch.outward)) < 1e-3 &&
                      std::abs(patch.anterior.dot(patch.outward)) < 1e-3 && patch.centre.xyz.allFinite() &&
                      patch.curvature_radius_mm >= 35.0;
    if (!axes) {
        throw InputError(
            "The hotspot search needs a patch with orthonormal axes, a finite centre and a radius of at least 35 mm.");
    }
    const bool widths = p.site_sd_mm >= 1.0 && p.site_sd_mm <= 20.0 && p.yaw_sd_deg >= 1.0 && p.yaw_sd_deg <= 90.0 &&
                        p.threshold_sd_mso > 0.0 && p.threshold_mso > 0.0 && p.threshold_mso < 150.0 &&
                        std::isfinite(p.yaw_deg) && std::isfinite(p.nominal_depth_mm) && p.highest_mso > 0.0 &&
                        p.highest_mso <= 100.0 && p.start_mso > 0.0 && p.dose.along_handle_mm > 0.0 &&
                        p.dose.along_wings_mm > 0.0 && std::isfinite(p.dose.per_mm_of_depth);
    if (!widths) {
        throw InputError(
            "The hotspot search needs a site SD of 1–20 mm, a yaw SD of 1–90°, and intensities within 0–100 % of "
            "stimulator output.");
    }
}

}  // namespace

HotspotSearch::HotspotSearch(const HotspotPrior& prior, std::uint64_t seed, HotspotPolicy policy)
    : prior_(prior), seed_(seed), policy_(policy) {
    check(prior);
    build_grid();
    summarise();
}

void HotspotSearch::build_grid() {
    const double reach_mm = std::max(12.0, 3.0 * prior_.site_sd_mm);
    const int half = static_cast<int>(std::ceil(reach_mm / kSiteStepMm));
    const int turns = static_cast<int>(std::lround(kYawReachDeg / kYawStepDeg));
    for (int k = -turns; k <= turns; ++k) {
        yaws_deg_.push_back(prior_.yaw_deg + k * kYawStepDeg);
    }
    std::vector<double> threshold_prior;
    for (int k = 0; k < kThresholds; ++k) {
        const double t = kLowestThresholdMso * std::exp(k * kThresholdLogStep);
        const double z = (t - prior_.threshold_mso) / prior_.threshold_sd_mso;
        thresholds_mso_.push_back(t);
        threshold_prior.push_back(t * std::exp(-0.5 * z * z));  // t: the cells widen with the logarithm
    }
    for (int i = -half; i <= half; ++i) {
        for (int j = -half; j <= half; ++j) {
            const Eigen::Vector2d uv(i * kSiteStepMm, j * kSiteStepMm);
            if (uv.norm() > reach_mm) {
                continue;
            }
            Point<Scan> site = prior_.patch.site(uv);
            if (prior_.onto_cortex) {
                site = prior_.onto_cortex(site);
            }
            const double site_prior = std::exp(-0.5 * uv.squaredNorm() / (prior_.site_sd_mm * prior_.site_sd_mm));
            site_uv_.push_back(uv);
            sites_.push_back(site);
            for (const double yaw : yaws_deg_) {
                const double z = (yaw - prior_.yaw_deg) / prior_.yaw_sd_deg;
                preferred_.push_back(prior_.patch.along(uv, yaw));
                for (const double t : threshold_prior) {
                    weights_.push_back(static_cast<float>(site_prior * std::exp(-0.5 * z * z) * t));
                }
            }
        }
    }
}

void HotspotSearch::add(const MapPulse& pulse) {
    if (pulse.rejected) {
        return;
    }
    if (!pulse.scan_from_coil.matrix().allFinite() || !std::isfinite(pulse.mep_uv) || !(pulse.intensity_mso > 0.0) ||
        pulse.intensity_mso > 130.0) {
        throw InputError(
            "A mapping pulse needs a finite coil pose, a finite amplitude and an intensity within 0–130 % of "
            "stimulator "
            "output.");
    }
    const bool responded = pulse.responded && pulse.mep_uv >= kMepResponseUv;
    const std::vector<double> by_drive = likelihood_by_drive(kDriveGrid, responded, pulse.mep_uv);

    // row[phase][kThresholds + steps − m + k] is the likelihood at drive (m − k) steps: falling drive with rising
    // threshold.
    constexpr int kSteps = kDrives / kPhases;
    constexpr int kRow = kSteps + 2 * kThresholds;
    std::array<std::vector<float>, kPhases> rows;
    for (int phase = 0; phase < kPhases; ++phase) {
        std::vector<float>& row = rows[static_cast<std::size_t>(phase)];
        row.resize(kRow);
        for (int i = 0; i < kRow; ++i) {
            const int fine = std::clamp((kSteps - 1 - i) * kPhases + phase, 0, kDrives - 1);
            row[static_cast<std::size_t>(i)] = static_cast<float>(by_drive[static_cast<std::size_t>(fine)]);
        }
    }

    const double log_base = std::log(pulse.intensity_mso / kLowestThresholdMso) - kLowestDrive;
    std::size_t pose = 0;
    for (const Point<Scan>& site : sites_) {
        const CorticalTarget ahead{site, pulse.scan_from_coil.y_axis(), prior_.nominal_depth_mm};
        const double log_here = log_base + std::log(relative_dose(prior_.dose, pulse.scan_from_coil, ahead));
        for (std::size_t yaw = 0; yaw < yaws_deg_.size(); ++yaw, ++pose) {
            const double aligned = pulse.scan_from_coil.y_axis().dot(preferred_[pose]);
            int fine = 0;
            if (aligned > 1e-3) {
                const double at = (log_here + std::log(aligned)) / kDriveStep;
                fine = static_cast<int>(
                    std::lround(std::clamp(at, 0.0, double{kDrives + kPhases * (kThresholds - 1)} - 1.0)));
            }
            const int step = fine / kPhases;
            const float* row = rows[static_cast<std::size_t>(fine % kPhases)].data();
            // Index of drive step `step` in a row is kSteps − 1 − step; above the table's end the row repeats its end.
            const int first = kSteps - 1 - step;
            float* weight = &weights_[pose * kThresholds];
            if (first >= 0) {
                for (int k = 0; k < kThresholds; ++k) {
                    weight[k] *= row[first + k];
                }
            } else {
                for (int k = 0; k < kThresholds; ++k) {
                    weight[k] *= row[std::max(0, first + k)];
                }
            }
        }
    }
    ++estimate_.pulses;
    estimate_.responses += responded ? 1 : 0;
    last_mso_ = pulse.intensity_mso;
    summarise();
}

void HotspotSearch::summarise() {
    pose_weights_.assign(preferred_.size(), 0.0);
    std::vector<double> by_threshold(kThresholds, 0.0);
    for (std::size_t pose = 0; pose < pose_weights_.size(); ++pose) {
        const float* weight = &weights_[pose * kThresholds];
        float sum = 0.0F;
        for (int k = 0; k < kThresholds; ++k) {
            sum += weight[k];
        }
        pose_weights_[pose] = static_cast<double>(sum);
    }
    const double total = std::accumulate(pose_weights_.begin(), pose_weights_.end(), 0.0);
    const auto scale = static_cast<float>(1.0 / total);
    for (std::size_t pose = 0; pose < pose_weights_.size(); ++pose) {
        pose_weights_[pose] /= total;
        float* weight = &weights_[pose * kThresholds];
        const bool counts = pose_weights_[pose] > 1e-9;
        for (int k = 0; k < kThresholds; ++k) {
            // A floor keeps hypotheses alive, so that a run of bad answers can be undone by good ones.
            weight[k] = std::max(1e-30F, weight[k] * scale);
            if (counts) {
                by_threshold[static_cast<std::size_t>(k)] += static_cast<double>(weight[k]);
            }
        }
    }

    Eigen::Vector2d mean_uv = Eigen::Vector2d::Zero();
    double mean_yaw = 0.0;
    double square_yaw = 0.0;
    std::vector<double> site_weights(sites_.size(), 0.0);
    for (std::size_t site = 0; site < sites_.size(); ++site) {
        for (std::size_t yaw = 0; yaw < yaws_deg_.size(); ++yaw) {
            const double w = pose_weights_[site * yaws_deg_.size() + yaw];
            site_weights[site] += w;
            mean_yaw += w * yaws_deg_[yaw];
            square_yaw += w * yaws_deg_[yaw] * yaws_deg_[yaw];
        }
        mean_uv += site_weights[site] * site_uv_[site];
    }
    estimate_.uv_mm = mean_uv;
    estimate_.site = prior_.patch.site(mean_uv);
    if (prior_.onto_cortex) {
        estimate_.site = prior_.onto_cortex(estimate_.site);
    }
    estimate_.yaw_deg = mean_yaw;
    estimate_.yaw_sd_deg =
        std::sqrt(std::max(0.0, square_yaw - mean_yaw * mean_yaw) + kYawStepDeg * kYawStepDeg / 12.0);
    estimate_.preferred = prior_.patch.along(mean_uv, mean_yaw);

    double mean_t = 0.0;
    double square_t = 0.0;
    for (int k = 0; k < kThresholds; ++k) {
        const double t = thresholds_mso_[static_cast<std::size_t>(k)];
        mean_t += by_threshold[static_cast<std::size_t>(k)] * t;
        square_t += by_threshold[static_cast<std::size_t>(k)] * t * t;
    }
    estimate_.threshold_mso = mean_t;
    estimate_.threshold_sd_mso = std::sqrt(std::max(0.0, square_t - mean_t * mean_t));

    // Each cell is spread over its own square, so that the radius does not jump by whole cells.
    std::vector<std::pair<double, double>> by_distance;
    for (std::size_t site = 0; site < sites_.size(); ++site) {
        if (site_weights[site] < 1e-7) {
            continue;
        }
        for (const double du : {-0.375, -0.125, 0.125, 0.375}) {
            for (const double dv : {-0.375, -0.125, 0.125, 0.375}) {
                const Eigen::Vector2d uv = site_uv_[site] + kSiteStepMm * Eigen::Vector2d(du, dv);
                by_distance.emplace_back((uv - mean_uv).norm(), site_weights[site] / 16.0);
            }
        }
    }
    std::sort(by_distance.begin(), by_distance.end());
    double within = 0.0;
    for (const auto& [distance, weight] : by_distance) {
        within += weight;
        estimate_.radius95_mm = distance;
        if (within >= 0.95) {
            break;
        }
    }

    const Transform<Scan, Coil> there = prior_.patch.coil_pose(mean_uv, mean_yaw, prior_.nominal_depth_mm);
    double kept = 0.0;
    for (std::size_t site = 0; site < sites_.size(); ++site) {
        if (site_weights[site] < 1e-9) {
            continue;
        }
        const CorticalTarget ahead{sites_[site], there.y_axis(), prior_.nominal_depth_mm};
        const double by_place = std::min(1.0, relative_dose(prior_.dose, there, ahead));
        for (std::size_t yaw = 0; yaw < yaws_deg_.size(); ++yaw) {
            const std::size_t pose = site * yaws_deg_.size() + yaw;
            kept += pose_weights_[pose] * by_place * std::max(0.0, there.y_axis().dot(preferred_[pose]));
        }
    }
    estimate_.expected_loss = 1.0 - kept;
    estimate_.enough = estimate_.responses >= 10 && estimate_.expected_loss < 0.01;

    char text[200];
    if (estimate_.pulses >= 15 && estimate_.responses == 0) {
        std::snprintf(text, sizeof text,
                      "No response in %d pulses: check the electrodes, the coil and the patch that is searched.",
                      estimate_.pulses);
    } else {
        std::snprintf(text, sizeof text,
                      "Known to within %.1f mm (95 %%); %.1f %% of the effect would be lost by stopping here.",
                      estimate_.radius95_mm, 100.0 * estimate_.expected_loss);
    }
    estimate_.verdict = text;
}

std::vector<HotspotSearch::Sample> HotspotSearch::draw_samples(int count, SeededRandom& random) const {
    // Systematic sampling: one uniform places a comb of equal weights over all hypotheses.
    std::vector<Sample> out;
    const double offset = draw_uniform(random);
    double reached = 0.0;
    double next = offset / count;
    for (std::size_t pose = 0; pose < pose_weights_.size() && static_cast<int>(out.size()) < count; ++pose) {
        reached += pose_weights_[pose];
        while (next < reached && static_cast<int>(out.size()) < count) {
            const float* weight = &weights_[pose * kThresholds];
            double left = draw_uniform(random) * pose_weights_[pose];
            int k = 0;
            while (k + 1 < kThresholds && left > static_cast<double>(weight[k])) {
                left -= static_cast<double>(weight[k]);
                ++k;
            }
            const std::size_t site = pose / yaws_deg_.size();
            const Eigen::Vector2d within(draw_uniform(random, -0.5, 0.5), draw_uniform(random, -0.5, 0.5));
            out.push_back({site_uv_[site] + kSiteStepMm * within,
                           yaws_deg_[pose % yaws_deg_.size()] + kYawStepDeg * draw_uniform(random, -0.5, 0.5),
                           thresholds_mso_[static_cast<std::size_t>(k)] *
                               std::exp(kThresholdLogStep * draw_uniform(random, -0.5, 0.5))});
            next += 1.0 / count;
        }
    }
    return out;
}

double HotspotSearch::relative_dose_of(const Sample& sample, const Transform<Scan, Coil>& scan_from_coil) const {
    const CorticalTarget target{prior_.patch.site(sample.uv), prior_.patch.along(sample.uv, sample.yaw_deg),
                                prior_.nominal_depth_mm};
    return relative_dose(prior_.dose, scan_from_coil, target);
}

CoilAim HotspotSearch::aim_at(const Eigen::Vector2d& uv_mm, double yaw_deg, const std::vector<Sample>& samples) const {
    CoilAim aim;
    aim.uv_mm = uv_mm;
    aim.yaw_deg = yaw_deg;
    aim.scan_from_coil = prior_.patch.coil_pose(uv_mm, yaw_deg, prior_.nominal_depth_mm);
    if (estimate_.pulses == 0) {
        aim.intensity_mso = std::min(prior_.start_mso, prior_.highest_mso);
    } else {
        std::vector<double> needed;
        for (const Sample& sample : samples) {
            needed.push_back(sample.threshold_mso / std::max(1e-3, relative_dose_of(sample, aim.scan_from_coil)));
        }
        const auto middle = needed.begin() + static_cast<std::ptrdiff_t>(needed.size() / 2);
        std::nth_element(needed.begin(), middle, needed.end());
        aim.intensity_mso = kAboveThreshold * *middle;
        if (estimate_.responses > 0) {
            aim.intensity_mso = std::min(aim.intensity_mso, prior_.highest_of_threshold * estimate_.threshold_mso);
        }
        if (estimate_.responses == 0) {
            aim.intensity_mso = std::max(aim.intensity_mso, last_mso_ + 5.0);
        }
    }
    aim.intensity_mso = std::clamp(std::round(aim.intensity_mso), 1.0, std::floor(prior_.highest_mso));
    return aim;
}

// Drop of the variance of site and yaw, linear-Gaussian: cov(x, y)² / var(y) with y the log amplitude that pose would
// bring. A degree counts as 0.4 mm: both then cost about the same dose.
double HotspotSearch::expected_gain(const CoilAim& aim, const std::vector<Sample>& samples) const {
    constexpr double kMmPerDegree = 0.4;
    static const std::vector<DriveResponse> expected = responses_by_drive(kDriveGrid);
    const auto n = static_cast<double>(samples.size());
    Eigen::Vector3d mean_x = Eigen::Vector3d::Zero();
    Eigen::Vector3d cross = Eigen::Vector3d::Zero();
    double mean_y = 0.0;
    double square_y = 0.0;
    double noise = 0.0;
    for (const Sample& sample : samples) {
        const double dose = relative_dose_of(sample, aim.scan_from_coil);
        const double drive = std::log(std::max(1e-6, aim.intensity_mso * dose / sample.threshold_mso));
        const auto at = static_cast<std::size_t>(std::clamp((drive - kLowestDrive) / kDriveStep, 0.0, kDrives - 1.0));
        const double y = expected[at].mean;
        const Eigen::Vector3d x(sample.uv[0], sample.uv[1], kMmPerDegree * sample.yaw_deg);
        mean_x += x / n;
        cross += y * x / n;
        mean_y += y / n;
        square_y += y * y / n;
        noise += expected[at].variance / n;
    }
    const double variance_y = std::max(0.0, square_y - mean_y * mean_y) + noise;
    return (cross - mean_y * mean_x).squaredNorm() / variance_y;
}

CoilAim HotspotSearch::next() const {
    SeededRandom random = random_stream(seed_, static_cast<std::uint64_t>(estimate_.pulses));
    const std::vector<Sample> samples = draw_samples(256, random);
    // The first five: the expected site and 10 mm to each side of it.
    static const std::array<Eigen::Vector2d, 5> kFirst = {Eigen::Vector2d{0.0, 0.0}, Eigen::Vector2d{10.0, 0.0},
                                                          Eigen::Vector2d{-10.0, 0.0}, Eigen::Vector2d{0.0, 10.0},
                                                          Eigen::Vector2d{0.0, -10.0}};
    if (estimate_.pulses < static_cast<int>(kFirst.size())) {
        return aim_at(kFirst[static_cast<std::size_t>(estimate_.pulses)], prior_.yaw_deg, samples);
    }
    const auto candidate = [&](double ring_mm, double turn_deg) {
        const auto pick = static_cast<std::size_t>(draw_uniform(random) * static_cast<double>(samples.size()));
        const double direction = draw_uniform(random, 0.0, 360.0) * kDegree;
        const Eigen::Vector2d beside(std::cos(direction), std::sin(direction));
        return aim_at(samples[pick].uv + ring_mm * beside, samples[pick].yaw_deg + turn_deg * draw_normal(random),
                      samples);
    };
    if (policy_ == HotspotPolicy::thompson_ring) {
        return candidate(kRingMm, kTurnDeg);
    }
    constexpr int kCandidates = 48;
    CoilAim best;
    double best_gain = -1.0;
    for (int i = 0; i < kCandidates; ++i) {
        const CoilAim aim = candidate(draw_uniform(random, 5.0, 25.0), 1.5 * kTurnDeg);
        const double gain = expected_gain(aim, samples);
        if (gain > best_gain) {
            best_gain = gain;
            best = aim;
        }
    }
    return best;
}

HotspotEstimate HotspotSearch::estimate() const { return estimate_; }

std::vector<HotspotCell> HotspotSearch::posterior() const {
    std::vector<HotspotCell> out;
    for (std::size_t site = 0; site < sites_.size(); ++site) {
        const auto first = pose_weights_.begin() + static_cast<std::ptrdiff_t>(site * yaws_deg_.size());
        out.push_back(
            {sites_[site], std::accumulate(first, first + static_cast<std::ptrdiff_t>(yaws_deg_.size()), 0.0)});
    }
    return out;
}

}  // namespace precentral
