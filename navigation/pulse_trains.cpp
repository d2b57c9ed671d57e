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
};

int periods_between(double from_s, double to_s, double period_s) {
    return std::max(1, static_cast<int>(std::lround((to_s - from_s) / period_s)));
}

// Counted by the sender between two neighbours, beyond the one.
int skipped_by_count(const HeardPulse& a, const HeardPulse& b) {
    if (a.count == 0 || b.count <= a.count) return 0;
    return static_cast<int>(std::min<std::uint64_t>(b.count - a.count - 1, 1'000'000));
}

std::vector<Run> runs_of(std::span<const HeardPulse> pulses, double period_s, double longest_gap) {
    std::vector<Run> out;
    for (std::size_t i = 0; i < pulses.size(); ++i) {
        const double gap = i == 0 ? 0.0 : pulses[i].time_s - pulses[i - 1].time_s;
        const bool new_run = i == 0 || gap < 0.0 || period_s <= 0.0 || gap > longest_gap * period_s;
        if (new_run) {
            out.push_back({.first = i, .heard = 1});
            continue;
        }
        Run& run = out.back();
        ++run.heard;
        const int by_time = periods_between(pulses[i - 1].time_s, pulses[i].time_s, period_s) - 1;
        const int lost = std::max(by_time, skipped_by_count(pulses[i - 1], pulses[i]));
        if (lost > 0) {
            run.missing += lost;
            run.gaps.push_back({i - 1, lost});
        }
    }
    return out;
}

// The period that lies closest to all pulses of these runs, and how far they lie from it.
struct Fit {
    double period_s = 0.0;
    double rms_s = 0.0;
};
Fit fit_period(std::span<const HeardPulse> pulses, std::span<const Run> runs, double period_s) {
    double xx = 0.0;
    double xy = 0.0;
    std::vector<std::pair<double, double>> places;
    for (const Run& run : runs) {
        std::vector<std::pair<double, double>> own;
        double n = 0.0;
        for (std::size_t i = run.first; i < run.first + run.heard; ++i) {
            if (i > run.first) n += periods_between(pulses[i - 1].time_s, pulses[i].time_s, period_s);
            own.emplace_back(n, pulses[i].time_s - pulses[run.first].time_s);
        }
        double mean_n = 0.0;
        double mean_t = 0.0;
        for (const auto& [x, y] : own) {
            mean_n += x / static_cast<double>(own.size());
            mean_t += y / static_cast<double>(own.size());
        }
        for (const auto& [x, y] : own) {
            xx += (x - mean_n) * (x - mean_n);
            xy += (x - mean_n) * (y - mean_t);
            places.emplace_back(x - mean_n, y - mean_t);
        }
    }
    Fit out;
    if (xx <= 0.0) return out;
    out.period_s = xy / xx;
    double square = 0.0;
    for (const auto& [x, y] : places) square += std::pow(y - out.period_s * x, 2);
    out.rms_s = std::sqrt(square / static_cast<double>(places.size()));
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

void add_edges(const TrainRule& rule, PulseTrain& train) {
    if (rule.pulses_per_train <= 0) return;
    const int seen = static_cast<int>(train.heard) + train.missing;
    train.missing += std::max(0, rule.pulses_per_train - seen);
}

PulseTrain plain_train(std::span<const HeardPulse> pulses, const Run& run, double period_s, const TrainRule& rule) {
    PulseTrain out;
    out.first = run.first;
    out.heard = run.heard;
    out.missing = run.missing;
    out.gaps = run.gaps;
    out.lasts_s = pulses[run.first + run.heard - 1].time_s - pulses[run.first].time_s;
    const Fit fit = fit_period(pulses, std::span(&run, 1), period_s);
    if (fit.period_s > 0.0) out.frequency_hz = 1.0 / fit.period_s;
    out.jitter_ms = 1e3 * fit.rms_s;
    add_edges(rule, out);
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
                       double pulse_period_s, double burst_period_s, const TrainRule& rule) {
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
    const Fit fit = fit_period(pulses, runs, pulse_period_s);
    if (fit.period_s > 0.0) out.frequency_hz = 1.0 / fit.period_s;
    out.jitter_ms = 1e3 * fit.rms_s;
    add_edges(rule, out);
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
        for (const Run& run : runs) out.push_back(plain_train(pulses, run, period, rule));
        return out;
    }
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= runs.size(); ++i) {
        if (i < runs.size()) {
            const double apart = pulses[runs[i].first].time_s - pulses[runs[i - 1].first].time_s;
            if (apart >= 0.0 && apart <= rule.longest_gap * burst) continue;
        }
        out.push_back(burst_train(pulses, std::span(runs).subspan(begin, i - begin), length, period, burst, rule));
        begin = i;
    }
    return out;
}

}  // namespace precentral
