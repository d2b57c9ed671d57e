// SPDX-License-Identifier: Apache-2.0
// A figure-of-eight coil drawn from simple bodies, in the coil's own axes: wings along x, handle along -y, bottom face
// at z = 0, body towards -z. mm.
#pragma once

#include <vtkSmartPointer.h>

class vtkPolyData;  // NOLINT(cppcoreguidelines-virtual-class-destructor): VTK destroys by Delete()

namespace precentral {

// Windings of two wings and a handle.
vtkSmartPointer<vtkPolyData> coil_solid();
// Two thin rings a wing and an arrow towards +y: where a coil should be, seen through.
vtkSmartPointer<vtkPolyData> coil_outline();

}  // namespace precentral
