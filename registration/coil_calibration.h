// SPDX-License-Identifier: Apache-2.0
// Where the coil sits in its marker body: from landmarks touched on the coil whose places on it are known.
#pragma once

#include <string>
#include <vector>

#include "data/frames.h"
#include "registration/point_fit.h"
#include "registration/verdict.h"

namespace precentral {

struct CoilCalibrationOptions {
    double touch_sigma_mm = 0.4;  // expected error of one touch, a axis; a weak guess is enough
    double good_mm = 0.5;         // expected error of the coil's centre, and of its direction, up to which it is good
    double good_deg = 0.5;
    double fair_mm = 1.0;
    double fair_deg = 1.0;
};

struct CoilCalibration {
    Transform<CoilBody, Coil> coil_body_from_coil;
    double rms_mm = 0.0;              // of the touched landmarks
    std::vector<double> residual_mm;  // one a touch
    std::vector<double> left_out_mm;  // the same from the fit made without it; NaN where that is undefined
    double centre_error_mm = 0.0;     // expected rms error of the coil's centre
    double angle_error_deg = 0.0;     // expected rms error of its direction
    Verdict verdict = Verdict::poor;
    std::vector<std::string> reasons;
};

// Pairs by name; a landmark may be touched several times. Landmarks touched but not known on the coil are refused.
// Throws InputError also as fit_rigid does. Pure; any thread.
CoilCalibration calibrate_coil(const std::vector<NamedPoint<CoilBody>>& touched,
                               const std::vector<NamedPoint<Coil>>& known, const CoilCalibrationOptions& options = {});

}  // namespace precentral
