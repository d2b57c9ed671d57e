// SPDX-License-Identifier: Apache-2.0
// Writes the seed corpus of fuzz_images: one small good file of each kind, behind the byte that chooses its ending.
#include <gdcmImageChangeTransferSyntax.h>
#include <gdcmImageReader.h>
#include <gdcmImageWriter.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/imaging/small_dicom.h"
#include "tests/imaging/small_volumes.h"

namespace {

using namespace precentral;

enum class Ending : unsigned char { nifti, mgh, dicom, nifti_gz, nrrd, meta };

std::filesystem::path folder;

void seed(const std::string& name, Ending ending, const std::vector<unsigned char>& bytes) {
    std::ofstream file(folder / name, std::ios::binary);
    file.put(static_cast<char>(ending));
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::vector<unsigned char> gzipped(const std::vector<unsigned char>& bytes) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    std::vector<unsigned char> out(deflateBound(&stream, bytes.size()) + 64);
    stream.next_in = const_cast<unsigned char*>(bytes.data());
    stream.avail_in = static_cast<unsigned>(bytes.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<unsigned>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::vector<unsigned char> with_samples(const std::string& header) {
    std::vector<unsigned char> out(header.begin(), header.end());
    NiftiBytes().append_data(out);
    return out;
}

// Four frames in each coding that a library decodes.
void seed_compressed() {
    const std::filesystem::path file = folder / "compressed";
    for (const auto syntax : {gdcm::TransferSyntax::JPEGLosslessProcess14_1, gdcm::TransferSyntax::JPEGLSLossless,
                              gdcm::TransferSyntax::JPEG2000Lossless}) {
        SmallSeries series;
        series.columns = 32;
        series.rows = 32;
        const auto plain = series.enhanced({0, 1, 2, 3});
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(plain.data()), static_cast<std::streamsize>(plain.size()));
        gdcm::ImageReader reader;
        reader.SetFileName(file.c_str());
        gdcm::ImageChangeTransferSyntax change;
        gdcm::ImageWriter writer;
        if (!reader.Read()) continue;
        change.SetTransferSyntax(syntax);
        change.SetInput(reader.GetImage());
        if (!change.Change()) continue;
        writer.SetFile(reader.GetFile());
        writer.SetImage(change.GetOutput());
        writer.SetFileName(file.c_str());
        if (!writer.Write()) continue;
        std::ifstream in(file, std::ios::binary);
        const std::vector<unsigned char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        seed(gdcm::TransferSyntax::GetTSString(syntax), Ending::dicom, bytes);
    }
    std::filesystem::remove(file);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
        return 2;
    }
    folder = argv[1];
    std::filesystem::create_directories(folder);

    NiftiBytes nifti;
    nifti.sform_code = 1;
    nifti.srow = {2, 0, 0, 1, 0, 3, 0, 2, 0, 0, 4, 3};
    seed("nifti1", Ending::nifti, nifti.nifti1());
    seed("nifti2", Ending::nifti, nifti.nifti2());
    seed("nifti_gz", Ending::nifti_gz, gzipped(nifti.nifti1()));
    nifti.qform_code = 1;
    nifti.big_endian = true;
    nifti.slope = 2;
    seed("nifti_big_endian", Ending::nifti, nifti.nifti1());

    NiftiBytes big;
    big.big_endian = true;
    std::vector<unsigned char> mgh(284, 0);
    const std::array<std::int32_t, 7> head = {1, 5, 4, 3, 1, 3, 0};
    for (std::size_t i = 0; i < head.size(); ++i) big.put(mgh, 4 * i, head[i]);
    big.put(mgh, 28, std::int16_t{1});
    const std::array<float, 15> geometry = {1, 1, 1, -1, 0, 0, 0, 0, -1, 0, 1, 0, 3, 4, 5};
    for (std::size_t i = 0; i < geometry.size(); ++i) big.put(mgh, 30 + 4 * i, geometry[i]);
    big.append_data(mgh);
    seed("mgh", Ending::mgh, mgh);

    SmallSeries series;
    for (const char* syntax : {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"}) {
        series.syntax = syntax;
        for (const bool lengths_stated : {true, false}) {
            series.lengths_stated = lengths_stated;
            seed("enhanced_" + series.syntax + (lengths_stated ? "" : "_open"), Ending::dicom,
                 series.enhanced({3, 1, 0, 2, 5, 4}, true, 0.5));
        }
        seed("classic_" + series.syntax, Ending::dicom, series.slice(0));
    }
    // Run-length coded, each frame as literal runs of its two byte planes.
    series.syntax = "1.2.840.10008.1.2.5";
    auto coded = series.enhanced({0, 1, 2, 3, 4, 5});
    coded.resize(coded.size() - 6 * 40 - 12);  // the pixels and their element's start
    DicomBytes pixels;
    pixels.start(0x7FE00010, "OB", 0xFFFFFFFF);
    pixels.start(0xFFFEE000, "", 0);
    for (int k = 0; k < 6; ++k) {
        DicomBytes frame;
        for (const std::uint32_t word : {2U, 64U, 64U + 21U}) frame.put_u32(word);
        frame.bytes.resize(64, 0);
        const auto plain = series.pixels(k);
        for (const std::size_t plane : {1U, 0U}) {
            frame.bytes.push_back(19);
            for (std::size_t i = 0; i < 20; ++i) frame.bytes.push_back(plain[2 * i + plane]);
        }
        pixels.start(0xFFFEE000, "", static_cast<std::uint32_t>(frame.bytes.size()));
        pixels.put(frame.bytes);
    }
    pixels.start(0xFFFEE0DD, "", 0);
    coded.insert(coded.end(), pixels.bytes.begin(), pixels.bytes.end());
    seed("run_length", Ending::dicom, coded);

    seed_compressed();

    seed("nrrd", Ending::nrrd,
         with_samples("NRRD0004\ntype: float\ndimension: 3\nspace: left-posterior-superior\nsizes: 5 4 3\n"
                      "space directions: (2,0,0) (0,3,0) (0,0,4)\nkinds: domain domain domain\nendian: little\n"
                      "encoding: raw\nspace origin: (10,20,30)\n\n"));
    seed("meta", Ending::meta,
         with_samples("ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
                      "TransformMatrix = 0 1 0 1 0 0 0 0 1\nOffset = 10 20 30\nElementSpacing = 2 3 4\n"
                      "DimSize = 5 4 3\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n"));
    return 0;
}
