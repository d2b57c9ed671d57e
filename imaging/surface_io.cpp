// SPDX-License-Identifier: Apache-2.0
#include "imaging/surface_io.h"

#include <unistd.h>
#include <vtkCallbackCommand.h>
#include <vtkExecutive.h>
#include <vtkNew.h>
#include <vtkOBJReader.h>
#include <vtkOBJWriter.h>
#include <vtkPLYReader.h>
#include <vtkPLYWriter.h>
#include <vtkSTLReader.h>
#include <vtkSTLWriter.h>
#include <vtkXMLPolyDataReader.h>
#include <vtkXMLPolyDataWriter.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <type_traits>

#include "data/error.h"
#include "imaging/freesurfer.h"
#include "imaging/gifti.h"
#include "imaging/mesh_measures.h"
#include "imaging/to_vtk.h"

namespace precentral {
namespace {

std::string ending_of(const std::filesystem::path& path) {
    std::string out = path.extension().string();
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

// Runs a VTK reader or writer; whether it complained. Its own messages go nowhere: the user gets one sentence from us.
template <class Algorithm>
bool runs_clean(Algorithm& algorithm) {
    bool complained = false;
    vtkNew<vtkCallbackCommand> listener;
    listener->SetClientData(&complained);
    listener->SetCallback([](vtkObject*, unsigned long, void* data, void*) { *static_cast<bool*>(data) = true; });
    // The executive and, of XML readers, the parser complain in their own name.
    algorithm.AddObserver(vtkCommand::ErrorEvent, listener);
    algorithm.AddObserver(vtkCommand::WarningEvent, listener);
    algorithm.GetExecutive()->AddObserver(vtkCommand::ErrorEvent, listener);
    if constexpr (std::is_base_of_v<vtkXMLReader, Algorithm>) {
        algorithm.SetParserErrorObserver(listener);
        algorithm.SetReaderErrorObserver(listener);
    }
    algorithm.Update();
    algorithm.RemoveObserver(listener);
    return !complained;
}

template <class Reader>
Surface read_with(const std::string& name) {
    vtkNew<Reader> reader;
    reader->SetFileName(name.c_str());
    const bool clean = runs_clean(*reader);
    if (!clean || reader->GetOutput() == nullptr) {
        throw InputError("The surface " + name + " is broken or of another format.");
    }
    Surface out = from_vtk(*reader->GetOutput());
    require_usable(out, name);
    return out;
}

template <class Writer>
bool write_with(Writer& writer, vtkPolyData* mesh, const std::string& name) {
    writer.SetFileName(name.c_str());
    writer.SetInputData(mesh);
    bool complained = false;
    vtkNew<vtkCallbackCommand> listener;
    listener->SetClientData(&complained);
    listener->SetCallback([](vtkObject*, unsigned long, void* data, void*) { *static_cast<bool*>(data) = true; });
    writer.AddObserver(vtkCommand::ErrorEvent, listener);
    writer.AddObserver(vtkCommand::WarningEvent, listener);
    const int written = writer.Write();
    writer.RemoveObserver(listener);
    return written != 0 && !complained;
}

bool write_as(const std::string& ending, vtkPolyData* mesh, const std::string& name) {
    if (ending == ".stl") {
        vtkNew<vtkSTLWriter> writer;
        writer->SetFileTypeToBinary();
        writer->SetHeader("Scan space, RAS, mm");
        return write_with(*writer, mesh, name);
    }
    if (ending == ".ply") {
        vtkNew<vtkPLYWriter> writer;
        writer->SetFileTypeToBinary();
        return write_with(*writer, mesh, name);
    }
    if (ending == ".obj") {
        vtkNew<vtkOBJWriter> writer;
        return write_with(*writer, mesh, name);
    }
    vtkNew<vtkXMLPolyDataWriter> writer;
    writer->SetDataModeToAppended();
    writer->EncodeAppendedDataOff();
    return write_with(*writer, mesh, name);
}

}  // namespace

Surface read_surface(const std::filesystem::path& path) {
    const std::string name = path.string();
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) throw InputError("There is no surface file " + name + ".");
    if (std::filesystem::file_size(path, failed) == 0) throw InputError("The surface file " + name + " is empty.");
    const std::string ending = ending_of(path);
    if (ending == ".stl") return read_with<vtkSTLReader>(name);
    if (ending == ".ply") return read_with<vtkPLYReader>(name);
    if (ending == ".obj") return read_with<vtkOBJReader>(name);
    if (ending == ".vtp") return read_with<vtkXMLPolyDataReader>(name);
    if (ending == ".gii") return load_gifti(path);
    if (is_freesurfer_surface(path)) return load_freesurfer(path);
    throw InputError("The format of " + name +
                     " is not known; give an STL, PLY, OBJ, VTP, GIFTI or FreeSurfer surface.");
}

void write_surface(const Surface& surface, const std::filesystem::path& path) {
    const std::string ending = ending_of(path);
    if (ending != ".stl" && ending != ".ply" && ending != ".obj" && ending != ".vtp") {
        throw InputError("The name " + path.string() + " must end in .stl, .ply, .obj or .vtp.");
    }
    require_usable(surface, path.string());
    // The ending stays last, or the writers would add their own.
    std::filesystem::path partial = path;
    partial.replace_filename(std::string(".").append(std::to_string(::getpid())).append("-") +
                             path.filename().string());
    const bool written = write_as(ending, to_vtk(surface), partial.string());
    std::error_code failed;
    if (written) std::filesystem::rename(partial, path, failed);
    if (!written || failed) {
        std::error_code ignored;
        std::filesystem::remove(partial, ignored);
        throw Error("Cannot write " + path.string() + ": is the folder there and writable, and is there space?");
    }
}

}  // namespace precentral
