// SPDX-License-Identifier: Apache-2.0
// Our values as VTK takes them. Many VTK filters and mappers ignore an image's direction, so images carry the identity
// geometry (voxel indices) and their place goes to the actor or the reslicer as a matrix of its own.
#pragma once

#include <vtkImageData.h>
#include <vtkMatrix4x4.h>
#include <vtkPolyData.h>
#include <vtkSmartPointer.h>

#include "imaging/surface.h"
#include "imaging/volume.h"

namespace precentral {

// Shares the samples of the volume (no copy) and keeps them alive as long as VTK's array lives. Treat as read-only.
vtkSmartPointer<vtkImageData> to_vtk(const Volume& volume);

// Points in scan mm, with the normals as point data.
vtkSmartPointer<vtkPolyData> to_vtk(const Surface& surface);

// The reverse: triangles and triangle strips; polygons with more corners are fanned. Normals are computed anew.
Surface from_vtk(vtkPolyData& mesh);

vtkSmartPointer<vtkMatrix4x4> to_vtk(const Eigen::Matrix4d& matrix);
template <class To, class From>
vtkSmartPointer<vtkMatrix4x4> to_vtk(const Transform<To, From>& to_from_from) {
    return to_vtk(to_from_from.matrix());
}
template <class To, class From>
vtkSmartPointer<vtkMatrix4x4> to_vtk(const AffineMap<To, From>& to_from_from) {
    return to_vtk(to_from_from.matrix());
}

}  // namespace precentral
