// SPDX-License-Identifier: Apache-2.0
#include "imaging/to_vtk.h"

#include <gtest/gtest.h>
#include <vtkPointData.h>

#include "fixtures.h"

namespace precentral {
namespace {

TEST(ToVtk, SharesTheSamplesAndKeepsThemAlive) {
    auto samples = std::make_shared<const std::vector<float>>(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
    Volume volume;
    volume.dims = {2, 2, 2};
    volume.samples = samples;
    const std::weak_ptr<const std::vector<float>> watch = samples;
    vtkSmartPointer<vtkImageData> image = to_vtk(volume);
    EXPECT_EQ(image->GetScalarPointer(), samples->data());  // no copy
    EXPECT_EQ(image->GetScalarComponentAsDouble(1, 0, 1, 0), 5.0);
    EXPECT_EQ(image->GetSpacing()[0], 1.0);
    EXPECT_EQ(image->GetOrigin()[2], 0.0);
    samples.reset();
    volume.samples.reset();
    EXPECT_FALSE(watch.expired());
    EXPECT_EQ(image->GetScalarComponentAsDouble(0, 1, 1, 0), 6.0);
    image = nullptr;
    EXPECT_TRUE(watch.expired());
}

TEST(ToVtk, ASurfaceComesBackTheSame) {
    const Surface there = sphere({1, 2, 3}, 40.0, 3);
    const auto mesh = to_vtk(there);
    EXPECT_NE(mesh->GetPointData()->GetNormals(), nullptr);
    const Surface back = from_vtk(*mesh);
    EXPECT_EQ(back.vertices, there.vertices);
    EXPECT_EQ(back.triangles, there.triangles);
}

TEST(ToVtk, MatricesAreRowMajor) {
    Eigen::Affine3d map = Eigen::Affine3d::Identity();
    map.translation() = Eigen::Vector3d(7, 8, 9);
    map.linear()(0, 1) = 0.5;
    const auto matrix = to_vtk(AffineMap<Scan, Voxel>(map));
    EXPECT_EQ(matrix->GetElement(0, 3), 7.0);
    EXPECT_EQ(matrix->GetElement(0, 1), 0.5);
    EXPECT_EQ(matrix->GetElement(1, 0), 0.0);
}

}  // namespace
}  // namespace precentral
