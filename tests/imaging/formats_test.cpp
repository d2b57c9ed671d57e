// SPDX-License-Identifier: Apache-2.0
// Every format, every axis order, oblique: the eight corners of an image land where its affine was made to put them.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <random>
#include <sstream>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/orientation.h"
#include "imaging/volume_io.h"
#include "small_volumes.h"

namespace precentral {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr std::array<int, 3> kDims = {5, 4, 3};

struct Grid {
    Matrix3d axes;  // unit columns, scan space
    Vector3d spacing;
    Vector3d origin;
    Vector3d at(const Vector3d& voxel) const { return origin + axes * voxel.cwiseProduct(spacing); }
};

// All 48 orders and signs of the axes, straight and turned by up to 40 degrees, at 100 mm from the origin.
std::vector<Grid> every_order(unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::vector<Grid> out;
    for (const bool oblique : {false, true}) {
        for (int order = 0; order < 6; ++order) {
            for (int signs = 0; signs < 8; ++signs) {
                std::array<int, 3> rows = {0, 1, 2};
                for (int n = 0; n < order; ++n) std::next_permutation(rows.begin(), rows.end());
                Grid grid;
                grid.axes.setZero();
                for (int column = 0; column < 3; ++column) {
                    grid.axes(rows[static_cast<std::size_t>(column)], column) = ((signs >> column) & 1) != 0 ? -1 : 1;
                }
                if (oblique) {
                    const Vector3d axis = Vector3d(uniform(random), uniform(random), uniform(random)).normalized();
                    grid.axes = Eigen::AngleAxisd(0.7 * uniform(random), axis).toRotationMatrix() * grid.axes;
                }
                grid.spacing = {0.9, 1.1, 1.7};
                grid.origin = 100.0 * Vector3d(uniform(random), uniform(random), uniform(random));
                out.push_back(grid);
            }
        }
    }
    return out;
}

void expect_placed(const LoadedImage& image, const Grid& grid, const std::string& what) {
    ASSERT_EQ(image.volume.dims, kDims) << what;
    for (int corner = 0; corner < 8; ++corner) {
        const Vector3d voxel((corner & 1) != 0 ? 4 : 0, (corner & 2) != 0 ? 3 : 0, (corner & 4) != 0 ? 2 : 0);
        const auto v = voxel.cast<int>();
        EXPECT_EQ(image.volume.at(v[0], v[1], v[2]), static_cast<float>(corner + 1)) << what;
        const Vector3d placed = (image.volume.scan_from_voxel * Point<Voxel>{voxel}).xyz;
        EXPECT_LT((placed - grid.at(voxel)).norm(), 1e-4) << what;
    }
    const bool mirrored = grid.axes.determinant() < 0.0;
    EXPECT_EQ(image.info.mirrored, mirrored) << what;
    // Going to where the patient's left is said to be lowers the x of scan space, which grows to the right.
    const auto& left = image.info.left_is;
    const int axis = left.find("(i)") != std::string::npos ? 0 : left.find("(j)") != std::string::npos ? 1 : 2;
    const double towards = left.find("low end") != std::string::npos ? -1.0 : 1.0;
    EXPECT_LT(towards * grid.axes(0, axis), 0.0) << left;
}

std::string samples_as_text(const std::function<float(float)>& of = [](float v) { return v; }) {
    std::ostringstream out;
    for (const float sample : corner_samples()) out << of(sample) << "\n";
    return out.str();
}

std::string raw_samples() {
    const auto samples = corner_samples();
    return {reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof(float)};
}

std::string zlib_packed(const std::string& raw, int window) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
    std::string out(raw.size() + 200, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(raw.data()));
    stream.avail_in = static_cast<unsigned>(raw.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

void write_text(const std::filesystem::path& path, const std::string& text) {
    write_bytes(path, {text.begin(), text.end()});
}

bool said(const ImageInfo& info, const std::string& part) {
    return std::any_of(info.warnings.begin(), info.warnings.end(),
                       [&](const std::string& w) { return w.find(part) != std::string::npos; });
}

TEST(Formats, NiftiPlacesEveryAxisOrderBySformAndByQform) {
    const TemporaryFolder folder;
    for (const Grid& grid : every_order(1)) {
        NiftiBytes file;
        for (int i = 0; i < 3; ++i) file.pixdim[static_cast<std::size_t>(i) + 1] = grid.spacing[i];
        file.sform_code = 1;
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 3; ++column) {
                file.srow[static_cast<std::size_t>(4 * row + column)] = grid.axes(row, column) * grid.spacing[column];
            }
            file.srow[static_cast<std::size_t>(4 * row + 3)] = grid.origin[row];
        }
        write_bytes(folder / "a.nii", file.nifti1());
        expect_placed(load_image(folder / "a.nii"), grid, "sform");
        write_bytes(folder / "b.nii", file.nifti2());
        expect_placed(load_image(folder / "b.nii"), grid, "NIfTI-2");
        // As a quaternion: the third axis turned back when the grid is mirrored.
        NiftiBytes turned;
        turned.pixdim = file.pixdim;
        turned.qform_code = 1;
        Matrix3d axes = grid.axes;
        if (axes.determinant() < 0.0) {
            axes.col(2) = -axes.col(2);
            turned.pixdim[0] = -1;
        }
        Eigen::Quaterniond q(axes);
        if (q.w() < 0.0) q.coeffs() = -q.coeffs();
        turned.quaternion_bcd = {q.x(), q.y(), q.z()};
        turned.qoffset = {grid.origin[0], grid.origin[1], grid.origin[2]};
        write_bytes(folder / "c.nii", turned.nifti2());
        expect_placed(load_image(folder / "c.nii"), grid, "qform");
    }
}

TEST(Formats, MghPlacesEveryAxisOrder) {
    const TemporaryFolder folder;
    NiftiBytes big;
    big.big_endian = true;
    for (const Grid& grid : every_order(2)) {
        std::vector<unsigned char> file(284, 0);
        const std::array<std::int32_t, 7> head = {1, 5, 4, 3, 1, 3, 0};
        for (std::size_t i = 0; i < head.size(); ++i) big.put(file, 4 * i, head[i]);
        big.put(file, 28, std::int16_t{1});
        const Vector3d centre = grid.at({2.5, 2, 1.5});
        for (int i = 0; i < 3; ++i) {
            const auto at = static_cast<std::size_t>(i);
            big.put(file, 30 + 4 * at, static_cast<float>(grid.spacing[i]));
            for (int j = 0; j < 3; ++j) {
                big.put(file, 42 + 4 * (3 * at + static_cast<std::size_t>(j)), static_cast<float>(grid.axes(j, i)));
            }
            big.put(file, 78 + 4 * at, static_cast<float>(centre[i]));
        }
        big.append_data(file);
        write_bytes(folder / "a.mgh", file);
        expect_placed(load_image(folder / "a.mgh"), grid, "MGH");
    }
}

TEST(Formats, NrrdPlacesEveryAxisOrderInEverySpaceAndEncoding) {
    const TemporaryFolder folder;
    const std::array<std::pair<const char*, Vector3d>, 4> spaces = {{{"left-posterior-superior", {-1, -1, 1}},
                                                                     {"RAS", {1, 1, 1}},
                                                                     {"left-anterior-superior", {-1, 1, 1}},
                                                                     {"LPS", {-1, -1, 1}}}};
    const std::array<std::pair<const char*, std::string>, 3> encodings = {
        {{"raw", raw_samples()}, {"gzip", zlib_packed(raw_samples(), MAX_WBITS + 16)}, {"ascii", samples_as_text()}}};
    std::size_t n = 0;
    for (const Grid& grid : every_order(3)) {
        const auto& [space, flip] = spaces[n % spaces.size()];
        const auto& [encoding, data] = encodings[n % encodings.size()];
        ++n;
        std::ostringstream head;
        head.precision(12);
        head << "NRRD0005\n# a remark\ntype: float\ndimension: 3\nspace: " << space
             << "\nsizes: 5 4 3\nspace directions:";
        for (int i = 0; i < 3; ++i) {
            const Vector3d step = flip.cwiseProduct(grid.axes.col(i)) * grid.spacing[i];
            head << " (" << step[0] << "," << step[1] << ", " << step[2] << ")";
        }
        const Vector3d origin = flip.cwiseProduct(grid.origin);
        head << "\nendian: little\nencoding: " << encoding << "\nspace origin: (" << origin[0] << "," << origin[1]
             << "," << origin[2] << ")\nkey:=value\n";
        write_text(folder / "a.nrrd", head.str() + "\n" + data);
        LoadedImage image = load_image(folder / "a.nrrd");
        expect_placed(image, grid, std::string("NRRD ") + encoding);
        EXPECT_TRUE(header_warnings(image.info).empty());
        write_text(folder / "b.nhdr", head.str() + "data file: b.bin\n");
        write_text(folder / "b.bin", data);
        expect_placed(load_image(folder / "b.nhdr"), grid, "NRRD beside");
    }
}

TEST(Formats, MetaImagePlacesEveryAxisOrder) {
    const TemporaryFolder folder;
    const Vector3d flip(-1, -1, 1);
    for (const Grid& grid : every_order(4)) {
        std::ostringstream head;
        head.precision(12);
        head << "ObjectType = Image\nNDims = 3\nTransformMatrix =";
        for (int i = 0; i < 3; ++i) head << " " << flip.cwiseProduct(grid.axes.col(i)).transpose();
        head << "\nOffset = " << flip.cwiseProduct(grid.origin).transpose()
             << "\nElementSpacing = " << grid.spacing.transpose() << "\nDimSize = 5 4 3\nElementType = MET_FLOAT\n";
        write_text(folder / "a.mha", head.str() + "BinaryData = True\nElementDataFile = LOCAL\n" + raw_samples());
        expect_placed(load_image(folder / "a.mha"), grid, "MetaImage");
        write_text(folder / "b.mhd", head.str() + "CompressedData = True\nElementDataFile = b.zraw\n");
        write_text(folder / "b.zraw", zlib_packed(raw_samples(), MAX_WBITS));
        expect_placed(load_image(folder / "b.mhd"), grid, "MetaImage beside, compressed");
    }
}

TEST(Formats, OrientationThatIsNotStatedIsSaid) {
    const TemporaryFolder folder;
    write_text(folder / "a.nrrd",
               "NRRD0004\ntype: float\ndimension: 3\nsizes: 5 4 3\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n" +
                   raw_samples());
    EXPECT_TRUE(said(image_info(folder / "a.nrrd"), "left and right"));
    write_text(
        folder / "a.mha",
        "NDims = 3\nDimSize = 5 4 3\nElementSpacing = 1 1 1\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n" +
            raw_samples());
    EXPECT_TRUE(said(image_info(folder / "a.mha"), "left and right"));
}

TEST(Formats, SeveralValuesAVoxelAndSeveralVolumesOfANrrd) {
    const TemporaryFolder folder;
    const std::string ending = "endian: little\nencoding: ascii\nspace: RAS\nspace origin: (0,0,0)\n";
    std::string two;
    for (const float sample : corner_samples()) two += std::to_string(sample) + " 99\n";
    write_text(folder / "a.nrrd",
               "NRRD0005\ntype: float\ndimension: 4\nsizes: 2 5 4 3\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\n" +
                   ending + "\n" + two);
    LoadedImage image = load_image(folder / "a.nrrd");
    EXPECT_EQ(*image.volume.samples, corner_samples());
    EXPECT_TRUE(said(image.info, "2 values a voxel"));
    write_text(folder / "b.nrrd",
               "NRRD0005\ntype: float\ndimension: 4\nsizes: 5 4 3 2\nspace directions: (1,0,0) (0,1,0) (0,0,1) none\n" +
                   ending + "\n" + samples_as_text() + samples_as_text([](float) { return 99.0F; }));
    image = load_image(folder / "b.nrrd");
    EXPECT_EQ(*image.volume.samples, corner_samples());
    EXPECT_TRUE(said(image.info, "2 volumes"));
}

TEST(Formats, BrokenTextHeadersAreRefused) {
    const TemporaryFolder folder;
    const std::string nrrd = "NRRD0005\ntype: float\ndimension: 3\nspace: RAS\nsizes: 5 4 3\n";
    const std::string directions = "space directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n";
    const std::string meta =
        "NDims = 3\nDimSize = 5 4 3\nElementSpacing = 1 1 1\nTransformMatrix = 1 0 0 0 1 0 0 0 1\n";
    const std::vector<std::pair<std::string, std::string>> broken = {
        {"cut.nrrd", nrrd + directions + "encoding: raw\n\nshort"},
        {"flat.nrrd", nrrd + "space directions: (1,0,0) (2,0,0) (0,0,1)\nencoding: raw\n\n" + raw_samples()},
        {"nan.nrrd", nrrd + "space directions: (nan,0,0) (0,1,0) (0,0,1)\nencoding: raw\n\n" + raw_samples()},
        {"bzip.nrrd", nrrd + directions + "encoding: bzip2\n\n" + raw_samples()},
        {"squeezed.nrrd", nrrd + directions + "encoding: gzip\n\n" + raw_samples()},
        {"brain.nrrd", "NRRD0005\ntype: float\nspace: scanner-xyz-time\nsizes: 5 4 3\n" + directions +
                           "encoding: raw\n\n" + raw_samples()},
        {"beside.nhdr", nrrd + directions + "encoding: raw\ndata file: gone.raw\n"},
        {"kind.mha", meta + "ElementType = MET_ODD\nElementDataFile = LOCAL\n" + raw_samples()},
        {"colour.mha", meta + "ElementNumberOfChannels = 3\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n"},
        {"beside.mhd", meta + "ElementType = MET_FLOAT\nElementDataFile = gone.raw\n"},
        {"huge.mha",
         "NDims = 3\nDimSize = 9999 9999 9999\nElementSpacing = 1 1 1\nElementType = MET_FLOAT\n"
         "ElementDataFile = LOCAL\n"},
        {"zero.mha",
         "NDims = 3\nDimSize = 5 4 3\nElementSpacing = 0 1 1\nElementType = MET_FLOAT\n"
         "ElementDataFile = LOCAL\n" +
             raw_samples()}};
    for (const auto& [name, text] : broken) {
        write_text(folder / name, text);
        try {
            (void)load_image(folder / name);
            ADD_FAILURE() << name << " was read";
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
        }
    }
}

TEST(Formats, TwoPositionsThatMirrorEachOther) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.qform_code = 1;  // to the right
    file.sform_code = 1;
    file.srow = {-2, 0, 0, 8, 0, 3, 0, 0, 0, 0, 4, 0};  // to the left
    write_bytes(folder / "mirror.nii", file.nifti1());
    EXPECT_TRUE(said(image_info(folder / "mirror.nii"), "mirror images of each other"));
    file.srow = {2, 0, 0, 40, 0, 3, 0, 0, 0, 0, 4, 0};
    file.sform_code = 4;
    write_bytes(folder / "template.nii", file.nifti1());
    EXPECT_TRUE(said(image_info(folder / "template.nii"), "template space"));
    file.srow = {};  // of no use: the qform is
    write_bytes(folder / "fallen.nii", file.nifti1());
    const ImageInfo info = image_info(folder / "fallen.nii");
    EXPECT_EQ(info.affine_source, "qform");
    EXPECT_TRUE(said(info, "the qform is used"));
}

TEST(Formats, OddVoxelSizes) {
    const TemporaryFolder folder;
    NiftiBytes file;
    file.sform_code = 1;
    file.srow = {2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3};
    // What the header says beside the sform is not used, but what contradicts it is said.
    for (const double odd :
         {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        file.pixdim = {1, odd, 3, 4};
        write_bytes(folder / "a.nii", file.nifti1());
        const LoadedImage image = load_image(folder / "a.nii");
        EXPECT_EQ(image.info.spacing_mm, Vector3d(2, 3, 4));
        // With the qform alone there is no voxel size.
        NiftiBytes lost = file;
        lost.sform_code = 0;
        lost.qform_code = 1;
        write_bytes(folder / "b.nii", lost.nifti1());
        EXPECT_THROW(load_image(folder / "b.nii"), InputError) << odd;
    }
    file.pixdim = {1, 2, 3, 4};
    file.srow = {2000, 0, 0, 1, 0, 3000, 0, 2, 0, 0, 4000, 3};
    write_bytes(folder / "huge.nii", file.nifti1());
    EXPECT_TRUE(said(image_info(folder / "huge.nii"), "spans 10000 × 12000 × 12000 mm, which is no head"));
    EXPECT_TRUE(said(image_info(folder / "huge.nii"), "voxel size in the header (2.000 mm along the first axis (i))"));
    NiftiBytes micrometres;
    micrometres.units = 3;
    micrometres.qform_code = 1;
    micrometres.pixdim = {1, 2000, 3000, 4000};
    write_bytes(folder / "micro.nii", micrometres.nifti1());
    EXPECT_TRUE((image_info(folder / "micro.nii").spacing_mm - Vector3d(2, 3, 4)).norm() < 1e-9);
}

}  // namespace
}  // namespace precentral
