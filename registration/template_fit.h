// SPDX-License-Identifier: Apache-2.0
// A head for a patient without an MRI: the template's, turned, shifted and stretched along its three axes until it fits
// the touched fiducials and scalp points.
//
// Minimise over pose and log scales (prior: heads differ by about 5 % along each axis)
//     sum_i w_i d_i^2 / v + sum_k |q_k - p_k|^2 / sigma_k^2 + sum_axis (log s / 0.05)^2,
// d_i the distance of touched point i from the stretched scalp, w_i Tukey's biweight. How far a stretched template lies
// from a real scalp is alike over centimetres, so points closer than that count as one: v grows with their number.
// What is under the scalp is the template's guess: hotspots differ between people by 8 mm along each axis in template
// space (Niskanen 2010, doi 10.1002/hbm.20942, and the spread of the atlas' 5 % support), which the stated
// error holds and no touched point reduces.
#pragma once

#include <string>
#include <vector>

#include "data/frames.h"
#include "data/records.h"
#include "imaging/surface.h"
#include "registration/fit_error.h"
#include "registration/point_fit.h"
#include "registration/verdict.h"

namespace precentral {

struct TemplateHead {
    Surface scalp;                            // in the template's own scan frame
    std::vector<NamedPoint<Scan>> fiducials;  // nasion and both ears, at least
    AffineMap<Mni, Scan> mni_from_template;
};

struct TemplateFitOptions {
    double touch_error_mm = 1.5;     // of a scalp point
    double misfit_mm = 3.0;          // rms distance of a stretched template from a real scalp
    double misfit_reach_mm = 40.0;   // over which that is alike
    double fiducial_error_mm = 6.0;  // rms length: touching, and where the landmark sits on a head of that shape
    double scale_sigma = 0.05;       // of the logarithm, an axis
    double anatomy_sigma_mm = 8.0;   // of a hotspot in template space, an axis
};

struct TemplateFit {
    Surface scalp;                         // of the stretched head, in the new scan frame
    AffineMap<Scan, Mni> scan_from_mni;    // the stretched template
    Transform<Scan, Head> scan_from_head;  // rigid: the patient's millimetres
    Eigen::Vector3d scale = Eigen::Vector3d::Ones();
    double rms_mm = 0.0;  // of the scalp points; says nothing on what lies below
    std::vector<FiducialResidual> fiducials;
    // Of pose and scales together (rotation vector, shift, log scales), about `about` in the scan.
    Eigen::Matrix<double, 9, 9> covariance = Eigen::Matrix<double, 9, 9>::Zero();
    Point<Scan> about, middle;
    double anatomy_sigma_mm = 0.0;
    Verdict verdict = Verdict::poor;  // never good: there is no scan of this patient
    std::vector<std::string> reasons;

    // Of a place of the head's outside, and of a place named in template space (with anatomy).
    TargetError error_on_scalp(const Point<Scan>& at) const;
    TargetError error_of_template_place(const Point<Scan>& at) const;
};

// Fiducials are paired by name, three or more; scalp points may be none (then only the mean size is fitted, surely).
// Throws InputError as fit_rigid does and for a name the template lacks. Pure; any thread; ~20 ms for 100 points.
TemplateFit fit_template(const TemplateHead& head, const std::vector<NamedPoint<Head>>& fiducials,
                         const std::vector<Point<Head>>& scalp_points, const TemplateFitOptions& options = {});

// Where the first dorsal interosseus' hotspot lies on the scalp by published measures from the vertex: left 51.7 +- 6.2
// mm lateral and 5.6 +- 7.8 mm anterior (n = 201), right 54.4 +- 8.5 and 7.2 +- 8.5 (n = 45), along the skin.
struct ScalpHotspot {
    Point<Scan> point;
    double lateral_sigma_mm = 0.0;
    double anterior_sigma_mm = 0.0;
    double rms_mm = 0.0;  // with the error of the vertex on this head
    std::string source;
};
ScalpHotspot published_scalp_hotspot(const TemplateFit& fit, const SurfaceIndex& stretched_scalp, Side side);

}  // namespace precentral
