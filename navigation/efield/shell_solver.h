// SPDX-License-Identifier: Apache-2.0
// The field in a conductor inside one closed shell, nothing conducting outside it (the isolated inner skull).
//
// An incident field E_i that alone would drive current through the shell is corrected by the field of charges on the
// shell. Their density σ, linear over each triangle, obeys just inside the shell
//   2π σ(r) − n·∫ σ(r') (r − r')/|r − r'|³ dS' = n·E_i(r),
// weighted with the linear functions themselves (Galerkin). The flux of each charge through the whole shell, which
// fixes how solid angles add up, is made exact, and total charge is nought. With the closed form of a sphere as
// incident field the charges correct only what the head differs from that sphere. Related: Makarov et al. 2018, doi
// 10.1109/TBME.2018.2812261; Stenroos and Koponen 2019, doi 10.1016/j.neuroimage.2019.116159.
//
// const calls from any thread.
#pragma once

#include <Eigen/Core>
#include <Eigen/LU>

#include "data/progress.h"
#include "imaging/surface.h"
#include "navigation/efield/shell_places.h"

namespace precentral {

class ShellSolver {
public:
    // 2560 triangles take some seconds. Throws as ShellPlaces, and Cancelled.
    explicit ShellSolver(const Surface& shell, const Progress& progress = {});

    const ShellPlaces& places() const { return places_; }

    // From ShellPlaces::weighted: densities at the vertices; a column a field.
    Eigen::MatrixXd charges(const Eigen::MatrixXd& weighted_field) const;
    // The transposed map, for the adjoint.
    Eigen::MatrixXd charges_transposed(const Eigen::MatrixXd& at_charges) const;

    // 3 × vertices: the field at a point inside, by the density of each vertex.
    Eigen::Matrix3Xd field_by_charge(const Eigen::Vector3d& at_mm) const;

    int vertices() const { return static_cast<int>(places_.vertex_areas_mm2.size()); }
    const Surface& shell() const { return shell_; }

private:
    Surface shell_;
    ShellPlaces places_;
    Eigen::PartialPivLU<Eigen::MatrixXd> lu_;
};

}  // namespace precentral
