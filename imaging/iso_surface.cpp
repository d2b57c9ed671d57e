// SPDX-License-Identifier: Apache-2.0
#include "imaging/iso_surface.h"

#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkFlyingEdges3D.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>

#include <algorithm>
#include <numeric>

#include "imaging/mesh_measures.h"

namespace precentral {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

int root_of(std::vector<int>& parent, int i) {
    while (parent[at(i)] != i) {
        parent[at(i)] = parent[at(parent[at(i)])];
        i = parent[at(i)];
    }
    return i;
}

void keep_largest_shell(Surface& surface) {
    std::vector<int> parent(surface.vertices.size());
    std::iota(parent.begin(), parent.end(), 0);
    for (const auto& t : surface.triangles) {
        for (const std::size_t c : {std::size_t{1}, std::size_t{2}}) {
            const int a = root_of(parent, t[0]);
            const int b = root_of(parent, t[c]);
            if (a != b) parent[at(std::max(a, b))] = std::min(a, b);
        }
    }
    std::vector<int> sizes(surface.vertices.size(), 0);
    for (const auto& t : surface.triangles) ++sizes[at(root_of(parent, t[0]))];
    const int largest = static_cast<int>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
    std::vector<int> renumbered(surface.vertices.size(), -1);
    Surface out;
    for (const auto& t : surface.triangles) {
        if (root_of(parent, t[0]) != largest) continue;
        std::array<int, 3> moved{};
        for (std::size_t c = 0; c < 3; ++c) {
            int& to = renumbered[at(t[c])];
            if (to < 0) {
                to = static_cast<int>(out.vertices.size());
                out.vertices.push_back(surface.vertices[at(t[c])]);
            }
            moved[c] = to;
        }
        out.triangles.push_back(moved);
    }
    surface = std::move(out);
}

}  // namespace

Surface iso_surface(const Field& field, const WorkGrid& grid, float value) {
    // VTK gets the voxels with an identity geometry; the grid's own place is applied to the points that come out.
    vtkNew<vtkImageData> image;
    image->SetDimensions(grid.dims[0], grid.dims[1], grid.dims[2]);
    vtkNew<vtkFloatArray> samples;
    samples->SetArray(const_cast<float*>(field.data()), static_cast<vtkIdType>(field.size()), 1);  // VTK only reads
    image->GetPointData()->SetScalars(samples);
    vtkNew<vtkFlyingEdges3D> edges;
    edges->SetInputData(image);
    edges->SetValue(0, static_cast<double>(value));
    edges->ComputeNormalsOff();
    edges->ComputeGradientsOff();
    edges->ComputeScalarsOff();
    edges->Update();
    vtkPolyData* mesh = edges->GetOutput();

    Surface out;
    out.vertices.resize(static_cast<std::size_t>(mesh->GetNumberOfPoints()));
    for (std::size_t i = 0; i < out.vertices.size(); ++i) {
        Eigen::Vector3d voxel;
        mesh->GetPoint(static_cast<vtkIdType>(i), voxel.data());
        out.vertices[i].xyz = grid.first.xyz + grid.spacing_mm * voxel;
    }
    out.triangles.reserve(static_cast<std::size_t>(mesh->GetNumberOfPolys()));
    vtkCellArray* polygons = mesh->GetPolys();
    for (vtkIdType cell = 0; cell < polygons->GetNumberOfCells(); ++cell) {
        vtkIdType count = 0;
        const vtkIdType* corners = nullptr;
        polygons->GetCellAtId(cell, count, corners);
        if (count != 3) continue;
        out.triangles.push_back(
            {static_cast<int>(corners[0]), static_cast<int>(corners[1]), static_cast<int>(corners[2])});
    }
    if (out.triangles.empty()) return {};
    keep_largest_shell(out);
    if (measured(out).volume_ml < 0.0) {
        for (auto& t : out.triangles) std::swap(t[1], t[2]);
    }
    return out;
}

void taubin_smooth(Surface& surface, int rounds) {
    // Neighbours of all vertices in one array, each once.
    std::vector<std::array<int, 2>> pairs;
    pairs.reserve(surface.triangles.size() * 6);
    for (const auto& t : surface.triangles) {
        for (std::size_t c = 0; c < 3; ++c) {
            pairs.push_back({t[c], t[(c + 1) % 3]});
            pairs.push_back({t[(c + 1) % 3], t[c]});
        }
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    std::vector<Eigen::Vector3d> moved(surface.vertices.size());
    const auto step = [&](double share) {
        for (std::size_t i = 0; i < pairs.size();) {
            const int vertex = pairs[i][0];
            Eigen::Vector3d sum = Eigen::Vector3d::Zero();
            std::size_t n = 0;
            for (; i < pairs.size() && pairs[i][0] == vertex; ++i, ++n) sum += surface.vertices[at(pairs[i][1])].xyz;
            const Eigen::Vector3d& here = surface.vertices[at(vertex)].xyz;
            moved[at(vertex)] = here + share * (sum / static_cast<double>(n) - here);
        }
        for (std::size_t v = 0; v < moved.size(); ++v) surface.vertices[v].xyz = moved[v];
    };
    for (std::size_t v = 0; v < moved.size(); ++v) moved[v] = surface.vertices[v].xyz;  // a vertex without neighbours
    for (int round = 0; round < rounds; ++round) {
        step(0.5);
        step(-0.53);
    }
}

}  // namespace precentral
