// SPDX-License-Identifier: Apache-2.0
#include "navigation/centre_of_gravity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "navigation/seeded_random.h"

namespace precentral {
namespace {

TEST(CentreOfGravity, WeighsTheSitesWithWhatTheyBrought) {
    const std::vector<SitedResponse> pulses = {{{Eigen::Vector3d(0, 0, 0)}, 100.0},
                                               {{Eigen::Vector3d(10, 0, 0)}, 300.0},
                                               {{Eigen::Vector3d(500, 0, 0)}, 49.0}};
    const CentreOfGravity found = centre_of_gravity(pulses);
    EXPECT_NEAR(found.site.xyz.x(), 7.5, 1e-12);
    EXPECT_EQ(found.responses, 2);
}

TEST(CentreOfGravity, NothingAnsweredIsNoSite) {
    EXPECT_EQ(centre_of_gravity({}).responses, 0);
    const std::vector<SitedResponse> silent = {{{Eigen::Vector3d(1, 2, 3)}, 10.0},
                                               {{Eigen::Vector3d(1, 2, 3)}, std::numeric_limits<double>::quiet_NaN()}};
    EXPECT_EQ(centre_of_gravity(silent).responses, 0);
    EXPECT_EQ(centre_of_gravity(silent).radius95_mm, 0.0);
}

// The circle holds the truth about as often as it says, on an even grid and a symmetric response.
TEST(CentreOfGravity, ItsCircleHoldsTheTruth) {
    SeededRandom random(3);
    int held = 0;
    constexpr int kMaps = 300;
    for (int map = 0; map < kMaps; ++map) {
        std::vector<SitedResponse> pulses;
        for (int i = 0; i < 75; ++i) {
            const Eigen::Vector3d at(draw_uniform(random, -25, 25), draw_uniform(random, -25, 25), 0.0);
            const double mean = 1000.0 * std::exp(-at.squaredNorm() / 128.0);
            pulses.push_back({{at}, mean * std::exp(0.5 * draw_normal(random))});
        }
        const CentreOfGravity found = centre_of_gravity(pulses);
        held += found.site.xyz.norm() <= found.radius95_mm ? 1 : 0;
    }
    EXPECT_GT(held, kMaps * 85 / 100);
}

}  // namespace
}  // namespace precentral
