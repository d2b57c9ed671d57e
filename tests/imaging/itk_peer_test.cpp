// SPDX-License-Identifier: Apache-2.0
// The same files through ITK, which shares no code with our readers: every voxel must lie in the same place and have
// the same value, in all 48 axis orders and obliquely.
#include <gtest/gtest.h>
#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkMetaImageIOFactory.h>
#include <itkNiftiImageIOFactory.h>
#include <itkNrrdImageIOFactory.h>

#include <algorithm>
#include <random>

#include "fixtures.h"
#include "imaging/orientation.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

using Eigen::Vector3d;
using Image = itk::Image<float, 3>;

constexpr std::array<int, 3> kDims = {7, 6, 5};

// An axis order (0 to 5), a set of flips (0 to 7), and a turn away from the axes.
Eigen::Affine3d placed(int order, int flips, const Eigen::Matrix3d& turn) {
    std::array<int, 3> axis = {0, 1, 2};
    for (int n = 0; n < order; ++n) std::next_permutation(axis.begin(), axis.end());
    Eigen::Matrix3d linear = Eigen::Matrix3d::Zero();
    const Vector3d spacing(0.9, 1.1, 1.3);
    for (int a = 0; a < 3; ++a) {
        linear(axis[static_cast<std::size_t>(a)], a) = ((flips >> a) & 1) != 0 ? -spacing[a] : spacing[a];
    }
    Eigen::Affine3d out = Eigen::Affine3d::Identity();
    out.linear() = turn * linear;
    out.translation() = Vector3d(-31.5, 12.25, 48.0);
    return out;
}

Image::Pointer itk_image(const Eigen::Affine3d& scan_from_voxel, std::mt19937& random) {
    auto image = Image::New();
    Image::RegionType region;
    region.SetSize({{7, 6, 5}});
    image->SetRegions(region);
    const Eigen::Matrix3d linear = scan_from_voxel.linear();
    const Vector3d spacing = linear.colwise().norm();
    const Eigen::Matrix3d direction = Vector3d(-1, -1, 1).asDiagonal() * (linear * spacing.cwiseInverse().asDiagonal());
    const Vector3d origin = itk_point_from_scan({scan_from_voxel.translation()});
    Image::DirectionType cosines;
    for (unsigned r = 0; r < 3; ++r) {
        for (unsigned c = 0; c < 3; ++c) cosines[r][c] = direction(static_cast<int>(r), static_cast<int>(c));
    }
    image->SetDirection(cosines);
    image->SetSpacing(spacing.data());
    image->SetOrigin(origin.data());
    image->Allocate();
    std::uniform_real_distribution<float> any(1.0F, 1000.0F);
    for (std::size_t i = 0; i < 7 * 6 * 5; ++i) image->GetBufferPointer()[i] = any(random);
    return image;
}

// The largest distance of a corner between what ITK says and what we say.
double corner_error_mm(const Image& image, const Volume& volume) {
    double worst = 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        const Vector3d voxel((corner & 1) != 0 ? kDims[0] - 1 : 0, (corner & 2) != 0 ? kDims[1] - 1 : 0,
                             (corner & 4) != 0 ? kDims[2] - 1 : 0);
        Image::IndexType index;
        for (unsigned a = 0; a < 3; ++a) index[a] = static_cast<itk::IndexValueType>(voxel[static_cast<int>(a)]);
        Image::PointType place;
        image.TransformIndexToPhysicalPoint(index, place);
        const Point<Scan> theirs = scan_point_from_itk(Vector3d(place[0], place[1], place[2]));
        worst = std::max(worst, distance_mm(theirs, volume.scan_from_voxel * Point<Voxel>{voxel}));
    }
    return worst;
}

class ItkPeer : public testing::TestWithParam<const char*> {};

TEST_P(ItkPeer, ReadsAndWritesTheSamePlaceAndValuesInEveryAxisOrder) {
    itk::NiftiImageIOFactory::RegisterOneFactory();
    itk::NrrdImageIOFactory::RegisterOneFactory();
    itk::MetaImageIOFactory::RegisterOneFactory();
    const TemporaryFolder folder;
    const std::string name = (folder / (std::string("image") + GetParam())).string();
    std::mt19937 random(1);
    const Eigen::Matrix3d straight = Eigen::Matrix3d::Identity();
    const Eigen::Matrix3d oblique = Eigen::AngleAxisd(0.4, Vector3d(1, 2, -0.5).normalized()).toRotationMatrix();
    double worst = 0.0;
    for (int order = 0; order < 6; ++order) {
        for (int flips = 0; flips < 8; ++flips) {
            for (const auto& turn : {straight, oblique}) {
                const auto theirs = itk_image(placed(order, flips, turn), random);
                auto writer = itk::ImageFileWriter<Image>::New();
                writer->SetFileName(name);
                writer->SetInput(theirs);
                writer->Update();
                const Volume ours = read_volume(name);
                ASSERT_EQ(ours.dims, kDims);
                worst = std::max(worst, corner_error_mm(*theirs, ours));
                ASSERT_TRUE(std::equal(ours.samples->begin(), ours.samples->end(), theirs->GetBufferPointer()));

                if (std::string(GetParam()).starts_with(".nii")) {
                    write_nifti(ours, name);
                    auto reader = itk::ImageFileReader<Image>::New();
                    reader->SetFileName(name);
                    reader->Update();
                    worst = std::max(worst, corner_error_mm(*reader->GetOutput(), ours));
                    ASSERT_TRUE(std::equal(ours.samples->begin(), ours.samples->end(),
                                           reader->GetOutput()->GetBufferPointer()));
                }
            }
        }
    }
    EXPECT_LT(worst, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Formats, ItkPeer, testing::Values(".nii", ".nii.gz", ".nrrd", ".mha"));

}  // namespace
}  // namespace precentral
