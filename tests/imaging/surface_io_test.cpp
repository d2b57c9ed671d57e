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

std::string gifti_of(const std::string& points, const std::string& triangles, const std::string& encoding) {
    return "<?xml version=\"1.0\"?><GIFTI Version=\"1.0\" NumberOfDataArrays=\"2\">"
           "<DataArray Intent=\"NIFTI_INTENT_POINTSET\" DataType=\"NIFTI_TYPE_FLOAT32\" "
           "ArrayIndexingOrder=\"RowMajorOrder\" Dimensionality=\"2\" Dim0=\"4\" Dim1=\"3\" Encoding=\"" +
           encoding +
           "\" Endian=\"LittleEndian\"><CoordinateSystemTransformMatrix><MatrixData>1 0 0 10 0 1 0 0 0 0 1 0 0 0 0 1"
           "</MatrixData></CoordinateSystemTransformMatrix><Data>" +
           points +
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
