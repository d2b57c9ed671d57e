// SPDX-License-Identifier: Apache-2.0
#include "imaging/dicom_io.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>

#include "data/error.h"
#include "imaging/dicom_pixels.h"
#include "imaging/dicom_series.h"
#include "imaging/orientation.h"

namespace precentral {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 6;
constexpr std::size_t kMostVoxels = std::size_t{1} << 30;

// A refusal that stands alone as a sentence, put behind the name of what is refused: "It holds…" becomes "…: it
// holds…".
std::string said_of(const std::string& who, std::string refusal) {
    if (!refusal.empty()) refusal[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(refusal[0])));
    return who + ": " + refusal;
}

std::string plural(int count, const char* one, const char* several) {
    return std::to_string(count) + " " + (count == 1 ? one : several);
}

LoadedImage load_stack(const DicomSeries& series, const std::string& name) {
    const DicomStack& stack = series.stack;
    LoadedImage out;
    out.volume.dims = stack.dims;
    if (out.volume.count() > kMostVoxels) throw InputError("The image " + name + " is too large to be one head.");
    out.volume.scan_from_voxel = scan_from_itk_grid(stack.grid, name);
    auto samples = std::make_shared<std::vector<float>>();
    const auto slice = static_cast<std::size_t>(stack.dims[0]) * static_cast<std::size_t>(stack.dims[1]);
    // File by file, so that each is read once.
    std::map<const DicomFile*, std::vector<std::size_t>> slices_of;
    for (std::size_t k = 0; k < stack.frames.size(); ++k) slices_of[stack.frames[k].file].push_back(k);
    for (const auto& file : series.files) {
        const auto found = slices_of.find(file.get());
        if (found == slices_of.end()) continue;
        const DicomPixels pixels(*file);
        for (const std::size_t k : found->second) {
            const std::vector<float> frame = pixels.read(*stack.frames[k].frame);
            if (frame.size() != slice) throw InputError(name + " holds frames of another size than it says.");
            // Only now: a header that lies about its size costs no memory.
            if (samples->empty()) samples->resize(out.volume.count());
            std::copy(frame.begin(), frame.end(), samples->begin() + static_cast<std::ptrdiff_t>(k * slice));
        }
    }
    out.volume.samples = std::move(samples);
    out.info.format = "DICOM";
    out.info.affine_source = "DICOM";
    return out;
}

LoadedImage load_best(const DicomFolder& folder, const std::string& name) {
    if (folder.series.empty()) {
        std::string why = "The folder " + name + " holds no DICOM image";
        if (folder.unreadable > 0) why += " (" + plural(folder.unreadable, "file is", "files are") + " broken)";
        if (folder.without_image > 0) {
            why += " (" + plural(folder.without_image, "DICOM file is", "DICOM files are") +
                   " a report or without pixels)";
        }
        throw InputError(why + ".");
    }
    const DicomSeries& best = folder.series.front();
    if (!best.stack.refusal.empty()) {
        std::string who = name;
        if (folder.series.size() > 1) {
            who += ", " + best.name + ", the most usable of " + std::to_string(folder.series.size()) + " series";
        }
        throw InputError(said_of(who, best.stack.refusal));
    }
    LoadedImage out = load_stack(best, name);
    auto& warnings = out.info.warnings;
    if (folder.series.size() > 1) {
        std::string others;
        for (std::size_t i = 1; i < folder.series.size() && i <= kMostNamed; ++i) {
            const DicomSeries& other = folder.series[i];
            others +=
                (i > 1 ? ", " : "") + other.name + " with " +
                plural(static_cast<int>(other.stack.frames.empty() ? other.files.size() : other.stack.frames.size()),
                       "slice", "slices");
            if (other.stack.refusal.rfind("The slices are uneven", 0) == 0) others += ", unevenly spaced";
            if (other.stack.refusal.find("missing between") != std::string::npos) others += ", some missing";
        }
        if (folder.series.size() > kMostNamed + 1) {
            others += " and " + std::to_string(folder.series.size() - 1 - kMostNamed) + " more";
        }
        warnings.push_back("The folder holds " + std::to_string(folder.series.size()) + " series; " + best.name +
                           " with " + plural(best.stack.dims[2], "slice", "slices") +
                           " is used as the one most like a whole-head T1, not " + others +
                           ". To use another one, give one of its files.");
    }
    if (folder.unreadable > 0) {
        warnings.push_back(plural(folder.unreadable, "DICOM file in the folder is broken and was",
                                  "DICOM files in the folder are broken and were") +
                           " left out.");
    }
    if (folder.copies > 0) {
        warnings.push_back(plural(folder.copies, "file repeats another one and was", "files repeat others and were") +
                           " left out.");
    }
    const auto doubts = header_doubts(best);
    warnings.insert(warnings.end(), doubts.begin(), doubts.end());
    warnings.insert(warnings.end(), best.stack.warnings.begin(), best.stack.warnings.end());
    return out;
}

// The one slice that was given, and its neighbours of the same series.
LoadedImage load_around(const DicomFile& given, const std::string& name) {
    std::vector<fs::path> beside;
    std::error_code failed;
    const fs::path folder = given.path.parent_path().empty() ? fs::path(".") : given.path.parent_path();
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
        std::error_code ignored;
        if (it->is_regular_file(ignored)) beside.push_back(it->path());
    }
    std::sort(beside.begin(), beside.end());
    DicomFolder found = find_series(beside);
    std::erase_if(found.series, [&](const DicomSeries& s) { return s.files.front()->series != given.series; });
    found.unreadable = 0;  // of whose series they are is not known
    if (found.series.empty()) throw InputError(said_of(name, "It holds no image that can be read."));
    if (found.series.front().files.size() > 1 && found.series.front().stack.refusal.empty()) {
        LoadedImage out = load_best(found, name);
        out.info.warnings.insert(out.info.warnings.begin(), "The file is one slice; the " +
                                                                std::to_string(found.series.front().files.size()) +
                                                                " files of its series in the same folder were read.");
        return out;
    }
    return load_best(found, name);
}

}  // namespace

bool looks_like_dicom(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 132> head{};
    return file.read(head.data(), head.size()) && std::memcmp(head.data() + 128, "DICM", 4) == 0;
}

LoadedImage load_dicom(const fs::path& path) {
    const std::string name = path.string();
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return load_best(find_series(path), name);
    const auto contents = read_dicom_file(path, DicomRead::header);
    if (!contents) throw InputError(name + " is not a DICOM file.");
    const DicomFile given = describe_dicom(*contents, path);
    if (!given.has_pixels) throw InputError(name + " is a DICOM file without an image (a report, a folder index, …).");
    if (given.frames.size() == 1 && !given.series.empty()) return load_around(given, name);
    return load_best(find_series(std::vector{path}), name);
}

}  // namespace precentral
