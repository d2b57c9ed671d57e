// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_pixels.h"

#include <gdcmImage.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "data/error.h"
#include "imaging/run_apart.h"

namespace precentral {
namespace {

constexpr std::size_t kMostDecoded = std::size_t{4} << 30;  // bytes
constexpr double kPatienceSeconds = 120.0;

enum class Coding { plain, run_length, jpeg, jpeg_ls, jpeg_2000, unknown };

Coding coding_of(const std::string& syntax) {
    if (syntax == "1.2.840.10008.1.2" || syntax == "1.2.840.10008.1.2.1" || syntax == "1.2.840.10008.1.2.1.99" ||
        syntax == "1.2.840.10008.1.2.2" || syntax == "1.2.840.113619.5.2") {
        return Coding::plain;
    }
    const std::string compressed = "1.2.840.10008.1.2.";
    if (syntax.rfind(compressed, 0) != 0) return Coding::unknown;
    const std::string kind = syntax.substr(compressed.size());
    if (kind == "5") return Coding::run_length;
    if (kind == "4.50" || kind == "4.51" || kind == "4.57" || kind == "4.70") return Coding::jpeg;
    if (kind == "4.80" || kind == "4.81") return Coding::jpeg_ls;
    if (kind == "4.90" || kind == "4.91") return Coding::jpeg_2000;
    return Coding::unknown;
}

std::uint32_t little_u32(DicomBytes bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 |
           static_cast<std::uint32_t>(bytes[at + 2]) << 16 | static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

std::uint32_t big_u32(DicomBytes bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
           static_cast<std::uint32_t>(bytes[at + 2]) << 8 | static_cast<std::uint32_t>(bytes[at + 3]);
}

std::uint32_t big_u16(DicomBytes bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes[at]) << 8 | static_cast<std::uint32_t>(bytes[at + 1]);
}

// PackBits by byte planes, the most significant first (PS3.5, annex G). False when the data do not fill the frame.
bool run_length_decoded(DicomBytes packed, std::size_t pixels, std::vector<unsigned char>& out) {
    const std::size_t width = out.size() / pixels;
    if (packed.size() < 64 || little_u32(packed, 0) != width) return false;
    for (std::size_t plane = 0; plane < width; ++plane) {
        std::size_t at = little_u32(packed, 4 + 4 * plane);
        std::size_t done = 0;
        while (done < pixels) {
            if (at >= packed.size()) return false;
            const unsigned code = packed[at++];  // up to 127: that many and one more follow; above 128: one, repeated
            if (code == 128) continue;
            const bool literal = code < 128;
            const std::size_t length = literal ? code + 1 : 257 - code;
            if (done + length > pixels || at + (literal ? length : 1) > packed.size()) return false;
            for (std::size_t i = 0; i < length; ++i) {
                out[(done + i) * width + (width - 1 - plane)] = packed[literal ? at + i : at];
            }
            at += literal ? length : 1;
            done += length;
        }
    }
    return true;
}

struct CodedSize {
    std::uint32_t columns = 0;
    std::uint32_t rows = 0;
    std::uint32_t components = 0;
    std::uint32_t bits = 0;
};

// The frame header of JPEG and JPEG-LS: the marker SOFn (ISO 10918-1, B.2.2; ISO 14495-1, C.2.2).
CodedSize jpeg_size(DicomBytes packed) {
    CodedSize out;
    if (packed.size() < 4 || packed[0] != 0xFF || packed[1] != 0xD8) return out;
    std::size_t at = 2;
    while (at + 4 <= packed.size() && packed[at] == 0xFF) {
        const unsigned marker = packed[at + 1];
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        if (marker == 0xDA || marker == 0xD9) break;
        const std::size_t length = big_u16(packed, at + 2);
        const bool frame_start =
            (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) || marker == 0xF7;
        if (frame_start && at + 10 <= packed.size()) {
            return {big_u16(packed, at + 7), big_u16(packed, at + 5), packed[at + 9], packed[at + 4]};
        }
        at += 2 + length;
    }
    return out;
}

// The marker SIZ, which opens a JPEG 2000 code stream (ISO 15444-1, A.5.1).
CodedSize jpeg_2000_size(DicomBytes packed) {
    CodedSize out;
    const std::array<unsigned char, 4> opening = {0xFF, 0x4F, 0xFF, 0x51};
    const auto window = packed.first(std::min<std::size_t>(packed.size(), 4096));
    const auto found = std::search(window.begin(), window.end(), opening.begin(), opening.end());
    const auto at = static_cast<std::size_t>(found - window.begin());
    if (found == window.end() || at + 45 > packed.size()) return out;
    const std::uint32_t right = big_u32(packed, at + 8);
    const std::uint32_t bottom = big_u32(packed, at + 12);
    const std::uint32_t left = big_u32(packed, at + 16);
    const std::uint32_t top = big_u32(packed, at + 20);
    const bool full_scale = packed[at + 43] == 1 && packed[at + 44] == 1;
    if (right <= left || bottom <= top || !full_scale) return out;
    return {right - left, bottom - top, big_u16(packed, at + 40), (packed[at + 42] & 0x7FU) + 1};
}

// Both code streams end in FF D9; a stream without it was cut.
bool ends_whole(DicomBytes packed) {
    std::size_t end = packed.size();
    while (end > 0 && packed[end - 1] == 0) --end;
    return end >= 2 && packed[end - 2] == 0xFF && packed[end - 1] == 0xD9;
}

template <class T>
double sample_at(const unsigned char* at, bool swap) {
    std::array<unsigned char, sizeof(T)> raw;
    std::memcpy(raw.data(), at, sizeof(T));
    if (swap) std::reverse(raw.begin(), raw.end());
    return static_cast<double>(std::bit_cast<T>(raw));
}

// The stored bits of an integer sample, without overlays above or below them, with its sign.
double integer_at(const unsigned char* at, const DicomPixelFormat& format, bool swap) {
    std::uint64_t raw = 0;
    const int bytes = format.bits_allocated / 8;
    for (int i = 0; i < bytes; ++i) raw |= static_cast<std::uint64_t>(at[swap ? bytes - 1 - i : i]) << (8 * i);
    raw >>= format.high_bit + 1 - format.bits_stored;
    const int unused = 64 - format.bits_stored;
    raw <<= unused;
    if (format.is_signed) return static_cast<double>(static_cast<std::int64_t>(raw) >> unused);
    return static_cast<double>(raw >> unused);
}

// By GDCM; false when it says that it cannot.
bool decode_frame(DicomBytes packed, const DicomFile& file, const std::string& syntax, unsigned char* to) {
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
    gdcm::Trace::DebugOff();
    const DicomPixelFormat& format = file.format;
    gdcm::Image image;
    image.SetNumberOfDimensions(2);
    image.SetDimension(0, static_cast<unsigned>(file.columns));
    image.SetDimension(1, static_cast<unsigned>(file.rows));
    image.SetPixelFormat(gdcm::PixelFormat(1, static_cast<unsigned short>(format.bits_allocated),
                                           static_cast<unsigned short>(format.bits_stored),
                                           static_cast<unsigned short>(format.high_bit), format.is_signed ? 1 : 0));
    image.SetPhotometricInterpretation(gdcm::PhotometricInterpretation::MONOCHROME2);
    image.SetTransferSyntax(gdcm::TransferSyntax::GetTSType(syntax.c_str()));
    gdcm::Fragment fragment;
    fragment.SetByteValue(reinterpret_cast<const char*>(packed.data()),
                          gdcm::VL(static_cast<std::uint32_t>(packed.size())));
    gdcm::DataElement element(gdcm::Tag(0x7FE0, 0x0010));
    element.SetVR(gdcm::VR::OB);
    element.SetValue(*gdcm::SequenceOfFragments::New());
    element.GetSequenceOfFragments()->AddFragment(fragment);
    image.SetDataElement(element);
    const std::size_t length = static_cast<std::size_t>(file.rows) * static_cast<std::size_t>(file.columns) *
                               static_cast<std::size_t>(format.bits_allocated / 8);
    return image.GetBufferLength() == length && image.GetBuffer(reinterpret_cast<char*>(to));
}

}  // namespace

std::string unreadable_syntax(const std::string& transfer_syntax) {
    if (coding_of(transfer_syntax) != Coding::unknown) return "";
    return "its pixels are coded in a way that is not read here (transfer syntax " + transfer_syntax +
           "); export it uncompressed";
}

DicomPixels::DicomPixels(const DicomFile& file) : file_(file) {
    const std::string name = file.path.string();
    auto contents = read_dicom_file(file.path, DicomRead::whole);
    if (!contents || !contents->pixels) throw InputError(name + " holds no pixels.");
    contents_ = std::move(*contents);
    const Coding coding = coding_of(contents_.transfer_syntax);
    if (coding == Coding::unknown) throw InputError(name + ": " + unreadable_syntax(contents_.transfer_syntax) + ".");
    big_endian_ = contents_.encoding.big_endian || contents_.transfer_syntax == "1.2.840.113619.5.2";
    if (coding == Coding::plain || !contents_.pixels->undefined_length) return;

    const auto all = dicom_fragments(*contents_.pixels, name);
    const std::size_t frames = file.frames.size();
    fragments_.resize(frames);
    if (all.size() == frames + 1) {
        for (std::size_t i = 0; i < frames; ++i) fragments_[i] = {all[i + 1]};
    } else if (frames == 1 && all.size() > 1) {
        fragments_[0].assign(all.begin() + 1, all.end());
    } else if (all.size() > frames && all[0].size() >= 4 * frames) {
        // A frame in several pieces: the table says at which byte, counted with the items' own headers, each begins.
        std::size_t offset = 0;
        std::size_t frame = 0;
        for (std::size_t i = 1; i < all.size(); ++i) {
            while (frame + 1 < frames && offset >= little_u32(all[0], 4 * (frame + 1))) ++frame;
            fragments_[frame].push_back(all[i]);
            offset += all[i].size() + 8;
        }
    } else {
        throw InputError(name + " holds " + std::to_string(all.empty() ? 0 : all.size() - 1) + " pieces for " +
                         std::to_string(frames) + " frames, without saying which is whose; export it again.");
    }
    if (coding != Coding::run_length) decode_by_library();
}

std::size_t DicomPixels::frame_length() const {
    return static_cast<std::size_t>(file_.rows) * static_cast<std::size_t>(file_.columns) *
           static_cast<std::size_t>(file_.format.bits_allocated / 8);
}

DicomBytes DicomPixels::packed(std::size_t index, std::vector<unsigned char>& joined) const {
    const auto& pieces = fragments_[index];
    if (pieces.size() == 1) return pieces.front();
    joined.clear();
    for (const DicomBytes piece : pieces) joined.insert(joined.end(), piece.begin(), piece.end());
    return joined;
}

void DicomPixels::check_coded(DicomBytes packed, std::size_t index) const {
    const std::string which = "Frame " + std::to_string(index + 1) + " of " + file_.path.string();
    if (!ends_whole(packed)) throw InputError(which + " is cut short; export it again.");
    const bool wavelets = coding_of(contents_.transfer_syntax) == Coding::jpeg_2000;
    const CodedSize size = wavelets ? jpeg_2000_size(packed) : jpeg_size(packed);
    const auto bits = static_cast<std::uint32_t>(file_.format.bits_allocated);
    if (size.columns != static_cast<std::uint32_t>(file_.columns) ||
        size.rows != static_cast<std::uint32_t>(file_.rows) || size.components != 1 || size.bits > bits ||
        (size.bits <= 8) != (bits == 8) || bits > 16) {
        throw InputError(which + " is not compressed as its header says; export it again.");
    }
}

void DicomPixels::decode_by_library() {
    const std::size_t frames = fragments_.size();
    std::vector<unsigned char> joined;
    for (std::size_t i = 0; i < frames; ++i) check_coded(packed(i, joined), i);
    const std::size_t length = frame_length();
    if (length * frames > kMostDecoded) throw InputError(file_.path.string() + " is too large to be one head.");
    const RunApart run = run_apart(length * frames, kPatienceSeconds, [&](unsigned char* to, std::size_t& done) {
        for (std::size_t i = 0; i < frames; ++i) {
            if (!decode_frame(packed(i, joined), file_, contents_.transfer_syntax, to + i * length)) return false;
            done = i + 1;
        }
        return true;
    });
    if (!run.finished) {
        throw InputError("The compressed pixels of frame " + std::to_string(run.done + 1) + " of " +
                         file_.path.string() + " are damaged; export it again.");
    }
    decoded_ = run.bytes;
}

std::vector<unsigned char> DicomPixels::frame_bytes(std::size_t index) const {
    const std::size_t length = frame_length();
    if (fragments_.empty() || !decoded_.empty()) {
        const DicomBytes all = decoded_.empty() ? contents_.pixels->value : DicomBytes(decoded_);
        if (all.size() / length <= index) {
            throw InputError(file_.path.string() + " is cut short: it holds " + std::to_string(all.size() / length) +
                             " of its " + std::to_string(file_.frames.size()) + " frames.");
        }
        const auto bytes = all.subspan(index * length, length);
        return {bytes.begin(), bytes.end()};
    }
    std::vector<unsigned char> joined;
    const DicomBytes coded = packed(index, joined);
    const std::size_t pixels = length / static_cast<std::size_t>(file_.format.bits_allocated / 8);
    if (coded.size() * 64 >= pixels) {  // a run-length code saves no more than that
        std::vector<unsigned char> out(length);
        if (run_length_decoded(coded, pixels, out)) return out;
    }
    throw InputError("Frame " + std::to_string(index + 1) + " of " + file_.path.string() +
                     " is cut short or its compressed pixels are damaged; export it again.");
}

std::vector<float> DicomPixels::read(const DicomFrame& frame) const {
    const auto bytes = frame_bytes(static_cast<std::size_t>(frame.index));
    const DicomPixelFormat& format = file_.format;
    const auto width = static_cast<std::size_t>(format.bits_allocated / 8);
    const bool swap = fragments_.empty() && big_endian_;
    const bool real = contents_.pixels->tag != 0x7FE00010;
    std::vector<float> out(bytes.size() / width);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const unsigned char* at = bytes.data() + i * width;
        const double stored = !real        ? integer_at(at, format, swap)
                              : width == 8 ? sample_at<double>(at, swap)
                              : width == 4 ? sample_at<float>(at, swap)
                                           : 0.0;
        out[i] = static_cast<float>(frame.slope * stored + frame.intercept);
    }
    return out;
}

}  // namespace precentral
