// SPDX-License-Identifier: Apache-2.0
// The way to template space and back, on patients whose true place in it is known.
#include "imaging/normalisation.h"

#include <gtest/gtest.h>

#include <random>

#include "fixtures.h"
#include "imaging/head_model.h"
#include "imaging/volume_io.h"
#include "imaging/voxel_ops.h"
#include "synthetic_patient.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

// A lumpy field of some millimetres, still at the rim.
VelocityField lumpy_field(std::uint64_t seed, double mm) {
    VelocityField field;
    field.grid = {{40, 44, 36}, {{-60, -70, -50}}, 3.0};
    field.arrows.assign(field.grid.count(), Arrow::Zero());
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    for (int k = 6; k < 30; ++k) {
        for (int j = 6; j < 38; ++j) {
            for (int i = 6; i < 34; ++i) {
                field.arrows[field.grid.index(i, j, k)] = {normal(random), normal(random), normal(random), 0.0F};
            }
        }
    }
    smooth(field.arrows, field.grid.dims, 3.0);
    float longest = 0.0F;
    for (const Arrow& arrow : field.arrows) longest = std::max(longest, arrow.norm());
    for (Arrow& arrow : field.arrows) arrow *= static_cast<float>(mm) / longest;
    return field;
}

TEST(VelocityField, ThereAndBackIsWhereItBegan) {
    const VelocityField field = lumpy_field(1, 8.0);
    std::mt19937_64 random(2);
    std::uniform_real_distribution<double> uniform(-45.0, 45.0);
    for (int n = 0; n < 500; ++n) {
        const Vector3d p(uniform(random), uniform(random), uniform(random));
        EXPECT_LT((carried(field, carried(field, p, 1.0), -1.0) - p).norm(), 0.01);
        // Twice half the way is the whole way.
        EXPECT_LT((carried(field, carried(field, p, 0.5), 0.5) - carried(field, p, 1.0)).norm(), 0.01);
    }
}

TEST(VelocityField, TheDenseMapIsTheFlow) {
    const VelocityField field = lumpy_field(3, 6.0);
    for (const double time : {1.0, -1.0}) {
        const auto moved = displacement(field, time);
        double worst = 0.0;
        for (int k = 2; k < 34; k += 3) {
            for (int j = 2; j < 42; j += 3) {
                for (int i = 2; i < 38; i += 3) {
                    const Vector3d p = field.grid.place(i, j, k).xyz;
                    const Vector3d there = p + moved[field.grid.index(i, j, k)].head<3>().cast<double>();
                    worst = std::max(worst, (there - carried(field, p, time)).norm());
                }
            }
        }
        EXPECT_LT(worst, 0.15);  // a twentieth of a voxel: the doubling reads between voxels
    }
}

TEST(VelocityField, AFieldThatIsTheSameEverywhereMovesAndDoesNotSwell) {
    VelocityField field;
    field.grid = {{20, 20, 20}, {{0, 0, 0}}, 2.0};
    field.arrows.assign(field.grid.count(), Arrow(3.0F, -1.0F, 0.5F, 0.0F));
    EXPECT_LT((carried(field, Vector3d(20, 20, 20), 1.0) - Vector3d(23, 19, 20.5)).norm(), 1e-5);
    const Field swelling = jacobian(displacement(field, 1.0), field.grid);
    EXPECT_NEAR(swelling[field.grid.index(10, 10, 10)], 1.0F, 1e-4F);
    EXPECT_EQ(carried(field, Vector3d(-100, 0, 0), 1.0), Vector3d(-100, 0, 0));  // outside nothing moves
}

TEST(VelocityField, TwiceTheSizeIsEightTimesTheVolume) {
    // x' = ln 2 · x flows from x to 2 x.
    VelocityField field;
    field.grid = {{41, 41, 41}, {{-20, -20, -20}}, 1.0};
    for (int k = 0; k < 41; ++k) {
        for (int j = 0; j < 41; ++j) {
            for (int i = 0; i < 41; ++i) {
                const Eigen::Vector3f v = (std::log(2.0) * field.grid.place(i, j, k).xyz).cast<float>();
                field.arrows.emplace_back(v[0], v[1], v[2], 0.0F);
            }
        }
    }
    EXPECT_LT((carried(field, Vector3d(3, -4, 5), 1.0) - Vector3d(6, -8, 10)).norm(), 1e-3);
    const Field swelling = jacobian(displacement(field, 1.0), field.grid);
    EXPECT_NEAR(swelling[field.grid.index(20, 20, 20)], 8.0F, 0.05F);
}

TEST(VelocityField, AFoldShowsAsAJacobianBelowZero) {
    const WorkGrid grid{{12, 12, 12}, {{0, 0, 0}}, 1.0};
    std::vector<Arrow> crossing(grid.count(), Arrow::Zero());
    for (int k = 0; k < 12; ++k) {
        for (int j = 0; j < 12; ++j) {
            crossing[grid.index(5, j, k)] = Arrow(3.0F, 0.0F, 0.0F, 0.0F);
            crossing[grid.index(7, j, k)] = Arrow(-3.0F, 0.0F, 0.0F, 0.0F);
        }
    }
    EXPECT_LT(jacobian(crossing, grid)[grid.index(6, 6, 6)], 0.0F);
}

// Known truth: the goals are brain 0.955 for each and 0.97 in the median, precentral labels 0.92, hand points 1.5 mm in
// the median and 4 mm at most (Debian's elastix, affine and B-spline of 10 mm, on the first three: hand 0.04 to 2.8 mm,
// precentral 0.83 to 0.95).
TEST(Normalisation, FindsTheTruePlacesOfPatientsMadeFromTheTemplate) {
    const std::filesystem::path folder = kTemplateDir;
    if (!std::filesystem::exists(folder / "aal.nii.gz")) GTEST_SKIP() << "Install the package mricron-data.";
    const Template to = load_template(folder);
    const Volume aal = read_volume(folder / "aal.nii.gz");
    std::vector<double> hand_mm;
    for (const std::uint64_t seed : {1U, 2U}) {
        const SyntheticPatient patient = synthetic_patient(to, seed);
        const Scalp scalp = extract_scalp(patient.t1, "synthetic");
        const TemplateMatch match = match_template(patient.t1, scalp, to, "synthetic");
        const BrainMask rough = find_brain(patient.t1, match, nullptr, to, "synthetic");
        const Normalisation by = normalise(patient.t1, match, rough, to);
        EXPECT_GT(by.least_jacobian, 0.0);
        const BrainMask brain = find_brain(patient.t1, match, &by.bend, to, "synthetic");
        WorkGrid voxels = brain.grid;
        voxels.dims = patient.t1.dims;
        voxels.first = patient.t1.scan_from_voxel * Point<Voxel>{Vector3d::Zero()};
        const Mask found = above(resampled(Field(brain.mask.begin(), brain.mask.end()), brain.grid, voxels), 0.5F);
        EXPECT_GT(dice(found, patient.brain), 0.97) << "seed " << seed;

        for (const double side : {-1.0, 1.0}) {
            const Point<Mni> hand{{side * 38.6, -15.4, 62.0}};
            const Point<Scan> truth = patient.scan_from_mni(hand);
            hand_mm.push_back((by.scan(hand).xyz - truth.xyz).norm());
            EXPECT_LT((by.mni(by.scan(hand)).xyz - hand.xyz).norm(), 0.01);
            EXPECT_GT(by.spread_mm(hand), 0.0);
        }

        // The labels of both precentral gyri (1 and 2 of AAL).
        const std::vector<int> truth = true_labels(patient, aal);
        const Eigen::Affine3d label_from_mni = aal.scan_from_voxel.affine().inverse();
        for (const int label : {1, 2}) {
            Mask carried_label(truth.size(), 0);
            Mask true_label(truth.size(), 0);
            std::size_t at = 0;
            for (int k = 0; k < voxels.dims[2]; ++k) {
                for (int j = 0; j < voxels.dims[1]; ++j) {
                    for (int i = 0; i < voxels.dims[0]; ++i, ++at) {
                        true_label[at] = truth[at] == label ? 1 : 0;
                        if (patient.brain[at] == 0 || k < voxels.dims[2] / 3) continue;
                        const Vector3d voxel = label_from_mni * by.mni(voxels.place(i, j, k)).xyz;
                        const Eigen::Array3i n = voxel.array().round().cast<int>();
                        if ((n < 0).any() || n[0] >= aal.dims[0] || n[1] >= aal.dims[1] || n[2] >= aal.dims[2])
                            continue;
                        carried_label[at] = static_cast<int>(aal.at(n[0], n[1], n[2])) == label ? 1 : 0;
                    }
                }
            }
            for (std::size_t i = 0; i < truth.size(); ++i) {
                if (patient.brain[i] == 0) true_label[i] = 0;
            }
            EXPECT_GT(dice(carried_label, true_label), 0.92) << "seed " << seed << ", label " << label;
        }
    }
    std::sort(hand_mm.begin(), hand_mm.end());
    EXPECT_LT(0.5 * (hand_mm[1] + hand_mm[2]), 1.5);
    EXPECT_LT(hand_mm.back(), 4.0);
}

TEST(Normalisation, StopsWhenAsked) {
    const std::filesystem::path folder = kTemplateDir;
    if (!std::filesystem::exists(folder / "ch2.nii.gz")) GTEST_SKIP() << "Install the package mricron-data.";
    const Template to = load_template(folder);
    BrainMask brain;
    brain.grid = grid_around(to.t1, 1.0, 0.0);
    brain.mask = to.brain;
    std::stop_source source;
    source.request_stop();
    Progress progress;
    progress.stop = source.get_token();
    EXPECT_THROW(match_deformable(to.t1, AffineMap<Mni, Scan>(Eigen::Affine3d::Identity()), brain, to, {}, progress),
                 Cancelled);
}

}  // namespace
}  // namespace precentral
