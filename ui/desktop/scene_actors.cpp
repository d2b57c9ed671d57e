// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/scene_actors.h"

#include <vtkAppendPolyData.h>
#include <vtkConeSource.h>
#include <vtkCubeSource.h>
#include <vtkLookupTable.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkProperty.h>
#include <vtkRenderer.h>
#include <vtkSphereSource.h>
#include <vtkStaticCellLocator.h>

#include <algorithm>
#include <cmath>

#include "imaging/to_vtk.h"
#include "ui/desktop/coil_shape.h"
#include "ui/desktop/field_legend.h"

namespace precentral {
namespace {

// Some light from everywhere: edges seen at a grazing angle are not black.
constexpr double kAmbient = 0.22;
constexpr double kDiffuse = 0.80;
constexpr QColor kBrainColour(0xe0, 0xc3, 0xb4);
constexpr int kTableSteps = 512;
constexpr double kLineHalfWidth = 0.008;  // of the field's lines, share of the peak

vtkSmartPointer<vtkPolyData> ball(const Point<Scan>& at, double radius_mm) {
    vtkNew<vtkSphereSource> source;
    source->SetCenter(at.xyz.x(), at.xyz.y(), at.xyz.z());
    source->SetRadius(radius_mm);
    source->SetThetaResolution(14);
    source->SetPhiResolution(10);
    source->Update();
    return source->GetOutput();
}

vtkSmartPointer<vtkPolyData> cone(const Point<Scan>& at) {
    vtkNew<vtkConeSource> source;
    source->SetCenter(at.xyz.x(), at.xyz.y(), at.xyz.z());
    source->SetDirection(0, 0, 1);
    source->SetHeight(8);
    source->SetRadius(3.6);
    source->SetResolution(14);
    source->Update();
    return source->GetOutput();
}

vtkSmartPointer<vtkPolyData> cube(const Point<Scan>& at) {
    vtkNew<vtkCubeSource> source;
    source->SetCenter(at.xyz.x(), at.xyz.y(), at.xyz.z());
    source->SetXLength(7);
    source->SetYLength(7);
    source->SetZLength(7);
    source->Update();
    return source->GetOutput();
}

}  // namespace

SceneActor::SceneActor() {
    mapper->ScalarVisibilityOff();
    mapper->StaticOn();
    actor->SetMapper(mapper);
    actor->VisibilityOff();
    actor->GetProperty()->SetInterpolationToGouraud();
    actor->GetProperty()->SetAmbient(kAmbient);
    actor->GetProperty()->SetDiffuse(kDiffuse);
}

void SceneActor::set_mesh(vtkPolyData* mesh) {
    mapper->SetInputData(mesh);
    mapper->Modified();
}

void SceneActor::set_colour(const QColor& colour, double opacity) {
    vtkProperty* property = actor->GetProperty();
    property->SetColor(colour.redF(), colour.greenF(), colour.blueF());
    property->SetOpacity(opacity);
}

void SceneActor::set_pose(const Transform<Scan, Coil>& scan_from_coil) { actor->SetUserMatrix(to_vtk(scan_from_coil)); }

void SceneActor::set_veiled(double opacity) {
    vtkProperty* property = actor->GetProperty();
    const bool veil = opacity < 1.0;
    property->SetOpacity(opacity);
    property->SetAmbient(veil ? 0.55 : kAmbient);
    property->SetDiffuse(veil ? 0.45 : kDiffuse);
}

bool SceneActor::set_shown(bool now_shown) {
    if (shown() == now_shown) return false;
    actor->SetVisibility(now_shown ? 1 : 0);
    return true;
}

SceneActors::SceneActors(vtkRenderer* renderer) {
    coil.set_mesh(coil_solid());
    const auto outline = coil_outline();
    coil_ring.set_mesh(outline);
    target.set_mesh(outline);
    stylus.set_mesh(ball({}, 2.6));
    for (SceneActor* one : {&scalp, &brain, &coil, &coil_ring, &target, &stylus, &touched[0], &touched[1], &touched[2],
                            &responded, &silent, &hotspot, &field}) {
        renderer->AddActor(one->actor);
    }
    vtkNew<vtkLookupTable> table;
    table->SetNumberOfTableValues(kTableSteps);
    table->SetRange(0.0, 1.0);
    for (int i = 0; i < kTableSteps; ++i) {
        const double share = (i + 0.5) / kTableSteps;
        QColor colour = field_colour(share, kBrainColour);
        for (const double line : kFieldLines) {
            if (std::abs(share - line) < kLineHalfWidth) colour = QColor(0x15191e);
        }
        table->SetTableValue(i, colour.redF(), colour.greenF(), colour.blueF());
    }
    field.mapper->SetLookupTable(table);
    field.mapper->UseLookupTableScalarRangeOn();
    field.mapper->SetScalarModeToUsePointData();
    field.mapper->ScalarVisibilityOn();
    field.mapper->InterpolateScalarsBeforeMappingOn();  // or the lines would follow the triangles
    scalp.actor->GetProperty()->BackfaceCullingOn();
    for (SceneActor* flat : {&target, &coil_ring}) {
        flat->actor->GetProperty()->SetAmbient(0.65);
        flat->actor->GetProperty()->SetDiffuse(0.45);
    }
    coil.actor->GetProperty()->SetSpecular(0.25);
    coil.actor->GetProperty()->SetSpecularPower(18);
}

void SceneActors::set_theme(const Theme& theme) {
    scalp.set_colour(QColor(0xc7a48e), scalp.actor->GetProperty()->GetOpacity());
    brain.set_colour(kBrainColour);
    coil.set_colour(QColor(0x4a90d6));
    coil_ring.set_colour(theme.text);
    target.set_colour(theme.accent);
    stylus.set_colour(QColor(0xffffff));
    touched[0].set_colour(theme.on);
    touched[1].set_colour(theme.near);
    touched[2].set_colour(theme.off);
    responded.set_colour(QColor(0xffffff));
    silent.set_colour(QColor(0x20262d));
    hotspot.set_colour(theme.accent);
}

void SceneActors::set_field_mesh(vtkPolyData* mesh) {
    vtkNew<vtkPolyData> own;
    own->ShallowCopy(mesh);
    share_->SetNumberOfTuples(mesh->GetNumberOfPoints());
    share_->Fill(0.0);
    own->GetPointData()->SetScalars(share_);
    field.set_mesh(own);
}

bool SceneActors::paint_field(const std::vector<float>& share) {
    if (static_cast<std::size_t>(share_->GetNumberOfTuples()) != share.size()) return false;
    std::copy(share.begin(), share.end(), share_->GetPointer(0));
    share_->Modified();
    field.mapper->GetInput()->Modified();
    field.mapper->Modified();
    return true;
}

void SceneActors::show_touched(const std::vector<MarkedPoint>& points) {
    std::array<vtkSmartPointer<vtkAppendPolyData>, 3> shapes;
    for (auto& shape : shapes) shape = vtkSmartPointer<vtkAppendPolyData>::New();
    for (const MarkedPoint& p : points) {
        if (p.grade == Grade::on) {
            shapes[0]->AddInputData(ball(p.point, 2.4));
        } else if (p.grade == Grade::near) {
            shapes[1]->AddInputData(cone(p.point));
        } else {
            shapes[2]->AddInputData(cube(p.point));
        }
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const bool any = shapes[i]->GetNumberOfInputConnections(0) > 0;
        if (any) {
            shapes[i]->Update();
            touched[i].set_mesh(shapes[i]->GetOutput());
        }
        touched[i].set_shown(any);
    }
}

void SceneActors::show_pulses(const std::vector<MapPulseView>& pulses) {
    vtkNew<vtkAppendPolyData> yes;
    vtkNew<vtkAppendPolyData> no;
    for (const MapPulseView& pulse : pulses) {
        // Larger answers are larger balls, by the cube root so that 2 mV does not cover the gyrus.
        const double radius = std::clamp(0.9 * std::cbrt(std::max(pulse.mep_uv, 1.0) / 50.0), 1.7, 3.4);
        if (pulse.responded) {
            yes->AddInputData(ball(pulse.cortex, radius));
        } else {
            no->AddInputData(ball(pulse.cortex, 1.7));
        }
    }
    const auto show = [](SceneActor& actor, vtkAppendPolyData* shapes) {
        const bool any = shapes->GetNumberOfInputConnections(0) > 0;
        if (any) {
            shapes->Update();
            actor.set_mesh(shapes->GetOutput());
        }
        actor.set_shown(any);
    };
    show(responded, yes);
    show(silent, no);
}

std::vector<double> distances_to_mesh_mm(vtkPolyData* mesh, const std::vector<Point<Scan>>& points) {
    std::vector<double> out;
    if (mesh == nullptr || mesh->GetNumberOfCells() == 0) return out;
    vtkNew<vtkStaticCellLocator> locator;
    locator->SetDataSet(mesh);
    locator->BuildLocator();
    for (const auto& p : points) {
        double closest[3];
        vtkIdType cell = 0;
        int sub = 0;
        double distance2 = 0.0;
        double at[3] = {p.xyz.x(), p.xyz.y(), p.xyz.z()};
        locator->FindClosestPoint(at, closest, cell, sub, distance2);
        out.push_back(std::sqrt(distance2));
    }
    return out;
}

}  // namespace precentral
