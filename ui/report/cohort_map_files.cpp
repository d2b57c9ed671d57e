// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_map_files.h"

#include <QByteArray>
#include <bit>
#include <cmath>
#include <limits>

#include "data/cohort/table_file.h"
#include "data/text_file.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

static_assert(std::endian::native == std::endian::little, "GIFTI is written as little-endian");

template <class T>
std::string base64(const std::vector<T>& values) {
    return QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * sizeof(T)))
        .toBase64()
        .toStdString();
}

std::string gifti_array(const std::string& intent, const std::string& type, const std::string& name, std::size_t rows,
                        std::size_t columns, const std::string& data, bool coordinates) {
    std::string out = "<DataArray Intent=\"" + intent + "\" DataType=\"" + type +
                      "\" ArrayIndexingOrder=\"RowMajorOrder\" Dimensionality=\"" +
                      std::to_string(columns > 1 ? 2 : 1) + "\" Dim0=\"" + std::to_string(rows) + "\"";
    if (columns > 1) out += " Dim1=\"" + std::to_string(columns) + "\"";
    out += " Encoding=\"Base64Binary\" Endian=\"LittleEndian\" ExternalFileName=\"\" ExternalFileOffset=\"\">\n";
    out += "<MetaData><MD><Name>Name</Name><Value>" + name + "</Value></MD></MetaData>\n";
    if (coordinates) {
        out +=
            "<CoordinateSystemTransformMatrix><DataSpace>NIFTI_XFORM_MNI_152</DataSpace>"
            "<TransformedSpace>NIFTI_XFORM_MNI_152</TransformedSpace>"
            "<MatrixData>1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1</MatrixData></CoordinateSystemTransformMatrix>\n";
    }
    return out + "<Data>" + data + "</Data>\n</DataArray>\n";
}

std::string gifti(const std::vector<std::string>& arrays) {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<GIFTI Version=\"1.0\" NumberOfDataArrays=\"" +
                      std::to_string(arrays.size()) + "\">\n<MetaData/>\n<LabelTable/>\n";
    for (const std::string& array : arrays) out += array;
    return out + "</GIFTI>\n";
}

std::string surface_gifti(const Surface& surface) {
    std::vector<float> points;
    for (const Point<Scan>& v : surface.vertices) {
        for (int i = 0; i < 3; ++i) points.push_back(static_cast<float>(v.xyz[i]));
    }
    std::vector<std::int32_t> corners;
    for (const auto& t : surface.triangles) corners.insert(corners.end(), t.begin(), t.end());
    return gifti({gifti_array("NIFTI_INTENT_POINTSET", "NIFTI_TYPE_FLOAT32", "cortex, MNI mm", surface.vertices.size(),
                              3, base64(points), true),
                  gifti_array("NIFTI_INTENT_TRIANGLE", "NIFTI_TYPE_INT32", "triangles", surface.triangles.size(), 3,
                              base64(corners), false)});
}

std::string layers_gifti(const std::vector<MapLayer>& layers) {
    std::vector<std::string> arrays;
    for (const MapLayer& layer : layers) {
        const std::vector<float> values(layer.values.begin(), layer.values.end());
        arrays.push_back(gifti_array("NIFTI_INTENT_NONE", "NIFTI_TYPE_FLOAT32", layer.name, values.size(), 1,
                                     base64(values), false));
    }
    return gifti(arrays);
}

Volume volume_of(const MapGround& ground, const MapLayer& layer) {
    Volume out;
    out.dims = ground.dims;
    Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
    m.topLeftCorner<3, 3>() *= ground.grid_mm;
    m.topRightCorner<3, 1>() = ground.origin_mni;
    out.scan_from_voxel = AffineMap<Scan, Voxel>::checked(m, "the grid of a map");
    // Where nothing is said 0: many programs cannot show NaN; the layer `patients_near` tells the two apart.
    auto samples = std::make_shared<std::vector<float>>(out.count(), 0.0F);
    for (std::size_t i = 0; i < ground.cells.size(); ++i) {
        const auto& c = ground.cells[i];
        const auto index = static_cast<std::size_t>(c[0] + out.dims[0] * (c[1] + out.dims[1] * c[2]));
        if (std::isfinite(layer.values[i])) (*samples)[index] = static_cast<float>(layer.values[i]);
    }
    out.samples = std::move(samples);
    return out;
}

}  // namespace

std::vector<MapLayer> layers_of(const cohort::CoverageMap& coverage) {
    return {{"patients_near", "patients whose target lies near", {coverage.near.begin(), coverage.near.end()}},
            {"power", "power to show the effect of the methods at this place alone, 0 to 1", coverage.power}};
}

std::vector<MapLayer> layers_of(const cohort::TargetMap& map) {
    auto out = layers_of(map.coverage);
    out.push_back({"responder_density", "mean of the responders' Gaussians, %", map.responder_density});
    out.push_back({"other_density", "mean of the other patients' Gaussians, %", map.other_density});
    out.push_back({"difference", "responders less others, percentage points", map.difference});
    const auto add = [&out](const std::string& name, const cohort::RelationMap& r, const std::string& unit) {
        out.push_back({name + "_slope", unit + " on the place against far from it", r.slope});
        out.push_back({name + "_t", "Student's t", r.t});
        if (!r.enhanced.empty())
            out.push_back({name + "_enhanced", "threshold-free cluster enhancement of t", r.enhanced});
        out.push_back({name + "_p", "p corrected over the map", r.p});
    };
    add("response", map.by_response, "share of responders");
    add("relief", map.by_relief, "points of relief");
    return out;
}

std::vector<std::string> write_map(const std::filesystem::path& folder, const MapGround& ground,
                                   const std::vector<MapLayer>& layers) {
    std::vector<std::string> columns{"x", "y", "z"}, files{"map.csv", "map-columns.csv"};
    std::vector<std::vector<std::string>> meanings{{"x", "mm MNI"}, {"y", "mm MNI"}, {"z", "mm MNI"}}, rows;
    for (const MapLayer& layer : layers) {
        columns.push_back(layer.name);
        meanings.push_back({layer.name, layer.meaning});
    }
    for (std::size_t i = 0; i < ground.places.mni.size(); ++i) {
        if (layers.front().values[i] <= 0.0) continue;  // nobody near: nothing to tell
        std::vector<std::string> row;
        for (int axis = 0; axis < 3; ++axis) row.push_back(cohort::csv_number(ground.places.mni[i][axis]));
        for (const MapLayer& layer : layers) row.push_back(cohort::csv_number(layer.values[i]));
        rows.push_back(std::move(row));
    }
    write_text_file((folder / "map.csv").string(), cohort::csv_text(columns, rows));
    write_text_file((folder / "map-columns.csv").string(), cohort::csv_text({"column", "meaning"}, meanings));
    if (!ground.surface.empty()) {
        write_text_file((folder / "cortex.surf.gii").string(), surface_gifti(ground.surface));
        write_text_file((folder / "map.func.gii").string(), layers_gifti(layers));
        files.insert(files.end(), {"cortex.surf.gii", "map.func.gii"});
        return files;
    }
    for (const MapLayer& layer : layers) {
        write_nifti(volume_of(ground, layer), folder / (layer.name + ".nii.gz"));
        files.push_back(layer.name + ".nii.gz");
    }
    return files;
}

}  // namespace precentral
