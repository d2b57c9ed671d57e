// SPDX-License-Identifier: Apache-2.0
#include "navigation/pulse_trains.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace precentral {
namespace {

constexpr double kLongestBurstPeriod_s = 1.0;
constexpr std::size_t kLongestBurst = 10;

double median(std::vector<double> values) {
    if (values.empty()) return 0.0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// Pulses that follow one another evenly: a train, or one burst of it.
struct Run {
    std::size_t first = 0;
    std::size_t heard = 0;
    int missing = 0;
    std::vector<MissingPulses> gaps{};
    std::vector<int> places{};  // of each heard pulse, in periods
};

int periods_between(double from_s, double to_s, double period_s) {
    return std::max(1, static_cast<int>(std::lround((to_s - from_s) / period_s)));
}

// By the sender's own count; nothing when it has none or it began anew.
std::optional<int> steps_by_count(const HeardPulse& a, const HeardPulse& b) {
    if (a.count == 0 || b.count <= a.count) return std::nullopt;
    return static_cast<int>(std::min<std::uint64_t>(b.count - a.count, 1'000'000));
}

// Which place of an even train each pulse has, the first 0. A stamp may be late, when the computer was busy, never
// early: several that came in a heap belong to the places before, which shows only from behind.
std::vector<int> places_of(std::span<const HeardPulse> run, double period_s) {
    constexpr double kNear = 0.25;
    constexpr double kFollow = 0.2;
    std::vector<int> out(run.size(), 0);
    double expected_s = run.back().time_s;
    for (std::size_t k = run.size() - 1; k-- > 0;) {
        const int by_time = period_s > 0.0 ? periods_between(run[k].time_s, expected_s, period_s) : 1;
        const int steps = steps_by_count(run[k], run[k + 1]).value_or(by_time);
        expected_s -= steps * period_s;
        const double off_s = run[k].time_s - expected_s;
        if (std::abs(off_s) < kNear * period_s) expected_s += kFollow * off_s;
        out[k] = out[k + 1] - steps;
    }
    for (std::size_t k = out.size(); k-- > 0;) out[k] -= out[0];
    return out;
}

std::vector<Run> runs_of(std::span<const HeardPulse> pulses, double period_s, double longest_gap) {
    std::vector<Run> out;
    for (std::size_t i = 0; i < pulses.size(); ++i) {
        const double gap = i == 0 ? 0.0 : pulses[i].time_s - pulses[i - 1].time_s;
        if (i == 0 || gap < 0.0 || period_s <= 0.0 || gap > longest_gap * period_s) out.push_back({.first = i});
        ++out.back().heard;
    }
    for (Run& run : out) {
        run.places = places_of(pulses.subspan(run.first, run.heard), period_s);
        for (std::size_t k = 1; k < run.heard; ++k) {
            const int lost = run.places[k] - run.places[k - 1] - 1;
            if (lost <= 0) continue;
            run.missing += lost;
            run.gaps.push_back({run.first + k - 1, lost});
        }
    }
    return out;
}

// The period that lies closest to all pulses of these runs, and how far they lie from it.
struct Fit {
    double period_s = 0.0;
    double rms_s = 0.0;
};
Fit fit_period(std::span<const HeardPulse> pulses, std::span<const Run> runs) {
    double xx = 0.0;
    double xy = 0.0;
    std::vector<std::pair<double, double>> centred;
    for (const Run& run : runs) {
        double mean_n = 0.0;
        double mean_t = 0.0;
        const auto since = [&](std::size_t k) { return pulses[run.first + k].time_s - pulses[run.first].time_s; };
        for (std::size_t k = 0; k < run.heard; ++k) {
            mean_n += run.places[k] / static_cast<double>(run.heard);
            mean_t += since(k) / static_cast<double>(run.heard);
        }
        for (std::size_t k = 0; k < run.heard; ++k) {
            const double n = run.places[k] - mean_n;
            const double t = since(k) - mean_t;
            xx += n * n;
            xy += n * t;
            centred.emplace_back(n, t);
        }
    }
    Fit out;
    if (xx <= 0.0) return out;
    out.period_s = xy / xx;
    double square = 0.0;
    for (const auto& [n, t] : centred) square += std::pow(t - out.period_s * n, 2);
    out.rms_s = std::sqrt(square / static_cast<double>(centred.size()));
    return out;
}

double usual_gap(std::span<const HeardPulse> pulses) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < pulses.size(); ++i) {
        const double gap = pulses[i].time_s - pulses[i - 1].time_s;
        if (gap > 0.0) gaps.push_back(gap);
    }
    return median(std::move(gaps));
}

void count_by_protocol(const TrainRule& rule, PulseTrain& train) {
    if (rule.pulses_per_train <= 0) return;
    train.missing = std::max(0, rule.pulses_per_train - static_cast<int>(train.heard));
}

PulseTrain plain_train(std::span<const HeardPulse> pulses, const Run& run, const TrainRule& rule) {
    PulseTrain out;
    out.first = run.first;
    out.heard = run.heard;
    out.missing = run.missing;
    out.gaps = run.gaps;
    out.lasts_s = pulses[run.first + run.heard - 1].time_s - pulses[run.first].time_s;
    const Fit fit = fit_period(pulses, std::span(&run, 1));
    if (fit.period_s > 0.0) out.frequency_hz = 1.0 / fit.period_s;
    out.jitter_ms = 1e3 * fit.rms_s;
    count_by_protocol(rule, out);
    return out;
}

std::size_t most_usual_length(std::span<const Run> runs) {
    std::map<std::size_t, int> lengths;
    for (const Run& run : runs) ++lengths[run.heard + static_cast<std::size_t>(run.missing)];
    return std::max_element(lengths.begin(), lengths.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
}

// The distance between the starts of runs when they are bursts of one pattern; 0 when they are not.
double burst_period(std::span<const HeardPulse> pulses, std::span<const Run> runs, std::size_t length) {
    if (runs.size() < 3 || length < 2 || length > kLongestBurst) return 0.0;
    std::vector<double> between;
    for (std::size_t i = 1; i < runs.size(); ++i) {
        const double apart = pulses[runs[i].first].time_s - pulses[runs[i - 1].first].time_s;
        if (apart > 0.0) between.push_back(apart);
    }
    const double period = median(between);
    return period <= kLongestBurstPeriod_s ? period : 0.0;
}

PulseTrain burst_train(std::span<const HeardPulse> pulses, std::span<const Run> runs, std::size_t length,
                       double burst_period_s, const TrainRule& rule) {
    PulseTrain out;
    out.first = runs.front().first;
    out.pulses_per_burst = static_cast<int>(length);
    double sum_n = 0.0;
    double sum_t = 0.0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        out.heard += run.heard;
        out.gaps.insert(out.gaps.end(), run.gaps.begin(), run.gaps.end());
        const int whole = static_cast<int>(run.heard) + run.missing;
        int lost_after = std::max(0, static_cast<int>(length) - whole);
        int bursts_on = 1;
        if (i + 1 < runs.size()) {
            const double apart = pulses[runs[i + 1].first].time_s - pulses[run.first].time_s;
            bursts_on = periods_between(0.0, apart, burst_period_s);
            sum_n += bursts_on;
            sum_t += apart;
            lost_after += (bursts_on - 1) * static_cast<int>(length);
        }
        out.bursts += bursts_on;
        if (lost_after > 0) out.gaps.push_back({run.first + run.heard - 1, lost_after});
        out.missing += run.missing + lost_after;
    }
    out.lasts_s = pulses[out.first + out.heard - 1].time_s - pulses[out.first].time_s;
    if (sum_t > 0.0) out.burst_rate_hz = sum_n / sum_t;
    const Fit fit = fit_period(pulses, runs);
    if (fit.period_s > 0.0) out.frequency_hz = 1.0 / fit.period_s;
    out.jitter_ms = 1e3 * fit.rms_s;
    count_by_protocol(rule, out);
    return out;
}

}  // namespace

std::vector<PulseTrain> recognise_trains(std::span<const HeardPulse> pulses, const TrainRule& rule) {
    std::vector<PulseTrain> out;
    if (pulses.empty()) return out;
    const double period = rule.frequency_hz.value_or(0.0) > 0.0 ? 1.0 / *rule.frequency_hz : usual_gap(pulses);
    const std::vector<Run> runs = runs_of(pulses, period, rule.longest_gap);
    const std::size_t length =
        rule.pulses_per_burst > 0 ? static_cast<std::size_t>(rule.pulses_per_burst) : most_usual_length(runs);
    const double burst = burst_period(pulses, runs, length);
    if (burst <= 0.0) {
        for (const Run& run : runs) out.push_back(plain_train(pulses, run, rule));
        return out;
    }
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= runs.size(); ++i) {
        if (i < runs.size()) {
            const double apart = pulses[runs[i].first].time_s - pulses[runs[i - 1].first].time_s;
            if (apart >= 0.0 && apart <= rule.longest_gap * burst) continue;
        }
        out.push_back(burst_train(pulses, std::span(runs).subspan(begin, i - begin), length, burst, rule));
        begin = i;
    }
    return out;
}

}  // namespace precentral
