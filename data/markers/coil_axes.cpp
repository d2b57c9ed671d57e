// SPDX-License-Identifier: Apache-2.0
#include "data/markers/coil_axes.h"

namespace precentral {

Eigen::Matrix3d ours(CoilAxes theirs) {
    Eigen::Matrix3d out = Eigen::Matrix3d::Identity();
    switch (theirs) {
        case CoilAxes::ours: break;
        case CoilAxes::z_outwards: out.diagonal() << -1.0, 1.0, -1.0; break;
        case CoilAxes::localite: out << 0, 0, 1, 0, -1, 0, 1, 0, 0; break;
        case CoilAxes::softaxic: out << 0, 1, 0, -1, 0, 0, 0, 0, 1; break;
    }
    return out;
}

bool ras_from_letters(std::string_view letters, Eigen::Matrix3d& ras_from_file) {
    if (letters.size() != 3) return false;
    Eigen::Matrix3d out = Eigen::Matrix3d::Zero();
    for (int i = 0; i < 3; ++i) {
        const auto at = std::string_view("RLAPSI").find(letters[static_cast<std::size_t>(i)]);
        if (at == std::string_view::npos) return false;
        out(static_cast<int>(at / 2), i) = at % 2 == 0 ? 1.0 : -1.0;
    }
    if ((out.cwiseAbs().rowwise().sum().array() != 1.0).any()) return false;
    ras_from_file = out;
    return true;
}

}  // namespace precentral
