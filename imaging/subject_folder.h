// SPDX-License-Identifier: Apache-2.0
// The better surfaces a site already has: a folder made by SimNIBS, CAT12 or FreeSurfer.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace precentral {

struct SubjectFolder {
    std::string made_by;  // "SimNIBS", "CAT12", "FreeSurfer"
    std::filesystem::path t1;
    // Left, right; of the cortex's outer surface where there is one, else the middle of the grey matter. Read them with
    // read_surface. Either may be empty when the folder lacks it.
    std::filesystem::path left_cortex;
    std::filesystem::path right_cortex;
    std::string cortex_kind;           // "pial", "central"
    std::filesystem::path left_aparc;  // FreeSurfer annotations; empty when not there
    std::filesystem::path right_aparc;
    std::vector<std::string> found;  // one sentence each, for the operator
    std::vector<std::string> missing;
};

// Looks at the folder itself, its m2m_* child (SimNIBS), and, for CAT12, at its surf and mri children. Throws
// InputError in one sentence, naming the folder and what was looked for, when it is no such folder or lacks the T1 or
// both surfaces; when several m2m_* folders are there it asks for one of them.
SubjectFolder find_subject_folder(const std::filesystem::path& folder);

}  // namespace precentral
