// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/odds_ratio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "data/error.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int kMostCount = 1'000'000;

struct Named {
    OddsMethod method;
    const char* name;
    const char* in_words;
};
constexpr std::array<Named, 4> kMethods{{
    {OddsMethod::woolf, "woolf", "sample odds ratio, Woolf (Wald) interval of its logarithm"},
    {OddsMethod::fisher, "fisher", "conditional maximum likelihood, exact limits (Fisher)"},
    {OddsMethod::mid_p, "midp", "median unbiased estimate, mid-p exact limits"},
    {OddsMethod::profile, "profile", "maximum likelihood, profile-likelihood limits"},
}};

// Where a function that falls with its argument passes zero; both ends are moved outwards until it does.
double falling_root(const std::function<double(double)>& f, double start) {
    double low = start - 1.0, high = start + 1.0;
    for (double step = 1.0; f(low) < 0.0; step *= 2.0) low -= step;
    for (double step = 1.0; f(high) > 0.0; step *= 2.0) high += step;
    for (int i = 0; i < 200 && high - low > 1e-14 * std::max(1.0, std::abs(low)); ++i) {
        const double middle = 0.5 * (low + high);
        (f(middle) > 0.0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

// The law of the first cell given both margins: Fisher's noncentral hypergeometric law, by its logarithms.
class FirstCell {
public:
    explicit FirstCell(const TwoByTwo& t) : observed_(t.a) {
        const int row1 = t.a + t.b, row2 = t.c + t.d, column1 = t.a + t.c;
        lowest_ = std::max(0, column1 - row2);
        highest_ = std::min(row1, column1);
        for (int x = lowest_; x <= highest_; ++x) log_weight_.push_back(choose(row1, x) + choose(row2, column1 - x));
    }

    bool at_lowest() const { return observed_ == lowest_; }
    bool at_highest() const { return observed_ == highest_; }

    // Below, at and above the observed count, and the mean, at a log odds ratio.
    struct Shares {
        double below = 0.0, at = 0.0, above = 0.0;
        double surplus = 0.0;  // mean - observed
    };
    Shares at_log_odds(double log_odds) const {
        double most = -kInf;
        for (std::size_t i = 0; i < log_weight_.size(); ++i) most = std::max(most, exponent(i, log_odds));
        Shares s;
        double all = 0.0;
        for (std::size_t i = 0; i < log_weight_.size(); ++i) {
            const int x = lowest_ + static_cast<int>(i);
            const double w = std::exp(exponent(i, log_odds) - most);
            all += w;
            s.surplus += w * (x - observed_);
            (x < observed_ ? s.below : x > observed_ ? s.above : s.at) += w;
        }
        return {s.below / all, s.at / all, s.above / all, s.surplus / all};
    }

    // Of the tables no more likely than the observed one; the slack of 1e-7 makes equally likely tables equal.
    double exact_p() const {
        const double most = *std::max_element(log_weight_.begin(), log_weight_.end());
        const double observed = log_weight_[static_cast<std::size_t>(observed_ - lowest_)];
        double all = 0.0, extreme = 0.0;
        for (const double lw : log_weight_) {
            const double w = std::exp(lw - most);
            all += w;
            if (lw <= observed + std::log1p(1e-7)) extreme += w;
        }
        return std::min(1.0, extreme / all);
    }

private:
    static double choose(int n, int k) {
        return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
    }
    double exponent(std::size_t i, double log_odds) const {
        return log_weight_[i] + log_odds * (lowest_ + static_cast<int>(i) - observed_);
    }

    int observed_, lowest_ = 0, highest_ = 0;
    std::vector<double> log_weight_;
};

// Limits where the tails have half of 1 - level; `share` of the observed table counts in each.
Estimate exact_limits(const FirstCell& cell, double start, double level, double share) {
    const double tail = 0.5 * (1.0 - level);
    Estimate out{kNan, 0.0, kInf, level};
    if (!cell.at_lowest()) {
        out.low = std::exp(falling_root(
            [&](double t) {
                const auto s = cell.at_log_odds(t);
                return tail - (s.above + share * s.at);
            },
            start));
    }
    if (!cell.at_highest()) {
        out.high = std::exp(falling_root(
            [&](double t) {
                const auto s = cell.at_log_odds(t);
                return s.below + share * s.at - tail;
            },
            start));
    }
    return out;
}

Estimate by_fisher(const FirstCell& cell, double start, double level) {
    Estimate out = exact_limits(cell, start, level, 1.0);
    if (cell.at_highest()) {
        out.value = kInf;
    } else if (cell.at_lowest()) {
        out.value = 0.0;
    } else {
        out.value = std::exp(falling_root([&](double t) { return -cell.at_log_odds(t).surplus; }, start));
    }
    return out;
}

Estimate by_mid_p(const FirstCell& cell, double start, double level) {
    Estimate out = exact_limits(cell, start, level, 0.5);
    // At an end of the support the median has no root within: it lies at that end.
    if (cell.at_lowest() || cell.at_highest()) {
        out.value = cell.at_lowest() ? 0.0 : kInf;
        return out;
    }
    out.value = std::exp(falling_root(
        [&](double t) {
            const auto s = cell.at_log_odds(t);
            return s.below + 0.5 * s.at - 0.5;
        },
        start));
    return out;
}

double mid_p_test(const FirstCell& cell) {
    const auto s = cell.at_log_odds(0.0);
    return std::min(1.0, 2.0 * std::min(s.below + 0.5 * s.at, s.above + 0.5 * s.at));
}

// Twice the log likelihood lost by two binomials when the odds ratio is held: the first cell that has the same margins
// and that odds ratio solves a quadratic.
double deviance_at(const TwoByTwo& t, double log_odds) {
    const double row1 = t.a + t.b, row2 = t.c + t.d, column1 = t.a + t.c;
    // Solved on the side where exp(log_odds) does not overflow: swapping the columns turns the odds ratio over.
    if (log_odds > 0.0) return deviance_at({t.b, t.a, t.d, t.c}, -log_odds);
    const double psi = std::exp(log_odds);
    const double lowest = std::max(0.0, column1 - row2), highest = std::min(row1, column1);
    // x (row2 - column1 + x) = psi (row1 - x)(column1 - x)
    const double second = 1.0 - psi;
    const double first = row2 - column1 + psi * (row1 + column1);
    const double zeroth = -psi * row1 * column1;
    const double root = std::sqrt(std::max(0.0, first * first - 4.0 * second * zeroth));
    // The form without cancellation for either sign of `first`.
    double x = first >= 0.0 ? -2.0 * zeroth / (first + root) : (root - first) / (2.0 * second);
    x = std::clamp(x, lowest, highest);
    const auto term = [](double seen, double fitted) {
        if (seen <= 0.0) return 0.0;
        return fitted > 0.0 ? seen * std::log(seen / fitted) : kInf;
    };
    return 2.0 * (term(t.a, x) + term(t.b, row1 - x) + term(t.c, column1 - x) + term(t.d, row2 - column1 + x));
}

Estimate by_profile(const TwoByTwo& t, double sample, double level) {
    const double most = chi_square_quantile(level);
    Estimate out{sample, 0.0, kInf, level};
    const double centre = sample > 0.0 && std::isfinite(sample) ? std::log(sample) : 0.0;
    // Each side of the maximum on its own; where the likelihood is monotone the whole axis is one side.
    if (sample > 0.0) {
        out.low = std::exp(falling_root(
            [&](double u) { return (std::isfinite(sample) && u >= centre ? 0.0 : deviance_at(t, u)) - most; }, centre));
    }
    if (std::isfinite(sample)) {
        out.high = std::exp(falling_root(
            [&](double u) { return most - (sample > 0.0 && u <= centre ? 0.0 : deviance_at(t, u)); }, centre));
    }
    return out;
}

void require_usable(const TwoByTwo& t) {
    for (const int count : {t.a, t.b, t.c, t.d}) {
        if (count < 0 || count > kMostCount) {
            throw InputError("A count of the 2 × 2 table lies between 0 and 1 000 000, not " + std::to_string(count) +
                             ".");
        }
    }
    if (t.a + t.b == 0 || t.c + t.d == 0) {
        throw InputError(
            "One of the two groups of the table is empty, so there is no odds ratio; give a,b,c,d with "
            "a+b and c+d above 0.");
    }
    if (t.a + t.c == 0 || t.b + t.d == 0) {
        throw InputError(
            "Everyone in the table had the same outcome, so every odds ratio fits; there is none to give.");
    }
}

}  // namespace

std::string name_of(OddsMethod method) { return kMethods.at(static_cast<std::size_t>(method)).name; }

OddsMethod odds_method_from(const std::string& name) {
    for (const Named& m : kMethods) {
        if (name == m.name) return m.method;
    }
    throw InputError("There is no method \"" + name + "\" for an odds ratio; there are woolf, fisher, midp, profile.");
}

OddsRatio odds_ratio(const TwoByTwo& t, OddsMethod method, double level) {
    require_usable(t);
    require_level(level);
    OddsRatio out;
    out.by = method;
    out.basis.method = kMethods.at(static_cast<std::size_t>(method)).in_words;
    out.basis.n = t.a + t.b + t.c + t.d;
    const bool any_zero = t.a == 0 || t.b == 0 || t.c == 0 || t.d == 0;
    const double with = static_cast<double>(t.a) * t.d, against = static_cast<double>(t.b) * t.c;
    const double sample = against > 0.0 ? with / against : kInf;
    const double start = any_zero ? 0.0 : std::log(sample);
    if (any_zero) {
        out.basis.reason = "a cell of the table is 0, so the data set no " +
                           std::string(sample > 0.0 ? "upper" : "lower (above 0)") + " limit";
    }
    switch (method) {
        case OddsMethod::woolf:
            if (any_zero) {
                out.odds_ratio = {kNan, kNan, kNan, level};
                out.p = kNan;
                out.basis.reason =
                    "Woolf's interval needs four counts above 0; use the fisher, midp or profile method for this table";
                break;
            }
            {
                const double error = std::sqrt(1.0 / t.a + 1.0 / t.b + 1.0 / t.c + 1.0 / t.d);
                const double reach = normal_quantile_two_sided(level) * error;
                out.odds_ratio = {sample, std::exp(start - reach), std::exp(start + reach), level};
                out.p = normal_p_two_sided(start / error);
            }
            break;
        case OddsMethod::fisher: {
            const FirstCell cell(t);
            out.odds_ratio = by_fisher(cell, start, level);
            out.p = cell.exact_p();
            break;
        }
        case OddsMethod::mid_p: {
            const FirstCell cell(t);
            out.odds_ratio = by_mid_p(cell, start, level);
            out.p = mid_p_test(cell);
            break;
        }
        case OddsMethod::profile:
            out.odds_ratio = by_profile(t, sample, level);
            out.p = chi_square_p(deviance_at(t, 0.0), 1.0);
            break;
    }
    return out;
}

std::vector<OddsRatio> odds_ratios(const TwoByTwo& table, double level) {
    std::vector<OddsRatio> out;
    for (const Named& m : kMethods) out.push_back(odds_ratio(table, m.method, level));
    return out;
}

}  // namespace precentral::cohort
