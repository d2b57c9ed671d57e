// SPDX-License-Identifier: Apache-2.0
// NIfTI files written byte by byte, so that the reader is not tested against our own writer.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "imaging/volume_io.h"

namespace precentral {

// A 5 × 4 × 3 image, 0 but for its eight corners: 1 at (0,0,0), 2 at (4,0,0), 3 at (0,3,0), … the bits of (value - 1)
// say which end of i, j and k.
inline std::vector<float> corner_samples() {
    std::vector<float> out(60, 0.0F);
    for (int corner = 0; corner < 8; ++corner) {
        const int i = (corner & 1) != 0 ? 4 : 0;
        const int j = (corner & 2) != 0 ? 3 : 0;
        const int k = (corner & 4) != 0 ? 2 : 0;
        out[static_cast<std::size_t>(i + 5 * (j + 4 * k))] = static_cast<float>(corner + 1);
    }
    return out;
}

// What was said of the header: without the remarks that such a small image is no head.
inline std::vector<std::string> header_warnings(const ImageInfo& info) {
    std::vector<std::string> out;
    for (const std::string& warning : info.warnings) {
        if (warning.find("The image covers only") != 0 && warning.find("The image spans") != 0) out.push_back(warning);
    }
    return out;
}

struct NiftiBytes {
    std::array<std::int64_t, 8> dim{3, 5, 4, 3, 1, 1, 1, 1};
    std::array<double, 4> pixdim{1, 2, 3, 4};
    int datatype = 16;
    int bits = 32;
    int qform_code = 0;
    int sform_code = 0;
    std::array<double, 3> quaternion_bcd{};
    std::array<double, 3> qoffset{};
    std::array<double, 12> srow{};
    double slope = 0.0;
    double intercept = 0.0;
    int units = 2;
    bool big_endian = false;
    std::optional<std::vector<unsigned char>> data;

    template <class T>
    void put(std::vector<unsigned char>& to, std::size_t offset, T value) const {
        std::array<unsigned char, sizeof(T)> raw;
        std::memcpy(raw.data(), &value, sizeof(T));
        if (big_endian) std::reverse(raw.begin(), raw.end());
        std::copy(raw.begin(), raw.end(), to.begin() + static_cast<std::ptrdiff_t>(offset));
    }

    void append_data(std::vector<unsigned char>& to) const {
        if (data) {
            to.insert(to.end(), data->begin(), data->end());
            return;
        }
        for (const float sample : corner_samples()) {
            to.resize(to.size() + 4);
            put(to, to.size() - 4, sample);
        }
    }

    std::vector<unsigned char> nifti1() const {
        std::vector<unsigned char> h(352, 0);
        put(h, 0, std::int32_t{348});
        for (std::size_t i = 0; i < 8; ++i) put(h, 40 + 2 * i, static_cast<std::int16_t>(dim[i]));
        put(h, 70, static_cast<std::int16_t>(datatype));
        put(h, 72, static_cast<std::int16_t>(bits));
        for (std::size_t i = 0; i < 4; ++i) put(h, 76 + 4 * i, static_cast<float>(pixdim[i]));
        put(h, 108, 352.0F);
        put(h, 112, static_cast<float>(slope));
        put(h, 116, static_cast<float>(intercept));
        h[123] = static_cast<unsigned char>(units);
        put(h, 252, static_cast<std::int16_t>(qform_code));
        put(h, 254, static_cast<std::int16_t>(sform_code));
        for (std::size_t i = 0; i < 3; ++i) {
            put(h, 256 + 4 * i, static_cast<float>(quaternion_bcd[i]));
            put(h, 268 + 4 * i, static_cast<float>(qoffset[i]));
        }
        for (std::size_t i = 0; i < 12; ++i) put(h, 280 + 4 * i, static_cast<float>(srow[i]));
        std::memcpy(h.data() + 344, "n+1", 4);
        append_data(h);
        return h;
    }

    std::vector<unsigned char> nifti2() const {
        std::vector<unsigned char> h(544, 0);
        put(h, 0, std::int32_t{540});
        std::memcpy(h.data() + 4, "n+2\0\r\n\032\n", 8);
        put(h, 12, static_cast<std::int16_t>(datatype));
        put(h, 14, static_cast<std::int16_t>(bits));
        for (std::size_t i = 0; i < 8; ++i) put(h, 16 + 8 * i, dim[i]);
        for (std::size_t i = 0; i < 4; ++i) put(h, 104 + 8 * i, pixdim[i]);
        put(h, 168, std::int64_t{544});
        put(h, 176, slope);
        put(h, 184, intercept);
        put(h, 344, static_cast<std::int32_t>(qform_code));
        put(h, 348, static_cast<std::int32_t>(sform_code));
        for (std::size_t i = 0; i < 3; ++i) {
            put(h, 352 + 8 * i, quaternion_bcd[i]);
            put(h, 376 + 8 * i, qoffset[i]);
        }
        for (std::size_t i = 0; i < 12; ++i) put(h, 400 + 8 * i, srow[i]);
        put(h, 500, static_cast<std::int32_t>(units));
        append_data(h);
        return h;
    }
};

}  // namespace precentral
