// SPDX-License-Identifier: Apache-2.0
// The field of one coil on one patient's cortex, boundary elements compressed so that each pose costs a small product.
//
// The field is the closed form of the sphere fitted to the inner skull, plus a correction by charges on the shell
// (shell_solver.h). The correction is smooth: over coil poses drawn all around the upper head its singular values fall
// quickly, so the map from the field through the shell to the correction on the cortex is kept by its leading modes.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/progress.h"
#include "imaging/surface.h"
#include "navigation/efield/coil.h"
#include "navigation/efield/local_sphere.h"
#include "navigation/efield/mode_sum.h"
#include "navigation/efield/shell_solver.h"

namespace precentral {

inline constexpr const char* kShellVersion = "shell 1";  // changes when the same input would give other numbers

struct ShellModesOptions {
    double largest_rms_error = 0.006;   // share of the field, over poses held out
    double largest_worst_error = 0.02;  // at the worst of them
    int most_modes = 200;
    int training_poses = 800;
    std::uint64_t seed = 1;
};

struct ShellModes {
    std::string key;        // shell_modes_key of what it was made from
    std::string coil_name;  // the coil it is for
    std::string coil_version;
    Surface shell;        // the inner skull
    FittedSphere sphere;  // of the incident field
    std::vector<Point<Scan>> points;
    Eigen::MatrixXd coefficients;  // modes × shell vertices: from the weighted field through the shell
    Eigen::MatrixXd charges;       // shell vertices × modes, for places that are not among `points`
    FieldModes modes;              // at `points`
    double rms_error = 0.0;        // share of the field, against the uncompressed solution at poses held out
    double worst_error = 0.0;
};

// Found by: shell, points, coil, options, kShellVersion.
std::string shell_modes_key(const Surface& inner_skull, const std::vector<Point<Scan>>& points, const CoilModel& coil,
                            const ShellModesOptions& options = {});

// Ten to twenty seconds for 2560 triangles and 20 000 points on two cores; the same on any number of cores. Throws
// InputError when the shell is unusable (see ShellSolver) or a point lies outside it; Cancelled.
ShellModes prepare_shell_modes(const Surface& inner_skull, const std::vector<Point<Scan>>& points,
                               const CoilModel& coil, const ShellModesOptions& options = {},
                               const Progress& progress = {});

// The sphere the correction starts from: fitted to the upper half of the shell.
FittedSphere sphere_of_shell(const Surface& inner_skull);

// Uncompressed, V/m for 1 A/s: the reference, and the way to few points without preparation.
Eigen::Matrix3Xd shell_field(const ShellSolver& solver, const FittedSphere& sphere, const CoilModel& coil,
                             const Transform<Scan, Coil>& scan_from_coil, const std::vector<Point<Scan>>& points);

// A file in `folder` named by the key; written beside and renamed. Throws Error when it cannot be written.
void keep_shell_modes(const ShellModes& modes, const std::filesystem::path& folder);
// Nothing when there is none of that key, or it is damaged or of another version (it is then to be made anew).
std::optional<ShellModes> kept_shell_modes(const std::filesystem::path& folder, const std::string& key);

}  // namespace precentral
