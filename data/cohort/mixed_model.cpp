// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/mixed_model.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestRatio = 1e3;  // of the standard deviations between and within patients

struct Group {
    double n = 0.0;
    Eigen::VectorXd x_sum;
    double y_sum = 0.0;
};

// Sums that the likelihood needs at every ratio of the two variances.
struct Problem {
    double n = 0.0;
    Eigen::MatrixXd xx;
    Eigen::VectorXd xy;
    double yy = 0.0;
    std::vector<Group> groups;
};

struct AtRatio {
    double log_det_v = 0.0;       // of V / residual variance
    Eigen::MatrixXd information;  // X' V^-1 X times the residual variance
    Eigen::VectorXd beta;
    double rest = 0.0;  // (y - X beta)' V^-1 (y - X beta) times the residual variance
    double log_det_information = 0.0;
};

// `ratio` is the patient standard deviation over the residual one. The inverse of I + r² J (n × n) is I - w J with
// w = r² / (1 + n r²).
AtRatio at_ratio(const Problem& p, double ratio) {
    AtRatio out;
    const double r2 = ratio * ratio;
    out.information = p.xx;
    Eigen::VectorXd xy = p.xy;
    double yy = p.yy;
    for (const Group& g : p.groups) {
        const double w = r2 / (1.0 + g.n * r2);
        out.log_det_v += std::log1p(g.n * r2);
        out.information.noalias() -= w * g.x_sum * g.x_sum.transpose();
        xy -= w * g.y_sum * g.x_sum;
        yy -= w * g.y_sum * g.y_sum;
    }
    const Eigen::LDLT<Eigen::MatrixXd> factor(out.information);
    out.beta = factor.solve(xy);
    out.rest = std::max(0.0, yy - out.beta.dot(xy));
    out.log_det_information = factor.vectorD().array().log().sum();
    return out;
}

// -2 log restricted likelihood.
double deviance(const Problem& p, double ratio, double residual_sd) {
    const AtRatio at = at_ratio(p, ratio);
    const double variance = residual_sd * residual_sd;
    const double free = p.n - static_cast<double>(p.xy.size());
    return at.log_det_v + at.log_det_information + free * std::log(2.0 * std::numbers::pi * variance) +
           at.rest / variance;
}

double profiled_deviance(const Problem& p, double ratio) {
    const AtRatio at = at_ratio(p, ratio);
    const double free = p.n - static_cast<double>(p.xy.size());
    return at.log_det_v + at.log_det_information + free * (1.0 + std::log(2.0 * std::numbers::pi * at.rest / free));
}

double best_ratio(const Problem& p) {
    // Over the share r² / (1 + r²), which has ends; the likelihood may have two maxima, so a coarse look goes first.
    const auto ratio = [](double share) { return std::sqrt(share / (1.0 - share)); };
    const double most = kLargestRatio * kLargestRatio / (1.0 + kLargestRatio * kLargestRatio);
    constexpr int kLooks = 60;
    int best = 0;
    double lowest = std::numeric_limits<double>::infinity();
    for (int i = 0; i <= kLooks; ++i) {
        const double value = profiled_deviance(p, ratio(most * i / kLooks));
        if (value < lowest) {
            lowest = value;
            best = i;
        }
    }
    const double low = ratio(most * std::max(0, best - 1) / kLooks),
                 high = ratio(most * std::min(kLooks, best + 1) / kLooks);
    const auto found = boost::math::tools::brent_find_minima([&](double r) { return profiled_deviance(p, r); }, low,
                                                             high, std::numeric_limits<double>::digits / 2);
    return profiled_deviance(p, 0.0) <= found.second ? 0.0 : found.first;
}

using Pair = Eigen::Vector2d;  // ratio, residual standard deviation

// Central differences, refined once by Richardson's extrapolation.
template <class F>
Pair gradient(const F& f, const Pair& at) {
    Pair out;
    for (int i = 0; i < 2; ++i) {
        const auto difference = [&](double h) {
            Pair up = at, down = at;
            up[i] += h;
            down[i] -= h;
            return (f(up) - f(down)) / (2.0 * h);
        };
        const double h = 1e-3 * at[i];
        out[i] = (4.0 * difference(0.5 * h) - difference(h)) / 3.0;
    }
    return out;
}

template <class F>
Eigen::Matrix2d hessian(const F& f, const Pair& at) {
    const auto with_step = [&](double share) {
        const Pair h = share * at;
        const auto value = [&](double i, double j) { return f(Pair(at[0] + i * h[0], at[1] + j * h[1])); };
        Eigen::Matrix2d out;
        const double middle = value(0, 0);
        out(0, 0) = (value(1, 0) - 2.0 * middle + value(-1, 0)) / (h[0] * h[0]);
        out(1, 1) = (value(0, 1) - 2.0 * middle + value(0, -1)) / (h[1] * h[1]);
        out(0, 1) = out(1, 0) = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4.0 * h[0] * h[1]);
        return out;
    };
    return (4.0 * with_step(4e-3) - with_step(8e-3)) / 3.0;
}

}  // namespace

MixedFit fit_mixed(std::span<const double> value, std::span<const int> patient,
                   const std::vector<Predictor>& predictors, double level) {
    require_level(level);
    MixedFit out;
    out.basis.method = "linear mixed model, random patient, REML, Satterthwaite degrees of freedom";
    if (patient.size() != value.size()) throw InputError("Values and patients differ in length.");
    for (const Predictor& predictor : predictors) {
        if (predictor.values.size() != value.size()) {
            throw InputError("The predictor \"" + predictor.name + "\" differs in length from the values.");
        }
    }
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < value.size(); ++i) {
        bool complete = std::isfinite(value[i]);
        for (const Predictor& predictor : predictors) complete = complete && std::isfinite(predictor.values[i]);
        complete ? rows.push_back(i) : static_cast<void>(++out.basis.missing);
    }
    const auto n = static_cast<Eigen::Index>(rows.size());
    const auto k = static_cast<Eigen::Index>(predictors.size()) + 1;
    out.basis.n = static_cast<int>(n);
    if (n == 0) throw InputError("No row is complete, so there is nothing to fit.");
    if (n <= k) {
        throw InputError("There are " + std::to_string(n) + " complete rows for " + std::to_string(k) +
                         " coefficients; there must be more.");
    }
    Eigen::MatrixXd x(n, k);
    Eigen::VectorXd y(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t row = rows[static_cast<std::size_t>(i)];
        x(i, 0) = 1.0;
        for (Eigen::Index j = 1; j < k; ++j) x(i, j) = predictors[static_cast<std::size_t>(j - 1)].values[row];
        y[i] = value[row];
    }
    // Centred and scaled: large offsets (a year) would cost digits in the sums.
    Eigen::VectorXd middle = Eigen::VectorXd::Zero(k), scale = Eigen::VectorXd::Ones(k);
    for (Eigen::Index j = 1; j < k; ++j) {
        middle[j] = x.col(j).mean();
        x.col(j).array() -= middle[j];
        scale[j] = x.col(j).cwiseAbs().maxCoeff();
        if (!(scale[j] > 0.0)) {
            throw InputError("The predictor \"" + predictors[static_cast<std::size_t>(j - 1)].name +
                             "\" does not vary; leave it out.");
        }
        x.col(j) /= scale[j];
    }
    if (Eigen::ColPivHouseholderQR<Eigen::MatrixXd>(x).rank() < k) {
        throw InputError("The predictors determine each other; leave one out.");
    }
    const double y_middle = y.mean();
    y.array() -= y_middle;
    const double y_scale = y.cwiseAbs().maxCoeff();
    if (!(y_scale > 0.0)) throw InputError("The values do not vary, so there is nothing to explain.");
    y /= y_scale;

    Problem problem{static_cast<double>(n), x.transpose() * x, x.transpose() * y, y.squaredNorm(), {}};
    std::map<int, Group> groups;
    for (Eigen::Index i = 0; i < n; ++i) {
        Group& g =
            groups.try_emplace(patient[rows[static_cast<std::size_t>(i)]], Group{0.0, Eigen::VectorXd::Zero(k), 0.0})
                .first->second;
        g.n += 1.0;
        g.x_sum += x.row(i).transpose();
        g.y_sum += y[i];
    }
    bool repeated = false;
    for (auto& [name, group] : groups) {
        repeated = repeated || group.n > 1.0;
        problem.groups.push_back(std::move(group));
    }
    out.patients = static_cast<int>(problem.groups.size());
    if (out.patients < 2) throw InputError("A mixed model needs two patients or more.");
    if (!repeated) {
        throw InputError("No patient has two values, so patients and chance cannot be told apart; use a correlation.");
    }

    const double ratio = best_ratio(problem);
    const AtRatio at = at_ratio(problem, ratio);
    const double residual_sd = std::sqrt(at.rest / static_cast<double>(n - k));
    if (!(residual_sd > 1e-9) || ratio > 0.99 * kLargestRatio) {
        throw InputError("The predictors and the patients explain the values without rest; there is no model to fit.");
    }
    out.patient_sd = ratio * residual_sd * y_scale;
    out.residual_sd = residual_sd * y_scale;
    out.intraclass = ratio * ratio / (1.0 + ratio * ratio);
    // Back to the scale of the values: n - k of them carry density, and the columns' scales enter the determinant.
    out.log_likelihood =
        -0.5 * (deviance(problem, ratio, residual_sd) + 2.0 * static_cast<double>(n - k) * std::log(y_scale) +
                2.0 * scale.array().log().sum());
    // Row j of `back`: coefficient j on the original scale from those fitted.
    Eigen::MatrixXd back = Eigen::MatrixXd::Zero(k, k);
    back(0, 0) = y_scale;
    for (Eigen::Index j = 1; j < k; ++j) {
        back(j, j) = y_scale / scale[j];
        back(0, j) = -y_scale * middle[j] / scale[j];
    }
    Eigen::VectorXd beta = back * at.beta;
    beta[0] += y_middle;
    const auto variance_of = [&](Eigen::Index j, const Pair& v) {
        const Eigen::VectorXd l = back.row(j).transpose();
        const Eigen::VectorXd solved = at_ratio(problem, v[0]).information.ldlt().solve(l);
        return l.dot(solved) * v[1] * v[1];
    };
    const Pair here(ratio, residual_sd);
    Eigen::Matrix2d spread = Eigen::Matrix2d::Zero();
    if (ratio > 0.0) {
        const Eigen::Matrix2d bend = hessian([&](const Pair& v) { return deviance(problem, v[0], v[1]); }, here);
        spread = 2.0 * bend.inverse();
    } else {
        out.basis.reason =
            "patients do not differ beyond chance (variance 0), so the degrees of freedom are those of "
            "ordinary regression";
    }
    for (Eigen::Index j = 0; j < k; ++j) {
        FixedEffect effect;
        effect.name = j == 0 ? "(intercept)" : predictors[static_cast<std::size_t>(j - 1)].name;
        const double variance = variance_of(j, here);
        effect.standard_error = std::sqrt(variance);
        effect.degrees = static_cast<double>(n - k);
        if (ratio > 0.0) {
            const Pair slope = gradient([&](const Pair& v) { return variance_of(j, v); }, here);
            effect.degrees = 2.0 * variance * variance / slope.dot(spread * slope);
        }
        if (!(effect.degrees > 0.0)) effect.degrees = kNan;
        effect.effect = {beta[j], kNan, kNan, level};
        effect.p = kNan;
        if (std::isfinite(effect.degrees)) {
            const double t = boost::math::quantile(boost::math::students_t(effect.degrees), 0.5 + 0.5 * level);
            effect.effect.low = beta[j] - t * effect.standard_error;
            effect.effect.high = beta[j] + t * effect.standard_error;
            effect.p = student_p_two_sided(beta[j] / effect.standard_error, effect.degrees);
        }
        out.effects.push_back(effect);
    }
    return out;
}

}  // namespace precentral::cohort
