// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_parse.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "data/error.h"
#include "imaging/gzip_file.h"

namespace precentral {
namespace {

constexpr DicomTag kItem = 0xFFFEE000;
constexpr DicomTag kItemEnd = 0xFFFEE00D;
constexpr DicomTag kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
constexpr int kDeepest = 24;                                 // sequences in sequences
constexpr std::size_t kFirstLook = std::size_t{1} << 18;     // most headers are shorter
constexpr std::size_t kLargestFile = std::size_t{4} << 30;   // bytes
constexpr std::size_t kMostInflated = std::size_t{1} << 30;  // bytes
constexpr std::array<std::uint16_t, 3> kPixelElements = {0x0008, 0x0009, 0x0010};

// More bytes are needed than there are.
struct CutShort {};

// The representation of the elements that are read as numbers, for files that do not state it.
std::array<char, 2> known_vr(DicomTag tag) {
    switch (tag) {
        case 0x00280002:
        case 0x00280010:
        case 0x00280011:
        case 0x00280100:
        case 0x00280101:
        case 0x00280102:
        case 0x00280103:
        case 0x00209156: return {'U', 'S'};
        case 0x00209128:
        case 0x00209057: return {'U', 'L'};
        case 0x00189087:
        case 0x00189082:
        case 0x00189079: return {'F', 'D'};
        case 0x00280008:
        case 0x00200011:
        case 0x00200012:
        case 0x00200013:
        case 0x00200100: return {'I', 'S'};
        case 0x00200032:
        case 0x00200037:
        case 0x00280030:
        case 0x00281052:
        case 0x00281053:
        case 0x00180050:
        case 0x00180080:
        case 0x00180081:
        case 0x00180082:
        case 0x00181060: return {'D', 'S'};
        case 0x00089215:
        case 0x00189114:
        case 0x00189117:
        case 0x00189226:
        case 0x00209111:
        case 0x00209113:
        case 0x00209116:
        case 0x00289110:
        case 0x00289145:
        case 0x52009229:
        case 0x52009230: return {'S', 'Q'};
        default: break;
    }
    // Philips' scale, whatever block it is in.
    if ((tag >> 16) == 0x2005 && ((tag & 0xFF) == 0x0D || (tag & 0xFF) == 0x0E)) return {'F', 'L'};
    return {'U', 'N'};
}

bool is(const std::array<char, 2>& vr, const char* name) { return vr[0] == name[0] && vr[1] == name[1]; }

bool is_a_vr(char first, char second) { return first >= 'A' && first <= 'Z' && second >= 'A' && second <= 'Z'; }

// A place in the bytes from which numbers are taken.
class Cursor {
public:
    Cursor(DicomBytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}
    std::size_t left() const { return bytes_.size() - at_; }
    std::size_t position() const { return at_; }
    DicomBytes take(std::size_t count) {
        if (count > left()) throw CutShort{};
        at_ += count;
        return bytes_.subspan(at_ - count, count);
    }
    std::uint16_t u16() {
        const auto b = take(2);
        return static_cast<std::uint16_t>(big_endian_ ? (b[0] << 8) | b[1] : (b[1] << 8) | b[0]);
    }
    std::uint32_t u32() {
        const std::uint32_t first = u16();
        const std::uint32_t second = u16();
        return big_endian_ ? (first << 16) | second : (second << 16) | first;
    }
    DicomTag tag() {
        const std::uint32_t group = u16();
        return (group << 16) | u16();
    }
    DicomBytes from(std::size_t start, std::size_t end) const { return bytes_.subspan(start, end - start); }

private:
    DicomBytes bytes_;
    bool big_endian_;
    std::size_t at_ = 0;
};

struct ElementStart {
    DicomTag tag = 0;
    std::array<char, 2> vr{};
    std::uint32_t length = 0;
    bool unknown = false;  // written as UN
};

ElementStart read_start(Cursor& in, const DicomEncoding& encoding) {
    ElementStart out;
    out.tag = in.tag();
    if ((out.tag >> 16) == 0xFFFE || !encoding.explicit_vr) {
        out.vr = known_vr(out.tag);
        out.length = in.u32();
        return out;
    }
    const auto vr = in.take(2);
    out.vr = {static_cast<char>(vr[0]), static_cast<char>(vr[1])};
    bool long_form = false;
    for (const char* name : {"OB", "OW", "OF", "OD", "OL", "OV", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}) {
        long_form = long_form || is(out.vr, name);
    }
    if (!long_form) {
        out.length = in.u16();
        return out;
    }
    in.take(2);
    out.length = in.u32();
    if (is(out.vr, "UN")) {
        out.unknown = true;
        out.vr = known_vr(out.tag);
        if (out.length == kUndefined) out.vr = {'S', 'Q'};
    }
    return out;
}

// Values of unknown representation are written as in the implicit little-endian form (PS3.5, 6.2.2).
DicomEncoding encoding_inside(bool written_as_unknown, const DicomEncoding& outside) {
    return written_as_unknown ? DicomEncoding{false, false} : outside;
}

// Some scanners write sequences without representations into files that have them.
DicomEncoding encoding_of_item(DicomBytes item, DicomEncoding stated) {
    if (stated.explicit_vr && item.size() >= 8 && (item[0] != 0xFE || item[1] != 0xFF) &&
        !is_a_vr(static_cast<char>(item[4]), static_cast<char>(item[5]))) {
        stated.explicit_vr = false;
    }
    return stated;
}

void step_over_sequence(Cursor& in, const DicomEncoding& encoding, int depth);

// To just behind the delimiter of an item whose length is not stated; the end of its elements.
std::size_t step_over_item(Cursor& in, DicomEncoding encoding, int depth) {
    encoding = encoding_of_item(in.from(in.position(), in.position() + std::min<std::size_t>(8, in.left())), encoding);
    for (;;) {
        const std::size_t end = in.position();
        const ElementStart start = read_start(in, encoding);
        if (start.tag == kItemEnd) return end;
        if (start.tag == kSequenceEnd) throw CutShort{};
        if (start.length == kUndefined) {
            step_over_sequence(in, encoding_inside(start.unknown, encoding), depth + 1);
        } else {
            in.take(start.length);
        }
    }
}

void step_over_sequence(Cursor& in, const DicomEncoding& encoding, int depth) {
    if (depth > kDeepest) throw InputError("sequences too deep");
    for (;;) {
        const DicomTag tag = in.tag();
        const std::uint32_t length = in.u32();
        if (tag == kSequenceEnd) return;
        if (tag != kItem) throw CutShort{};
        if (length == kUndefined) {
            step_over_item(in, encoding, depth);
        } else {
            in.take(length);
        }
    }
}

// Elements up to the end of the bytes, or up to the pixels, which are then the last element.
std::vector<DicomElement> parse_elements(Cursor& in, const DicomEncoding& encoding, int depth, bool stop_at_pixels) {
    std::vector<DicomElement> out;
    while (in.left() > 0) {
        const ElementStart start = read_start(in, encoding);
        if (start.tag == kItemEnd || start.tag == kSequenceEnd) break;
        DicomElement element{
            start.tag, start.vr, start.length == kUndefined, {}, encoding_inside(start.unknown, encoding)};
        const auto in_group = static_cast<std::uint16_t>(start.tag & 0xFFFF);
        const bool pixels = (start.tag >> 16) == 0x7FE0 &&
                            std::find(kPixelElements.begin(), kPixelElements.end(), in_group) != kPixelElements.end();
        if (pixels && stop_at_pixels) {
            const std::size_t length = element.undefined_length ? in.left() : start.length;
            element.value = in.take(std::min(length, in.left()));
            out.push_back(element);
            break;
        }
        const std::size_t value = in.position();
        if (element.undefined_length) {
            step_over_sequence(in, element.encoding, depth);
        } else {
            in.take(start.length);
        }
        element.value = in.from(value, in.position());
        out.push_back(element);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const DicomElement& a, const DicomElement& b) { return a.tag < b.tag; });
    return out;
}

std::string printable(DicomBytes bytes) {
    std::string out(bytes.begin(), bytes.end());
    out.erase(std::find(out.begin(), out.end(), '\0'), out.end());
    for (char& c : out) {
        if (c < ' ' || c > '~') c = '?';
    }
    const auto is_space = [](char c) { return c == ' '; };
    out.erase(std::find_if_not(out.rbegin(), out.rend(), is_space).base(), out.end());
    out.erase(out.begin(), std::find_if_not(out.begin(), out.end(), is_space));
    return out;
}

template <class T>
std::vector<double> binary_numbers(const DicomElement& element) {
    std::vector<double> out;
    for (std::size_t at = 0; at + sizeof(T) <= element.value.size(); at += sizeof(T)) {
        std::array<unsigned char, sizeof(T)> raw;
        std::copy_n(element.value.begin() + static_cast<std::ptrdiff_t>(at), sizeof(T), raw.begin());
        if (element.encoding.big_endian) std::reverse(raw.begin(), raw.end());
        out.push_back(static_cast<double>(std::bit_cast<T>(raw)));
    }
    return out;
}

std::optional<double> number_in(const std::string& text) {
    const char* begin = text.data();
    const char* end = begin + text.size();
    while (begin != end && (*begin == ' ' || *begin == '+')) ++begin;
    double value = 0.0;
    if (std::from_chars(begin, end, value).ec != std::errc{} || !std::isfinite(value)) return std::nullopt;
    return value;
}

// Where the data set begins and how it is written.
struct Beginning {
    std::size_t data = 0;
    std::string transfer_syntax;
};

std::optional<Beginning> parse_beginning(DicomBytes bytes) {
    if (bytes.size() < 136 || std::memcmp(bytes.data() + 128, "DICM", 4) != 0) {
        // Without the preamble: group 8 at once, as some old archives write it.
        if (bytes.size() < 16 || bytes[0] != 8 || bytes[1] != 0 || bytes[3] != 0) return std::nullopt;
        const bool explicit_vr = is_a_vr(static_cast<char>(bytes[4]), static_cast<char>(bytes[5]));
        return Beginning{0, explicit_vr ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2"};
    }
    Beginning out{132, "1.2.840.10008.1.2"};
    Cursor in(bytes.subspan(132), false);
    while (in.left() >= 8) {
        const std::size_t begin = in.position();
        const auto group = in.from(begin, begin + 2);
        if (group[0] != 2 || group[1] != 0) break;
        const ElementStart start = read_start(in, {true, false});
        const auto value = in.take(start.length);
        if (start.tag == 0x00020010) out.transfer_syntax = printable(value);
        out.data = 132 + in.position();
    }
    return out;
}

}  // namespace

const DicomElement* DicomDataSet::find(DicomTag tag) const {
    const auto found = std::lower_bound(elements_.begin(), elements_.end(), tag,
                                        [](const DicomElement& e, DicomTag t) { return e.tag < t; });
    return found != elements_.end() && found->tag == tag ? &*found : nullptr;
}

std::string DicomDataSet::text(DicomTag tag) const {
    const DicomElement* element = find(tag);
    return element == nullptr ? ""
                              : printable(element->value.first(std::min<std::size_t>(element->value.size(), 4096)));
}

std::vector<std::string> DicomDataSet::texts(DicomTag tag) const {
    std::vector<std::string> out;
    const std::string all = text(tag);
    for (std::size_t begin = 0; !all.empty() && begin <= all.size();) {
        const std::size_t end = std::min(all.find('\\', begin), all.size());
        std::string part = all.substr(begin, end - begin);
        part.erase(0, part.find_first_not_of(' ') == std::string::npos ? part.size() : part.find_first_not_of(' '));
        part.erase(part.find_last_not_of(' ') + 1);
        out.push_back(part);
        begin = end + 1;
    }
    return out;
}

std::vector<double> DicomDataSet::numbers(DicomTag tag) const {
    const DicomElement* element = find(tag);
    if (element == nullptr || element->undefined_length) return {};
    if (is(element->vr, "US")) return binary_numbers<std::uint16_t>(*element);
    if (is(element->vr, "SS")) return binary_numbers<std::int16_t>(*element);
    if (is(element->vr, "UL")) return binary_numbers<std::uint32_t>(*element);
    if (is(element->vr, "SL")) return binary_numbers<std::int32_t>(*element);
    std::vector<double> out;
    if (is(element->vr, "FL") || is(element->vr, "FD")) {
        out = is(element->vr, "FL") ? binary_numbers<float>(*element) : binary_numbers<double>(*element);
        if (std::any_of(out.begin(), out.end(), [](double v) { return !std::isfinite(v); })) out.clear();
        return out;
    }
    for (const std::string& part : texts(tag)) {
        const auto value = number_in(part);
        if (!value) return {};
        out.push_back(*value);
    }
    return out;
}

std::optional<double> DicomDataSet::number(DicomTag tag) const {
    const auto all = numbers(tag);
    return all.empty() ? std::nullopt : std::optional(all.front());
}

std::optional<std::int64_t> DicomDataSet::integer(DicomTag tag) const {
    const auto value = number(tag);
    if (!value || std::abs(*value) > 9e15) return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

std::vector<DicomDataSet> DicomDataSet::items(DicomTag tag, std::size_t most) const {
    const DicomElement* element = find(tag);
    std::vector<DicomDataSet> out;
    if (element == nullptr) return out;
    try {
        Cursor in(element->value, element->encoding.big_endian);
        while (in.left() >= 8 && out.size() < most) {
            const DicomTag item = in.tag();
            const std::uint32_t length = in.u32();
            if (item != kItem) break;
            const std::size_t begin = in.position();
            const std::size_t end =
                length == kUndefined ? step_over_item(in, element->encoding, 1) : begin + in.take(length).size();
            const DicomBytes inside = in.from(begin, end);
            const DicomEncoding encoding = encoding_of_item(inside, element->encoding);
            Cursor item_in(inside, encoding.big_endian);
            out.emplace_back(parse_elements(item_in, encoding, 1, false));
        }
    } catch (const CutShort&) {  // the items before the broken one stand
    } catch (const InputError&) {
    }
    return out;
}

std::optional<DicomDataSet> DicomDataSet::first_item(DicomTag tag) const {
    auto all = items(tag, 1);
    return all.empty() ? std::nullopt : std::optional(std::move(all.front()));
}

std::optional<DicomTag> DicomDataSet::private_tag(std::uint16_t group, const std::string& creator,
                                                  std::uint8_t element) const {
    for (const DicomElement& e : elements_) {
        if ((e.tag >> 16) != group || (e.tag & 0xFFFF) < 0x10 || (e.tag & 0xFFFF) > 0xFF) continue;
        if (printable(e.value) == creator) {
            return (static_cast<DicomTag>(group) << 16) | ((e.tag & 0xFF) << 8) | element;
        }
    }
    return std::nullopt;
}

std::optional<DicomContents> read_dicom_file(const std::filesystem::path& path, DicomRead what) {
    const std::string name = path.string();
    std::ifstream file(path, std::ios::binary);
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    if (!file || failed) return std::nullopt;
    if (size > kLargestFile) throw InputError(name + " is too large to be one image.");
    DicomContents out;
    for (std::size_t wanted = what == DicomRead::whole ? static_cast<std::size_t>(size) : kFirstLook;; wanted *= 8) {
        wanted = std::min(wanted, static_cast<std::size_t>(size));
        const std::size_t before = out.bytes.size();
        out.bytes.resize(wanted);
        file.read(reinterpret_cast<char*>(out.bytes.data() + before), static_cast<std::streamsize>(wanted - before));
        if (!file) throw InputError(name + " cannot be read to its end; copy it again.");
        try {
            const auto beginning = parse_beginning(out.bytes);
            if (!beginning) return std::nullopt;
            out.transfer_syntax = beginning->transfer_syntax;
            out.encoding = {out.transfer_syntax != "1.2.840.10008.1.2" && out.transfer_syntax != "1.2.840.113619.5.2",
                            out.transfer_syntax == "1.2.840.10008.1.2.2"};
            DicomBytes body = DicomBytes(out.bytes).subspan(beginning->data);
            if (out.transfer_syntax == "1.2.840.10008.1.2.1.99") {
                if (wanted < size) continue;
                out.bytes = inflated(body, Packing::deflate, kMostInflated, name);
                body = out.bytes;
            }
            out.encoding = encoding_of_item(body, out.encoding);
            Cursor in(body, out.encoding.big_endian);
            auto elements = parse_elements(in, out.encoding, 0, true);
            if (!elements.empty() && (elements.back().tag >> 16) == 0x7FE0) {
                out.pixels = elements.back();
                elements.pop_back();
            }
            out.data = DicomDataSet(std::move(elements));
            if (what == DicomRead::header && out.pixels) out.pixels->value = {};
            return out;
        } catch (const CutShort&) {
            if (wanted == size)
                throw InputError(name + " is cut short or broken inside its DICOM header; export it again.");
        } catch (const InputError& error) {
            if (std::string(error.what()).find(name) != std::string::npos) throw;
            throw InputError(name + " is broken inside its DICOM header; export it again.");
        }
    }
}

std::vector<DicomBytes> dicom_fragments(const DicomElement& pixels, const std::string& file) {
    std::vector<DicomBytes> out;
    try {
        Cursor in(pixels.value, false);  // compressed files are little-endian
        for (;;) {
            const DicomTag tag = in.tag();
            const std::uint32_t length = in.u32();
            if (tag == kSequenceEnd) return out;
            if (tag != kItem || length == kUndefined) throw CutShort{};
            out.push_back(in.take(length));
        }
    } catch (const CutShort&) {
        throw InputError("The compressed pixels of " + file + " are cut short; export the file again.");
    }
}

}  // namespace precentral
