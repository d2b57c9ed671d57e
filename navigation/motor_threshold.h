// SPDX-License-Identifier: Apache-2.0
// The resting motor threshold: the stimulator output at which half of the pulses bring a response of 50 µV or more.
// One interface for every method: it proposes the next intensity, takes the answer, and says the estimate, its 95 %
// interval and when to stop. Only yes/no answers are used: amplitudes make intervals too narrow.
//
// Intensities are % of maximum stimulator output (MSO) and whole, as a stimulator sets them. The caller may give
// another intensity than proposed; what was given is what counts. Not thread-safe: one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace precentral {

enum class ThresholdMethod {
    bayes,    // posterior over threshold and spread, wide prior; the default
    ml_pest,  // Awiszus 2003, doi 10.1016/S1567-424X(09)70205-3: maximum likelihood, spread fixed at 7 % of threshold
    samt,     // stochastic root finding, DCS-HA; Wang, Peterchev & Goetz 2023, doi 10.1088/1741-2552/acf1cc
    five_of_ten,       // Rossini & Rothwell: down in steps of 1 % until fewer than 5 of 10 respond
    five_of_ten_by_2,  // the same in steps of 2 %
    ten_of_twenty,     // 1 % until fewer than 10 of 20 respond
    mills_nithi,       // middle between the lowest intensity with 10 of 10 and the highest with 0 of 10
};
// "bayes", "samt", "ml-pest", "5of10", "5of10-by-2", "10of20", "mills-nithi"; throws InputError listing these for
// another name.
ThresholdMethod threshold_method_from(std::string_view name);
std::string_view name_of(ThresholdMethod method);

// What is known before the first pulse, for instance from the hotspot search or an earlier visit.
struct ThresholdPrior {
    double mean_mso = 60.0;
    double sd_mso = 15.0;
};

struct ThresholdOptions {
    std::optional<double> start_mso;      // first intensity; else the method's own
    std::optional<ThresholdPrior> prior;  // narrows the wide one; never trusted to better than 8 % MSO
    double highest_mso = 100.0;           // what the stimulator, or the patient, can bear
    double lowest_mso = 1.0;
    double half_width = 0.05;  // stop when 1.96 SD is below this share of the estimate
    int fewest_pulses = 10;
    int most_pulses = 60;
};

struct ThresholdEstimate {
    double rmt_mso = 0.0;
    double sd_mso = 0.0;
    double low95_mso = 0.0;
    double high95_mso = 0.0;
    double spread_mso = 0.0;  // SD of the response curve P(response) = Φ((x − threshold) / spread)
    int pulses = 0;
    bool enough = false;       // stop: precise enough, not reached, or the most pulses were given
    bool not_reached = false;  // the threshold lies above highest_mso with 95 % probability
    std::string verdict;       // a sentence on where this stands, with the reason when it stops
};

class ThresholdProcedure {
public:
    virtual ~ThresholdProcedure() = default;
    virtual double next_mso() const = 0;
    // Throws InputError for an intensity that is not within 0–130 % MSO. A rejected sweep is not an answer: leave it
    // out.
    virtual void add(double intensity_mso, bool responded) = 0;
    virtual ThresholdEstimate estimate() const = 0;
};

// Throws InputError for options that contradict each other.
std::unique_ptr<ThresholdProcedure> make_threshold_procedure(ThresholdMethod method,
                                                             const ThresholdOptions& options = {});

// P(response | x) = Φ((x − t) / s), both unknown: threshold t ~ N(60, 15²) % MSO, log10(s / t) ~ N(log10 0.073, 0.20²),
// on a grid; a small share of answers is allowed to be wrong. The next pulse is given at the posterior mean. Kontsevich
// & Tyler 1999, doi 10.1016/S0042-6989(98)00285-5; for the motor threshold compared by Wang, Peterchev & Goetz 2023,
// doi 10.1088/1741-2552/acf1cc.
class BayesThreshold final : public ThresholdProcedure {
public:
    explicit BayesThreshold(const ThresholdOptions& options = {});
    double next_mso() const override;
    void add(double intensity_mso, bool responded) override;
    ThresholdEstimate estimate() const override;

    // P(threshold ≤ mso).
    double probability_below(double mso) const;

private:
    void summarise();

    ThresholdOptions options_;
    std::vector<double> weights_;   // threshold-major, sums to 1
    std::vector<double> marginal_;  // of the threshold
    double mean_mso_ = 0.0;
    double sd_mso_ = 0.0;
    double spread_mso_ = 0.0;
    int pulses_ = 0;
};

class MlPestThreshold final : public ThresholdProcedure {
public:
    explicit MlPestThreshold(const ThresholdOptions& options = {});
    double next_mso() const override;
    void add(double intensity_mso, bool responded) override;
    ThresholdEstimate estimate() const override;

private:
    double most_likely_mso() const;

    ThresholdOptions options_;
    std::vector<double> log_likelihood_;
    int pulses_ = 0;
};

// x ← x ∓ a after an answer; a shrinks by k / (k + 1) at the k-th change of answer. Starts with a = 4.2 % MSO. The
// interval is that of the Bayesian posterior of the same answers: the method itself has none.
class SamtThreshold final : public ThresholdProcedure {
public:
    explicit SamtThreshold(const ThresholdOptions& options = {});
    double next_mso() const override;
    void add(double intensity_mso, bool responded) override;
    ThresholdEstimate estimate() const override;

private:
    ThresholdOptions options_;
    BayesThreshold interval_;
    double level_mso_ = 0.0;
    double step_mso_ = 4.2;
    int changes_ = 0;
    std::optional<bool> last_;
};

// Down by `step_mso` as soon as `needed` of 2·needed respond, until that can no longer happen; the threshold is the
// last intensity that passed. Starts again 5 % higher when the first one fails.
class StaircaseThreshold final : public ThresholdProcedure {
public:
    StaircaseThreshold(int needed, double step_mso, const ThresholdOptions& options = {});
    double next_mso() const override;
    void add(double intensity_mso, bool responded) override;
    ThresholdEstimate estimate() const override;

private:
    int needed_;
    double step_mso_;
    ThresholdOptions options_;
    BayesThreshold interval_;  // the method itself has none
    double level_mso_ = 0.0;
    int yes_ = 0;
    int no_ = 0;
    std::optional<double> lowest_passed_mso_;
    std::optional<double> highest_failed_mso_;
    bool finished_ = false;
};

// Mills & Nithi 1997, doi 10.1002/(SICI)1097-4598(199705)20:5<570::AID-MUS5>3.0.CO;2-6: from above in steps of 10 % to
// the first pulse without response, up by 1 % to 10 of 10, then down by 1 % to 0 of 10.
class MillsNithiThreshold final : public ThresholdProcedure {
public:
    explicit MillsNithiThreshold(const ThresholdOptions& options = {});
    double next_mso() const override;
    void add(double intensity_mso, bool responded) override;
    ThresholdEstimate estimate() const override;

private:
    enum class Phase { descending, upper, lower, finished };
    ThresholdOptions options_;
    BayesThreshold interval_;
    Phase phase_ = Phase::descending;
    double level_mso_ = 0.0;
    int alike_ = 0;  // answers of the kind looked for at this level
    std::optional<double> lowest_response_mso_;
    std::optional<double> upper_mso_;
    std::optional<double> lower_mso_;
};

}  // namespace precentral
