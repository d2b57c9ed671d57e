// SPDX-License-Identifier: Apache-2.0
// Files that are missing, broken or not what they say: one sentence that names the file, never a crash.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/volume_io.h"
#include "small_volumes.h"

namespace precentral {
namespace {

void expect_refused(const std::filesystem::path& path) {
    try {
        (void)load_image(path);
        ADD_FAILURE() << path << " was read";
    } catch (const InputError& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find(path.filename().string()), std::string::npos) << text;
        EXPECT_EQ(text.back(), '.') << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
}

NiftiBytes good() {
    NiftiBytes file;
    file.sform_code = 1;
    file.srow = {2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3};
    return file;
}

TEST(HostileFiles, MissingEmptyAndUnknown) {
    const TemporaryFolder folder;
    expect_refused(folder / "missing.nii");
    expect_refused(folder / "missing.nii.gz");
    for (const char* name : {"empty.nii", "empty.nii.gz", "empty.mgz", "empty.nrrd", "empty.mha", "empty.dcm"}) {
        write_bytes(folder / name, {});
        expect_refused(folder / name);
    }
    write_bytes(folder / "notes.txt", {'h', 'i'});
    expect_refused(folder / "notes.txt");
    std::filesystem::create_directories(folder / "empty_folder");
    expect_refused(folder / "empty_folder");
}

TEST(HostileFiles, RubbishUnderEveryName) {
    const TemporaryFolder folder;
    std::mt19937 random(1);
    for (const char* name : {"a.nii", "a.nii.gz", "a.img", "a.hdr", "a.mgh", "a.mgz", "a.nrrd", "a.mha", "a.dcm"}) {
        std::vector<unsigned char> bytes(2000);
        for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
        write_bytes(folder / name, bytes);
        expect_refused(folder / name);
    }
}

TEST(HostileFiles, CutShortAtEveryLength) {
    const TemporaryFolder folder;
    for (const auto& whole : {good().nifti1(), good().nifti2()}) {
        for (std::size_t length = 1; length < whole.size(); length += 13) {
            write_bytes(folder / "cut.nii", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
            expect_refused(folder / "cut.nii");
        }
    }
}

TEST(HostileFiles, CompressedDataCutOrDamaged) {
    const TemporaryFolder folder;
    Volume volume;
    volume.dims = {40, 40, 40};
    std::vector<float> samples(64000);
    std::mt19937 random(2);
    for (auto& sample : samples) sample = static_cast<float>(random() % 1000);
    volume.samples = std::make_shared<const std::vector<float>>(samples);
    write_nifti(volume, folder / "whole.nii.gz");
    std::ifstream file(folder / "whole.nii.gz", std::ios::binary);
    std::vector<unsigned char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    write_bytes(folder / "cut.nii.gz", {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2)});
    expect_refused(folder / "cut.nii.gz");
    bytes[bytes.size() / 2] ^= 0x55U;
    bytes[bytes.size() / 2 + 1] ^= 0xAAU;
    write_bytes(folder / "damaged.nii.gz", bytes);
    expect_refused(folder / "damaged.nii.gz");
}

TEST(HostileFiles, HeadersThatLie) {
    const TemporaryFolder folder;
    const std::vector<std::pair<const char*, std::function<void(NiftiBytes&)>>> lies = {
        {"no_axes.nii", [](NiftiBytes& f) { f.dim[0] = 0; }},
        {"many_axes.nii", [](NiftiBytes& f) { f.dim[0] = 9; }},
        {"negative.nii", [](NiftiBytes& f) { f.dim[2] = -4; }},
        {"huge.nii", [](NiftiBytes& f) { f.dim = {3, 32767, 32767, 32767, 1, 1, 1, 1}; }},
        {"large.nii", [](NiftiBytes& f) { f.dim = {3, 1200, 1200, 1200, 1, 1, 1, 1}; }},
        {"flat.nii", [](NiftiBytes& f) { f.dim = {2, 5, 12, 1, 1, 1, 1, 1}; }},
        {"slice.nii", [](NiftiBytes& f) { f.dim = {3, 5, 12, 1, 1, 1, 1, 1}; }},
        {"colour.nii", [](NiftiBytes& f) { f.datatype = 128; }},
        {"complex.nii", [](NiftiBytes& f) { f.datatype = 32; }},
        {"nan_affine.nii", [](NiftiBytes& f) { f.srow[3] = std::numeric_limits<double>::quiet_NaN(); }},
        {"flat_affine.nii", [](NiftiBytes& f) { f.srow[10] = 0; }},
    };
    for (const auto& [name, lie] : lies) {
        NiftiBytes file = good();
        lie(file);
        write_bytes(folder / name, file.nifti1());
        expect_refused(folder / name);
    }
}

// Found by the fuzzer: samples that begin before the file does.
TEST(HostileFiles, SamplesThatBeginNowhere) {
    const TemporaryFolder folder;
    auto bytes = good().nifti2();
    for (const std::int64_t offset :
         {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
        std::memcpy(bytes.data() + 168, &offset, sizeof(offset));
        write_bytes(folder / "nowhere.nii", bytes);
        expect_refused(folder / "nowhere.nii");
    }
}

TEST(HostileFiles, SamplesThatAreNoImage) {
    const TemporaryFolder folder;
    NiftiBytes file = good();
    file.data = std::vector<unsigned char>(240, 0);
    write_bytes(folder / "zero.nii", file.nifti1());
    expect_refused(folder / "zero.nii");
    file.put(*file.data, 40, std::numeric_limits<float>::quiet_NaN());
    write_bytes(folder / "nan.nii", file.nifti1());
    expect_refused(folder / "nan.nii");
    file.put(*file.data, 40, std::numeric_limits<float>::infinity());
    write_bytes(folder / "inf.nii", file.nifti1());
    expect_refused(folder / "inf.nii");
}

TEST(HostileFiles, AnySingleWrongByteIsReadOrRefusedButNeverACrash) {
    const TemporaryFolder folder;
    const auto whole = good().nifti1();
    std::mt19937 random(3);
    int refused = 0;
    for (int n = 0; n < 600; ++n) {
        auto bytes = whole;
        bytes[random() % 352] = static_cast<unsigned char>(random());
        write_bytes(folder / "odd.nii", bytes);
        try {
            const LoadedImage image = load_image(folder / "odd.nii");
            EXPECT_EQ(image.volume.samples->size(), image.volume.count());
            EXPECT_TRUE(image.volume.scan_from_voxel.matrix().allFinite());
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 10);
    EXPECT_LT(refused, 590);
}

TEST(HostileFiles, SeveralVolumesInOneFileAreSaid) {
    const TemporaryFolder folder;
    NiftiBytes file = good();
    file.dim = {4, 5, 4, 3, 7, 1, 1, 1};
    write_bytes(folder / "series.nii", file.nifti1());
    const ImageInfo info = image_info(folder / "series.nii");
    ASSERT_EQ(header_warnings(info).size(), 1U);
    EXPECT_NE(info.warnings[0].find("7 volumes"), std::string::npos);
}

TEST(HostileFiles, WritingWhereNothingCanBeWritten) {
    const TemporaryFolder folder;
    Volume volume;
    volume.dims = {5, 4, 3};
    volume.samples = std::make_shared<const std::vector<float>>(corner_samples());
    EXPECT_THROW(write_nifti(volume, folder / "a.png"), InputError);
    EXPECT_THROW(write_nifti(volume, folder.path() / "no_such_folder" / "a.nii"), Error);
    write_nifti(volume, folder / "a.nii.gz");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace precentral
