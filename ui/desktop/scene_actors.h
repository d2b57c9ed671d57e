// SPDX-License-Identifier: Apache-2.0
// What stands in the 3D scene, as VTK actors. No Qt widget here.
#pragma once

#include <vtkActor.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPolyDataMapper.h>

#include <array>
#include <vector>

#include "data/frames.h"
#include "navigation/session_view.h"
#include "ui/desktop/theme.h"

class vtkRenderer;  // NOLINT(cppcoreguidelines-virtual-class-destructor): VTK destroys by Delete()

namespace precentral {

// One mesh with its colour.
struct SceneActor {
    SceneActor();
    void set_mesh(vtkPolyData* mesh);
    void set_colour(const QColor& colour, double opacity = 1.0);
    void set_pose(const Transform<Scan, Coil>& scan_from_coil);
    // Opacity below 1 is lit evenly.
    void set_veiled(double opacity);
    // Returns whether it changed.
    bool set_shown(bool shown);
    bool shown() const { return actor->GetVisibility() != 0; }

    vtkNew<vtkPolyDataMapper> mapper;
    vtkNew<vtkActor> actor;
};

struct MarkedPoint {
    Point<Scan> point;
    Grade grade = Grade::on;
    bool operator==(const MarkedPoint&) const = default;
};

struct SceneActors {
    explicit SceneActors(vtkRenderer* renderer);
    void set_theme(const Theme& theme);

    SceneActor scalp, brain, coil, coil_ring, target, stylus;
    std::array<SceneActor, 3> touched;  // ball, cone, cube
    SceneActor responded, silent, hotspot;
    SceneActor field;  // the brain once more, painted

    // The mesh the field is painted on, copied; then the share of the peak at each of its vertices. A field of another
    // size is not taken (false).
    void set_field_mesh(vtkPolyData* mesh);
    bool paint_field(const std::vector<float>& share);
    void show_touched(const std::vector<MarkedPoint>& points);
    void show_pulses(const std::vector<MapPulseView>& pulses);

private:
    vtkNew<vtkFloatArray> share_;
};

// Distance from each point to the mesh, mm; empty for an empty mesh.
std::vector<double> distances_to_mesh_mm(vtkPolyData* mesh, const std::vector<Point<Scan>>& points);

}  // namespace precentral
