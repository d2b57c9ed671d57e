// SPDX-License-Identifier: Apache-2.0
#include "registration/coil_calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/error.h"
#include "tests/registration/synthetic_head.h"

namespace precentral {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::random_normal3;
using testing::random_pose;

// On a 70 mm figure-of-eight: rims of both wings, centre front and handle side, mm in Coil.
std::vector<NamedPoint<Coil>> landmarks() {
    return {{"left rim", {{-88.0, 0.0, 0.0}}},    {"right rim", {{88.0, 0.0, 0.0}}},
            {"left front", {{-45.0, 44.0, 0.0}}}, {"right front", {{45.0, 44.0, 0.0}}},
            {"left back", {{-45.0, -44.0, 0.0}}}, {"right back", {{45.0, -44.0, 0.0}}},
            {"top", {{0.0, 0.0, -20.0}}}};
}

std::vector<NamedPoint<CoilBody>> touches(std::mt19937& random, const Transform<CoilBody, Coil>& truth, int times,
                                          double noise_mm) {
    std::vector<NamedPoint<CoilBody>> out;
    for (int i = 0; i < times; ++i) {
        for (const auto& l : landmarks()) {
            out.push_back({l.name, {(truth * l.point).xyz + random_normal3(random, noise_mm)}});
        }
    }
    return out;
}

TEST(CoilCalibration, IsExactWithoutNoise) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 150.0));
        const CoilCalibration c = calibrate_coil(touches(random, truth, 1, 0.0), landmarks());
        EXPECT_LT((c.coil_body_from_coil.matrix() - truth.matrix()).cwiseAbs().maxCoeff(), 1e-9);
    }
}

TEST(CoilCalibration, ReachesHalfAMillimetreAndForetellsItsError) {
    double actual = 0.0;
    double predicted = 0.0;
    double angle = 0.0;
    double predicted_angle = 0.0;
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 150.0));
        const CoilCalibration c = calibrate_coil(touches(random, truth, 3, 0.4), landmarks());
        const double error = distance_mm(c.coil_body_from_coil.origin(), truth.origin());
        EXPECT_LT(error, 0.5);
        EXPECT_LT(angle_between_deg(c.coil_body_from_coil, truth), 0.5);
        EXPECT_EQ(c.verdict, Verdict::good);
        actual += error * error;
        predicted += c.centre_error_mm * c.centre_error_mm;
        angle += std::pow(angle_between_deg(c.coil_body_from_coil, truth), 2);
        predicted_angle += c.angle_error_deg * c.angle_error_deg;
    }
    EXPECT_NEAR(std::sqrt(actual / predicted), 1.0, 0.15);
    EXPECT_NEAR(std::sqrt(angle / predicted_angle), 1.0, 0.15);
}

TEST(CoilCalibration, NamesATouchThatIsWrong) {
    std::mt19937 random(5);
    const Transform<CoilBody, Coil> truth(random_pose(random, 180.0, 150.0));
    auto touched = touches(random, truth, 1, 0.2);
    touched[3].point.xyz += Eigen::Vector3d(0.0, 6.0, 0.0);
    const CoilCalibration c = calibrate_coil(touched, landmarks());
    EXPECT_EQ(c.verdict, Verdict::poor);
    EXPECT_THAT(c.reasons, Contains(HasSubstr("\"right front\" lies")));
}

TEST(CoilCalibration, RefusesUnknownAndTooFewLandmarks) {
    std::mt19937 random(6);
    const Transform<CoilBody, Coil> truth;
    auto touched = touches(random, truth, 1, 0.2);
    touched[0].name = "cable";
    EXPECT_THROW(
        {
            try {
                calibrate_coil(touched, landmarks());
            } catch (const InputError& e) {
                EXPECT_THAT(e.what(), HasSubstr("\"cable\""));
                throw;
            }
        },
        InputError);
    touched = touches(random, truth, 1, 0.2);
    touched.resize(2);
    EXPECT_THROW(calibrate_coil(touched, landmarks()), InputError);
}

}  // namespace
}  // namespace precentral
