// SPDX-License-Identifier: Apache-2.0
// DICOM files written byte by byte, so that the reader is not tested against a library it uses itself.
#pragma once

#include <Eigen/Geometry>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace precentral {

// A data set, element after element; the caller keeps the tags ascending.
struct DicomBytes {
    bool explicit_vr = true;
    bool big_endian = false;
    std::vector<unsigned char> bytes = {};

    void put_u16(unsigned value) {
        const auto low = static_cast<unsigned char>(value & 0xFF);
        const auto high = static_cast<unsigned char>((value >> 8) & 0xFF);
        bytes.insert(bytes.end(), {big_endian ? high : low, big_endian ? low : high});
    }
    void put_u32(std::uint32_t value) {
        put_u16(big_endian ? value >> 16 : value & 0xFFFF);
        put_u16(big_endian ? value & 0xFFFF : value >> 16);
    }
    void start(std::uint32_t tag, const char* vr, std::uint32_t length) {
        put_u16(tag >> 16);
        put_u16(tag & 0xFFFF);
        if (!explicit_vr || (tag >> 16) == 0xFFFE) return put_u32(length);
        bytes.insert(bytes.end(), {static_cast<unsigned char>(vr[0]), static_cast<unsigned char>(vr[1])});
        const std::string long_ones = "OB OW OF OD SQ UN UT";
        if (long_ones.find(vr) == std::string::npos) return put_u16(length);
        put_u16(0);
        put_u32(length);
    }
    void put(const std::vector<unsigned char>& raw) { bytes.insert(bytes.end(), raw.begin(), raw.end()); }

    DicomBytes& raw(std::uint32_t tag, const char* vr, std::vector<unsigned char> value) {
        if (value.size() % 2 != 0) value.push_back(0);
        start(tag, vr, static_cast<std::uint32_t>(value.size()));
        put(value);
        return *this;
    }
    DicomBytes& text(std::uint32_t tag, const char* vr, std::string value) {
        if (value.size() % 2 != 0) value += std::string(vr) == "UI" ? '\0' : ' ';
        return raw(tag, vr, {value.begin(), value.end()});
    }
    DicomBytes& decimals(std::uint32_t tag, const std::vector<double>& values) {
        std::string all;
        for (const double value : values) {
            std::array<char, 32> one{};
            std::snprintf(one.data(), one.size(), "%.10g", value);
            all += (all.empty() ? "" : "\\") + std::string(one.data());
        }
        return text(tag, "DS", all);
    }
    DicomBytes& us(std::uint32_t tag, unsigned value) {
        start(tag, "US", 2);
        put_u16(value);
        return *this;
    }
    template <class T>
    DicomBytes& real(std::uint32_t tag, const char* vr, T value) {
        std::vector<unsigned char> out(sizeof(T));
        std::memcpy(out.data(), &value, sizeof(T));
        if (big_endian) out = {out.rbegin(), out.rend()};
        return raw(tag, vr, out);
    }
    DicomBytes& sequence(std::uint32_t tag, const std::vector<DicomBytes>& items, bool lengths_stated = true) {
        DicomBytes inside = {explicit_vr, big_endian};
        for (const DicomBytes& item : items) {
            inside.start(0xFFFEE000, "", lengths_stated ? static_cast<std::uint32_t>(item.bytes.size()) : 0xFFFFFFFF);
            inside.put(item.bytes);
            if (!lengths_stated) inside.start(0xFFFEE00D, "", 0);
        }
        start(tag, "SQ", lengths_stated ? static_cast<std::uint32_t>(inside.bytes.size()) : 0xFFFFFFFF);
        put(inside.bytes);
        if (!lengths_stated) start(0xFFFEE0DD, "", 0);
        return *this;
    }
    // With the preamble and the group that says how the rest is written.
    std::vector<unsigned char> file(const std::string& transfer_syntax) const {
        DicomBytes meta;
        meta.text(0x00020010, "UI", transfer_syntax);
        std::vector<unsigned char> out(128, 0);
        out.insert(out.end(), {'D', 'I', 'C', 'M'});
        DicomBytes length;
        length.start(0x00020000, "UL", 4);
        length.put_u32(static_cast<std::uint32_t>(meta.bytes.size()));
        out.insert(out.end(), length.bytes.begin(), length.bytes.end());
        out.insert(out.end(), meta.bytes.begin(), meta.bytes.end());
        out.insert(out.end(), bytes.begin(), bytes.end());
        return out;
    }
};

// A series on a known grid, in DICOM's own coordinates. The stored number of a pixel tells which voxel it is.
struct SmallSeries {
    int columns = 5;
    int rows = 4;
    int slices = 6;
    Eigen::Vector3d origin = {-10, 20, 30};
    Eigen::Matrix3d axes = Eigen::Matrix3d::Identity();  // columns: i, j, and the step from slice to slice
    Eigen::Vector3d spacing = {1.5, 2, 2.5};
    std::string syntax = "1.2.840.10008.1.2.1";
    std::string series = "1.2.3.4";
    std::string description = "T1 MPRAGE";
    std::string patient = "Doe^Jane";
    std::string modality = "MR";
    std::string sop_class = "1.2.840.10008.5.1.4.1.1.4";
    std::string image_type = "ORIGINAL\\PRIMARY\\M\\ND";
    int number = 5;
    int acquisition = 1;
    double echo_ms = 3;
    double slope = 1;
    double intercept = 0;
    bool lengths_stated = true;  // of sequences

    bool explicit_vr() const { return syntax != "1.2.840.10008.1.2"; }
    bool big_endian() const { return syntax == "1.2.840.10008.1.2.2"; }
    DicomBytes start() const { return {explicit_vr(), big_endian()}; }

    Eigen::Vector3d place(double i, double j, double k) const {
        return origin + axes * Eigen::Vector3d(i, j, k).cwiseProduct(spacing);
    }
    static int stored(int i, int j, int k) { return 1 + i + 10 * j + 100 * k; }
    std::vector<unsigned char> pixels(int k) const {
        DicomBytes out = start();
        for (int j = 0; j < rows; ++j) {
            for (int i = 0; i < columns; ++i) out.put_u16(static_cast<unsigned>(stored(i, j, k)));
        }
        return out.bytes;
    }
    std::vector<double> axes_of_slices() const {
        return {axes(0, 0), axes(1, 0), axes(2, 0), axes(0, 1), axes(1, 1), axes(2, 1)};
    }

    void head(DicomBytes& out, const std::string& instance) const {
        out.text(0x00080008, "CS", image_type).text(0x00080016, "UI", sop_class);
        out.text(0x00080018, "UI", instance).text(0x00080060, "CS", modality);
        if (!description.empty()) out.text(0x0008103E, "LO", description);
        out.text(0x00100010, "PN", patient);
        out.text(0x00180023, "CS", "3D").decimals(0x00180081, {echo_ms});
        out.text(0x0020000E, "UI", series).text(0x00200011, "IS", std::to_string(number));
        out.text(0x00200012, "IS", std::to_string(acquisition));
    }
    void shape(DicomBytes& out, int frames) const {
        out.us(0x00280002, 1).text(0x00280004, "CS", "MONOCHROME2");
        if (frames > 1) out.text(0x00280008, "IS", std::to_string(frames));
        out.us(0x00280010, static_cast<unsigned>(rows)).us(0x00280011, static_cast<unsigned>(columns));
    }
    void bits(DicomBytes& out) const { out.us(0x00280100, 16).us(0x00280101, 16).us(0x00280102, 15).us(0x00280103, 0); }

    // One classic file; `place_k` is where the slice lies (default: k itself), `extra` adds private elements.
    std::vector<unsigned char> slice(int k, double place_k = -1,
                                     const std::function<void(DicomBytes&)>& extra = nullptr) const {
        DicomBytes out = start();
        head(out, series + "." + std::to_string(acquisition) + "." + std::to_string(static_cast<int>(echo_ms)) + "." +
                      image_type.substr(image_type.size() - 1) + "." + std::to_string(k));
        const Eigen::Vector3d at = place(0, 0, place_k < 0 ? k : place_k);
        out.text(0x00200013, "IS", std::to_string(k + 1));
        out.decimals(0x00200032, {at[0], at[1], at[2]}).decimals(0x00200037, axes_of_slices());
        shape(out, 1);
        out.decimals(0x00280030, {spacing[1], spacing[0]});
        bits(out);
        out.decimals(0x00281052, {intercept}).decimals(0x00281053, {slope});
        if (extra) extra(out);
        out.raw(0x7FE00010, "OW", pixels(k));
        return out.file(syntax);
    }

    // One enhanced file whose frames come in the given order. `per_frame_slopes`: frame k is stored divided by k + 1.
    std::vector<unsigned char> enhanced(const std::vector<int>& order, bool per_frame_slopes = false,
                                        double philips_slope = 0) const {
        DicomBytes out = start();
        head(out, series + ".1");
        out.text(0x00200013, "IS", "1");
        shape(out, static_cast<int>(order.size()));
        bits(out);
        DicomBytes shared = start();
        shared.sequence(0x00209116, {start().decimals(0x00200037, axes_of_slices())}, lengths_stated);
        shared.sequence(0x00289110,
                        {start().decimals(0x00180050, {spacing[2]}).decimals(0x00280030, {spacing[1], spacing[0]})},
                        lengths_stated);
        if (!per_frame_slopes) {
            shared.sequence(0x00289145, {start().decimals(0x00281052, {intercept}).decimals(0x00281053, {slope})},
                            lengths_stated);
        }
        out.sequence(0x52009229, {shared}, lengths_stated);
        std::vector<DicomBytes> frames;
        std::vector<unsigned char> all;
        for (const int k : order) {
            const Eigen::Vector3d at = place(0, 0, k);
            DicomBytes frame = start();
            frame.sequence(0x00209113, {start().decimals(0x00200032, {at[0], at[1], at[2]})}, lengths_stated);
            if (philips_slope != 0) {
                frame.text(0x20050014, "LO", "Philips MR Imaging DD 005");
                frame.sequence(0x2005140F,
                               {start()
                                    .text(0x20050010, "LO", "Philips MR Imaging DD 001")
                                    .real(0x2005100E, "FL", static_cast<float>(philips_slope))},
                               lengths_stated);
            }
            if (per_frame_slopes) {
                frame.sequence(0x00289145,
                               {start().decimals(0x00281052, {static_cast<double>(k)}).decimals(0x00281053, {k + 1.0})},
                               lengths_stated);
            }
            frames.push_back(frame);
            const auto one = pixels(k);
            all.insert(all.end(), one.begin(), one.end());
        }
        out.sequence(0x52009230, frames, lengths_stated);
        out.raw(0x7FE00010, "OW", all);
        return out.file(syntax);
    }
};

}  // namespace precentral
