// SPDX-License-Identifier: Apache-2.0
#include "imaging/to_vtk.h"

#include <vtkCallbackCommand.h>
#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>

#include "imaging/mesh_measures.h"
#include "imaging/orientation.h"

namespace precentral {
namespace {

using Samples = std::shared_ptr<const std::vector<float>>;

}  // namespace

vtkSmartPointer<vtkImageData> to_vtk(const Volume& volume) {
    auto image = vtkSmartPointer<vtkImageData>::New();
    image->SetDimensions(volume.dims[0], volume.dims[1], volume.dims[2]);
    vtkNew<vtkFloatArray> array;
    array->SetName("samples");
    // VTK has no read-only arrays; the array is told not to free what it was lent.
    array->SetArray(const_cast<float*>(volume.samples->data()), static_cast<vtkIdType>(volume.count()), 1);
    vtkNew<vtkCallbackCommand> release;
    release->SetClientData(new Samples(volume.samples));
    release->SetClientDataDeleteCallback([](void* held) { delete static_cast<Samples*>(held); });
    array->AddObserver("samples kept alive", release);  // never fires; goes away with the array
    image->GetPointData()->SetScalars(array);
    return image;
}

vtkSmartPointer<vtkPolyData> to_vtk(const Surface& surface) {
    vtkNew<vtkPoints> points;
    points->SetDataTypeToDouble();
    points->SetNumberOfPoints(static_cast<vtkIdType>(surface.vertices.size()));
    for (std::size_t i = 0; i < surface.vertices.size(); ++i) {
        points->SetPoint(static_cast<vtkIdType>(i), surface.vertices[i].xyz.data());
    }
    vtkNew<vtkCellArray> triangles;
    triangles->AllocateExact(static_cast<vtkIdType>(surface.triangles.size()),
                             static_cast<vtkIdType>(3 * surface.triangles.size()));
    for (const auto& t : surface.triangles) triangles->InsertNextCell({t[0], t[1], t[2]});
    auto mesh = vtkSmartPointer<vtkPolyData>::New();
    mesh->SetPoints(points);
    mesh->SetPolys(triangles);
    if (surface.normals.size() == surface.vertices.size()) {
        vtkNew<vtkFloatArray> normals;
        normals->SetName("Normals");
        normals->SetNumberOfComponents(3);
        normals->SetNumberOfTuples(static_cast<vtkIdType>(surface.normals.size()));
        for (std::size_t i = 0; i < surface.normals.size(); ++i) {
            normals->SetTuple(static_cast<vtkIdType>(i), surface.normals[i].xyz.data());
        }
        mesh->GetPointData()->SetNormals(normals);
    }
    return mesh;
}

Surface from_vtk(vtkPolyData& mesh) {
    Surface out;
    out.vertices.resize(static_cast<std::size_t>(mesh.GetNumberOfPoints()));
    for (std::size_t i = 0; i < out.vertices.size(); ++i) {
        mesh.GetPoint(static_cast<vtkIdType>(i), out.vertices[i].xyz.data());
    }
    const auto corner = [](vtkIdType id) { return static_cast<int>(id); };
    vtkIdType count = 0;
    const vtkIdType* ids = nullptr;
    vtkCellArray* polygons = mesh.GetPolys();
    for (vtkIdType cell = 0; cell < polygons->GetNumberOfCells(); ++cell) {
        polygons->GetCellAtId(cell, count, ids);
        for (vtkIdType c = 2; c < count; ++c)
            out.triangles.push_back({corner(ids[0]), corner(ids[c - 1]), corner(ids[c])});
    }
    vtkCellArray* strips = mesh.GetStrips();
    for (vtkIdType cell = 0; cell < strips->GetNumberOfCells(); ++cell) {
        strips->GetCellAtId(cell, count, ids);
        for (vtkIdType c = 2; c < count; ++c) {
            if (c % 2 == 0) {
                out.triangles.push_back({corner(ids[c - 2]), corner(ids[c - 1]), corner(ids[c])});
            } else {
                out.triangles.push_back({corner(ids[c - 1]), corner(ids[c - 2]), corner(ids[c])});
            }
        }
    }
    out.normals = vertex_normals(out.vertices, out.triangles);
    return out;
}

vtkSmartPointer<vtkMatrix4x4> to_vtk(const Eigen::Matrix4d& matrix) {
    auto out = vtkSmartPointer<vtkMatrix4x4>::New();
    out->DeepCopy(vtk_elements(matrix).data());
    return out;
}

}  // namespace precentral
