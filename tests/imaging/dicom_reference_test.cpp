// SPDX-License-Identifier: Apache-2.0
// Real DICOM files against the NIfTI another converter (dcm2niix) made of them, and files made to break readers. They
// are not part of the project: PRECENTRAL_DATA names the folder, else ../shared/data beside the project is looked at.
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/dicom_pixels.h"
#include "imaging/volume_io.h"

namespace precentral {
namespace {

namespace fs = std::filesystem;

fs::path dicom_data() {
    const char* named = std::getenv("PRECENTRAL_DATA");
    return (named != nullptr ? fs::path(named) : fs::path(PRECENTRAL_SOURCE_DIR) / ".." / "shared" / "data") / "dicom";
}

// The same voxels at the same places, whatever the order in which the two keep them: every element of the affine within
// 1e-3 mm once the voxels are counted the same way, every corner within `corner_mm`.
void expect_same_image(const LoadedImage& ours, const LoadedImage& reference, double corner_mm,
                       double scale_tolerance) {
    const Eigen::Affine3d& theirs = reference.volume.scan_from_voxel.affine();
    const Eigen::Matrix4d theirs_from_ours = (theirs.inverse() * ours.volume.scan_from_voxel.affine()).matrix();
    const Eigen::Matrix4d whole = theirs_from_ours.array().round();
    const Eigen::Matrix4d counted_as_theirs = ours.volume.scan_from_voxel.matrix() * whole.inverse();
    const double element_mm = (counted_as_theirs - theirs.matrix()).cwiseAbs().maxCoeff();
    EXPECT_LT(element_mm, 1e-3);
    const auto& dims = ours.volume.dims;
    double furthest_mm = 0.0;
    for (int corner = 0; corner < 8; ++corner) {
        const Eigen::Vector4d voxel((corner & 1) != 0 ? dims[0] - 1 : 0, (corner & 2) != 0 ? dims[1] - 1 : 0,
                                    (corner & 4) != 0 ? dims[2] - 1 : 0, 1.0);
        const Eigen::Vector3d off = ((theirs_from_ours - whole) * voxel).head<3>();
        furthest_mm = std::max(furthest_mm, (theirs.linear() * off).norm());
    }
    EXPECT_LT(furthest_mm, corner_mm);
    ASSERT_EQ(ours.volume.count(), reference.volume.count());
    double largest = 0.0;
    for (int k = 0; k < dims[2]; ++k) {
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i) {
                const Eigen::Vector4d at = whole * Eigen::Vector4d(i, j, k, 1);
                const float expected =
                    reference.volume.at(static_cast<int>(at[0]), static_cast<int>(at[1]), static_cast<int>(at[2]));
                largest = std::max(largest, static_cast<double>(std::abs(ours.volume.at(i, j, k) - expected)) -
                                                scale_tolerance * std::abs(static_cast<double>(expected)));
            }
        }
    }
    EXPECT_LE(largest, 0.0);
    std::printf("affine within %.1e mm, corners within %.1e mm, %zu voxels the same\n", element_mm, furthest_mm,
                ours.volume.count());
}

TEST(DicomReference, PhilipsClassicSeriesWithPrivateScale) {
    const fs::path packed = dicom_data() / "philips_mprage_classic.tar.gz";
    if (!fs::exists(packed)) GTEST_SKIP() << packed << " is not there";
    const TemporaryFolder folder;
    const std::string command = "tar xzf '" + packed.string() + "' -C '" + folder.path().string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const LoadedImage ours = load_image(folder.path());
    const LoadedImage reference = load_image(dicom_data() / "philips_mprage_classic_dcm2niix.nii.gz");
    // The reference keeps its slope as a 32-bit float, and steps 7.9e-6 mm a slice further than the files' own
    // positions do (0.9974063 against 0.9973984 to the side), 1.3e-3 mm at the last of 170; ours follows the positions.
    expect_same_image(ours, reference, 2e-3, 1e-6);
}

TEST(DicomReference, SiemensEnhanced) {
    const fs::path series = dicom_data() / "siemens_xa30_enhanced";
    if (!fs::exists(series)) GTEST_SKIP() << series << " is not there";
    expect_same_image(load_image(series), load_image(series / "ref_5_anat-T1w.nii"), 1e-3, 0.0);
}

// None is a volume with a place, so each is refused in one sentence …
TEST(DicomReference, FilesMadeToBreakReadersAreRefusedInOneSentence) {
    const fs::path evil = dicom_data() / "evil_pydicom";
    if (!fs::exists(evil)) GTEST_SKIP() << evil << " is not there";
    int files = 0;
    for (const auto& entry : fs::directory_iterator(evil)) {
        ++files;
        try {
            (void)load_image(entry.path());
            ADD_FAILURE() << entry.path() << " was read";
        } catch (const InputError& error) {
            const std::string text = error.what();
            EXPECT_NE(text.find(entry.path().filename().string()), std::string::npos) << text;
            EXPECT_EQ(text.back(), '.') << text;
            EXPECT_EQ(text.find('\n'), std::string::npos) << text;
        }
    }
    EXPECT_EQ(files, 11);
}

std::vector<float> pixels_of(const fs::path& path) {
    const auto contents = read_dicom_file(path, DicomRead::header);
    if (!contents) throw InputError(path.string() + " is not a DICOM file.");
    const DicomFile file = describe_dicom(*contents, path);
    const DicomPixels pixels(file);
    std::vector<float> out;
    for (const DicomFrame& frame : file.frames) {
        const auto one = pixels.read(frame);
        out.insert(out.end(), one.begin(), one.end());
    }
    return out;
}

// … but their pixels are read, and the same ten frames are the same in every coding.
TEST(DicomReference, EveryCodingOfTheSameFramesGivesTheSamePixels) {
    const fs::path evil = dicom_data() / "evil_pydicom";
    if (!fs::exists(evil)) GTEST_SKIP() << evil << " is not there";
    const auto plain = pixels_of(evil / "emri_small.dcm");
    ASSERT_EQ(plain.size(), 10U * 64 * 64);
    EXPECT_EQ(plain[0], 31.0F);  // its first bytes are 1f 00
    for (const char* name : {"emri_small_RLE.dcm", "emri_small_big_endian.dcm", "emri_small_jpeg_2k_lossless.dcm",
                             "emri_small_jpeg_ls_lossless.dcm"}) {
        EXPECT_EQ(pixels_of(evil / name), plain) << name;
    }
    EXPECT_THROW(pixels_of(evil / "emri_small_jpeg_2k_lossless_too_short.dcm"), InputError);
    // A JPEG lossless CT: its header states the smallest and largest stored value, 13 and 2267.
    const auto ct = pixels_of(evil / "bad_sequence.dcm");
    EXPECT_EQ(*std::min_element(ct.begin(), ct.end()), 13.0F - 1024.0F);
    EXPECT_EQ(*std::max_element(ct.begin(), ct.end()), 2267.0F - 1024.0F);
    const auto unknown = pixels_of(evil / "explicit_VR-UN.dcm");
    EXPECT_EQ(unknown.size(), 512U * 512);
    EXPECT_NEAR(pixels_of(evil / "parametric_map_float.dcm").front(), 0.920128, 1e-6);
}

}  // namespace
}  // namespace precentral
