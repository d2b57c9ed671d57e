// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/survival.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostCauses = 20;

struct Row {
    double time = 0.0;
    int event = 0;
    std::size_t from = 0;  // its place in what was given
};

// Complete rows in the order of time.
std::vector<Row> rows_of(std::span<const double> time, std::span<const double> event, int most_event, Basis& basis) {
    if (time.size() != event.size()) throw InputError("Times and events differ in length.");
    std::vector<Row> rows;
    for (std::size_t i = 0; i < time.size(); ++i) {
        if (std::isnan(time[i]) || std::isnan(event[i])) {
            ++basis.missing;
            continue;
        }
        if (!(time[i] >= 0.0) || std::isinf(time[i])) throw InputError("A time to an event is 0 or above.");
        if (!(event[i] >= 0.0 && event[i] <= most_event) || event[i] != std::floor(event[i])) {
            throw InputError("An event is a whole number from 0 (censored) to " + std::to_string(most_event) + ".");
        }
        rows.push_back({time[i], static_cast<int>(event[i]), i});
    }
    if (rows.empty()) throw InputError("No patient has both a time and an event, so there is nothing to follow.");
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
    basis.n = static_cast<int>(rows.size());
    return rows;
}

// The rows [begin, end) that share a time.
std::size_t end_of_time(const std::vector<Row>& rows, std::size_t begin) {
    std::size_t end = begin;
    while (end < rows.size() && rows[end].time == rows[begin].time) ++end;
    return end;
}

// Where a falling step curve reaches one half; where it rests on one half, the middle of that stretch (as R has it).
double median_of(const std::vector<SurvivalStep>& steps, double Estimate::*which) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const double s = steps[i].survival.*which;
        if (std::isnan(s) && steps[i].survival.value > 0.0) return kNan;
        if (std::abs(s - 0.5) < 1e-9 && i + 1 < steps.size()) return 0.5 * (steps[i].time + steps[i + 1].time);
        if (s < 0.5 + 1e-9) return steps[i].time;
    }
    return kNan;
}

}  // namespace

SurvivalCurve kaplan_meier(std::span<const double> time, std::span<const double> event, double level) {
    SurvivalCurve out;
    const double z = normal_quantile_two_sided(level);
    const auto rows = rows_of(time, event, 1, out.basis);
    out.basis.method = "Kaplan-Meier, Greenwood variance, log-log limits";
    double survival = 1.0, greenwood = 0.0;
    for (std::size_t begin = 0; begin < rows.size();) {
        const std::size_t end = end_of_time(rows, begin);
        int events = 0;
        for (std::size_t i = begin; i < end; ++i) events += rows[i].event;
        const auto at_risk = static_cast<int>(rows.size() - begin);
        if (events > 0) {
            const double n = at_risk, d = events;
            survival *= (n - d) / n;
            greenwood += d / (n * (n - d));
            SurvivalStep step{rows[begin].time, at_risk, events, {survival, kNan, kNan, level}, 0.0};
            if (events < at_risk) {
                step.standard_error = survival * std::sqrt(greenwood);
                const double reach = std::exp(z * std::sqrt(greenwood) / std::abs(std::log(survival)));
                step.survival.low = std::pow(survival, reach);
                step.survival.high = std::pow(survival, 1.0 / reach);
            } else {
                step.standard_error = kNan;
            }
            out.events += events;
            out.steps.push_back(step);
        }
        begin = end;
    }
    out.median = {median_of(out.steps, &Estimate::value), median_of(out.steps, &Estimate::low),
                  median_of(out.steps, &Estimate::high), level};
    if (out.events == 0) {
        out.basis.reason = "nobody had the event, so the curve stays at 1";
    } else if (std::isnan(out.median.value)) {
        out.basis.reason = "more than half stayed without the event, so there is no median";
    }
    return out;
}

LogRank log_rank(std::span<const double> time, std::span<const double> event, std::span<const int> group) {
    LogRank out;
    if (group.size() != time.size()) throw InputError("Times and groups differ in length.");
    const auto rows = rows_of(time, event, 1, out.basis);
    out.basis.method = "log-rank test";
    int groups = 0;
    for (const Row& row : rows) {
        if (group[row.from] < 0 || group[row.from] > 1000) throw InputError("Groups are numbered from 0.");
        groups = std::max(groups, group[row.from] + 1);
    }
    Eigen::VectorXd at_risk = Eigen::VectorXd::Zero(groups);
    for (const Row& row : rows) at_risk[group[row.from]] += 1.0;
    const auto filled = static_cast<int>((at_risk.array() > 0.0).count());
    if (filled < 2) throw InputError("A log-rank test compares two groups or more; there is one.");
    Eigen::VectorXd observed = Eigen::VectorXd::Zero(groups), expected = observed;
    Eigen::MatrixXd variance = Eigen::MatrixXd::Zero(groups, groups);
    for (std::size_t begin = 0; begin < rows.size();) {
        const std::size_t end = end_of_time(rows, begin);
        const double n = at_risk.sum();
        double d = 0.0;
        Eigen::VectorXd leave = Eigen::VectorXd::Zero(groups);
        for (std::size_t i = begin; i < end; ++i) {
            d += rows[i].event;
            observed[group[rows[i].from]] += rows[i].event;
            leave[group[rows[i].from]] += 1.0;
        }
        const Eigen::VectorXd share = at_risk / n;
        expected += d * share;
        if (n > 1.0) {
            const Eigen::MatrixXd spread = Eigen::MatrixXd(share.asDiagonal()) - share * share.transpose();
            variance += d * (n - d) / (n - 1.0) * spread;
        }
        at_risk -= leave;
        begin = end;
    }
    for (int g = 0; g < groups; ++g) {
        out.observed.push_back(static_cast<int>(observed[g]));
        out.expected.push_back(expected[g]);
    }
    out.degrees = filled - 1;
    if (!(variance.trace() > 0.0)) {
        out.basis.reason = "nobody had the event while two groups were at risk, so nothing can be compared";
        return out;
    }
    // The variance has no inverse (its rows sum to 0); the least-norm solution gives the same chi-square.
    const Eigen::VectorXd excess = observed - expected;
    const Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> factor(variance);
    out.chi_square = excess.dot(factor.solve(excess));
    out.degrees = static_cast<int>(factor.rank());
    out.p = chi_square_p(out.chi_square, out.degrees);
    return out;
}

CumulativeIncidence aalen_johansen(std::span<const double> time, std::span<const double> cause) {
    CumulativeIncidence out;
    const auto rows = rows_of(time, cause, kMostCauses, out.basis);
    out.basis.method = "Aalen-Johansen cumulative incidence, infinitesimal jackknife errors";
    int causes = 0;
    for (const Row& row : rows) causes = std::max(causes, row.event);
    if (causes == 0) {
        out.basis.reason = "nobody had an event, so every incidence stays at 0";
        return out;
    }
    const auto n_rows = static_cast<Eigen::Index>(rows.size());
    double free = 1.0;
    Eigen::VectorXd incidence = Eigen::VectorXd::Zero(causes);
    // How the free share and each incidence move with the weight of each patient.
    Eigen::VectorXd free_by = Eigen::VectorXd::Zero(n_rows);
    Eigen::MatrixXd incidence_by = Eigen::MatrixXd::Zero(n_rows, causes);
    for (std::size_t begin = 0; begin < rows.size();) {
        const std::size_t end = end_of_time(rows, begin);
        Eigen::VectorXd d = Eigen::VectorXd::Zero(causes);
        for (std::size_t i = begin; i < end; ++i) {
            if (rows[i].event > 0) d[rows[i].event - 1] += 1.0;
        }
        const double n = static_cast<double>(rows.size() - begin), all = d.sum();
        if (all > 0.0) {
            const auto first = static_cast<Eigen::Index>(begin);
            incidence_by += free_by * (d / n).transpose();
            free_by *= 1.0 - all / n;
            for (Eigen::Index i = first; i < n_rows; ++i) {
                incidence_by.row(i) -= free / (n * n) * d.transpose();
                free_by[i] += free * all / (n * n);
                const int own = i < static_cast<Eigen::Index>(end) ? rows[static_cast<std::size_t>(i)].event : 0;
                if (own == 0) continue;
                incidence_by(i, own - 1) += free / n;
                free_by[i] -= free / n;
            }
            incidence += free * d / n;
            free *= 1.0 - all / n;
            const Eigen::VectorXd error = incidence_by.colwise().norm();
            out.steps.push_back({rows[begin].time,
                                 static_cast<int>(n),
                                 free,
                                 {incidence.begin(), incidence.end()},
                                 {error.begin(), error.end()}});
        }
        begin = end;
    }
    return out;
}

namespace {

struct CoxPoint {
    double value = 0.0;
    Eigen::VectorXd score;
    Eigen::MatrixXd information;
};

CoxPoint cox_at(const std::vector<Row>& rows, const Eigen::MatrixXd& x, const Eigen::VectorXd& beta) {
    const Eigen::Index k = x.cols();
    const Eigen::VectorXd eta = x * beta;
    const double most = eta.maxCoeff();  // taken off, so that no exponential overflows
    CoxPoint out{0.0, Eigen::VectorXd::Zero(k), Eigen::MatrixXd::Zero(k, k)};
    double s0 = 0.0;
    Eigen::VectorXd s1 = Eigen::VectorXd::Zero(k);
    Eigen::MatrixXd s2 = Eigen::MatrixXd::Zero(k, k);
    for (std::size_t end = rows.size(); end > 0;) {
        std::size_t begin = end;
        while (begin > 0 && rows[begin - 1].time == rows[end - 1].time) --begin;
        double d0 = 0.0;
        int d = 0;
        Eigen::VectorXd d1 = Eigen::VectorXd::Zero(k);
        Eigen::MatrixXd d2 = Eigen::MatrixXd::Zero(k, k);
        for (std::size_t r = begin; r < end; ++r) {
            const auto i = static_cast<Eigen::Index>(r);
            const double w = std::exp(eta[i] - most);
            const Eigen::VectorXd xi = x.row(i).transpose();
            s0 += w;
            s1 += w * xi;
            s2 += w * xi * xi.transpose();
            if (rows[r].event == 0) continue;
            ++d;
            d0 += w;
            d1 += w * xi;
            d2 += w * xi * xi.transpose();
            out.value += eta[i] - most;
            out.score += xi;
        }
        for (int l = 0; l < d; ++l) {
            const double share = static_cast<double>(l) / d, all = s0 - share * d0;
            const Eigen::VectorXd mean = (s1 - share * d1) / all;
            out.value -= std::log(all);
            out.score -= mean;
            out.information += (s2 - share * d2) / all - mean * mean.transpose();
        }
        end = begin;
    }
    return out;
}

}  // namespace

CoxFit cox(std::span<const double> time, std::span<const double> event, const std::vector<Predictor>& predictors,
           double level) {
    CoxFit out;
    const double z = normal_quantile_two_sided(level);
    if (predictors.empty()) throw InputError("A Cox regression needs a predictor.");
    std::vector<double> usable(time.begin(), time.end());
    for (const Predictor& p : predictors) {
        if (p.values.size() != time.size()) {
            throw InputError("The predictor \"" + p.name + "\" and the times differ in length.");
        }
        for (std::size_t i = 0; i < usable.size(); ++i) {
            if (!std::isfinite(p.values[i])) usable[i] = kNan;
        }
    }
    const auto rows = rows_of(usable, event, 1, out.basis);
    out.basis.method = "Cox regression, Efron ties, Wald limits";
    for (const Row& row : rows) out.events += row.event;
    if (out.events == 0) throw InputError("Nobody had the event, so a Cox regression has nothing to explain.");
    const auto n = static_cast<Eigen::Index>(rows.size()), k = static_cast<Eigen::Index>(predictors.size());
    Eigen::MatrixXd x(n, k);
    for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < k; ++j) {
            x(i, j) = predictors[static_cast<std::size_t>(j)].values[rows[static_cast<std::size_t>(i)].from];
        }
    }
    x.rowwise() -= Eigen::RowVectorXd(x.colwise().mean());
    const Eigen::RowVectorXd scale = x.cwiseAbs().colwise().maxCoeff().cwiseMax(1e-300);
    x = x * scale.cwiseInverse().asDiagonal();
    if (x.colPivHouseholderQr().rank() < k) {
        throw InputError("The predictors determine each other or one is constant; leave one out.");
    }
    Eigen::VectorXd beta = Eigen::VectorXd::Zero(k);
    CoxPoint at = cox_at(rows, x, beta);
    out.null_log_likelihood = at.value;
    out.score_test = at.score.dot(at.information.ldlt().solve(at.score));
    bool reached = false;
    for (int i = 0; i < 100 && !reached; ++i) {
        Eigen::VectorXd step = at.information.ldlt().solve(at.score);
        if (!step.allFinite()) break;
        reached = step.dot(at.score) < 1e-18;
        if (const double longest = step.cwiseAbs().maxCoeff(); longest > 5.0) step *= 5.0 / longest;
        CoxPoint next = cox_at(rows, x, beta + step);
        for (int h = 0; h < 40 && !(next.value >= at.value - 1e-12 * (1.0 + std::abs(at.value))); ++h) {
            step *= 0.5;
            next = cox_at(rows, x, beta + step);
        }
        beta += step;
        at = std::move(next);
    }
    const Eigen::VectorXd errors =
        at.information.ldlt().solve(Eigen::MatrixXd::Identity(k, k)).diagonal().cwiseMax(0.0).cwiseSqrt();
    // Bounds no finite maximum reaches, in units of scaled predictors; far out rounding may leave no information at
    // all.
    const bool flat = at.information.ldlt().vectorD().minCoeff() < 1e-6;
    if (!reached || flat || !errors.allFinite() || errors.maxCoeff() > 1e3) {
        throw InputError(
            "A predictor orders the events so that its hazard ratio has no maximum; leave it out or group "
            "its values.");
    }
    out.log_likelihood = at.value;
    for (Eigen::Index j = 0; j < k; ++j) {
        const double value = beta[j] / scale[j], error = errors[j] / scale[j];
        out.predictors.push_back({predictors[static_cast<std::size_t>(j)].name,
                                  {value, value - z * error, value + z * error, level},
                                  error,
                                  normal_p_two_sided(value / error)});
    }
    return out;
}

}  // namespace precentral::cohort
