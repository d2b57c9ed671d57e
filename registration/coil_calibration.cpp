// SPDX-License-Identifier: Apache-2.0
#include "registration/coil_calibration.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "data/error.h"
#include "registration/fit_error.h"

namespace precentral {
namespace {

constexpr double kPriorFreedom = 6.0;   // weight of the expected error against the measured residuals
constexpr double kOutlierFactor = 4.0;  // a touch this many times the expected error away is named
constexpr double kFewestTouches = 4;

std::string hundredths(double value) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(2) << value;
    return out.str();
}

}  // namespace

CoilCalibration calibrate_coil(const std::vector<NamedPoint<CoilBody>>& touched,
                               const std::vector<NamedPoint<Coil>>& known, const CoilCalibrationOptions& options) {
    if (!(options.touch_sigma_mm > 0.0)) throw InputError("The expected error of a touch must be above 0 mm.");
    std::vector<Point<Coil>> in_coil;
    std::vector<Point<CoilBody>> in_body;
    for (const NamedPoint<CoilBody>& t : touched) {
        const auto match =
            std::find_if(known.begin(), known.end(), [&](const NamedPoint<Coil>& k) { return k.name == t.name; });
        if (match == known.end()) {
            throw InputError("The landmark \"" + t.name + "\" was touched but its place on the coil is not known.");
        }
        in_coil.push_back(match->point);
        in_body.push_back(t.point);
    }
    const PointFit<CoilBody, Coil> fit = fit_points(in_coil, in_body);

    CoilCalibration out;
    out.coil_body_from_coil = fit.to_from_from;
    out.rms_mm = fit.rms_mm;
    out.residual_mm = fit.residual_mm;
    out.left_out_mm = fit.left_out_mm;

    const double expected = options.touch_sigma_mm * options.touch_sigma_mm;
    double sum = 0.0;
    for (const double r : fit.residual_mm) sum += r * r;
    const double freedom = 3.0 * static_cast<double>(touched.size()) - 6.0;
    const double variance = (kPriorFreedom * expected + sum) / (kPriorFreedom + freedom);
    Eigen::Vector3d about = Eigen::Vector3d::Zero();
    for (const Point<CoilBody>& p : in_body) about += p.xyz / static_cast<double>(in_body.size());
    Matrix6 information = Matrix6::Zero();
    for (const Point<CoilBody>& p : in_body) {
        const Eigen::Matrix<double, 3, 6> j = motion_of_point(p.xyz, about);
        information += j.transpose() * j / variance;
    }
    const TargetError centre = predict_error(information.inverse(), about, out.coil_body_from_coil.origin().xyz);
    out.centre_error_mm = centre.rms_mm;
    out.angle_error_deg = centre.angle_deg;

    out.verdict = Verdict::good;
    const auto add = [&](Verdict verdict, std::string reason) {
        out.verdict = worse(out.verdict, verdict);
        out.reasons.push_back(std::move(reason));
    };
    if (out.centre_error_mm > options.good_mm || out.angle_error_deg > options.good_deg) {
        const bool poor = out.centre_error_mm > options.fair_mm || out.angle_error_deg > options.fair_deg;
        add(poor ? Verdict::poor : Verdict::fair,
            "The coil is known to " + hundredths(out.centre_error_mm) + " mm and " + hundredths(out.angle_error_deg) +
                " degrees; touch more landmarks, each several times and as far apart as the coil allows.");
    }
    if (static_cast<double>(touched.size()) < kFewestTouches) {
        add(Verdict::fair, "Three touches leave nothing to check them by; touch a fourth landmark.");
    }
    for (std::size_t i = 0; i < touched.size(); ++i) {
        const double off = std::isnan(out.left_out_mm[i]) ? out.residual_mm[i] : out.left_out_mm[i];
        if (off < kOutlierFactor * options.touch_sigma_mm * std::sqrt(3.0)) continue;
        add(Verdict::poor, "\"" + touched[i].name + "\" lies " + hundredths(off) +
                               " mm from where the others put it; touch it again, and check its place on the coil.");
    }
    return out;
}

}  // namespace precentral
