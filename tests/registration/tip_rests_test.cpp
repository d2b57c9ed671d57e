// SPDX-License-Identifier: Apache-2.0
#include "registration/tip_rests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <numbers>

#include "data/pose_sequence.h"
#include "registration/block_calibration.h"
#include "registration/point_fit.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using ::testing::HasSubstr;
using testing::random_normal3;
using testing::random_pose;
using Poses = std::vector<Eigen::Isometry3d>;

const Eigen::Vector3d kTip(110.0, 7.0, 3.0);

// Swivels in each dimple for `count` frames, travels between them through the air.
Poses swivelled(std::mt19937& random, const std::vector<Eigen::Vector3d>& dimples, int count, double noise_mm,
                double noise_deg) {
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Poses out;
    for (const Eigen::Vector3d& dimple : dimples) {
        for (int i = 0; i < count / 3; ++i) {
            Eigen::Isometry3d pose = random_pose(random, 40.0, 1.0);
            pose.translation() = 300.0 * random_normal3(random, 1.0);
            out.push_back(pose);
        }
        for (int i = 0; i < count; ++i) {
            const double around = 2.0 * std::numbers::pi * i / 40.0;
            const double lean = 0.5 * uniform(random);
            const Eigen::Vector3d jitter = random_normal3(random, noise_deg * std::numbers::pi / 180.0);
            Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();
            const Eigen::Matrix3d exact =
                Eigen::AngleAxisd(lean, Eigen::Vector3d(0.0, std::cos(around), std::sin(around))).toRotationMatrix();
            pose.translation() = dimple - exact * kTip + random_normal3(random, noise_mm);
            pose.linear() = exact;
            if (jitter.norm() > 0.0) {
                pose.linear() = Eigen::AngleAxisd(jitter.norm(), jitter.normalized()).toRotationMatrix() * exact;
            }
            out.push_back(pose);
        }
    }
    return out;
}

TEST(TipRests, FindsTipAndDimples) {
    const std::vector<Eigen::Vector3d> dimples{{0, 0, 0}, {40, 0, 5}, {0, 60, 0}, {30, 30, 50}};
    for (unsigned seed = 0; seed < 10; ++seed) {
        std::mt19937 random(seed);
        const TipRests r = find_tip_rests(swivelled(random, dimples, 90, 0.25, 0.3));
        EXPECT_LT((r.tip_in_body - kTip).norm(), 0.5) << seed;
        ASSERT_EQ(r.rests.size(), dimples.size()) << seed;
        for (std::size_t k = 0; k < dimples.size(); ++k) EXPECT_LT((r.rests[k].at - dimples[k]).norm(), 0.5) << seed;
        EXPECT_EQ(r.verdict, Verdict::good);
        EXPECT_LT(r.tip_error_mm, 0.5);
    }
    std::mt19937 random(3);
    const TipRests exact = find_tip_rests(swivelled(random, dimples, 60, 0.0, 0.0));
    EXPECT_LT((exact.tip_in_body - kTip).norm(), 1e-9);
}

TEST(TipRests, RefusesARecordingWithoutARest) {
    std::mt19937 random(5);
    Poses nowhere;
    for (int i = 0; i < 200; ++i) {
        Eigen::Isometry3d pose = random_pose(random, 60.0, 1.0);
        pose.translation() = 200.0 * random_normal3(random, 1.0);
        nowhere.push_back(pose);
    }
    EXPECT_THROW(find_tip_rests(nowhere), InputError);
    EXPECT_THROW(find_tip_rests({}), InputError);
    nowhere[7].translation().x() = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(find_tip_rests(nowhere), InputError);
}

std::filesystem::path recording() {
    const char* folder = std::getenv("PRECENTRAL_TEST_DATA");
    const std::filesystem::path base = folder != nullptr
                                           ? std::filesystem::path(folder)
                                           : std::filesystem::path(PRECENTRAL_SOURCE_DIR) / ".." / "shared" / "data";
    return base / "tracker" / "plus" / "EightLandmarkPointsTrackedForPhantomRegistration.igs.mha";
}

// A real optical tracker, 1000 frames, the stylus swivelled in the eight landmarks of a phantom (PLUS toolkit, BSD).
// Places on the phantom and its pose from PhantomRegistrationLandmarkDetection.results.xml beside the recording.
class RealRecording : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(recording())) GTEST_SKIP() << recording() << " is not there";
        poses_ = poses_between(read_pose_sequence(recording().string()), "Stylus", "Reference");
        Eigen::Matrix4d m;
        m << -0.00479115, 0.00329566, -0.999983, 22.7064, -0.0127965, 0.999912, 0.00335674, -39.7536, 0.999907,
            0.0128124, -0.00474856, 25.6504, 0, 0, 0, 1;
        published_ = rigid_from_matrix(m, "published");
    }
    const std::vector<Eigen::Vector3d> on_phantom_{{104.3, 5, 20},  {104.3, 45, 20}, {104.3, 45, 0}, {104.3, -5, 0},
                                                   {-34.3, 45, 15}, {-34.3, -5, 20}, {-34.3, -5, 0}, {-34.3, 45, 0}};
    Poses poses_;
    Eigen::Isometry3d published_;
};

double turned_deg(const Eigen::Isometry3d& a, const Eigen::Isometry3d& b) {
    return Eigen::AngleAxisd(a.linear().transpose() * b.linear()).angle() * 180.0 / std::numbers::pi;
}

TEST_F(RealRecording, GivesItsTipAndLandmarks) {
    ASSERT_EQ(poses_.size(), 1000u);
    const TipRests r = find_tip_rests(poses_);
    ASSERT_EQ(r.rests.size(), 8u);
    EXPECT_LT(r.tip_error_mm, 0.5);
    EXPECT_LT(r.rms_mm, 0.6);
    EXPECT_EQ(r.verdict, Verdict::good);
    // Eight pivot calibrations, each of its own rest, agree on the tip.
    for (const TipRest& rest : r.rests) {
        const auto first = poses_.begin() + static_cast<std::ptrdiff_t>(rest.first);
        const PivotSolution s =
            solve_pivot(Poses(first, first + static_cast<std::ptrdiff_t>(rest.last - rest.first + 1)));
        EXPECT_LT((s.tip_in_body - r.tip_in_body).norm(), 1.5);
        EXPECT_LT(s.rms_mm, 0.7);
    }
    std::vector<Eigen::Vector3d> found;
    for (std::size_t k = 0; k < 8; ++k) {
        found.push_back(r.rests[k].at);
        EXPECT_LT((found[k] - published_ * on_phantom_[k]).norm(), 2.1) << k;
    }
    // The tip rests about 1.3 mm deep in either end of the phantom, whose drawing states the surface: distances within
    // an end are right, and the pose is, but its length is short.
    for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t k = i + 1; k < 8; ++k) {
            const double off = (found[i] - found[k]).norm() - (on_phantom_[i] - on_phantom_[k]).norm();
            const bool same_end = (i < 4) == (k < 4);
            EXPECT_NEAR(off, same_end ? 0.0 : -2.5, 0.7) << i << " " << k;
        }
    }
    const RigidFit fit = fit_rigid(on_phantom_, found);
    const Eigen::Vector3d middle(35.0, 20.0, 10.0);
    EXPECT_LT((fit.to_from_from * middle - published_ * middle).norm(), 1.0);
    EXPECT_LT(turned_deg(fit.to_from_from, published_), 0.7);
    RecordProperty("pose_from_published_mm", std::to_string((fit.to_from_from * middle - published_ * middle).norm()));
}

// The results file beside it states another tip, from a calibration of another day; the recording refutes it.
TEST_F(RealRecording, RefutesTheTipOfAnotherDay) {
    const Eigen::Vector3d stated(100.208, 1.94012, 9.57013);
    for (const TipRest& rest : find_tip_rests(poses_).rests) {
        Eigen::Vector3d mean = Eigen::Vector3d::Zero();
        const double n = static_cast<double>(rest.last - rest.first + 1);
        for (std::size_t i = rest.first; i <= rest.last; ++i) mean += poses_[i] * stated / n;
        double sum = 0.0;
        for (std::size_t i = rest.first; i <= rest.last; ++i) sum += (poses_[i] * stated - mean).squaredNorm() / n;
        EXPECT_GT(std::sqrt(sum), 2.5);
    }
}

}  // namespace
}  // namespace precentral
