// SPDX-License-Identifier: Apache-2.0
// The whole alignment of a head with its scan: fiducials, then scalp points with the fiducials as a prior, then the
// error to expect at the target, and whether to trust it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/frames.h"
#include "data/records.h"
#include "imaging/surface.h"
#include "registration/fit_error.h"
#include "registration/next_touch.h"
#include "registration/point_fit.h"
#include "registration/surface_fit.h"
#include "registration/verdict.h"

namespace precentral {

struct RegistrationOptions {
    // Rms length of the error of touching a fiducial on the patient, and of picking it in the scan. Both weaken the
    // prior: a pick that is off by 2-3 mm is off the same way at every visit, and must not pull the fit with it.
    double touch_error_mm = 3.0;
    double pick_error_mm = 2.5;
    SurfaceFitOptions surface;
    double good_rms_mm = 2.0;  // expected error at the target up to which the alignment is good
    double fair_rms_mm = 4.0;  // and up to which it is fair
};

struct RegistrationResult {
    Transform<Scan, Head> scan_from_head;
    double rms_mm = 0.0;  // of the kept scalp points to the scalp; of the fiducials when there are no scalp points
    // In the order touched. left_out_mm: against the fit made without it (other fiducials and scalp points); NaN when
    // the rest does not define one.
    std::vector<FiducialResidual> fiducials;
    std::vector<std::string> fiducials_left_out;  // they contradict the rest and have no say in scan_from_head
    int surface_points = 0;
    std::vector<double> surface_residual_mm;    // signed, one a scalp point
    std::vector<std::size_t> surface_left_out;  // which of them count little or nothing
    double fiducial_rms_mm = 0.0;               // of the paired-point fit alone (FRE); says nothing on accuracy
    std::optional<Transform<Scan, Head>> scan_from_head_by_fiducials;
    PoseCovariance<Scan> covariance;
    double noise_mm = 0.0;          // of one scalp point
    TargetError target;             // expected at the target
    std::optional<NextTouch> next;  // where more points would help most
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
    double seconds = 0.0;
};

// Fiducials are paired by name; a touched name that the scan lacks, or a name given twice in the scan, is refused.
// Fewer than three fiducials are accepted when there are scalp points (every orientation is then tried, ~1 s).
// Throws InputError as fit_rigid and fit_surface do. Pure; any thread. ~40 ms for 300 points and three fiducials.
RegistrationResult register_head(const std::vector<NamedPoint<Head>>& fiducials_in_head,
                                 const std::vector<NamedPoint<Scan>>& fiducials_in_scan,
                                 const std::vector<Point<Head>>& scalp_points, const SurfaceIndex& scalp,
                                 const Point<Scan>& target, const RegistrationOptions& options = {});

}  // namespace precentral
