// SPDX-License-Identifier: Apache-2.0
// What NRRD and MetaImage have in common: a header of text lines, samples behind it or in a file of their own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/text_fields.h"
#include "imaging/volume_io.h"

namespace precentral {

// The field names in lower case, their values without surrounding blanks; the rest of the file behind them.
struct TextHeader {
    std::map<std::string, std::string> fields;
    std::vector<unsigned char> file;  // all of it
    std::size_t data_at = 0;          // where the samples begin, when they are in the same file

    std::string field(const std::string& name) const;  // "" when absent
};

// What of a file's own words may stand in a message: 40 characters at most, all printable.
std::string quotable(const std::string& text);

// Numbers between blanks, commas and brackets; nothing when any part is no number.
std::optional<std::vector<double>> numbers_of(const std::string& text);

// What both formats say of their samples.
struct SampleLayout {
    std::array<int, 3> dims{};
    std::string type;  // as the file calls it
    bool big_endian = false;
    bool ascii = false;
    bool compressed = false;  // a zlib or gzip stream
    std::size_t stride = 1;   // samples a voxel, of which the first is taken
    std::string data_file;    // "" when behind the header; else beside it
    std::size_t skip = 0;     // bytes before the samples
};

// Throws InputError naming the file when the samples are missing, cut short, or of a kind not known.
Volume read_samples(const TextHeader& header, const SampleLayout& layout, const std::filesystem::path& path);

// The whole file, up to a size no head has. Throws InputError.
std::vector<unsigned char> read_all(const std::filesystem::path& path);

// Throws InputError naming the file when a size is no size of a volume.
std::array<int, 3> checked_dims(const std::vector<double>& sizes, const std::string& name);

}  // namespace precentral
