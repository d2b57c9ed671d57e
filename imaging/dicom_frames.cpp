// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_frames.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cctype>
#include <cmath>

#include "data/error.h"
#include "data/text_fields.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr std::int64_t kMostFrames = 100000;
constexpr std::int64_t kLongestSide = 8192;

// The groups of one frame: its own, those of all frames, the file's own elements (classic files).
class FrameGroups {
public:
    FrameGroups(const DicomDataSet& file, const std::optional<DicomDataSet>& shared,
                const std::optional<DicomDataSet>& own)
        : file_(file), shared_(shared), own_(own) {}

    std::vector<double> numbers(DicomTag macro, DicomTag tag) const {
        for (const auto* groups : {&own_, &shared_}) {
            if (!*groups) continue;
            if (const auto item = (*groups)->first_item(macro)) {
                auto values = item->numbers(tag);
                if (!values.empty()) return values;
            }
        }
        return file_.numbers(tag);
    }
    double number(DicomTag macro, DicomTag tag, double otherwise) const {
        const auto values = numbers(macro, tag);
        return values.empty() ? otherwise : values.front();
    }
    std::string text(DicomTag macro, DicomTag tag) const {
        for (const auto* groups : {&own_, &shared_}) {
            if (!*groups) continue;
            if (const auto item = (*groups)->first_item(macro)) {
                std::string value = item->text(tag);
                if (!value.empty()) return value;
            }
        }
        return file_.text(tag);
    }
    // Philips' own scale, in the frame's copy of its classic header or in the file itself.
    std::optional<double> philips_slope() const {
        for (const auto* groups : {&own_, &shared_}) {
            if (!*groups) continue;
            // The block is 14 in every file seen, and not every one reserves it in the item itself.
            const auto tag = (*groups)->private_tag(0x2005, "Philips MR Imaging DD 005", 0x0F).value_or(0x2005140F);
            if (const auto item = (*groups)->first_item(tag)) {
                if (const auto value = slope_in(*item)) return value;
            }
        }
        return slope_in(file_);
    }

private:
    static std::optional<double> slope_in(const DicomDataSet& data) {
        const auto tag = data.private_tag(0x2005, "Philips MR Imaging DD 001", 0x0E);
        return tag ? data.number(*tag) : std::nullopt;
    }

    const DicomDataSet& file_;
    const std::optional<DicomDataSet>& shared_;
    const std::optional<DicomDataSet>& own_;
};

// 0 magnitude, 1 not said or mixed, 2 real or imaginary, 3 phase.
double component_rank(const std::string& stated, const std::string& image_type) {
    if (stated == "MAGNITUDE") return 0;
    if (stated == "PHASE") return 3;
    if (stated == "REAL" || stated == "IMAGINARY") return 2;
    double rank = 1;
    std::string type = "\\" + image_type + "\\";
    const auto has = [&type](const char* part) { return type.find(part) != std::string::npos; };
    if (has("\\M\\") || has("\\M_")) rank = 0;
    if (has("\\R\\") || has("\\I\\") || has("\\R_") || has("\\I_")) rank = 2;
    if (has("\\P\\") || has("\\PHASE") || has("\\P_")) rank = 3;
    return rank;
}

void place(DicomFrame& frame, const FrameGroups& groups) {
    const auto position = groups.numbers(0x00209113, 0x00200032);
    const auto axes = groups.numbers(0x00209116, 0x00200037);
    const auto spacing = groups.numbers(0x00289110, 0x00280030);
    if (position.size() != 3 || axes.size() != 6 || spacing.size() != 2) return;
    frame.position_mm = {position[0], position[1], position[2]};
    frame.column_step = {axes[0], axes[1], axes[2]};
    frame.row_step = {axes[3], axes[4], axes[5]};
    frame.spacing_mm = {spacing[1], spacing[0]};  // the file says the distance of rows first
    const double i = frame.column_step.norm();
    const double j = frame.row_step.norm();
    const bool unit = std::abs(i - 1.0) < 1e-2 && std::abs(j - 1.0) < 1e-2;
    if (!unit || std::abs(frame.column_step.dot(frame.row_step)) > 1e-2 || frame.spacing_mm.minCoeff() <= 0.0) return;
    frame.column_step /= i;
    frame.row_step /= j;
    frame.placed = frame.position_mm.cwiseAbs().maxCoeff() < 1e5 && frame.spacing_mm.maxCoeff() < 1e4;
}

// Philips scales twice: value = (slope · stored + intercept) / (slope · private slope) is what the scanner measured
// and the same from series to series; without the private slope only what is displayed is known (Chenevert et al.,
// Transl Oncol 7:65, 2014, doi:10.1593/tlo.13811).
void scale(DicomFrame& frame, const FrameGroups& groups) {
    frame.slope = groups.number(0x00289145, 0x00281053, 1.0);
    frame.intercept = groups.number(0x00289145, 0x00281052, 0.0);
    if (frame.slope == 0.0) frame.slope = 1.0;
    const auto philips = groups.philips_slope();
    if (philips && *philips != 0.0 && std::isfinite(1.0 / *philips)) {
        frame.intercept /= frame.slope * *philips;
        frame.slope = 1.0 / *philips;
    }
}

DicomFrame describe_frame(int index, const FrameGroups& groups, const std::string& image_type) {
    DicomFrame out;
    out.index = index;
    place(out, groups);
    scale(out, groups);
    const auto put = [&out](FrameTrait trait, double value) { out.traits[static_cast<std::size_t>(trait)] = value; };
    const std::string frame_type = groups.text(0x00189226, 0x00089007);
    put(FrameTrait::component,
        component_rank(groups.text(0x00189226, 0x00089208), frame_type.empty() ? image_type : frame_type));
    put(FrameTrait::inversion, groups.number(0x00189115, 0x00189079, groups.number(0, 0x00180082, 0.0)));
    put(FrameTrait::echo, groups.number(0x00189114, 0x00189082, groups.number(0, 0x00180081, 0.0)));
    put(FrameTrait::diffusion, groups.number(0x00189117, 0x00189087, 0.0));
    put(FrameTrait::temporal, groups.number(0x00209111, 0x00209128, groups.number(0, 0x00200100, 0.0)));
    put(FrameTrait::trigger, groups.number(0x00189118, 0x00209153, groups.number(0, 0x00181060, 0.0)));
    put(FrameTrait::acquisition, groups.number(0x00209111, 0x00209156, groups.number(0, 0x00200012, 0.0)));
    return out;
}

// A description, unless a part of the patient's name or number is in it.
std::string without_identity(const std::string& description, const DicomDataSet& data) {
    const std::string all = lower(description);
    for (const DicomTag tag : {0x00100010U, 0x00100020U, 0x00101000U, 0x00101001U, 0x00080050U}) {
        std::string part;
        for (const char c : lower(data.text(tag)) + " ") {
            if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
                part += c;
                continue;
            }
            if (part.size() >= 3 && all.find(part) != std::string::npos) return "";
            part.clear();
        }
    }
    return description.substr(0, 64);
}

}  // namespace

DicomFile describe_dicom(const DicomContents& contents, const std::filesystem::path& path) {
    const DicomDataSet& data = contents.data;
    const std::string name = path.string();
    DicomFile out;
    out.path = path;
    out.sop_class = data.text(0x00080016);
    out.sop_instance = data.text(0x00080018);
    out.series = data.text(0x0020000E);
    out.series_number = data.integer(0x00200011).value_or(-1);
    out.description = without_identity(data.text(0x0008103E), data);
    if (out.description.empty()) out.description = without_identity(data.text(0x00181030), data);
    out.modality = data.text(0x00080060);
    out.image_type = data.text(0x00080008);
    out.transfer_syntax = contents.transfer_syntax;
    out.instance_number = data.integer(0x00200013).value_or(0);
    out.has_pixels = contents.pixels.has_value();
    out.three_dimensional = data.text(0x00180023) == "3D";
    out.lossy = data.text(0x00282110) == "01";
    out.contrast_agent = !data.text(0x00180010).empty();
    out.repetition_ms = data.number(0x00180080).value_or(0.0);
    if (!out.has_pixels) return out;

    const auto side = [&](DicomTag tag) {
        const std::int64_t n = data.integer(tag).value_or(0);
        if (n < 1 || n > kLongestSide)
            throw InputError("The DICOM header of " + name + " is broken (size of the image).");
        return static_cast<int>(n);
    };
    out.rows = side(0x00280010);
    out.columns = side(0x00280011);
    const auto small = [&](DicomTag tag, int otherwise) {
        const std::int64_t n = data.integer(tag).value_or(otherwise);
        return n < 0 || n > 255 ? -1 : static_cast<int>(n);
    };
    DicomPixelFormat& format = out.format;
    format.samples = small(0x00280002, 1);
    format.bits_allocated = small(0x00280100, 16);
    format.bits_stored = small(0x00280101, format.bits_allocated);
    format.high_bit = small(0x00280102, format.bits_stored - 1);
    format.is_signed = small(0x00280103, 0) == 1;
    if (format.bits_allocated == 1) throw InputError(name + " is a mask (one bit a pixel), not an MRI.");
    const bool whole_bytes = format.bits_allocated == 8 || format.bits_allocated == 16 || format.bits_allocated == 32 ||
                             format.bits_allocated == 64;
    if (!whole_bytes || format.bits_stored < 1 || format.bits_stored > format.bits_allocated ||
        format.high_bit < format.bits_stored - 1 || format.high_bit >= format.bits_allocated) {
        throw InputError(name + " stores its pixels in a way that cannot be read (" +
                         std::to_string(format.bits_stored) + " of " + std::to_string(format.bits_allocated) +
                         " bits).");
    }

    const std::int64_t frames = std::max<std::int64_t>(1, data.integer(0x00280008).value_or(1));
    if (frames > kMostFrames) throw InputError("The DICOM header of " + name + " is broken (number of frames).");
    const auto shared = data.first_item(0x52009229);
    const auto per_frame = data.items(0x52009230);
    if (!per_frame.empty() && per_frame.size() < static_cast<std::size_t>(frames)) {
        throw InputError(name + " describes " + std::to_string(per_frame.size()) + " of its " + std::to_string(frames) +
                         " frames; export it again.");
    }
    if (per_frame.empty()) {
        const std::optional<DicomDataSet> none;
        out.frames.push_back(describe_frame(0, FrameGroups(data, shared, none), out.image_type));
        // One place stated for a whole file of several frames says nothing of where each lies.
        if (frames > 1) out.frames.front().placed = false;
        out.frames.resize(static_cast<std::size_t>(frames), out.frames.front());
        for (std::size_t i = 0; i < out.frames.size(); ++i) out.frames[i].index = static_cast<int>(i);
    } else {
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames); ++i) {
            const std::optional<DicomDataSet> own = per_frame[i];
            out.frames.push_back(describe_frame(static_cast<int>(i), FrameGroups(data, shared, own), out.image_type));
        }
    }
    const DicomFrame& first = out.frames.front();
    out.echo_ms = first.traits[static_cast<std::size_t>(FrameTrait::echo)];
    out.inversion_ms = first.traits[static_cast<std::size_t>(FrameTrait::inversion)];
    if (out.repetition_ms == 0.0 && shared) {
        if (const auto timing = shared->first_item(0x00189112))
            out.repetition_ms = timing->number(0x00180080).value_or(0);
    }
    return out;
}

}  // namespace precentral
