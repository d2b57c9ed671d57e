// SPDX-License-Identifier: Apache-2.0
// The samples of single frames of a DICOM file.
#pragma once

#include <string>
#include <vector>

#include "imaging/dicom_frames.h"
#include "imaging/dicom_parse.h"

namespace precentral {

// Holds a file's contents and gives its frames one by one. Uncompressed, deflated and run-length coded pixels are read
// by ourselves; JPEG, JPEG-LS and JPEG 2000 by GDCM, which is shown a frame only when the frame's own header agrees
// with the file's about its size.
class DicomPixels {
public:
    // Throws InputError naming the file when it cannot be read, holds no pixels, or holds them in a way not known.
    explicit DicomPixels(const DicomFile& file);

    // rows · columns values, scaled by the frame's slope and intercept. Throws InputError naming the file and the frame
    // when its data are cut short or broken.
    std::vector<float> read(const DicomFrame& frame) const;

private:
    std::size_t frame_length() const;
    DicomBytes packed(std::size_t index, std::vector<unsigned char>& joined) const;
    std::vector<unsigned char> frame_bytes(std::size_t index) const;
    void check_coded(DicomBytes packed, std::size_t index) const;
    void decode_by_library();

    const DicomFile& file_;
    DicomContents contents_;
    std::vector<std::vector<DicomBytes>> fragments_;  // by frame, when compressed
    std::vector<unsigned char> decoded_;              // all frames, when a library had to decode them
    bool big_endian_ = false;
};

// Why the pixels of a file cannot be read, e.g. "its pixels are coded as video"; "" when they can.
std::string unreadable_syntax(const std::string& transfer_syntax);

}  // namespace precentral
