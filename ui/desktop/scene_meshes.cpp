// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/scene_meshes.h"

#include <vtkPolyData.h>
#include <vtkSmartPointer.h>

#include "imaging/decimate.h"
#include "imaging/to_vtk.h"

namespace precentral {
namespace {

using Mesh = vtkSmartPointer<vtkPolyData>;

}  // namespace

struct SceneMeshes::Impl {
    Mesh scalp_still, scalp_moving, brain_still, brain_moving;
};

SceneMeshes::SceneMeshes(const Surface& scalp, const Surface& brain) : impl_(std::make_unique<Impl>()) {
    // The coarse mesh comes from the fine one: thinning is dear, and its cost grows with what it starts from.
    const Surface scalp_still = decimated(scalp, kStillTriangles);
    const Surface brain_still = decimated(brain, kStillTriangles);
    moving_scalp_ = std::make_shared<const Surface>(decimated(scalp_still, kMovingTriangles));
    moving_brain_ = std::make_shared<const Surface>(decimated(brain_still, kMovingTriangles));
    impl_->scalp_still = to_vtk(scalp_still);
    impl_->brain_still = to_vtk(brain_still);
    impl_->scalp_moving = to_vtk(*moving_scalp_);
    impl_->brain_moving = to_vtk(*moving_brain_);
    if (scalp.vertices.empty()) return;
    Eigen::Vector3d low = scalp.vertices.front().xyz;
    Eigen::Vector3d high = low;
    for (const auto& vertex : scalp.vertices) {
        low = low.cwiseMin(vertex.xyz);
        high = high.cwiseMax(vertex.xyz);
    }
    centre_.xyz = (low + high) / 2.0;
    half_size_mm_ = (high - low) / 2.0;
}

SceneMeshes::~SceneMeshes() = default;

vtkPolyData* SceneMeshes::scalp(bool moving) const { return moving ? impl_->scalp_moving : impl_->scalp_still; }
vtkPolyData* SceneMeshes::brain(bool moving) const { return moving ? impl_->brain_moving : impl_->brain_still; }

std::shared_ptr<const SceneMeshes> make_scene_meshes(const Surface& scalp, const Surface& brain) {
    return std::make_shared<const SceneMeshes>(scalp, brain);
}

}  // namespace precentral
