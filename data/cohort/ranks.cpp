// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kExactBelow = 50;
constexpr std::size_t kMostOrdered = 9;

// The sum of t³ - t over the groups of equal values, 0 when all differ.
double tie_sum(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    double sum = 0.0;
    for (std::size_t i = 0; i < sorted.size();) {
        std::size_t end = i;
        while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
        const auto t = static_cast<double>(end - i);
        sum += t * t * t - t;
        i = end;
    }
    return sum;
}

struct Pairs {
    std::vector<double> x, y;
    int missing = 0;
};

Pairs complete(std::span<const double> x, std::span<const double> y) {
    if (x.size() != y.size()) throw InputError("Paired values are needed: the two columns differ in length.");
    Pairs out;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i]) || std::isnan(y[i])) {
            ++out.missing;
        } else {
            out.x.push_back(x[i]);
            out.y.push_back(y[i]);
        }
    }
    return out;
}

// Two-sided p of a statistic with a symmetric exact law given by counts.
double exact_two_sided(const std::vector<double>& counts, double statistic) {
    const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
    double below = 0.0, above = 0.0;
    for (std::size_t s = 0; s < counts.size(); ++s) {
        if (static_cast<double>(s) <= statistic + 0.25) below += counts[s];
        if (static_cast<double>(s) >= statistic - 0.25) above += counts[s];
    }
    return std::min(1.0, 2.0 * std::min(below, above) / all);
}

double corrected_normal_p(double statistic, double mean, double variance) {
    const double distance = std::max(0.0, std::abs(statistic - mean) - 0.5);
    return normal_p_two_sided(distance / std::sqrt(variance));
}

double correlation_of(const std::vector<double>& x, const std::vector<double>& y) {
    const auto n = static_cast<double>(x.size());
    const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
    const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double xx = 0.0, yy = 0.0, xy = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    if (xx <= 0.0 || yy <= 0.0) return kNan;
    return std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0);
}

Correlation start_correlation(const Pairs& pairs, const char* method, double level) {
    if (pairs.x.size() < 3) throw InputError("A correlation needs three complete pairs or more.");
    Correlation out;
    out.basis.method = method;
    out.basis.n = static_cast<int>(pairs.x.size());
    out.basis.missing = pairs.missing;
    out.r = {kNan, kNan, kNan, level};
    return out;
}

double t_test_of(double r, double n) {
    return student_p_two_sided(r * std::sqrt((n - 2.0) / std::max(0.0, 1.0 - r * r)), n - 2.0);
}

}  // namespace

std::vector<double> mid_ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i;
        while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
        const double rank = 0.5 * static_cast<double>(i + end + 1);
        for (; i < end; ++i) ranks[order[i]] = rank;
    }
    return ranks;
}

RankTest signed_rank(std::span<const double> first, std::span<const double> second) {
    const Pairs pairs = complete(first, second);
    if (pairs.x.empty()) throw InputError("No pair is complete, so there is nothing to compare.");
    RankTest out;
    out.basis.missing = pairs.missing;
    std::vector<double> sizes;
    std::vector<bool> positive;
    for (std::size_t i = 0; i < pairs.x.size(); ++i) {
        const double difference = pairs.x[i] - pairs.y[i];
        if (difference == 0.0) continue;
        sizes.push_back(std::abs(difference));
        positive.push_back(difference > 0.0);
    }
    const std::size_t zeros = pairs.x.size() - sizes.size();
    out.basis.n = static_cast<int>(sizes.size());
    if (zeros > 0) out.basis.exclusions.push_back(std::to_string(zeros) + " pairs without a difference");
    if (sizes.empty()) {
        out.basis.method = "Wilcoxon signed-rank";
        out.basis.reason = "no pair differs, so nothing speaks against no difference";
        return out;
    }
    const auto ranks = mid_ranks(sizes);
    for (std::size_t i = 0; i < ranks.size(); ++i) out.statistic += positive[i] ? ranks[i] : 0.0;
    const double ties = tie_sum(sizes);
    const std::size_t n = sizes.size();
    if (n < kExactBelow && ties == 0.0 && zeros == 0) {
        out.basis.method = "Wilcoxon signed-rank, exact";
        std::vector<double> counts(n * (n + 1) / 2 + 1, 0.0);
        counts[0] = 1.0;
        for (std::size_t rank = 1; rank <= n; ++rank) {
            for (std::size_t s = counts.size(); s-- > rank;) counts[s] += counts[s - rank];
        }
        out.p = exact_two_sided(counts, out.statistic);
        return out;
    }
    out.basis.method = "Wilcoxon signed-rank, normal with tie and continuity correction";
    const auto size = static_cast<double>(n);
    out.p = corrected_normal_p(out.statistic, size * (size + 1.0) / 4.0,
                               size * (size + 1.0) * (2.0 * size + 1.0) / 24.0 - ties / 48.0);
    return out;
}

RankTest rank_sum(std::span<const double> first, std::span<const double> second) {
    RankTest out;
    std::vector<double> values;
    const auto take = [&](std::span<const double> group) {
        std::size_t n = 0;
        for (const double v : group) {
            if (std::isnan(v)) {
                ++out.basis.missing;
            } else {
                values.push_back(v);
                ++n;
            }
        }
        if (n == 0) throw InputError("One of the two groups has no value, so they cannot be compared.");
        return n;
    };
    const std::size_t m = take(first), n = take(second);
    out.basis.n = static_cast<int>(m + n);
    const auto ranks = mid_ranks(values);
    const auto size_m = static_cast<double>(m), size_n = static_cast<double>(n);
    out.statistic = std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(m), 0.0) -
                    size_m * (size_m + 1.0) / 2.0;
    const double ties = tie_sum(values);
    if (m < kExactBelow && n < kExactBelow && ties == 0.0) {
        out.basis.method = "Wilcoxon rank-sum (Mann-Whitney), exact";
        // ways[k][u]: choices of k of the ranks seen so far with statistic u.
        std::vector<std::vector<double>> ways(m + 1, std::vector<double>(m * n + 1, 0.0));
        ways[0][0] = 1.0;
        for (std::size_t rank = 1; rank <= m + n; ++rank) {
            for (std::size_t k = std::min(rank, m); k >= 1; --k) {
                if (rank - k > n) continue;
                for (std::size_t u = m * n + 1; u-- > rank - k;) ways[k][u] += ways[k - 1][u - (rank - k)];
            }
        }
        out.p = exact_two_sided(ways[m], out.statistic);
        return out;
    }
    out.basis.method = "Wilcoxon rank-sum (Mann-Whitney), normal with tie and continuity correction";
    const double all = size_m + size_n;
    const double variance = size_m * size_n / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if (!(variance > 0.0)) {
        out.basis.reason = "all values are equal, so nothing speaks against no difference";
        return out;
    }
    out.p = corrected_normal_p(out.statistic, 0.5 * size_m * size_n, variance);
    return out;
}

RankTest friedman(const std::vector<std::vector<double>>& rows) {
    RankTest out;
    out.basis.method = "Friedman test, corrected for ties";
    const std::size_t k = rows.empty() ? 0 : rows.front().size();
    if (k < 2) throw InputError("The Friedman test needs patients with two occasions or more.");
    std::vector<double> sums(k, 0.0);
    double ties = 0.0;
    for (const auto& row : rows) {
        if (row.size() != k) throw InputError("The Friedman test needs the same occasions for every patient.");
        if (std::any_of(row.begin(), row.end(), [](double v) { return std::isnan(v); })) {
            ++out.basis.missing;
            continue;
        }
        const auto ranks = mid_ranks(row);
        for (std::size_t j = 0; j < k; ++j) sums[j] += ranks[j];
        ties += tie_sum(row);
        ++out.basis.n;
    }
    if (out.basis.n == 0) throw InputError("No patient has every occasion, so the Friedman test has nothing to rank.");
    const double n = out.basis.n, occasions = static_cast<double>(k);
    double spread = 0.0;
    for (const double sum : sums) spread += std::pow(sum - n * (occasions + 1.0) / 2.0, 2);
    const double scale = n * occasions * (occasions + 1.0) - ties / (occasions - 1.0);
    if (!(scale > 0.0)) {
        out.basis.reason = "every patient's values are all equal, so nothing speaks against no difference";
        return out;
    }
    out.statistic = 12.0 * spread / scale;
    out.p = chi_square_p(out.statistic, occasions - 1.0);
    return out;
}

Correlation pearson(std::span<const double> x, std::span<const double> y, double level) {
    const Pairs pairs = complete(x, y);
    Correlation out = start_correlation(pairs, "Pearson correlation, Fisher z interval", level);
    const double n = out.basis.n, z = normal_quantile_two_sided(level);
    out.r.value = correlation_of(pairs.x, pairs.y);
    if (std::isnan(out.r.value)) {
        out.p = kNan;
        out.basis.reason = "one of the variables does not vary";
        return out;
    }
    out.p = t_test_of(out.r.value, n);
    if (out.basis.n < 4) {
        out.basis.reason = "an interval needs four pairs";
        return out;
    }
    out.r.low = std::tanh(std::atanh(out.r.value) - z / std::sqrt(n - 3.0));
    out.r.high = std::tanh(std::atanh(out.r.value) + z / std::sqrt(n - 3.0));
    return out;
}

Correlation spearman(std::span<const double> x, std::span<const double> y) {
    const Pairs pairs = complete(x, y);
    Correlation out = start_correlation(pairs, "Spearman rank correlation, t approximation", 0.95);
    const auto ranks_x = mid_ranks(pairs.x), ranks_y = mid_ranks(pairs.y);
    out.r.value = correlation_of(ranks_x, ranks_y);
    if (std::isnan(out.r.value)) {
        out.p = kNan;
        out.basis.reason = "one of the variables does not vary";
        return out;
    }
    const std::size_t n = pairs.x.size();
    if (n > kMostOrdered || tie_sum(pairs.x) + tie_sum(pairs.y) > 0.0) {
        out.p = t_test_of(out.r.value, static_cast<double>(n));
        return out;
    }
    out.basis.method = "Spearman rank correlation, exact p";
    std::vector<double> order(n);
    std::iota(order.begin(), order.end(), 1.0);
    std::vector<double> sorted_x = order;
    double all = 0.0, extreme = 0.0;
    do {
        all += 1.0;
        if (std::abs(correlation_of(sorted_x, order)) >= std::abs(out.r.value) - 1e-9) extreme += 1.0;
    } while (std::next_permutation(order.begin(), order.end()));
    out.p = extreme / all;
    return out;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (std::isnan(p[i])) continue;
        if (p[i] < 0.0 || p[i] > 1.0) throw InputError("A p value lies between 0 and 1.");
        order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    std::vector<double> out(p.begin(), p.end());
    double least = 1.0;
    const auto tests = static_cast<double>(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        least = std::min(least, p[order[i]] * tests / (tests - static_cast<double>(i)));
        out[order[i]] = least;
    }
    return out;
}

}  // namespace precentral::cohort
