// SPDX-License-Identifier: Apache-2.0
#include "navigation/motor_threshold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "data/error.h"
#include "navigation/normal_law.h"

namespace precentral {
namespace {

// The Bayesian grid, thresholds in % MSO.
constexpr int kThresholds = 260;
constexpr double kThresholdStep = 0.5;
constexpr int kSpreads = 21;
constexpr double kLowestLogSpread = -2.0;
constexpr double kHighestLogSpread = -0.4;
constexpr double kUsualSpread = 0.073;   // of the threshold: the median of the published population
constexpr double kSpreadDecades = 0.20;  // twice what that population shows: it holds for other muscles too
constexpr double kWeakestPriorSd = 8.0;
// Share of answers that say nothing (a twitch taken for a response, an electrode that slipped), half of them each way.
constexpr double kLapse = 0.005;
constexpr double kPseudoYesMso = 130.2;  // a response is certain there, none at 0 % MSO

constexpr double kPestStep = 0.2;
constexpr int kPestThresholds = 650;
constexpr double kPestSpread = 0.07;

double threshold_at(int i) { return kThresholdStep * (i + 1); }
double relative_spread_at(int j) {
    return std::pow(10.0, kLowestLogSpread + (kHighestLogSpread - kLowestLogSpread) * j / (kSpreads - 1));
}

std::vector<double> response_probabilities(double intensity_mso) {
    std::vector<double> out;
    out.reserve(kThresholds * kSpreads);
    std::array<double, kSpreads> spreads{};
    for (int j = 0; j < kSpreads; ++j) {
        spreads[static_cast<std::size_t>(j)] = relative_spread_at(j);
    }
    for (int i = 0; i < kThresholds; ++i) {
        const double relative = intensity_mso / threshold_at(i) - 1.0;
        for (const double spread : spreads) {
            out.push_back(0.5 * kLapse + (1.0 - kLapse) * normal_cdf(relative / spread));
        }
    }
    return out;
}

// Whole intensities up to 100 % are all a stimulator has: their probabilities are worked out once.
const std::vector<double>& whole_intensity_probabilities(int intensity_mso) {
    static const std::array<std::vector<double>, 101> table = [] {
        std::array<std::vector<double>, 101> out;
        for (std::size_t x = 0; x < out.size(); ++x) {
            out[x] = response_probabilities(static_cast<double>(x));
        }
        return out;
    }();
    return table[static_cast<std::size_t>(intensity_mso)];
}

void check(const ThresholdOptions& options) {
    const bool sane = options.highest_mso > 0.0 && options.highest_mso <= 100.0 && options.lowest_mso >= 0.0 &&
                      options.lowest_mso < options.highest_mso && options.half_width > 0.0 &&
                      options.fewest_pulses >= 1 && options.most_pulses >= options.fewest_pulses;
    if (!sane) {
        throw InputError(
            "The threshold options contradict each other: intensities must lie within 0–100 % of stimulator output, "
            "the "
            "lowest below the highest, and the fewest pulses must not exceed the most.");
    }
    if (options.start_mso && !(*options.start_mso > 0.0 && *options.start_mso <= 100.0)) {
        throw InputError("The first intensity must lie within 0–100 % of stimulator output.");
    }
    if (options.prior && !(options.prior->mean_mso > 0.0 && options.prior->mean_mso <= 150.0 &&
                           options.prior->sd_mso > 0.0 && std::isfinite(options.prior->sd_mso))) {
        throw InputError("The expected threshold must lie within 0–150 % of stimulator output and have a positive SD.");
    }
}

void check_intensity(double intensity_mso) {
    if (!(intensity_mso >= 0.0) || intensity_mso > 130.0) {
        throw InputError("A threshold pulse needs an intensity within 0–130 % of stimulator output.");
    }
}

double whole_within(double mso, const ThresholdOptions& options) {
    return std::clamp(std::round(mso), std::ceil(options.lowest_mso), std::floor(options.highest_mso));
}

// Quantile of a density given on equal cells around their centres, straight within a cell.
double quantile_of_cells(const std::vector<double>& weights, double first, double step, double probability) {
    double below = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (below + weights[i] >= probability) {
            const double within = weights[i] > 0.0 ? (probability - below) / weights[i] : 0.5;
            return first + step * (static_cast<double>(i) - 0.5 + within);
        }
        below += weights[i];
    }
    return first + step * static_cast<double>(weights.size() - 1);
}

void judge(ThresholdEstimate& estimate, double probability_below_highest, const ThresholdOptions& options) {
    char text[200];
    const double half_width_mso = 1.96 * estimate.sd_mso;
    estimate.not_reached = estimate.pulses >= options.fewest_pulses && probability_below_highest <= 0.05;
    if (estimate.not_reached) {
        estimate.enough = true;
        std::snprintf(text, sizeof text, "Threshold not reached: it lies above %.0f %% of stimulator output.",
                      options.highest_mso);
    } else if (estimate.pulses < options.fewest_pulses) {
        std::snprintf(text, sizeof text, "%d of at least %d pulses.", estimate.pulses, options.fewest_pulses);
    } else if (half_width_mso < options.half_width * estimate.rmt_mso) {
        estimate.enough = true;
        std::snprintf(text, sizeof text, "Known to ± %.1f %% of stimulator output.", half_width_mso);
    } else if (estimate.pulses >= options.most_pulses) {
        estimate.enough = true;
        std::snprintf(text, sizeof text,
                      "Still only known to ± %.1f %% of stimulator output after %d pulses: the answers do not agree.",
                      half_width_mso, estimate.pulses);
    } else {
        std::snprintf(text, sizeof text, "Known to ± %.1f %% of stimulator output so far.", half_width_mso);
    }
    estimate.verdict = text;
}

}  // namespace

namespace {

constexpr std::array kMethods = {std::pair{ThresholdMethod::bayes, "bayes"},
                                 std::pair{ThresholdMethod::samt, "samt"},
                                 std::pair{ThresholdMethod::ml_pest, "ml-pest"},
                                 std::pair{ThresholdMethod::five_of_ten, "5of10"},
                                 std::pair{ThresholdMethod::five_of_ten_by_2, "5of10-by-2"},
                                 std::pair{ThresholdMethod::ten_of_twenty, "10of20"},
                                 std::pair{ThresholdMethod::mills_nithi, "mills-nithi"}};

}  // namespace

ThresholdMethod threshold_method_from(std::string_view name) {
    std::string names;
    for (const auto& [method, own] : kMethods) {
        if (name == own) {
            return method;
        }
        names += (names.empty() ? "" : ", ") + std::string(own);
    }
    throw InputError("There is no threshold method \"" + std::string(name) + "\"; choose one of: " + names + ".");
}

std::string_view name_of(ThresholdMethod method) {
    return std::find_if(kMethods.begin(), kMethods.end(), [&](const auto& known) { return known.first == method; })
        ->second;
}

std::unique_ptr<ThresholdProcedure> make_threshold_procedure(ThresholdMethod method, const ThresholdOptions& options) {
    switch (method) {
        case ThresholdMethod::samt: return std::make_unique<SamtThreshold>(options);
        case ThresholdMethod::ml_pest: return std::make_unique<MlPestThreshold>(options);
        case ThresholdMethod::five_of_ten: return std::make_unique<StaircaseThreshold>(5, 1.0, options);
        case ThresholdMethod::five_of_ten_by_2: return std::make_unique<StaircaseThreshold>(5, 2.0, options);
        case ThresholdMethod::ten_of_twenty: return std::make_unique<StaircaseThreshold>(10, 1.0, options);
        case ThresholdMethod::mills_nithi: return std::make_unique<MillsNithiThreshold>(options);
        case ThresholdMethod::bayes: break;
    }
    return std::make_unique<BayesThreshold>(options);
}

BayesThreshold::BayesThreshold(const ThresholdOptions& options) : options_(options) {
    check(options);
    constexpr ThresholdPrior kWide;
    const std::vector<double> certain = response_probabilities(kPseudoYesMso);
    weights_.reserve(kThresholds * kSpreads);
    for (int i = 0; i < kThresholds; ++i) {
        const double z = (threshold_at(i) - kWide.mean_mso) / kWide.sd_mso;
        double log_prior = -0.5 * z * z;
        if (options.prior) {
            const double own =
                (threshold_at(i) - options.prior->mean_mso) / std::max(kWeakestPriorSd, options.prior->sd_mso);
            log_prior -= 0.5 * own * own;
        }
        for (int j = 0; j < kSpreads; ++j) {
            const double spread = relative_spread_at(j);
            const double s = (std::log10(spread) - std::log10(kUsualSpread)) / kSpreadDecades;
            const double silent_at_zero = normal_cdf(1.0 / spread);
            weights_.push_back(std::exp(log_prior - 0.5 * s * s) * silent_at_zero * certain[weights_.size()]);
        }
    }
    summarise();
}

void BayesThreshold::summarise() {
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    marginal_.assign(kThresholds, 0.0);
    double mean = 0.0;
    double square = 0.0;
    double spread = 0.0;
    std::array<double, kSpreads> relative{};
    for (int j = 0; j < kSpreads; ++j) {
        relative[static_cast<std::size_t>(j)] = relative_spread_at(j);
    }
    std::size_t next = 0;
    for (int i = 0; i < kThresholds; ++i) {
        const double t = threshold_at(i);
        double row = 0.0;
        double row_spread = 0.0;
        for (const double s : relative) {
            weights_[next] /= total;
            row += weights_[next];
            row_spread += weights_[next] * s;
            ++next;
        }
        marginal_[static_cast<std::size_t>(i)] = row;
        mean += row * t;
        square += row * t * t;
        spread += row_spread * t;
    }
    mean_mso_ = mean;
    sd_mso_ = std::sqrt(std::max(0.0, square - mean * mean));
    spread_mso_ = spread;
}

double BayesThreshold::next_mso() const {
    if (pulses_ == 0 && options_.start_mso) {
        return whole_within(*options_.start_mso, options_);
    }
    return whole_within(mean_mso_, options_);
}

void BayesThreshold::add(double intensity_mso, bool responded) {
    check_intensity(intensity_mso);
    std::vector<double> own;
    const double whole = std::round(intensity_mso);
    const bool tabled = whole == intensity_mso && whole <= 100.0;
    if (!tabled) {
        own = response_probabilities(intensity_mso);
    }
    const std::vector<double>& yes = tabled ? whole_intensity_probabilities(static_cast<int>(whole)) : own;
    for (std::size_t k = 0; k < weights_.size(); ++k) {
        weights_[k] *= responded ? yes[k] : 1.0 - yes[k];
    }
    ++pulses_;
    summarise();
}

double BayesThreshold::probability_below(double mso) const {
    double below = 0.0;
    for (int i = 0; i < kThresholds; ++i) {
        const double share = std::clamp((mso - threshold_at(i)) / kThresholdStep + 0.5, 0.0, 1.0);
        below += share * marginal_[static_cast<std::size_t>(i)];
    }
    return below;
}

ThresholdEstimate BayesThreshold::estimate() const {
    ThresholdEstimate out;
    out.rmt_mso = mean_mso_;
    out.sd_mso = sd_mso_;
    out.spread_mso = spread_mso_;
    out.low95_mso = quantile_of_cells(marginal_, threshold_at(0), kThresholdStep, 0.025);
    out.high95_mso = quantile_of_cells(marginal_, threshold_at(0), kThresholdStep, 0.975);
    out.pulses = pulses_;
    judge(out, probability_below(options_.highest_mso), options_);
    return out;
}

MlPestThreshold::MlPestThreshold(const ThresholdOptions& options) : options_(options) {
    check(options);
    log_likelihood_.assign(kPestThresholds, 0.0);
    for (int i = 0; i < kPestThresholds; ++i) {
        const double t = kPestStep * (i + 1);
        log_likelihood_[static_cast<std::size_t>(i)] =
            log_normal_cdf(1.0 / kPestSpread) + log_normal_cdf((kPseudoYesMso / t - 1.0) / kPestSpread);
    }
}

double MlPestThreshold::most_likely_mso() const {
    const double best = *std::max_element(log_likelihood_.begin(), log_likelihood_.end());
    double sum = 0.0;
    int ties = 0;
    for (int i = 0; i < kPestThresholds; ++i) {
        if (log_likelihood_[static_cast<std::size_t>(i)] >= best - 1e-12) {
            sum += kPestStep * (i + 1);
            ++ties;
        }
    }
    return sum / ties;
}

double MlPestThreshold::next_mso() const {
    if (pulses_ == 0) {
        return whole_within(options_.start_mso.value_or(options_.prior ? options_.prior->mean_mso : 50.0), options_);
    }
    return whole_within(most_likely_mso(), options_);
}

void MlPestThreshold::add(double intensity_mso, bool responded) {
    check_intensity(intensity_mso);
    for (int i = 0; i < kPestThresholds; ++i) {
        const double t = kPestStep * (i + 1);
        const double z = (intensity_mso / t - 1.0) / kPestSpread;
        log_likelihood_[static_cast<std::size_t>(i)] += log_normal_cdf(responded ? z : -z);
    }
    ++pulses_;
}

ThresholdEstimate MlPestThreshold::estimate() const {
    ThresholdEstimate out;
    const double best = *std::max_element(log_likelihood_.begin(), log_likelihood_.end());
    std::vector<double> weights;
    double total = 0.0;
    for (const double value : log_likelihood_) {
        weights.push_back(std::exp(value - best));
        total += weights.back();
    }
    double mean = 0.0;
    double square = 0.0;
    double below_highest = 0.0;
    for (int i = 0; i < kPestThresholds; ++i) {
        double& w = weights[static_cast<std::size_t>(i)];
        w /= total;
        const double t = kPestStep * (i + 1);
        mean += w * t;
        square += w * t * t;
        below_highest += t <= options_.highest_mso ? w : 0.0;
    }
    out.rmt_mso = most_likely_mso();
    out.sd_mso = std::sqrt(std::max(0.0, square - mean * mean));
    out.low95_mso = quantile_of_cells(weights, kPestStep, kPestStep, 0.025);
    out.high95_mso = quantile_of_cells(weights, kPestStep, kPestStep, 0.975);
    out.spread_mso = kPestSpread * out.rmt_mso;
    out.pulses = pulses_;
    judge(out, below_highest, options_);
    return out;
}

}  // namespace precentral
