// SPDX-License-Identifier: Apache-2.0
// The coil axes of each navigator beside ours: +z into the head, +y away from the handle.
//
// pose_ours = pose_theirs * ours(axes). Sources: the readers of SimNIBS 4 (Thielscher et al. 2015,
// doi:10.1109/EMBC.2015.7318340) for Localite, Brainsight and Softaxic; the files of visor2 name ours themselves.
#pragma once

#include <Eigen/Core>
#include <string_view>

namespace precentral {

enum class CoilAxes {
    ours,        // SimNIBS, NIBS-BIDS, visor2 .mrk
    z_outwards,  // Brainsight, NaviNIBS, InVesalius: z away from the head, y away from the handle
    localite,    // x into the head, y towards the handle
    softaxic,    // z into the head, x away from the handle
};

// A rotation; its transpose is the way back.
Eigen::Matrix3d ours(CoilAxes theirs);

// Three letters, each the way an axis of a file points: R or L, A or P, S or I. Gives ras_from_file, which may be a
// mirror image; nothing when the letters do not name three different axes.
bool ras_from_letters(std::string_view letters, Eigen::Matrix3d& ras_from_file);

}  // namespace precentral
