// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_series.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "data/error.h"
#include "imaging/dicom_pixels.h"

namespace precentral {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
constexpr int kFewSlices = 60;

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

bool has_any(const std::string& text, const std::vector<const char*>& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return text.find(word) != std::string::npos; });
}

enum class Weighting { unknown, t1, other };

// By its name, else by its timing: a 3D gradient echo with a short echo is nearly always a T1.
Weighting weighting_of(const DicomFile& file) {
    const std::string name = upper(file.description);
    if (has_any(name, {"T2", "FLAIR", "STIR", "SWI", "DWI", "DTI", "ADC", "BOLD", "EPI", "TOF", "ASL", "PHASE", "FIELD",
                       "FMRI", "DIFF", "PERF", "SPECTRO", "ANGIO"})) {
        return Weighting::other;
    }
    if (has_any(name, {"T1", "MPRAGE", "MP-RAGE", "MP2RAGE", "SPGR", "BRAVO", "TFE", "TFL", "FFE", "VIBE", "ADNI"})) {
        return Weighting::t1;
    }
    if (file.three_dimensional && file.echo_ms > 0.0 && file.echo_ms < 8.0) return Weighting::t1;
    if (file.echo_ms > 60.0) return Weighting::other;
    return Weighting::unknown;
}

bool is_localizer(const DicomFile& file) {
    return has_any(upper(file.image_type), {"LOCALIZER", "SCOUT"}) ||
           has_any(upper(file.description), {"LOCALI", "SCOUT", "SURVEY", "3-PLANE", "3 PLANE", "3PLANE"});
}

bool is_secondary_capture(const DicomFile& file) {
    return file.sop_class.rfind(kSecondaryCapture, 0) == 0 &&
           (file.sop_class.size() == 25 || file.sop_class[25] == '.');
}

double likeness_of(const DicomSeries& series) {
    const DicomFile& file = *series.files.front();
    const DicomStack& stack = series.stack;
    double score = 0.0;
    if (!stack.refusal.empty()) score -= 20.0;
    if (stack.dims[2] > 0) {
        const Eigen::Vector3d size(stack.dims[0], stack.dims[1], stack.dims[2]);
        if (size.cwiseProduct(stack.grid.spacing).minCoeff() >= 130.0) score += 4.0;
        const double coarsest = stack.grid.spacing.maxCoeff();
        if (coarsest <= 1.3) score += 2.0;
        if (coarsest / stack.grid.spacing.minCoeff() <= 1.6) score += 1.0;
        if (stack.dims[2] >= 100) score += 2.0;
        if (stack.dims[2] < kFewSlices) score -= 2.0;
    }
    if (file.three_dimensional) score += 2.0;
    const Weighting weighting = weighting_of(file);
    score += weighting == Weighting::t1 ? 3.0 : weighting == Weighting::other ? -4.0 : 0.0;
    if (file.modality != "MR") score -= 8.0;
    if (is_localizer(file)) score -= 6.0;
    if (is_secondary_capture(file)) score -= 8.0;
    if (file.image_type.rfind("DERIVED", 0) == 0) score -= 2.0;
    if (has_any(upper(file.image_type), {"MPR", "PROJECTION", "MIP", "MASK", "PHASE"})) score -= 3.0;
    if (file.contrast_agent) score -= 1.0;
    return score;
}

std::string name_of(const DicomFile& file) {
    std::string out = file.description.empty() ? "a series without a description" : "\"" + file.description + "\"";
    if (file.series_number >= 0) out += " (number " + std::to_string(file.series_number) + ")";
    return out;
}

}  // namespace

DicomFolder find_series(const std::vector<fs::path>& paths) {
    DicomFolder out;
    std::map<std::string, std::vector<std::shared_ptr<const DicomFile>>> by_series;
    std::set<std::string> seen;
    for (const fs::path& path : paths) {
        try {
            const auto contents = read_dicom_file(path, DicomRead::header);
            if (!contents) continue;
            auto file = std::make_shared<DicomFile>(describe_dicom(*contents, path));
            if (!file->has_pixels || file->frames.empty()) {
                ++out.without_image;
            } else if (!file->sop_instance.empty() && !seen.insert(file->sop_instance).second) {
                ++out.copies;
            } else {
                // Frames of another kind of pixel do not go together: a colour report has the series of its images.
                const std::string key = file->series + (file->format.samples == 1 ? "" : " colour") +
                                        (is_secondary_capture(*file) ? " capture" : "");
                by_series[key].push_back(std::move(file));
            }
        } catch (const InputError&) {
            ++out.unreadable;
        }
    }
    for (auto& [key, files] : by_series) {
        std::stable_sort(files.begin(), files.end(),
                         [](const auto& a, const auto& b) { return a->instance_number < b->instance_number; });
        DicomSeries series;
        std::vector<FrameOfFile> frames;
        for (const auto& file : files) {
            for (const DicomFrame& frame : file->frames) frames.push_back({file.get(), &frame});
        }
        const DicomFile& first = *files.front();
        if (first.format.samples != 1) {
            series.stack.refusal = "It is a colour picture, not an MRI.";
        } else if (first.image_type.find("MOSAIC") != std::string::npos) {
            series.stack.refusal =
                "It is a functional series whose slices are tiled in one picture (mosaic), not a T1.";
        } else if (const std::string why = unreadable_syntax(first.transfer_syntax); !why.empty()) {
            series.stack.refusal = "It cannot be read: " + why + ".";
        } else {
            series.stack = stack_frames(frames);
        }
        series.files = std::move(files);
        series.name = name_of(first);
        series.likeness = likeness_of(series);
        out.series.push_back(std::move(series));
    }
    std::stable_sort(out.series.begin(), out.series.end(), [](const DicomSeries& a, const DicomSeries& b) {
        if (a.likeness != b.likeness) return a.likeness > b.likeness;
        if (a.stack.frames.size() != b.stack.frames.size()) return a.stack.frames.size() > b.stack.frames.size();
        return a.files.front()->series_number < b.files.front()->series_number;
    });
    return out;
}

DicomFolder find_series(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code failed;
    const auto options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator it(folder, options, failed);
    if (failed) throw InputError("The folder " + folder.string() + " cannot be read: " + failed.message() + ".");
    for (const fs::recursive_directory_iterator end; !failed && it != end; it.increment(failed)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored)) files.push_back(it->path());
    }
    std::sort(files.begin(), files.end());
    return find_series(files);
}

std::vector<std::string> header_doubts(const DicomSeries& series) {
    const DicomFile& file = *series.files.front();
    std::vector<std::string> out;
    if (file.modality == "CT") {
        out.emplace_back("This is a CT, not an MRI: scalp and brain are found on a T1 only.");
    } else if (!file.modality.empty() && file.modality != "MR") {
        out.push_back("The modality is " + file.modality.substr(0, 16) +
                      ", not MR: scalp and brain are found on a T1 only.");
    }
    if (is_secondary_capture(file)) out.emplace_back("These are screen captures, whose geometry is not to be trusted.");
    if (is_localizer(file)) out.emplace_back("This is a localizer, made for planning the scan; give the whole 3D T1.");
    if (file.modality == "MR" && weighting_of(file) == Weighting::other) {
        out.emplace_back("By its name or timing this is not a T1: scalp and brain are found on a T1 only.");
    }
    if (file.lossy) out.emplace_back("The pixels were compressed with loss.");
    if (series.stack.dims[2] > 0 && series.stack.dims[2] < kFewSlices) {
        out.push_back("The series has only " + std::to_string(series.stack.dims[2]) +
                      " slices; surfaces will be coarse. Give a 3D T1 of about 1 mm.");
    }
    return out;
}

}  // namespace precentral
