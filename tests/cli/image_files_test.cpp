// SPDX-License-Identifier: Apache-2.0
// image info and image convert as programs use them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "imaging/volume_io.h"
#include "tests/cli/program.h"

namespace precentral {
namespace {

Volume whole_numbers() {
    Volume out;
    out.dims = {7, 6, 5};
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.linear() = Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix() *
                   Eigen::Vector3d(-1, 1.2, 0.9).asDiagonal();
    map.translation() = Eigen::Vector3d(10, -20, 30);
    out.scan_from_voxel = AffineMap<Scan, Voxel>(map);
    std::mt19937 random(6);
    std::vector<float> samples(out.count());
    for (float& sample : samples) sample = static_cast<float>(random() % 4096);
    out.samples = std::make_shared<const std::vector<float>>(samples);
    return out;
}

TEST(ImageFiles, ConvertedImagesAreTheSameAndNothingIsReplacedUnasked) {
    Folder folder;
    const Volume volume = whole_numbers();
    write_nifti(volume, folder / "in.nii");
    const Ran first = run({"image", "convert", folder / "in.nii", folder / "out.nii.gz"});
    EXPECT_EQ(first.exit, 0) << first.err;
    const Volume back = read_volume(folder / "out.nii.gz");
    EXPECT_EQ(*back.samples, *volume.samples);
    EXPECT_LT((back.scan_from_voxel.matrix() - volume.scan_from_voxel.matrix()).cwiseAbs().maxCoeff(), 1e-5);
    const Ran again = run({"image", "convert", folder / "in.nii", folder / "out.nii.gz"});
    EXPECT_EQ(again.exit, 2);
    EXPECT_NE(again.err.find("--force"), std::string::npos) << again.err;
    EXPECT_EQ(run({"image", "convert", folder / "in.nii", folder / "out.nii.gz", "--force"}).exit, 0);
}

TEST(ImageFiles, InfoSaysWhereLeftIs) {
    Folder folder;
    write_nifti(whole_numbers(), folder / "in.nii");  // the first axis runs to the left
    const Ran ran = run({"image", "info", folder / "in.nii", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    const auto info = nlohmann::json::parse(ran.out);
    EXPECT_EQ(info["orientation"], "LAS");
    EXPECT_EQ(info["left_is"], "at the high end of the first axis (i)");
    EXPECT_EQ(info["voxel_order"], "radiological");
    EXPECT_EQ(info["mirrored"], true);
    EXPECT_EQ(info["dims"], nlohmann::json({7, 6, 5}));
    EXPECT_EQ(info["ras_from_voxel"].size(), 16U);
    EXPECT_TRUE(info["warnings"].is_array());
    EXPECT_NE(run({"image", "info", folder / "in.nii"}).out.find("the patient's left is at the high end"),
              std::string::npos);
}

}  // namespace
}  // namespace precentral
