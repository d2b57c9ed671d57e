// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/roc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/cohort/proportions.h"
#include "data/cohort/ranks.h"
#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Shares of the other group that each patient stands on the right side of; their mean is the area.
struct Placements {
    std::vector<double> with, without;
    double auc = 0.0;
};

Placements placements(const std::vector<double>& with, const std::vector<double>& without) {
    std::vector<double> all = with;
    all.insert(all.end(), without.begin(), without.end());
    const auto among_all = mid_ranks(all), among_with = mid_ranks(with), among_without = mid_ranks(without);
    const auto m = static_cast<double>(with.size()), n = static_cast<double>(without.size());
    Placements out;
    for (std::size_t i = 0; i < with.size(); ++i) out.with.push_back((among_all[i] - among_with[i]) / n);
    for (std::size_t j = 0; j < without.size(); ++j) {
        out.without.push_back(1.0 - (among_all[with.size() + j] - among_without[j]) / m);
    }
    out.auc = std::accumulate(out.with.begin(), out.with.end(), 0.0) / m;
    return out;
}

double covariance(const std::vector<double>& x, double mean_x, const std::vector<double>& y, double mean_y) {
    if (x.size() < 2) return kNan;
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
    return sum / static_cast<double>(x.size() - 1);
}

double covariance(const Placements& a, const Placements& b) {
    return covariance(a.with, a.auc, b.with, b.auc) / static_cast<double>(a.with.size()) +
           covariance(a.without, a.auc, b.without, b.auc) / static_cast<double>(a.without.size());
}

struct Groups {
    std::vector<std::vector<double>> with, without;  // a list a score
    int missing = 0;
};

Groups split(const std::vector<std::span<const double>>& scores, std::span<const double> outcome) {
    Groups out{std::vector<std::vector<double>>(scores.size()), std::vector<std::vector<double>>(scores.size()), 0};
    for (const auto& score : scores) {
        if (score.size() != outcome.size()) throw InputError("Score and outcome differ in length.");
    }
    for (std::size_t i = 0; i < outcome.size(); ++i) {
        bool missing = std::isnan(outcome[i]);
        for (const auto& score : scores) missing = missing || std::isnan(score[i]);
        if (missing) {
            ++out.missing;
            continue;
        }
        if (outcome[i] != 0.0 && outcome[i] != 1.0) throw InputError("An outcome is 1 or 0.");
        auto& group = outcome[i] == 1.0 ? out.with : out.without;
        for (std::size_t s = 0; s < scores.size(); ++s) group[s].push_back(scores[s][i]);
    }
    if (out.with[0].empty() && out.without[0].empty()) {
        throw InputError("No patient has both a score and an outcome, so there is no ROC curve.");
    }
    if (out.with[0].empty() || out.without[0].empty()) {
        throw InputError(std::string("Everyone ") + (out.with[0].empty() ? "lacks" : "has") +
                         " the outcome; a ROC curve needs patients with it and without it.");
    }
    return out;
}

void choose_cut(Roc& out, std::vector<double> with, std::vector<double> without, double level) {
    std::sort(with.begin(), with.end());
    std::sort(without.begin(), without.end());
    std::vector<double> scores = with;
    scores.insert(scores.end(), without.begin(), without.end());
    std::sort(scores.begin(), scores.end());
    scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
    const auto m = static_cast<double>(out.with), n = static_cast<double>(out.without);
    double best = -2.0;
    int hits = 0, passes = 0;
    for (std::size_t i = 0; i + 1 < scores.size(); ++i) {
        const double cut = scores[i] + 0.5 * (scores[i + 1] - scores[i]);
        const auto reached = static_cast<int>(with.end() - std::upper_bound(with.begin(), with.end(), scores[i]));
        const auto below =
            static_cast<int>(std::upper_bound(without.begin(), without.end(), scores[i]) - without.begin());
        const double youden = reached / m + below / n;
        if (youden < best - 1e-12) continue;
        best = youden;
        out.cut = cut;
        hits = reached;
        passes = below;
    }
    if (scores.size() < 2) {
        out.cut = kNan;
        out.sensitivity = out.specificity = {kNan, kNan, kNan, level};
        out.basis.reason = "all scores are equal, so no cut separates anyone";
        return;
    }
    out.sensitivity = wilson(hits, out.with, level).share;
    out.specificity = wilson(passes, out.without, level).share;
}

Estimate with_limits(double value, double error, double level, double least) {
    const double reach = normal_quantile_two_sided(level) * error;
    if (std::isnan(error)) return {value, kNan, kNan, level};
    return {value, std::max(least, value - reach), std::min(1.0, value + reach), level};
}

}  // namespace

Roc roc(std::span<const double> score, std::span<const double> outcome, double level) {
    const Groups groups = split({score}, outcome);
    Roc out;
    out.basis.method = "ROC area with DeLong interval, cut by Youden's index";
    out.with = static_cast<int>(groups.with[0].size());
    out.without = static_cast<int>(groups.without[0].size());
    out.basis.n = out.with + out.without;
    out.basis.missing = groups.missing;
    const Placements p = placements(groups.with[0], groups.without[0]);
    out.standard_error = std::sqrt(covariance(p, p));
    out.auc = with_limits(p.auc, out.standard_error, level, 0.0);
    if (std::isnan(out.standard_error)) {
        out.basis.reason = "a group has one patient, so the area has no interval";
    } else if (out.standard_error == 0.0) {
        out.basis.reason =
            "the score separates the groups completely, so DeLong's interval has no width; it does not "
            "mean certainty";
    }
    choose_cut(out, groups.with[0], groups.without[0], level);
    return out;
}

RocComparison compare_rocs(std::span<const double> first, std::span<const double> second,
                           std::span<const double> outcome, double level) {
    const Groups groups = split({first, second}, outcome);
    const Placements a = placements(groups.with[0], groups.without[0]);
    const Placements b = placements(groups.with[1], groups.without[1]);
    RocComparison out;
    out.basis.method = "difference of two ROC areas of the same patients, DeLong";
    out.basis.n = static_cast<int>(groups.with[0].size() + groups.without[0].size());
    out.basis.missing = groups.missing;
    out.first_auc = a.auc;
    out.second_auc = b.auc;
    const double variance = covariance(a, a) + covariance(b, b) - 2.0 * covariance(a, b);
    if (!(variance > 1e-15)) {
        out.difference = {a.auc - b.auc, kNan, kNan, level};
        out.z = out.p = kNan;
        out.basis.reason = "the difference of the areas has no variance here, so it cannot be tested";
        return out;
    }
    const double error = std::sqrt(variance);
    out.difference = with_limits(a.auc - b.auc, error, level, -1.0);
    out.z = (a.auc - b.auc) / error;
    out.p = normal_p_two_sided(out.z);
    return out;
}

}  // namespace precentral::cohort
