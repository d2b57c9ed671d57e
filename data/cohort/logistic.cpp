// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/logistic.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <cmath>
#include <limits>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int kMostSteps = 500;
constexpr double kLargestStep = 5.0;     // in units of scaled coefficients
constexpr double kDecrement = 1e-18;     // squared distance to the maximum, in standard errors
constexpr double kSeparatedError = 1e3;  // a standard error of scaled columns no finite maximum has

double log_sigmoid(double eta) { return eta > 0.0 ? -std::log1p(std::exp(-eta)) : eta - std::log1p(std::exp(eta)); }

struct Problem {
    Eigen::MatrixXd x;      // intercept first, columns scaled to at most 1
    Eigen::VectorXd scale;  // what each column was divided by
    Eigen::VectorXd y;
    bool penalised = false;
};

struct Point {
    double value = -kInf;
    Eigen::VectorXd score;
    Eigen::MatrixXd information;
};

Point evaluate(const Problem& problem, const Eigen::VectorXd& beta) {
    const Eigen::VectorXd eta = problem.x * beta;
    const Eigen::VectorXd p = eta.unaryExpr([](double e) { return std::exp(log_sigmoid(e)); });
    const Eigen::VectorXd w = eta.unaryExpr([](double e) { return std::exp(log_sigmoid(e) + log_sigmoid(-e)); });
    Point out;
    out.information = problem.x.transpose() * w.asDiagonal() * problem.x;
    out.value = 0.0;
    for (Eigen::Index i = 0; i < eta.size(); ++i) out.value += log_sigmoid(problem.y[i] > 0.5 ? eta[i] : -eta[i]);
    Eigen::VectorXd residual = problem.y - p;
    if (problem.penalised) {
        const Eigen::LDLT<Eigen::MatrixXd> factor(out.information);
        const auto diagonal = factor.vectorD().array();
        out.value += diagonal.minCoeff() > 0.0 ? 0.5 * diagonal.log().sum() : -kInf;
        const Eigen::MatrixXd solved = factor.solve(problem.x.transpose());
        for (Eigen::Index i = 0; i < eta.size(); ++i) {
            residual[i] += w[i] * problem.x.row(i).dot(solved.col(i)) * (0.5 - p[i]);
        }
    }
    out.score = problem.x.transpose() * residual;
    return out;
}

struct Maximum {
    Eigen::VectorXd beta;
    Point at;
    bool reached = false;
};

// Climbs from `beta`; the coefficient `held` (-1 for none) stays.
Maximum climb(const Problem& problem, Eigen::VectorXd beta, Eigen::Index held) {
    Maximum out{beta, evaluate(problem, beta), false};
    for (int i = 0; i < kMostSteps; ++i) {
        Eigen::MatrixXd information = out.at.information;
        Eigen::VectorXd score = out.at.score;
        if (held >= 0) {
            information.row(held).setZero();
            information.col(held).setZero();
            information(held, held) = 1.0;
            score[held] = 0.0;
        }
        Eigen::VectorXd step = information.ldlt().solve(score);
        const double decrement = step.dot(score);
        if (!step.allFinite()) return out;
        if (decrement < kDecrement) {
            out.reached = true;
            return out;
        }
        if (const double longest = step.cwiseAbs().maxCoeff(); longest > kLargestStep) step *= kLargestStep / longest;
        bool moved = false;
        for (int halving = 0; halving < 40 && !moved; ++halving, step *= 0.5) {
            const Eigen::VectorXd next = out.beta + step;
            Point point = evaluate(problem, next);
            if (!(point.value >= out.at.value - 1e-12 * (1.0 + std::abs(out.at.value)))) continue;
            out.beta = next;
            out.at = std::move(point);
            moved = true;
        }
        if (!moved) {
            out.reached = decrement < 1e-10;  // rounding hides any further ascent
            return out;
        }
    }
    return out;
}

// Where holding the coefficient costs `most` of twice the log likelihood, on one side (`sign`) of the maximum.
double profile_limit(const Problem& problem, const Maximum& best, Eigen::Index j, double error, double sign,
                     double most) {
    Eigen::VectorXd start = best.beta;
    const auto cost = [&](double value) {
        Eigen::VectorXd from = start;
        from[j] = value;
        const Maximum held = climb(problem, from, j);
        if (held.reached) start = held.beta;
        return 2.0 * (best.at.value - held.at.value) - most;
    };
    double inside = best.beta[j], inside_cost = -most, reach = 2.0 * error, outside = inside, outside_cost = -1.0;
    for (int i = 0; i < 30 && outside_cost < 0.0; ++i, reach *= 1.6) {
        if (i > 0) {
            inside = outside;
            inside_cost = outside_cost;
        }
        outside = best.beta[j] + sign * reach;
        outside_cost = cost(outside);
    }
    if (outside_cost < 0.0) return sign * kInf;
    // Regula falsi with Illinois' halving.
    int side = 0;
    for (int i = 0; i < 100 && std::abs(outside - inside) > 1e-11 * (1.0 + std::abs(outside)); ++i) {
        const double next = (inside * outside_cost - outside * inside_cost) / (outside_cost - inside_cost);
        const double value = cost(next);
        if (std::abs(value) < 1e-11) return next;
        if (value < 0.0) {
            inside = next;
            inside_cost = value;
            if (side == -1) outside_cost *= 0.5;
            side = -1;
        } else {
            outside = next;
            outside_cost = value;
            if (side == 1) inside_cost *= 0.5;
            side = 1;
        }
    }
    return 0.5 * (inside + outside);
}

Problem problem_from(const std::vector<Predictor>& predictors, std::span<const double> outcome, LogisticFit& out) {
    for (const Predictor& p : predictors) {
        if (p.values.size() != outcome.size()) {
            throw InputError("The predictor \"" + p.name + "\" and the outcome differ in length.");
        }
    }
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < outcome.size(); ++i) {
        bool missing = std::isnan(outcome[i]);
        for (const Predictor& p : predictors) missing = missing || !std::isfinite(p.values[i]);
        if (missing) {
            ++out.basis.missing;
            continue;
        }
        if (outcome[i] != 0.0 && outcome[i] != 1.0) throw InputError("An outcome is 1 or 0.");
        out.with += outcome[i] == 1.0;
        rows.push_back(i);
    }
    out.basis.n = static_cast<int>(rows.size());
    if (rows.empty()) throw InputError("No patient has the outcome and every predictor, so nothing can be fitted.");
    if (out.with == 0 || out.with == out.basis.n) {
        throw InputError("All patients have the same outcome; a logistic regression needs both.");
    }
    Problem problem;
    const auto n = static_cast<Eigen::Index>(rows.size()), k = static_cast<Eigen::Index>(predictors.size()) + 1;
    problem.x.resize(n, k);
    problem.y.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const std::size_t row = rows[static_cast<std::size_t>(i)];
        problem.y[i] = outcome[row];
        problem.x(i, 0) = 1.0;
        for (Eigen::Index j = 1; j < k; ++j) problem.x(i, j) = predictors[static_cast<std::size_t>(j - 1)].values[row];
    }
    problem.scale = problem.x.cwiseAbs().colwise().maxCoeff().cwiseMax(1e-300);
    problem.x = problem.x * problem.scale.cwiseInverse().asDiagonal();
    if (n < k || problem.x.colPivHouseholderQr().rank() < k) {
        throw InputError(
            "The predictors determine each other (one is constant, or a sum of others, or there are more "
            "than patients); leave one out.");
    }
    return problem;
}

}  // namespace

LogisticFit fit_logistic(const std::vector<Predictor>& predictors, std::span<const double> outcome,
                         LogisticMethod method, double level) {
    LogisticFit out;
    Problem problem = problem_from(predictors, outcome, out);
    problem.penalised = method == LogisticMethod::firth;
    out.basis.method = problem.penalised ? "logistic regression, Firth's penalised likelihood, profile intervals"
                                         : "logistic regression, maximum likelihood, profile intervals";
    const double z = normal_quantile_two_sided(level), most = chi_square_quantile(level);
    const Eigen::Index k = problem.x.cols();
    const Maximum best = climb(problem, Eigen::VectorXd::Zero(k), -1);
    const Eigen::MatrixXd covariance = best.at.information.ldlt().solve(Eigen::MatrixXd::Identity(k, k));
    const Eigen::VectorXd errors = covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
    if (!problem.penalised && !(errors.allFinite() && errors.maxCoeff() < kSeparatedError && best.reached)) {
        throw InputError(
            "The predictors separate those with the outcome from those without, so the likelihood has no "
            "maximum; use Firth's method.");
    }
    if (!best.reached) throw Error("The logistic regression did not converge; leave a predictor out.");
    out.log_likelihood = best.at.value + (problem.penalised ? problem.scale.array().log().sum() : 0.0);
    for (Eigen::Index j = 0; j < k; ++j) {
        LogisticCoefficient c;
        c.name = j == 0 ? "(intercept)" : predictors[static_cast<std::size_t>(j - 1)].name;
        const double unit = problem.scale[j], value = best.beta[j] / unit;
        c.standard_error = errors[j] / unit;
        c.wald = {value, value - z * c.standard_error, value + z * c.standard_error, level};
        c.wald_p = normal_p_two_sided(value / c.standard_error);
        c.log_odds = {value, profile_limit(problem, best, j, errors[j], -1.0, most) / unit,
                      profile_limit(problem, best, j, errors[j], 1.0, most) / unit, level};
        Eigen::VectorXd without = best.beta;
        without[j] = 0.0;
        c.p = chi_square_p(2.0 * (best.at.value - climb(problem, without, j).at.value), 1.0);
        out.coefficients.push_back(std::move(c));
    }
    return out;
}

}  // namespace precentral::cohort
