// SPDX-License-Identifier: Apache-2.0
// The data elements of a DICOM file (PS3.5 "Data Structures and Encoding", PS3.10 "File Format").
//
// Parsed by ourselves, with every length checked against the bytes at hand, because a hostile or cut file must never
// end the program. Only what is asked for is turned into numbers; the rest is stepped over.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace precentral {

using DicomTag = std::uint32_t;  // group << 16 | element
using DicomBytes = std::span<const unsigned char>;

struct DicomEncoding {
    bool explicit_vr = true;
    bool big_endian = false;
};

struct DicomElement {
    DicomTag tag = 0;
    std::array<char, 2> vr{};  // as in the file, or from our own short list when the file does not say
    bool undefined_length = false;
    DicomBytes value;        // without its delimiter
    DicomEncoding encoding;  // of the values, and of the items when it is a sequence
};

// A view: it is valid as long as the bytes it was parsed from.
class DicomDataSet {
public:
    DicomDataSet() = default;
    explicit DicomDataSet(std::vector<DicomElement> elements) : elements_(std::move(elements)) {}

    const DicomElement* find(DicomTag tag) const;
    // The bytes as text without padding; "" when absent. What is not printable ASCII comes out as '?'.
    std::string text(DicomTag tag) const;
    std::vector<std::string> texts(DicomTag tag) const;  // the values between backslashes
    // Every number of an element, whatever way it is written; empty when absent or not numbers.
    std::vector<double> numbers(DicomTag tag) const;
    std::optional<double> number(DicomTag tag) const;  // the first one
    std::optional<std::int64_t> integer(DicomTag tag) const;
    // The items of a sequence, `most` of them at the most, up to the first that is broken.
    std::vector<DicomDataSet> items(DicomTag tag, std::size_t most = static_cast<std::size_t>(-1)) const;
    std::optional<DicomDataSet> first_item(DicomTag tag) const;
    // The tag of a private element: its last two hexadecimal digits, in the block its creator has reserved.
    std::optional<DicomTag> private_tag(std::uint16_t group, const std::string& creator, std::uint8_t element) const;

private:
    std::vector<DicomElement> elements_;  // by tag
};

// A file, or its beginning.
struct DicomContents {
    DicomContents() = default;
    DicomContents(DicomContents&&) = default;  // the views stay valid; a copy's would not
    DicomContents& operator=(DicomContents&&) = default;

    std::vector<unsigned char> bytes;  // what the views below look at; unpacked when the file was deflated
    std::string transfer_syntax;
    DicomEncoding encoding;
    DicomDataSet data;                   // without the pixels
    std::optional<DicomElement> pixels;  // value empty when only the header was read
};

enum class DicomRead { header, whole };

// Nothing when the file is not DICOM at all. Throws InputError naming the file when it is DICOM but cut short or
// broken before its pixels.
std::optional<DicomContents> read_dicom_file(const std::filesystem::path& path, DicomRead what);

// The encapsulated fragments of compressed pixels, the offset table (first) included. Throws InputError naming `file`.
std::vector<DicomBytes> dicom_fragments(const DicomElement& pixels, const std::string& file);

}  // namespace precentral
