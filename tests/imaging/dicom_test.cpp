// SPDX-License-Identifier: Apache-2.0
// DICOM laws on series written byte by byte on a known grid: wherever a voxel lands, it is the one that lies there.
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "data/error.h"
#include "fixtures.h"
#include "imaging/orientation.h"
#include "imaging/volume_io.h"
#include "small_dicom.h"

namespace precentral {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

void write_classic(const SmallSeries& series, const std::filesystem::path& folder, const std::string& prefix = "") {
    std::filesystem::create_directories(folder);
    for (int k = 0; k < series.slices; ++k) {
        write_bytes(folder / (prefix + std::to_string((7 * k + 3) % 101)), series.slice(k));  // names in no order
    }
}

// Every voxel of the image lies where the series has the voxel with this number; `value_of` is what it should hold.
void expect_same_places(const LoadedImage& image, const SmallSeries& series,
                        const std::function<double(int, int, int)>& value_of) {
    const auto& dims = image.volume.dims;
    ASSERT_EQ(image.volume.count(), static_cast<std::size_t>(series.columns) * static_cast<std::size_t>(series.rows) *
                                        static_cast<std::size_t>(series.slices));
    const Matrix3d voxel_from_place = (series.axes * series.spacing.asDiagonal()).inverse();
    double furthest = 0.0;
    for (int k = 0; k < dims[2]; ++k) {
        for (int j = 0; j < dims[1]; ++j) {
            for (int i = 0; i < dims[0]; ++i) {
                const Point<Voxel> voxel{Vector3d(i, j, k)};
                const Vector3d place = itk_point_from_scan(image.volume.scan_from_voxel * voxel);
                const Vector3d found = voxel_from_place * (place - series.origin);
                const Vector3d whole = found.array().round();
                furthest = std::max(furthest, (found - whole).cwiseProduct(series.spacing).norm());
                EXPECT_NEAR(
                    image.volume.at(i, j, k),
                    value_of(static_cast<int>(whole[0]), static_cast<int>(whole[1]), static_cast<int>(whole[2])), 1e-3);
            }
        }
    }
    EXPECT_LT(furthest, 1e-4);
}

void expect_same_places(const LoadedImage& image, const SmallSeries& series) {
    expect_same_places(image, series, [](int i, int j, int k) { return SmallSeries::stored(i, j, k); });
}

bool said(const LoadedImage& image, const std::string& part) {
    return std::any_of(image.info.warnings.begin(), image.info.warnings.end(),
                       [&](const std::string& w) { return w.find(part) != std::string::npos; });
}

std::string all_of(const LoadedImage& image) {
    return std::accumulate(image.info.warnings.begin(), image.info.warnings.end(), std::string("|"));
}

std::string refusal(const std::filesystem::path& path) {
    try {
        (void)load_image(path);
    } catch (const InputError& error) {
        const std::string text = error.what();
        EXPECT_EQ(text.back(), '.') << text;
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
        EXPECT_NE(text.find(path.filename().string()), std::string::npos) << text;
        return text;
    }
    ADD_FAILURE() << path << " was read";
    return "";
}

Matrix3d turned(std::mt19937& random) {
    std::normal_distribution<double> normal;
    return Eigen::Quaterniond(normal(random), normal(random), normal(random), normal(random))
        .normalized()
        .toRotationMatrix();
}

TEST(Dicom, EveryAxisOrderClassicAndEnhanced) {
    const TemporaryFolder folder;
    int n = 0;
    for (int order = 0; order < 6; ++order) {
        for (int signs = 0; signs < 8; ++signs) {
            std::array<int, 3> axes = {0, 1, 2};
            for (int i = 0; i < order; ++i) std::next_permutation(axes.begin(), axes.end());
            SmallSeries series;
            series.axes.setZero();
            for (int column = 0; column < 3; ++column) {
                series.axes(axes[static_cast<std::size_t>(column)], column) = ((signs >> column) & 1) != 0 ? -1 : 1;
            }
            const auto name = "classic" + std::to_string(n++);
            write_classic(series, folder / name);
            const LoadedImage image = load_image(folder / name);
            expect_same_places(image, series);
            EXPECT_EQ(image.info.affine_source, "DICOM");
            // Slices go up along the normal, so the grid is right-handed whatever order the scanner took.
            EXPECT_GT(image.volume.scan_from_voxel.affine().linear().determinant(), 0.0);
            write_bytes(folder / (name + ".dcm"), series.enhanced({4, 2, 0, 5, 1, 3}));
            expect_same_places(load_image(folder / (name + ".dcm")), series);
        }
    }
}

TEST(Dicom, ObliqueInEveryUncompressedSyntaxWithShuffledFramesAndSlopesPerFrame) {
    const TemporaryFolder folder;
    std::mt19937 random(5);
    for (const char* syntax : {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"}) {
        for (const bool lengths_stated : {true, false}) {
            SmallSeries series;
            series.syntax = syntax;
            series.lengths_stated = lengths_stated;
            series.axes = turned(random);
            series.slope = 2;
            series.intercept = -5;
            const auto name = series.syntax + (lengths_stated ? "s" : "u");
            write_classic(series, folder / name);
            const auto scaled = [](int i, int j, int k) { return 2.0 * SmallSeries::stored(i, j, k) - 5.0; };
            expect_same_places(load_image(folder / name), series, scaled);
            std::vector<int> order = {0, 1, 2, 3, 4, 5};
            std::shuffle(order.begin(), order.end(), random);
            write_bytes(folder / "shared.dcm", series.enhanced(order));
            expect_same_places(load_image(folder / "shared.dcm"), series, scaled);
            write_bytes(folder / "each.dcm", series.enhanced(order, true));
            expect_same_places(load_image(folder / "each.dcm"), series,
                               [](int i, int j, int k) { return (k + 1.0) * SmallSeries::stored(i, j, k) + k; });
        }
    }
}

// value = (slope · stored + intercept) / (slope · private slope)
TEST(Dicom, PhilipsPrivateScaleClassicAndEnhanced) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.slope = 4;
    series.intercept = 8;
    std::filesystem::create_directories(folder / "classic");
    for (int k = 0; k < series.slices; ++k) {
        // In block 11: the creator says which block is meant, not the number.
        write_bytes(folder / "classic" / std::to_string(k), series.slice(k, -1, [](DicomBytes& out) {
            out.text(0x20050010, "LO", "Somebody else").text(0x20050011, "LO", "Philips MR Imaging DD 001");
            out.real(0x2005100E, "FL", 77.0F).real(0x2005110E, "FL", 0.5F);
        }));
    }
    const auto scaled = [](int i, int j, int k) { return (4.0 * SmallSeries::stored(i, j, k) + 8.0) / (4.0 * 0.5); };
    expect_same_places(load_image(folder / "classic"), series, scaled);
    write_bytes(folder / "enhanced.dcm", series.enhanced({5, 4, 3, 2, 1, 0}, false, 0.5));
    expect_same_places(load_image(folder / "enhanced.dcm"), series, scaled);
}

// GDCM compresses what we wrote; it must read back equal, so what we write is also DICOM to others.
TEST(Dicom, LosslessCompressionsReadBackEqual) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.columns = 33;
    series.rows = 31;
    series.slices = 5;
    for (const auto syntax : {gdcm::TransferSyntax::RLELossless, gdcm::TransferSyntax::JPEGLosslessProcess14_1,
                              gdcm::TransferSyntax::JPEGLSLossless, gdcm::TransferSyntax::JPEG2000Lossless,
                              gdcm::TransferSyntax::DeflatedExplicitVRLittleEndian}) {
        const std::string name = gdcm::TransferSyntax::GetTSString(syntax);
        std::filesystem::create_directories(folder / name);
        for (int k = 0; k < series.slices; ++k) {
            write_bytes(folder / "plain.dcm", series.slice(k));
            gdcm::ImageReader reader;
            reader.SetFileName((folder / "plain.dcm").c_str());
            ASSERT_TRUE(reader.Read());
            gdcm::ImageChangeTransferSyntax change;
            change.SetTransferSyntax(syntax);
            change.SetInput(reader.GetImage());
            ASSERT_TRUE(change.Change()) << name;
            gdcm::ImageWriter writer;
            writer.SetFile(reader.GetFile());
            writer.SetImage(change.GetOutput());
            writer.SetFileName((folder / name / std::to_string(k)).c_str());
            ASSERT_TRUE(writer.Write()) << name;
        }
        std::filesystem::remove(folder / "plain.dcm");
        expect_same_places(load_image(folder / name), series);
    }
}

// A library's codec may abort on damaged data: it is refused, and the program goes on.
TEST(Dicom, DamagedCompressedPixelsAreRefusedAndEndNothing) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.columns = 33;
    series.rows = 31;
    write_classic(series, folder / "odd");
    write_bytes(folder / "plain.dcm", series.slice(2));
    std::mt19937 random(9);
    int refused = 0;
    for (const auto syntax : {gdcm::TransferSyntax::JPEGLosslessProcess14_1, gdcm::TransferSyntax::JPEGLSLossless,
                              gdcm::TransferSyntax::JPEG2000Lossless}) {
        gdcm::ImageReader reader;
        reader.SetFileName((folder / "plain.dcm").c_str());
        ASSERT_TRUE(reader.Read());
        gdcm::ImageChangeTransferSyntax change;
        change.SetTransferSyntax(syntax);
        change.SetInput(reader.GetImage());
        ASSERT_TRUE(change.Change());
        gdcm::ImageWriter writer;
        writer.SetFile(reader.GetFile());
        writer.SetImage(change.GetOutput());
        writer.SetFileName((folder / "coded.dcm").c_str());
        ASSERT_TRUE(writer.Write());
        std::filesystem::copy_file(folder / "coded.dcm", folder / "odd" / "17",
                                   std::filesystem::copy_options::overwrite_existing);
        expect_same_places(load_image(folder / "odd"), series);
        std::ifstream file(folder / "coded.dcm", std::ios::binary);
        const std::vector<unsigned char> whole((std::istreambuf_iterator<char>(file)),
                                               std::istreambuf_iterator<char>());
        for (int n = 0; n < 60; ++n) {
            auto bytes = whole;
            const std::size_t tail = bytes.size() / 2;  // pixels
            for (int wrong = 0; wrong < 4; ++wrong) bytes[tail + random() % (bytes.size() - tail)] ^= 0x5AU;
            write_bytes(folder / "odd" / "17", bytes);
            try {
                (void)load_image(folder / "odd");
            } catch (const InputError&) {
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 10);
}

TEST(Dicom, MissingSliceIsRefusedAndTheGapNamed) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.slices = 12;
    write_classic(series, folder / "gap");
    std::filesystem::remove(folder / "gap" / std::to_string((7 * 4 + 3) % 101));
    const std::string text = refusal(folder / "gap");
    EXPECT_NE(text.find("1 slice is missing between instance 4 and instance 6"), std::string::npos) << text;
    EXPECT_NE(text.find("5.00 mm, usually 2.50 mm"), std::string::npos) << text;
}

TEST(Dicom, UnevenSpacingIsRefusedAndALittleIsSaid) {
    const TemporaryFolder folder;
    SmallSeries series;
    const auto write = [&](const std::string& name, double shift) {
        std::filesystem::create_directories(folder / name);
        for (int k = 0; k < series.slices; ++k) {
            write_bytes(folder / name / std::to_string(k), series.slice(k, k == 3 ? k + shift : k));
        }
    };
    write("uneven", 0.3);
    EXPECT_NE(refusal(folder / "uneven").find("unevenly spaced: see instance 3 and instance 4"), std::string::npos);
    write("little", 0.02);
    EXPECT_TRUE(said(load_image(folder / "little"), "a little unevenly spaced (up to 0.05 mm"));
    write("even", 0.0);
    EXPECT_FALSE(said(load_image(folder / "even"), "uneven"));
}

TEST(Dicom, GantryTiltKeepsItsSlant) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.axes.col(2) = Vector3d(0, std::sin(0.2), std::cos(0.2));  // 11.5 degrees
    write_classic(series, folder / "tilt");
    const LoadedImage image = load_image(folder / "tilt");
    expect_same_places(image, series);
    EXPECT_TRUE(said(image, "slant of 11.5 degrees")) << all_of(image);
}

TEST(Dicom, OfSeveralSeriesTheWholeHeadT1IsChosenAndTheOthersAreNamed) {
    const TemporaryFolder folder;
    SmallSeries t1;
    t1.slices = 20;
    SmallSeries t2 = t1;
    t2.slices = 30;  // more slices do not make it a T1
    t2.series = "1.2.3.5";
    t2.description = "T2 FLAIR";
    t2.number = 6;
    SmallSeries localizer = t1;
    localizer.slices = 30;
    localizer.series = "1.2.3.6";
    localizer.description = "";
    localizer.number = 1;
    localizer.image_type = "ORIGINAL\\PRIMARY\\LOCALIZER";
    write_classic(t2, folder / "study" / "DOE_JANE");
    write_classic(t1, folder / "study" / "b" / "c");
    write_classic(localizer, folder / "study", "loc");
    write_bytes(folder / "study" / "notes.txt", {'h', 'i'});
    write_bytes(folder / "study" / "DICOMDIR", DicomBytes().text(0x00041130, "CS", "X").file("1.2.840.10008.1.2.1"));
    auto broken = t1.slice(0);
    broken.resize(300);
    write_bytes(folder / "study" / "broken", broken);
    write_bytes(folder / "study" / "copy", t1.slice(3));
    const LoadedImage image = load_image(folder / "study");
    expect_same_places(image, t1);
    EXPECT_TRUE(said(image, "The folder holds 3 series; \"T1 MPRAGE\" (number 5) with 20 slices is used"))
        << all_of(image);
    EXPECT_TRUE(said(image, "\"T2 FLAIR\" (number 6) with 30 slices")) << all_of(image);
    EXPECT_TRUE(said(image, "a series without a description (number 1)")) << all_of(image);
    EXPECT_TRUE(said(image, "1 DICOM file in the folder is broken")) << all_of(image);
    EXPECT_TRUE(said(image, "1 file repeats another one")) << all_of(image);
    EXPECT_EQ(all_of(image).find("JANE"), std::string::npos) << all_of(image);
    // One file of another series is how that one is chosen.
    const auto one = folder / "study" / "DOE_JANE" / "3";
    expect_same_places(load_image(one), t2);
}

TEST(Dicom, NothingOfThePatientIsInAMessage) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.patient = "Quixote^Alonso";
    series.description = "T1 of quixote a.";
    write_classic(series, folder / "a");
    SmallSeries other = series;
    other.series = "1.9";
    other.description = "ALONSO again";
    write_classic(other, folder / "a", "other");
    const LoadedImage image = load_image(folder / "a");
    EXPECT_TRUE(said(image, "2 series")) << all_of(image);
    std::string all = all_of(image);
    std::transform(all.begin(), all.end(), all.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(all.find("quixote"), std::string::npos) << all;
    EXPECT_EQ(all.find("alonso"), std::string::npos) << all;
}

TEST(Dicom, SeveralImagesOfOnePlaceAreToldApart) {
    const TemporaryFolder folder;
    SmallSeries first;
    SmallSeries second = first;
    second.echo_ms = 9;
    second.slope = 3;
    write_classic(first, folder / "echoes", "a");
    write_classic(second, folder / "echoes", "b");
    LoadedImage image = load_image(folder / "echoes");
    expect_same_places(image, first);
    EXPECT_TRUE(said(image, "2 images of the same place (different echo times); the one with 3 is used"))
        << all_of(image);

    second = first;
    second.image_type = "ORIGINAL\\PRIMARY\\P\\ND";
    second.slope = 3;
    SmallSeries magnitude = first;
    magnitude.image_type = "ORIGINAL\\PRIMARY\\M\\NX";
    write_classic(second, folder / "phase", "a");
    write_classic(magnitude, folder / "phase", "b");
    // The instance of a slice in the small series ends in the last letter of its type, so none is a copy.
    image = load_image(folder / "phase");
    expect_same_places(image, first);
    EXPECT_TRUE(said(image, "the magnitude image is used")) << all_of(image);
}

TEST(Dicom, WhatIsNoWholeHeadMriIsSaid) {
    const TemporaryFolder folder;
    SmallSeries series;
    series.modality = "CT";
    write_classic(series, folder / "ct");
    EXPECT_TRUE(said(load_image(folder / "ct"), "This is a CT"));
    series = {};
    series.sop_class = "1.2.840.10008.5.1.4.1.1.7";
    write_classic(series, folder / "capture");
    EXPECT_TRUE(said(load_image(folder / "capture"), "screen captures"));
    series = {};
    series.image_type = "ORIGINAL\\PRIMARY\\LOCALIZER";
    write_classic(series, folder / "localizer");
    EXPECT_TRUE(said(load_image(folder / "localizer"), "This is a localizer"));
    EXPECT_TRUE(said(load_image(folder / "localizer"), "only 6 slices"));
    series = {};
    series.description = "Ax T2 TSE";
    write_classic(series, folder / "t2");
    EXPECT_TRUE(said(load_image(folder / "t2"), "not a T1"));
    series = {};
    series.slices = 2;
    write_classic(series, folder / "two");
    EXPECT_NE(refusal(folder / "two").find("holds 2 slices"), std::string::npos);
    series = {};
    write_bytes(folder / "lonely.dcm", series.slice(0));
    EXPECT_NE(refusal(folder / "lonely.dcm").find("holds 1 slice"), std::string::npos);
    series.syntax = "1.2.840.10008.1.2.4.102";  // video
    write_classic(series, folder / "video");
    EXPECT_NE(refusal(folder / "video").find("transfer syntax 1.2.840.10008.1.2.4.102"), std::string::npos);
}

TEST(Dicom, CutAtEveryLengthIsRefused) {
    const TemporaryFolder folder;
    SmallSeries series;
    for (const bool lengths_stated : {true, false}) {
        series.lengths_stated = lengths_stated;
        const auto whole = series.enhanced({0, 1, 2, 3, 4, 5});
        for (std::size_t length = 1; length < whole.size(); length += 17) {
            write_bytes(folder / "cut.dcm", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
            (void)refusal(folder / "cut.dcm");
        }
    }
}

TEST(Dicom, AnyWrongByteIsReadOrRefusedButNeverACrash) {
    const TemporaryFolder folder;
    SmallSeries series;
    const auto whole = series.enhanced({0, 1, 2, 3, 4, 5}, true, 0.5);
    std::mt19937 random(8);
    int refused = 0;
    for (int n = 0; n < 1500; ++n) {
        auto bytes = whole;
        for (int wrong = 0; wrong < 3; ++wrong)
            bytes[128 + random() % (bytes.size() - 370)] = static_cast<unsigned char>(random());
        write_bytes(folder / "odd.dcm", bytes);
        try {
            const LoadedImage image = load_image(folder / "odd.dcm");
            EXPECT_EQ(image.volume.samples->size(), image.volume.count());
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
    EXPECT_LT(refused, 1490);
}

}  // namespace
}  // namespace precentral
