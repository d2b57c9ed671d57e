// SPDX-License-Identifier: Apache-2.0
// The door: a bright voxel of a file must land at the place in scan mm that was worked out by hand.
#include "imaging/orientation.h"

#include <gtest/gtest.h>

#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/volume_io.h"
#include "small_volumes.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

void expect_corner_at(const LoadedImage& image, int corner, const Vector3d& expected_mm) {
    const int i = (corner & 1) != 0 ? image.volume.dims[0] - 1 : 0;
    const int j = (corner & 2) != 0 ? image.volume.dims[1] - 1 : 0;
    const int k = (corner & 4) != 0 ? image.volume.dims[2] - 1 : 0;
    EXPECT_EQ(image.volume.at(i, j, k), static_cast<float>(corner + 1));
    const Point<Voxel> voxel{Eigen::Vector3d(i, j, k)};
    EXPECT_NEAR(((image.volume.scan_from_voxel * voxel).xyz - expected_mm).norm(), 0.0, 1e-4) << "corner " << corner;
}

TEST(Orientation, SformIsTakenAsWritten) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.sform_code = 1;
    file.srow = {-2, 0, 0, 50, 0, 0, 4, -30, 0, 3, 0, -10};  // i to the left, k to the front, j up
    write_bytes(folder / "a.nii", file.nifti1());
    const LoadedImage image = load_image(folder / "a.nii");
    EXPECT_EQ(image.info.affine_source, "sform");
    EXPECT_EQ(image.info.orientation, "LSA");
    EXPECT_EQ(image.info.format, "NIfTI-1");
    EXPECT_TRUE(header_warnings(image.info).empty());
    expect_corner_at(image, 0, {50, -30, -10});
    expect_corner_at(image, 1, {50 - 4 * 2, -30, -10});
    expect_corner_at(image, 2, {50, -30, -10 + 3 * 3});
    expect_corner_at(image, 4, {50, -30 + 2 * 4, -10});
    expect_corner_at(image, 7, {42, -22, -1});
}

TEST(Orientation, QformWithQuarterTurnAndWithLeftHandedGrid) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.qform_code = 1;
    // A quarter turn about the z axis: i (2 mm) points to the front, j (3 mm) to the left, k (4 mm) up.
    file.quaternion_bcd = {0, 0, std::sqrt(0.5)};
    file.qoffset = {7, 8, 9};
    write_bytes(folder / "a.nii", file.nifti1());
    LoadedImage image = load_image(folder / "a.nii");
    EXPECT_EQ(image.info.affine_source, "qform");
    EXPECT_EQ(image.info.orientation, "ALS");
    expect_corner_at(image, 0, {7, 8, 9});
    expect_corner_at(image, 1, {7, 8 + 8, 9});
    expect_corner_at(image, 2, {7 - 9, 8, 9});
    expect_corner_at(image, 4, {7, 8, 9 + 8});
    file.pixdim[0] = -1;  // qfac: k points down
    write_bytes(folder / "b.nii", file.nifti1());
    image = load_image(folder / "b.nii");
    EXPECT_EQ(image.info.orientation, "ALI");
    EXPECT_LT(image.volume.scan_from_voxel.affine().linear().determinant(), 0.0);
    expect_corner_at(image, 4, {7, 8, 9 - 8});
    expect_corner_at(image, 7, {7 - 9, 8 + 8, 9 - 8});
}

TEST(Orientation, ObliqueQformAgreesWithTheSameTurnWorkedOutByAxisAndAngle) {
    const TemporaryFolder folder;
    std::mt19937 random(11);
    std::normal_distribution<double> normal;
    for (int n = 0; n < 30; ++n) {
        const Vector3d axis = Vector3d(normal(random), normal(random), normal(random)).normalized();
        const double angle = 0.1 * n;  // up to 166 degrees: the scalar part of the quaternion stays positive
        NiftiBytes file;
        file.qform_code = 2;
        file.pixdim[0] = n % 2 == 0 ? 1 : -1;
        const Vector3d bcd = std::sin(angle / 2) * axis;
        file.quaternion_bcd = {bcd[0], bcd[1], bcd[2]};
        file.qoffset = {-90, 20, 5};
        write_bytes(folder / "a.nii.gz", file.nifti1());
        const LoadedImage image = load_image(folder / "a.nii.gz");
        // Rodrigues' formula, independent of quaternions.
        const auto turned = [&](const Vector3d& v) {
            return Vector3d(v * std::cos(angle) + axis.cross(v) * std::sin(angle) +
                            axis * axis.dot(v) * (1 - std::cos(angle)));
        };
        const double qfac = file.pixdim[0];
        for (int corner = 0; corner < 8; ++corner) {
            const Vector3d steps((corner & 1) != 0 ? 8 : 0, (corner & 2) != 0 ? 9 : 0,
                                 (corner & 4) != 0 ? 8 * qfac : 0);
            expect_corner_at(image, corner, Vector3d(-90, 20, 5) + turned(steps));
        }
    }
}

TEST(Orientation, SformWinsOverQformAndDisagreementIsSaid) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.qform_code = 1;
    file.sform_code = 1;
    file.srow = {2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3};
    file.qoffset = {1, 2, 3.05};
    write_bytes(folder / "agree.nii", file.nifti1());
    EXPECT_TRUE(header_warnings(image_info(folder / "agree.nii")).empty());
    file.qoffset = {1, 2, 8};
    write_bytes(folder / "apart.nii", file.nifti1());
    const LoadedImage image = load_image(folder / "apart.nii");
    EXPECT_EQ(image.info.affine_source, "sform");
    expect_corner_at(image, 0, {1, 2, 3});
    ASSERT_EQ(header_warnings(image.info).size(), 1U);
    EXPECT_NE(image.info.warnings[0].find("5.0 mm"), std::string::npos) << image.info.warnings[0];
}

TEST(Orientation, WithoutEitherFormTheSideIsSaidToBeUnknown) {
    const TemporaryFolder folder;
    NiftiBytes file;
    write_bytes(folder / "a.nii", file.nifti1());
    const LoadedImage image = load_image(folder / "a.nii");
    EXPECT_EQ(image.info.affine_source, "header");
    ASSERT_EQ(header_warnings(image.info).size(), 1U);
    EXPECT_NE(image.info.warnings[0].find("left and right"), std::string::npos);
    expect_corner_at(image, 0, {4, -4.5, -4});
    file.sform_code = 1;  // all zero
    write_bytes(folder / "b.nii", file.nifti1());
    EXPECT_THROW(load_image(folder / "b.nii"), InputError);
}

TEST(Orientation, ShearLengthUnitsAndSpacingThatDisagrees) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.sform_code = 1;
    file.srow = {2, 0.5, 0, 1, 0, 3, 0.7, 2, 0, 0, 4, 3};
    write_bytes(folder / "shear.nii", file.nifti1());
    expect_corner_at(load_image(folder / "shear.nii"), 7, {1 + 8 + 1.5, 2 + 9 + 1.4, 3 + 8});
    file.pixdim = {1, 2, 3, 9};
    write_bytes(folder / "spacing.nii", file.nifti1());
    const auto warnings = header_warnings(image_info(folder / "spacing.nii"));
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_NE(warnings[0].find("voxel size in the header ("), std::string::npos);
    EXPECT_NE(warnings[1].find("not perpendicular"), std::string::npos);
    NiftiBytes metres;
    metres.units = 1;
    metres.sform_code = 1;
    metres.pixdim = {1, 0.002, 0.003, 0.004};
    metres.srow = {0.002, 0, 0, 0.001, 0, 0.003, 0, 0.002, 0, 0, 0.004, 0.003};
    write_bytes(folder / "metres.nii", metres.nifti1());
    const LoadedImage image = load_image(folder / "metres.nii");
    expect_corner_at(image, 7, {1 + 8, 2 + 9, 3 + 8});
    EXPECT_EQ(header_warnings(image.info).size(), 1U);
}

TEST(Orientation, ByteOrderVersionTypeAndScale) {
    const TemporaryFolder folder;
    for (const bool big_endian : {false, true}) {
        NiftiBytes file;
        file.big_endian = big_endian;
        file.qform_code = 1;
        file.qoffset = {1, 2, 3};
        write_bytes(folder / "one.nii", file.nifti1());
        write_bytes(folder / "two.nii", file.nifti2());
        for (const char* name : {"one.nii", "two.nii"}) {
            const LoadedImage image = load_image(folder / name);
            expect_corner_at(image, 0, {1, 2, 3});
            expect_corner_at(image, 7, {1 + 8, 2 + 9, 3 + 8});
        }
        EXPECT_EQ(image_info(folder / "two.nii").format, "NIfTI-2");
        // 16-bit samples with a scale: value = 0.5 · stored + 10.
        file.datatype = 4;
        file.bits = 16;
        file.slope = 0.5;
        file.intercept = 10;
        std::vector<unsigned char> data(120);
        for (std::size_t i = 0; i < 60; ++i) file.put(data, 2 * i, static_cast<std::int16_t>(i * 3));
        file.data = data;
        write_bytes(folder / "scaled.nii", file.nifti1());
        EXPECT_EQ(read_volume(folder / "scaled.nii").at(2, 1, 0), 10.0F + 0.5F * 21.0F);
    }
}

TEST(Orientation, WhatIsWrittenComesBack) {
    const TemporaryFolder folder;
    std::mt19937 random(12);
    std::normal_distribution<double> normal;
    for (int n = 0; n < 20; ++n) {
        Volume volume;
        volume.dims = {5, 4, 3};
        volume.samples = std::make_shared<const std::vector<float>>(corner_samples());
        Eigen::Affine3d map = Eigen::Affine3d::Identity();
        const Eigen::Quaterniond turn =
            Eigen::Quaterniond(normal(random), normal(random), normal(random), normal(random)).normalized();
        map.linear() = turn.toRotationMatrix() * Vector3d(0.9, n % 2 == 0 ? 1.1 : -1.1, 1.3).asDiagonal();
        if (n % 5 == 4) map.linear()(0, 1) += 0.2;  // sheared: no qform can say that
        map.translation() = 60.0 * Vector3d(normal(random), normal(random), normal(random));
        volume.scan_from_voxel = AffineMap<Scan, Voxel>(map);
        for (const char* name : {"a.nii", "a.nii.gz"}) {
            write_nifti(volume, folder / name);
            const LoadedImage back = load_image(folder / name);
            EXPECT_EQ(header_warnings(back.info).size(), n % 5 == 4 ? 1U : 0U);  // the slant is said
            EXPECT_LT((back.volume.scan_from_voxel.matrix() - map.matrix()).cwiseAbs().maxCoeff(), 1e-4);
            EXPECT_EQ(*back.volume.samples, *volume.samples);
            // The qform alone, when there is one, says the same.
            NiftiOrientation header = nifti_orientation_of(volume.scan_from_voxel);
            EXPECT_EQ(header.qform_code > 0, n % 5 != 4);
            if (header.qform_code == 0) continue;
            header.sform_code = 0;
            const Placement by_qform = place_nifti(header, volume.dims, "memory");
            EXPECT_LT((by_qform.scan_from_voxel.matrix() - map.matrix()).cwiseAbs().maxCoeff(), 1e-9);
        }
    }
}

// NRRD and MetaImage written as text: their axes point to the left and to the back.
TEST(Orientation, NrrdAndMetaImageAreTurnedToScanSpace) {
    const TemporaryFolder folder;
    const auto samples = corner_samples();
    const std::string raw(reinterpret_cast<const char*>(samples.data()), samples.size() * 4);
    {
        std::ofstream file(folder / "a.nrrd", std::ios::binary);
        file << "NRRD0004\ntype: float\ndimension: 3\nspace: left-posterior-superior\nsizes: 5 4 3\n"
                "space directions: (2,0,0) (0,3,0) (0,0,4)\nkinds: domain domain domain\nendian: little\n"
                "encoding: raw\nspace origin: (10,20,30)\n\n"
             << raw;
    }
    LoadedImage image = load_image(folder / "a.nrrd");
    EXPECT_EQ(image.info.orientation, "LPS");
    expect_corner_at(image, 0, {-10, -20, 30});
    expect_corner_at(image, 7, {-10 - 8, -20 - 9, 30 + 8});
    {
        std::ofstream file(folder / "a.mha", std::ios::binary);
        file << "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
                "TransformMatrix = 0 1 0 1 0 0 0 0 1\nOffset = 10 20 30\nElementSpacing = 2 3 4\nDimSize = 5 4 3\n"
                "ElementType = MET_FLOAT\nElementDataFile = LOCAL\n"
             << raw;
    }
    image = load_image(folder / "a.mha");  // i to the back, j to the left
    EXPECT_EQ(image.info.orientation, "PLS");
    expect_corner_at(image, 1, {-10, -20 - 8, 30});
    expect_corner_at(image, 2, {-10 - 9, -20, 30});
}

// FreeSurfer's format, big-endian: the conformed axes (left, down, front) about the box centre.
TEST(Orientation, MghIsPlacedByItsCentre) {
    const TemporaryFolder folder;
    NiftiBytes big;
    big.big_endian = true;
    std::vector<unsigned char> file(284, 0);
    const std::array<std::int32_t, 7> head = {1, 5, 4, 3, 1, 3, 0};
    for (std::size_t i = 0; i < head.size(); ++i) big.put(file, 4 * i, head[i]);
    big.put(file, 28, std::int16_t{1});
    const std::array<float, 15> geometry = {1, 1, 1, -1, 0, 0, 0, 0, -1, 0, 1, 0, 3, 4, 5};
    for (std::size_t i = 0; i < geometry.size(); ++i) big.put(file, 30 + 4 * i, geometry[i]);
    big.append_data(file);
    write_bytes(folder / "a.mgh", file);
    const LoadedImage image = load_image(folder / "a.mgh");
    EXPECT_EQ(image.info.orientation, "LIA");
    // Voxel (2.5, 2, 1.5) is at (3, 4, 5).
    expect_corner_at(image, 0, {3 + 2.5, 4 - 1.5, 5 + 2});
    expect_corner_at(image, 7, {3 + 2.5 - 4, 4 - 1.5 + 2, 5 + 2 - 3});
}

TEST(Orientation, ItkPointsGoThereAndBack) {
    EXPECT_EQ(scan_point_from_itk({1, 2, 3}).xyz, Vector3d(-1, -2, 3));
    EXPECT_EQ(itk_point_from_scan(scan_point_from_itk({1, 2, 3})), Vector3d(1, 2, 3));
}

TEST(Orientation, LettersOfEveryAxisOrder) {
    const std::string first = "RLAPSI";
    for (int order = 0; order < 6; ++order) {
        for (int signs = 0; signs < 8; ++signs) {
            std::array<int, 3> axes = {0, 1, 2};
            for (int n = 0; n < order; ++n) std::next_permutation(axes.begin(), axes.end());
            Eigen::Affine3d map = Eigen::Affine3d::Identity();
            map.linear().setZero();
            std::string expected;
            for (int column = 0; column < 3; ++column) {
                const bool negative = ((signs >> column) & 1) != 0;
                const int row = axes[static_cast<std::size_t>(column)];
                map.linear()(row, column) = negative ? -1.3 : 1.3;
                expected += first[static_cast<std::size_t>(2 * row + (negative ? 1 : 0))];
            }
            map.linear() = Eigen::AngleAxisd(0.4, Vector3d(1, 1, 0).normalized()).toRotationMatrix() * map.linear();
            EXPECT_EQ(orientation_letters(AffineMap<Scan, Voxel>(map)), expected);
        }
    }
}

}  // namespace
}  // namespace precentral
