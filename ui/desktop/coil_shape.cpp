// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/coil_shape.h"

#include <vtkAppendPolyData.h>
#include <vtkArrowSource.h>
#include <vtkCylinderSource.h>
#include <vtkNew.h>
#include <vtkParametricFunctionSource.h>
#include <vtkParametricTorus.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkSphereSource.h>
#include <vtkTransform.h>
#include <vtkTransformPolyDataFilter.h>

namespace precentral {
namespace {

constexpr double kWingCentre_mm = 44.0;
constexpr double kWire_mm = 4.6;

vtkSmartPointer<vtkPolyData> placed(vtkAlgorithm* source, vtkTransform* transform) {
    vtkNew<vtkTransformPolyDataFilter> filter;
    filter->SetInputConnection(source->GetOutputPort());
    filter->SetTransform(transform);
    filter->Update();
    vtkSmartPointer<vtkPolyData> out = filter->GetOutput();
    out->GetPointData()->SetTCoords(nullptr);
    return out;
}

vtkSmartPointer<vtkPolyData> torus(double x_mm, double z_mm, double radius_mm, double tube_mm) {
    vtkNew<vtkParametricTorus> shape;
    shape->SetRingRadius(radius_mm);
    shape->SetCrossSectionRadius(tube_mm);
    vtkNew<vtkParametricFunctionSource> source;
    source->SetParametricFunction(shape);
    source->SetUResolution(48);
    source->SetVResolution(10);
    source->SetWResolution(1);
    source->SetScalarModeToNone();
    vtkNew<vtkTransform> transform;
    transform->Translate(x_mm, 0.0, z_mm);
    return placed(source, transform);
}

}  // namespace

vtkSmartPointer<vtkPolyData> coil_solid() {
    vtkNew<vtkAppendPolyData> all;
    for (const double side : {-1.0, 1.0}) {
        for (const double radius : {17.0, 27.5, 38.0}) {
            all->AddInputData(torus(side * kWingCentre_mm, -kWire_mm, radius, kWire_mm));
        }
    }
    vtkNew<vtkCylinderSource> handle;  // along y
    handle->SetRadius(9.0);
    handle->SetHeight(120.0);
    handle->SetResolution(20);
    vtkNew<vtkTransform> place;
    place->Translate(0.0, -64.0, -13.0);
    all->AddInputData(placed(handle, place));
    vtkNew<vtkSphereSource> neck;
    neck->SetRadius(9.0);
    neck->SetThetaResolution(20);
    neck->SetPhiResolution(12);
    vtkNew<vtkTransform> neck_place;
    neck_place->Translate(0.0, -4.0, -13.0);
    all->AddInputData(placed(neck, neck_place));
    all->Update();
    return all->GetOutput();
}

vtkSmartPointer<vtkPolyData> coil_outline() {
    vtkNew<vtkAppendPolyData> all;
    for (const double side : {-1.0, 1.0}) {
        for (const double radius : {21.0, 42.0}) all->AddInputData(torus(side * kWingCentre_mm, -1.0, radius, 0.9));
    }
    vtkNew<vtkArrowSource> arrow;  // along +x, unit length
    arrow->SetTipLength(0.16);
    arrow->SetTipRadius(0.055);
    arrow->SetShaftRadius(0.014);
    vtkNew<vtkTransform> place;
    place->Translate(0.0, -55.0, -1.0);
    place->RotateZ(90.0);
    place->Scale(100.0, 100.0, 100.0);
    all->AddInputData(placed(arrow, place));
    vtkNew<vtkSphereSource> centre;
    centre->SetRadius(3.0);
    vtkNew<vtkTransform> centre_place;
    centre_place->Translate(0.0, 0.0, -1.0);
    all->AddInputData(placed(centre, centre_place));
    all->Update();
    return all->GetOutput();
}

}  // namespace precentral
