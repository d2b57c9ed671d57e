// SPDX-License-Identifier: Apache-2.0
#include "imaging/surface_io.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "data/error.h"
#include "fixtures.h"

namespace precentral {
namespace {

TEST(SurfaceIo, EveryFormatBringsTheSurfaceBack) {
    const TemporaryFolder folder;
    const Surface there = sphere({-30, 20, 55}, 82.0, 4);
    for (const char* name : {"a.stl", "a.ply", "a.obj", "a.vtp"}) {
        write_surface(there, folder / name);
        const Surface back = read_surface(folder / name);
        EXPECT_EQ(back.vertices.size(), there.vertices.size()) << name;
        EXPECT_EQ(back.triangles.size(), there.triangles.size()) << name;
        const MeshMeasures m = measured(back);
        EXPECT_TRUE(m.watertight()) << name;
        EXPECT_NEAR(m.volume_ml, measured(there).volume_ml, 1e-2) << name;
        const SurfaceIndex index(there);
        for (const auto& v : back.vertices) EXPECT_LT(std::abs(index.closest(v).distance_mm), 1e-3) << name;
    }
    // Nothing but the four files is left behind.
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4);
}

std::string base64(const std::vector<unsigned char>& bytes) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned triple = 0;
        for (std::size_t b = 0; b < 3; ++b) triple = (triple << 8) | (i + b < bytes.size() ? bytes[i + b] : 0U);
        for (int d = 3; d >= 0; --d) out += digits[(triple >> (6 * d)) & 63U];
    }
    if (bytes.size() % 3 == 1) out.replace(out.size() - 2, 2, "==");
    if (bytes.size() % 3 == 2) out.replace(out.size() - 1, 1, "=");
    return out;
}

template <class T>
std::vector<unsigned char> packed(const std::vector<T>& values) {
    const auto* raw = reinterpret_cast<const unsigned char*>(values.data());
    uLongf size = compressBound(static_cast<uLong>(values.size() * sizeof(T)));
    std::vector<unsigned char> out(size);
    compress(out.data(), &size, raw, static_cast<uLong>(values.size() * sizeof(T)));
    out.resize(size);
    return out;
}

// A transform as written without its spaces.
const std::string kBareTransform =
    "<CoordinateSystemTransformMatrix><MatrixData>1 0 0 10 0 1 0 0 0 0 1 0 0 0 0 1</MatrixData>"
    "</CoordinateSystemTransformMatrix>";

std::string gifti_of(const std::string& points, const std::string& triangles, const std::string& encoding,
                     const std::string& about_points = kBareTransform) {
    return "<?xml version=\"1.0\"?><GIFTI Version=\"1.0\" NumberOfDataArrays=\"2\">"
           "<DataArray Intent=\"NIFTI_INTENT_POINTSET\" DataType=\"NIFTI_TYPE_FLOAT32\" "
           "ArrayIndexingOrder=\"RowMajorOrder\" Dimensionality=\"2\" Dim0=\"4\" Dim1=\"3\" Encoding=\"" +
           encoding + "\" Endian=\"LittleEndian\">" + about_points + "<Data>" + points +
           "</Data></DataArray><DataArray Intent=\"NIFTI_INTENT_TRIANGLE\" DataType=\"NIFTI_TYPE_INT32\" "
           "ArrayIndexingOrder=\"RowMajorOrder\" Dimensionality=\"2\" Dim0=\"4\" Dim1=\"3\" Encoding=\"" +
           encoding + "\" Endian=\"LittleEndian\"><Data>" + triangles + "</Data></DataArray></GIFTI>";
}

TEST(SurfaceIo, ReadsGiftiInAsciiAndCompressed) {
    const TemporaryFolder folder;
    const std::vector<float> points = {0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10};
    const std::vector<std::int32_t> triangles = {0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3};
    std::ofstream(folder / "a.surf.gii") << gifti_of("0 0 0 10 0 0 0 10 0 0 0 10", "0 2 1 0 1 3 0 3 2 1 2 3", "ASCII");
    std::ofstream(folder / "b.gii") << gifti_of(base64(packed(points)), base64(packed(triangles)), "GZipBase64Binary");
    for (const char* name : {"a.surf.gii", "b.gii"}) {
        const Surface s = read_surface(folder / name);
        EXPECT_TRUE(measured(s).watertight()) << name;
        EXPECT_NEAR(measured(s).volume_ml, 1.0 / 6.0, 1e-9) << name;
        EXPECT_EQ(s.vertices[1].xyz, Eigen::Vector3d(20, 0, 0)) << name;  // the file's own transform is applied
    }
    std::ofstream(folder / "short.gii") << gifti_of("0 0 0 10", "0 2 1 0 1 3 0 3 2 1 2 3", "ASCII");
    EXPECT_THROW(read_surface(folder / "short.gii"), InputError);
    std::ofstream(folder / "wild.gii") << gifti_of("0 0 0 10 0 0 0 10 0 0 0 10", "0 2 1 0 1 3 0 3 2 1 2 9", "ASCII");
    EXPECT_THROW(read_surface(folder / "wild.gii"), InputError);
}

// What stands with the points decides where they are.
TEST(SurfaceIo, TakesGiftiCoordinatesForWhatTheFileSaysTheyAre) {
    const TemporaryFolder folder;
    const auto second_vertex = [&](const std::string& about) {
        std::ofstream(folder / "x.gii") << gifti_of("0 0 0 10 0 0 0 10 0 0 0 10", "0 2 1 0 1 3 0 3 2 1 2 3", "ASCII",
                                                    about);
        return read_surface(folder / "x.gii").vertices[1].xyz;
    };
    const auto spaces = [](const std::string& from, const std::string& to) {
        return "<CoordinateSystemTransformMatrix><DataSpace><![CDATA[NIFTI_XFORM_" + from +
               "]]></DataSpace><TransformedSpace><![CDATA[NIFTI_XFORM_" + to +
               "]]></TransformedSpace><MatrixData>1 0 0 0 0 1 0 5 0 0 1 0 0 0 0 1</MatrixData>"
               "</CoordinateSystemTransformMatrix>";
    };
    // As FreeSurfer writes it: conformed voxels whose centre lies at (3, -4, 7).
    std::string geometry = "<MetaData>";
    for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{{"Width", "256"},
                                                                                     {"Height", "256"},
                                                                                     {"Depth", "256"},
                                                                                     {"Xsize", "1.0"},
                                                                                     {"Ysize", "1.0"},
                                                                                     {"Zsize", "1.0"},
                                                                                     {"X_R", "-1.0"},
                                                                                     {"X_A", "0.0"},
                                                                                     {"X_S", "0.0"},
                                                                                     {"Y_R", "0.0"},
                                                                                     {"Y_A", "0.0"},
                                                                                     {"Y_S", "-1.0"},
                                                                                     {"Z_R", "0.0"},
                                                                                     {"Z_A", "1.0"},
                                                                                     {"Z_S", "0.0"},
                                                                                     {"C_R", "3.0"},
                                                                                     {"C_A", "-4.0"},
                                                                                     {"C_S", "7.0"}}) {
        geometry += "<MD><Name><![CDATA[VolGeom" + key + "]]></Name><Value><![CDATA[" + value + "]]></Value></MD>";
    }
    geometry += "</MetaData>";
    using Eigen::Vector3d;
    EXPECT_EQ(second_vertex(""), Vector3d(10, 0, 0));
    EXPECT_EQ(second_vertex(spaces("UNKNOWN", "SCANNER_ANAT")), Vector3d(10, 5, 0));
    EXPECT_EQ(second_vertex(spaces("UNKNOWN", "TALAIRACH")), Vector3d(10, 0, 0));
    EXPECT_EQ(second_vertex(spaces("SCANNER_ANAT", "MNI_152")), Vector3d(10, 0, 0));
    EXPECT_LT((second_vertex(geometry) - Vector3d(13, -4, 7)).norm(), 1e-9);
    EXPECT_LT((second_vertex(geometry + spaces("UNKNOWN", "TALAIRACH")) - Vector3d(13, -4, 7)).norm(), 1e-9);
    // Already in scanner space, although the geometry is told too.
    EXPECT_EQ(second_vertex(geometry + spaces("SCANNER_ANAT", "TALAIRACH")), Vector3d(10, 0, 0));
}

TEST(SurfaceIo, RefusesWithASentenceThatNamesTheFile) {
    const TemporaryFolder folder;
    for (const char* name : {"a.stl", "a.ply", "a.obj", "a.vtp", "a.gii", "a.xyz"}) {
        try {
            (void)read_surface(folder / name);
            FAIL() << name;
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
        }
        std::ofstream(folder / name) << "this is no surface at all, whatever it is called\n1 2 3\n";
        EXPECT_THROW(read_surface(folder / name), InputError) << name;
    }
    EXPECT_THROW(write_surface(Surface{}, folder / "empty.stl"), InputError);
    EXPECT_THROW(write_surface(box({0, 0, 0}, {1, 1, 1}), folder / "a.xyz"), InputError);
    EXPECT_THROW(write_surface(box({0, 0, 0}, {1, 1, 1}), folder.path() / "no_such_folder" / "a.stl"), Error);
}

}  // namespace
}  // namespace precentral
