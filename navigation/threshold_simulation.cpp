// SPDX-License-Identifier: Apache-2.0
#include "navigation/threshold_simulation.h"

#include <algorithm>
#include <cmath>

#include "data/error.h"

namespace precentral {
namespace {

double quantile_of(std::vector<double> values, double probability) {
    if (values.empty()) {
        return 0.0;
    }
    std::sort(values.begin(), values.end());
    const double at = probability * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    const std::size_t high = std::min(low + 1, values.size() - 1);
    const double part = at - static_cast<double>(low);
    return values[low] + part * (values[high] - values[low]);
}

class AccuracyTally {
public:
    void add(const ThresholdEstimate& estimate, double truth_mso) {
        const double error_pct = 100.0 * (estimate.rmt_mso / truth_mso - 1.0);
        absolute_.push_back(std::abs(error_pct));
        sum_ += error_pct;
        covered_ += estimate.low95_mso <= truth_mso && truth_mso <= estimate.high95_mso ? 1 : 0;
    }
    ThresholdAccuracy accuracy() const {
        const auto n = static_cast<double>(std::max<std::size_t>(1, absolute_.size()));
        return {quantile_of(absolute_, 0.5), quantile_of(absolute_, 0.95), sum_ / n, covered_ / n};
    }

private:
    std::vector<double> absolute_;
    double sum_ = 0.0;
    int covered_ = 0;
};

bool is_finite(const ThresholdEstimate& e) {
    return std::isfinite(e.rmt_mso) && std::isfinite(e.sd_mso) && std::isfinite(e.low95_mso) &&
           std::isfinite(e.high95_mso);
}

}  // namespace

ThresholdStudyResult simulate_threshold(const ThresholdStudy& study) {
    if (study.subjects < 1 || study.subjects > 1000000 || study.pulses < 1 || study.pulses > 10000) {
        throw InputError("A threshold study needs 1 to 1000000 subjects and 1 to 10000 pulses.");
    }
    ThresholdStudyResult result;
    std::map<int, AccuracyTally> tallies;
    AccuracyTally at_stop;
    std::vector<double> stopped;
    for (int subject = 0; subject < study.subjects; ++subject) {
        SeededRandom random = random_stream(study.seed, static_cast<std::uint64_t>(subject));
        const VirtualMuscle muscle = VirtualMuscle::draw(random, study.noise);
        ThresholdOptions options;
        if (study.know_start) {
            double start = muscle.threshold() + 1.645 * muscle.spread();
            if (study.start_high > 0.0) {
                start = muscle.threshold() * draw_uniform(random, study.start_low, study.start_high);
            }
            options.start_mso = std::clamp(100.0 * start, 1.0, 100.0);
        }
        const auto procedure = make_threshold_procedure(study.method, options);
        double factor = 1.0;
        bool running = true;
        for (int pulse = 1; pulse <= study.pulses; ++pulse) {
            if (study.jump_after > 0 && pulse == study.jump_after + 1) {
                factor = study.jump_factor;
            }
            const double mso = procedure->next_mso();
            bool responded = muscle.mep_volt(0.01 * mso / factor, random) >= 50e-6;
            const double luck = draw_uniform(random);
            if (responded ? luck < study.missed_responses : luck < study.false_responses) {
                responded = !responded;
            }
            procedure->add(mso, responded);
            const bool reported =
                std::find(study.report_at.begin(), study.report_at.end(), pulse) != study.report_at.end();
            if (!reported && !running) {
                continue;
            }
            const ThresholdEstimate estimate = procedure->estimate();
            const double truth_mso = 100.0 * muscle.threshold() * factor;
            result.not_finite += is_finite(estimate) ? 0 : 1;
            if (reported) {
                tallies[pulse].add(estimate, truth_mso);
            }
            if (running && (estimate.enough || pulse == study.pulses)) {
                running = false;
                stopped.push_back(pulse);
                at_stop.add(estimate, truth_mso);
                result.not_reached += estimate.not_reached ? 1 : 0;
            }
        }
    }
    for (const auto& [pulses, tally] : tallies) {
        result.by_pulses[pulses] = tally.accuracy();
    }
    result.at_stop = at_stop.accuracy();
    result.median_pulses = quantile_of(stopped, 0.5);
    result.p95_pulses = quantile_of(stopped, 0.95);
    return result;
}

}  // namespace precentral
