// SPDX-License-Identifier: Apache-2.0
#include "imaging/subject_folder.h"

#include <algorithm>
#include <array>

#include "data/error.h"

namespace precentral {
namespace {

namespace fs = std::filesystem;

bool file_at(const fs::path& path) {
    std::error_code failed;
    return fs::is_regular_file(path, failed);
}
bool folder_at(const fs::path& path) {
    std::error_code failed;
    return fs::is_directory(path, failed);
}

// Names in a folder that begin and end like this, in order; empty when there is no such folder.
std::vector<std::string> names_in(const fs::path& folder, const std::string& begin, const std::string& end) {
    std::vector<std::string> out;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), last; !failed && entry != last; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.size() >= begin.size() + end.size() && name.starts_with(begin) && name.ends_with(end)) {
            out.push_back(name);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

// The first of these that is there; empty when none is.
fs::path first_of(const std::vector<fs::path>& candidates) {
    const auto found = std::find_if(candidates.begin(), candidates.end(), file_at);
    return found == candidates.end() ? fs::path() : *found;
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < 5; ++i) out += (i == 0 ? "" : ", ") + names[i];
    return names.size() > 5 ? out + ", …" : out;
}

// Both hemispheres of the better kind that is there.
void take_cortex(SubjectFolder& out, const fs::path& folder, const std::string& ending) {
    for (const char* kind : {"pial", "central"}) {
        const auto at = [&](const char* side) {
            const fs::path file = folder / (std::string(side) + "." + kind + ending);
            return file_at(file) ? file : fs::path();
        };
        const fs::path left = at("lh");
        const fs::path right = at("rh");
        if (left.empty() && right.empty()) continue;
        // Of two kinds a whole brain is worth more than the outer surface of one half.
        const bool whole = !left.empty() && !right.empty();
        if (!out.cortex_kind.empty() && !whole) continue;
        out.left_cortex = left;
        out.right_cortex = right;
        out.cortex_kind = kind;
        if (whole) return;
    }
}

void tell(SubjectFolder& out) {
    const auto say = [&](const fs::path& file, const std::string& what) {
        if (file.empty()) {
            out.missing.push_back("No " + what + ".");
        } else {
            out.found.push_back("The " + what + ": " + file.string());
        }
    };
    say(out.t1, "T1");
    const std::string kind = out.cortex_kind.empty() ? "cortex" : out.cortex_kind;
    say(out.left_cortex, kind + " surface, left");
    say(out.right_cortex, kind + " surface, right");
}

SubjectFolder simnibs(const fs::path& folder) {
    SubjectFolder out;
    out.made_by = "SimNIBS";
    out.t1 = first_of({folder / "T1.nii.gz", folder / "T1fs_conform.nii.gz", folder / "T1fs.nii.gz"});
    take_cortex(out, folder / "surfaces", ".gii");
    if (out.cortex_kind.empty()) {
        take_cortex(out, folder / "segment" / "cat" / "surf", ".T1fs_conform.gii");  // version 3
    }
    return out;
}

SubjectFolder freesurfer(const fs::path& folder) {
    SubjectFolder out;
    out.made_by = "FreeSurfer";
    out.t1 = first_of({folder / "mri" / "orig.mgz", folder / "mri" / "T1.mgz"});
    take_cortex(out, folder / "surf", "");
    const auto annotation = [&](const char* name) {
        const fs::path file = folder / "label" / name;
        return file_at(file) ? file : fs::path();
    };
    out.left_aparc = annotation("lh.aparc.annot");
    out.right_aparc = annotation("rh.aparc.annot");
    return out;
}

// CAT12 puts the image's name into every file's name.
SubjectFolder cat12(const fs::path& folder, const fs::path& surf, const std::string& image) {
    SubjectFolder out;
    out.made_by = "CAT12";
    take_cortex(out, surf, "." + image + ".gii");
    out.t1 = first_of({folder / (image + ".nii"), folder / (image + ".nii.gz"), folder / "mri" / ("m" + image + ".nii"),
                       folder / "mri" / ("m" + image + ".nii.gz"), folder / ("m" + image + ".nii")});
    return out;
}

SubjectFolder looked_at(const fs::path& folder) {
    const auto charm = names_in(folder, "m2m_", "");
    if (folder.filename().string().starts_with("m2m_") || folder_at(folder / "surfaces")) return simnibs(folder);
    if (charm.size() == 1) return simnibs(folder / charm.front());
    if (charm.size() > 1) {
        throw InputError("The folder " + folder.string() + " holds several SimNIBS heads (" + listed(charm) +
                         "); give one of them.");
    }
    if (file_at(folder / "surf" / "lh.pial") || file_at(folder / "surf" / "rh.pial")) return freesurfer(folder);
    for (const fs::path& surf : {folder / "surf", folder}) {
        auto images = names_in(surf, "lh.central.", ".gii");
        if (images.empty()) images = names_in(surf, "rh.central.", ".gii");
        for (std::string& name : images) name = name.substr(11, name.size() - 11 - 4);  // "lh.central." and ".gii"
        if (images.size() > 1) {
            throw InputError("The folder " + folder.string() + " holds the surfaces of several heads (" +
                             listed(images) + "); give a folder with one.");
        }
        if (images.size() == 1) return cat12(folder, surf, images.front());
    }
    throw InputError("The folder " + folder.string() +
                     " is none of SimNIBS (m2m_*/surfaces/lh.pial.gii), CAT12 (surf/lh.central.NAME.gii) or FreeSurfer "
                     "(surf/lh.pial).");
}

}  // namespace

SubjectFolder find_subject_folder(const fs::path& folder) {
    if (!folder_at(folder)) throw InputError("There is no folder " + folder.string() + ".");
    // "m2m_x/" has an empty last part.
    const fs::path clean = folder.has_filename() ? folder : folder.parent_path();
    SubjectFolder out = looked_at(clean);
    tell(out);
    const bool no_cortex = out.left_cortex.empty() && out.right_cortex.empty();
    if (out.t1.empty() || no_cortex) {
        throw InputError("The " + out.made_by + " folder " + clean.string() + " has no " +
                         (out.t1.empty() ? no_cortex ? "T1 and no cortex surfaces" : "T1" : "cortex surfaces") +
                         "; let " + out.made_by + " finish, or give the T1 and the surfaces themselves.");
    }
    return out;
}

}  // namespace precentral
