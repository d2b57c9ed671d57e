// SPDX-License-Identifier: Apache-2.0
#include "navigation/hotspot_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/error.h"
#include "navigation/hotspot_simulation.h"

namespace precentral {
namespace {

CorticalPatch some_patch(SeededRandom& random) {
    Eigen::Quaterniond q(draw_normal(random), draw_normal(random), draw_normal(random), draw_normal(random));
    const Eigen::Matrix3d axes = q.normalized().toRotationMatrix();
    CorticalPatch patch;
    patch.centre = {Eigen::Vector3d(-38.0, -16.0, 60.0)};
    patch.lateral = {axes.col(0)};
    patch.anterior = {axes.col(1)};
    patch.outward = {draw_uniform(random) < 0.5 ? Eigen::Vector3d(axes.col(2))
                                                : Eigen::Vector3d(-axes.col(2))};  // left or right side
    return patch;
}

HotspotPrior some_prior() {
    SeededRandom random(2);
    HotspotPrior prior;
    prior.patch = some_patch(random);
    return prior;
}

TEST(CorticalPatch, CoordinatesAndDirectionsAreConsistent) {
    SeededRandom random(1);
    for (int i = 0; i < 200; ++i) {
        const CorticalPatch patch = some_patch(random);
        const Eigen::Vector2d uv(draw_uniform(random, -30, 30), draw_uniform(random, -30, 30));
        const double yaw = draw_uniform(random, -170, 170);
        EXPECT_LT((patch.uv_of(patch.site(uv)) - uv).norm(), 1e-9);
        EXPECT_LT((patch.uv_of(patch.site(uv) + 20.0 * patch.outward_at(uv)) - uv).norm(), 1e-9);
        const Direction<Scan> along = patch.along(uv, yaw);
        EXPECT_NEAR(along.norm(), 1.0, 1e-12);
        EXPECT_NEAR(along.dot(patch.outward_at(uv)), 0.0, 1e-12);
        const Transform<Scan, Coil> pose = patch.coil_pose(uv, yaw, 15.0);
        EXPECT_NEAR(pose.rotation().determinant(), 1.0, 1e-12);
        EXPECT_NEAR(patch.yaw_of(pose), yaw, 1e-9);
        EXPECT_NEAR(distance_mm(pose.origin(), patch.site(uv)), 15.0, 1e-9);
        const CorticalTarget below{patch.site(uv), along, 15.0};
        EXPECT_NEAR(dose_share({}, pose, below), 1.0, 1e-9);
    }
    const CorticalPatch patch = some_prior().patch;
    EXPECT_LT((patch.along(Eigen::Vector2d::Zero(), 90.0) + patch.lateral).norm(), 1e-12);  // toward the midline
}

// Anchor: 2.1 / 5.2 mm after 30 pulses, 1.95 / 4.6 after 40 (Bayes with the field as likelihood, pulses 14 mm beside
// the believed site; 200 patients, SD of the truth 8 mm). The truth's widths differ from the estimator's by up to 10 %.
TEST(HotspotSearch, FindsTheHotspotOfVirtualPatients) {
    HotspotStudy study;
    study.patients = 40;
    study.report_at = {30, 40};
    const HotspotStudyResult r = simulate_hotspot(study);
    const HotspotAccuracy& at_30 = r.by_pulses.at(30);
    const HotspotAccuracy& at_40 = r.by_pulses.at(40);
    EXPECT_LE(at_30.median_mm, 2.1);
    EXPECT_LE(at_30.p95_mm, 6.5);
    EXPECT_LE(at_40.median_mm, 1.95);
    EXPECT_LE(at_30.median_angle_deg, 3.9);
    EXPECT_GE(at_30.median_field_share, 0.99);
    EXPECT_GE(at_40.coverage95, 0.85);
    EXPECT_LE(at_40.median_threshold_error_pct, 6.0);
    EXPECT_LE(r.median_pulses_to_enough, 30.0);
    EXPECT_GE(r.responded_share, 0.35);
    EXPECT_LE(r.responded_share, 0.80);
    EXPECT_LE(r.seconds_per_pulse, 0.1);
}

TEST(HotspotSearch, ThompsonOnARingWorksToo) {
    HotspotStudy study;
    study.patients = 20;
    study.report_at = {40};
    study.policy = HotspotPolicy::thompson_ring;
    const HotspotStudyResult r = simulate_hotspot(study);
    EXPECT_LE(r.by_pulses.at(40).median_mm, 2.3);
    EXPECT_GE(r.by_pulses.at(40).median_field_share, 0.985);
}

TEST(HotspotSearch, ABadStartAndOutliersAreBorne) {
    HotspotStudy study;
    study.patients = 14;
    study.report_at = {40};
    study.start_mso = 30.0;
    EXPECT_LE(simulate_hotspot(study).by_pulses.at(40).median_mm, 2.5);
    study.start_mso = 60.0;
    study.outliers = 0.05;
    EXPECT_LE(simulate_hotspot(study).by_pulses.at(40).median_mm, 2.8);
}

MapPulse pulse_at(const CoilAim& aim, double mep_uv) {
    return {aim.scan_from_coil, aim.intensity_mso, mep_uv, mep_uv >= 50.0, false};
}

TEST(HotspotSearch, WithoutAnyResponseItRaisesTheIntensityAndSaysSo) {
    HotspotPrior prior = some_prior();
    prior.start_mso = 30.0;
    prior.highest_mso = 85.0;
    HotspotSearch search(prior, 1);
    EXPECT_EQ(search.next().intensity_mso, 30.0);
    double last = 0.0;
    for (int i = 0; i < 40; ++i) {
        const CoilAim aim = search.next();
        EXPECT_TRUE(aim.intensity_mso > last || aim.intensity_mso == 85.0);
        EXPECT_LE(aim.intensity_mso, 85.0);
        last = aim.intensity_mso;
        search.add(pulse_at(aim, 8.0));
    }
    EXPECT_EQ(last, 85.0);
    const HotspotEstimate e = search.estimate();
    EXPECT_EQ(e.responses, 0);
    EXPECT_FALSE(e.enough);
    EXPECT_NE(e.verdict.find("No response"), std::string::npos) << e.verdict;
    EXPECT_TRUE(e.uv_mm.allFinite() && std::isfinite(e.radius95_mm) && std::isfinite(e.threshold_mso));
}

TEST(HotspotSearch, WhenEverythingIsLargeItLowersTheIntensity) {
    HotspotPrior prior = some_prior();
    prior.start_mso = 95.0;
    HotspotSearch search(prior, 1);
    for (int i = 0; i < 8; ++i) {
        const CoilAim aim = search.next();
        search.add(pulse_at(aim, 3000.0));
    }
    EXPECT_LT(search.next().intensity_mso, 70.0);
}

TEST(HotspotSearch, TheSamePulsesGiveTheSameProposal) {
    HotspotSearch a(some_prior(), 5);
    HotspotSearch b(some_prior(), 5);
    HotspotSearch other(some_prior(), 6);
    for (int i = 0; i < 10; ++i) {
        const CoilAim aim = a.next();
        EXPECT_EQ(aim.uv_mm, a.next().uv_mm);
        EXPECT_EQ(aim.uv_mm, b.next().uv_mm);
        a.add(pulse_at(aim, i % 2 == 0 ? 200.0 : 20.0));
        b.add(pulse_at(aim, i % 2 == 0 ? 200.0 : 20.0));
        other.add(pulse_at(aim, i % 2 == 0 ? 200.0 : 20.0));
    }
    EXPECT_EQ(a.estimate().uv_mm, b.estimate().uv_mm);
    EXPECT_EQ(a.estimate().uv_mm, other.estimate().uv_mm);  // the seed moves only the proposals
    EXPECT_NE(a.next().uv_mm, other.next().uv_mm);
    double total = 0.0;
    for (const HotspotCell& cell : a.posterior()) {
        EXPECT_GE(cell.probability, 0.0);
        total += cell.probability;
    }
    EXPECT_NEAR(total, 1.0, 1e-9);
}

TEST(HotspotSearch, RejectedSweepsAreLeftOut) {
    HotspotSearch search(some_prior(), 5);
    MapPulse pulse = pulse_at(search.next(), 500.0);
    pulse.rejected = true;
    search.add(pulse);
    EXPECT_EQ(search.estimate().pulses, 0);
    EXPECT_LT(search.estimate().uv_mm.norm(), 1e-6);
}

TEST(HotspotSearch, ResponsesPullTheEstimateTowardThem) {
    HotspotSearch search(some_prior(), 5);
    const CorticalPatch patch = some_prior().patch;
    for (int i = 0; i < 4; ++i) {
        search.add({patch.coil_pose({16.0, 0.0}, 45.0, 15.0), 60.0, 400.0, true, false});
        search.add({patch.coil_pose({-16.0, 0.0}, 45.0, 15.0), 60.0, 10.0, false, false});
    }
    EXPECT_GT(search.estimate().uv_mm[0], 3.0);
    EXPECT_LT(search.estimate().radius95_mm, 21.0);
}

TEST(HotspotSearch, SitesFollowTheCortexThatIsGiven) {
    HotspotPrior prior = some_prior();
    const Direction<Scan> down = -2.0 * prior.patch.outward;
    prior.onto_cortex = [down](const Point<Scan>& p) { return p + down; };
    const HotspotSearch search(prior, 5);
    EXPECT_LT(distance_mm(search.estimate().site, prior.patch.centre + down), 1e-6);
    for (const HotspotCell& cell : search.posterior()) {
        ASSERT_TRUE(cell.site.xyz.allFinite());
    }
}

TEST(HotspotSearch, HostileInputIsRefused) {
    HotspotPrior prior = some_prior();
    prior.patch.lateral = prior.patch.anterior;
    EXPECT_THROW(HotspotSearch(prior, 1), InputError);
    prior = some_prior();
    prior.site_sd_mm = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(HotspotSearch(prior, 1), InputError);
    prior = some_prior();
    prior.highest_mso = 0.0;
    EXPECT_THROW(HotspotSearch(prior, 1), InputError);

    HotspotSearch search(some_prior(), 1);
    MapPulse pulse = pulse_at(search.next(), 100.0);
    pulse.mep_uv = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(search.add(pulse), InputError);
    pulse = pulse_at(search.next(), 100.0);
    pulse.intensity_mso = 0.0;
    EXPECT_THROW(search.add(pulse), InputError);
    pulse = pulse_at(search.next(), 100.0);
    Eigen::Isometry3d far = pulse.scan_from_coil.isometry();
    far.translation().x() = std::numeric_limits<double>::infinity();
    pulse.scan_from_coil = Transform<Scan, Coil>(far);
    EXPECT_THROW(search.add(pulse), InputError);
    // A pose far away is no mistake of the caller's, but must not break the posterior.
    far.translation() = Eigen::Vector3d(1e4, 0.0, 0.0);
    pulse.scan_from_coil = Transform<Scan, Coil>(far);
    search.add(pulse);
    EXPECT_TRUE(search.estimate().uv_mm.allFinite());
    EXPECT_TRUE(std::isfinite(search.next().intensity_mso));
    HotspotStudy study;
    study.report_at = {};
    EXPECT_THROW(simulate_hotspot(study), InputError);
}

// The centre of gravity of the same pulses is never nearer on a symmetric hill.
TEST(HotspotSearch, BeatsTheCentreOfGravityOfItsOwnPulses) {
    HotspotStudy study;
    study.patients = 20;
    study.report_at = {30};
    const HotspotAccuracy at = simulate_hotspot(study).by_pulses.at(30);
    EXPECT_LE(at.median_mm, at.centre_of_gravity_mm);
}

}  // namespace
}  // namespace precentral
