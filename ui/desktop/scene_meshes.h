// SPDX-License-Identifier: Apache-2.0
// The head's surfaces as VTK draws them, at two levels of detail, and the coil's shape.
#pragma once

#include <memory>

#include "imaging/surface.h"

class vtkPolyData;  // NOLINT(cppcoreguidelines-virtual-class-destructor): VTK destroys by Delete()

namespace precentral {

inline constexpr int kStillTriangles = 60000;
inline constexpr int kMovingTriangles = 20000;

// Never changed once made; shared by views.
struct SceneMeshes {
    SceneMeshes(const Surface& scalp, const Surface& brain);
    ~SceneMeshes();
    SceneMeshes(const SceneMeshes&) = delete;
    SceneMeshes& operator=(const SceneMeshes&) = delete;

    vtkPolyData* scalp(bool moving) const;
    vtkPolyData* brain(bool moving) const;
    // What is drawn while something moves; the field is computed at the brain's vertices.
    std::shared_ptr<const Surface> moving_scalp() const { return moving_scalp_; }
    std::shared_ptr<const Surface> moving_brain() const { return moving_brain_; }
    Point<Scan> centre() const { return centre_; }  // of the scalp's box
    Eigen::Vector3d half_size_mm() const { return half_size_mm_; }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::shared_ptr<const Surface> moving_scalp_, moving_brain_;
    Point<Scan> centre_;
    Eigen::Vector3d half_size_mm_ = Eigen::Vector3d::Zero();
};

// Seconds of work; any thread.
std::shared_ptr<const SceneMeshes> make_scene_meshes(const Surface& scalp, const Surface& brain);

}  // namespace precentral
