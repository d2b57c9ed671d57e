// SPDX-License-Identifier: Apache-2.0
#include "navigation/mep.h"

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kArtefactEndsMs = 3.0;  // nothing nearer to the pulse is looked at
constexpr double kBeforePulseMs = 2.0;   // the rest window ends here: triggers come a little late
constexpr double kShortestRestMs = 20.0;
constexpr double kSlowestHz = 1000.0;
constexpr double kTailFromMs = 75.0;   // the potential of any arm muscle is over
constexpr double kLightHalfMs = 1.6;   // the widest smoothing that amplitudes are read from
constexpr double kStrongHalfMs = 2.4;  // smoothing that peaks are found on
constexpr double kOnsetHalfMs = 1.8;   // smoothing that the onset is found on
constexpr double kOnsetNoise = 3.0;    // SD
constexpr double kOnsetShare = 0.02;   // of the peak
constexpr double kQuietMs = 2.0;       // this long before the onset
constexpr double kRiseMs = 1.0;        // its slope is measured over
constexpr double kMostRiseMs = 1.0;    // never further back than this from where the rise was seen
constexpr double kLossOfNoise = 3.0;   // SD

std::string words(const char* format, double value) {
    char text[160];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

// The samples of one sweep with their times.
struct Trace {
    Eigen::VectorXd uv;
    double start_ms = 0.0;
    double step_ms = 0.0;

    double time_ms(Eigen::Index i) const { return start_ms + static_cast<double>(i) * step_ms; }
    // First sample at or after `ms`, within [0, size].
    Eigen::Index index_at(double ms) const {
        const double i = std::ceil((ms - start_ms) / step_ms - 1e-6);
        return static_cast<Eigen::Index>(std::clamp(i, 0.0, static_cast<double>(uv.size())));
    }
    Eigen::VectorXd::SegmentReturnType between(double from_ms, double to_ms) {
        const Eigen::Index first = index_at(from_ms);
        return uv.segment(first, std::max<Eigen::Index>(0, index_at(to_ms) - first));
    }
};

double rms(const Eigen::Ref<const Eigen::VectorXd>& v) {
    return v.size() == 0 ? 0.0 : std::sqrt(v.squaredNorm() / static_cast<double>(v.size()));
}

// Offset, slow drift and mains hum, fitted where no potential can be (before the pulse and long after it) and taken
// off the whole sweep: unlike a filter this cannot smear the stimulus artefact. Returns the hum's amplitude.
double remove_baseline_and_mains(Trace& trace) {
    std::vector<Eigen::Index> quiet;
    for (Eigen::Index i = 0; i < trace.uv.size(); ++i) {
        const double t = trace.time_ms(i);
        if (t < -kBeforePulseMs || t > kTailFromMs) {
            quiet.push_back(i);
        }
    }
    const auto n = static_cast<Eigen::Index>(quiet.size());
    // Without a tail a slope fitted before the pulse would be extrapolated across the potential.
    const bool has_tail = trace.time_ms(trace.uv.size() - 1) > kTailFromMs + kShortestRestMs;
    Eigen::VectorXd y(n);
    Eigen::VectorXd t(n);
    for (Eigen::Index k = 0; k < n; ++k) {
        const Eigen::Index i = quiet[static_cast<std::size_t>(k)];
        y[k] = trace.uv[i];
        t[k] = 1e-3 * trace.time_ms(i);
    }
    const double span_s = t[n - 1] - t[0];

    struct Fit {
        Eigen::VectorXd coefficients;
        double hz = 0.0;
        double residual = 0.0;
    };
    const auto fit = [&](double hz) {
        Eigen::MatrixXd columns(n, (hz > 0.0 ? 3 : 1) + (has_tail ? 1 : 0));
        columns.col(0).setOnes();
        Eigen::Index next = 1;
        if (hz > 0.0) {
            columns.col(next++) = (2.0 * kPi * hz * t.array()).cos();
            columns.col(next++) = (2.0 * kPi * hz * t.array()).sin();
        }
        if (has_tail) {
            columns.col(next) = t;
        }
        Fit out{columns.colPivHouseholderQr().solve(y), hz, 0.0};
        out.residual = (y - columns * out.coefficients).squaredNorm();
        return out;
    };

    const Fit flat = fit(0.0);
    Fit best = flat;
    if (span_s > 0.038) {  // two periods
        for (const double nominal : {50.0, 60.0}) {
            const int steps = span_s > 0.09 ? 3 : 0;  // mains wanders by a few tenths of a hertz
            for (int k = -steps; k <= steps; ++k) {
                const Fit candidate = fit(nominal + 0.15 * k);
                if (candidate.residual < best.residual) {
                    best = candidate;
                }
            }
        }
    }
    double hum_uv = best.hz > 0.0 ? std::hypot(best.coefficients[1], best.coefficients[2]) : 0.0;
    if (hum_uv < 0.5 * std::sqrt(best.residual / static_cast<double>(n))) {
        best = flat;  // no more than chance
        hum_uv = 0.0;
    }
    for (Eigen::Index i = 0; i < trace.uv.size(); ++i) {
        const double s = 1e-3 * trace.time_ms(i);
        double value = best.coefficients[0];
        if (best.hz > 0.0) {
            value += best.coefficients[1] * std::cos(2.0 * kPi * best.hz * s) +
                     best.coefficients[2] * std::sin(2.0 * kPi * best.hz * s);
        }
        if (has_tail) {
            value += best.coefficients[best.coefficients.size() - 1] * s;
        }
        trace.uv[i] -= value;
    }
    return hum_uv;
}

// The decaying end of the stimulus artefact: an exponential fitted just before the window and taken off.
void remove_artefact_tail(Trace& trace, double window_start_ms, double rest_uv) {
    const double from_ms = std::max(kArtefactEndsMs, window_start_ms - 9.0);
    const auto before = trace.between(from_ms, window_start_ms - 1.0);
    if (before.size() < 8 || rms(before) < 2.0 * rest_uv) {
        return;
    }
    const double energy = before.squaredNorm();
    double best_left = energy;
    double best_amplitude = 0.0;
    double best_tau = 1.0;
    for (double tau = 0.5; tau < 10.0; tau *= 1.15) {
        Eigen::VectorXd shape(before.size());
        for (Eigen::Index i = 0; i < shape.size(); ++i) {
            shape[i] = std::exp(-static_cast<double>(i) * trace.step_ms / tau);
        }
        const double amplitude = shape.dot(before) / shape.squaredNorm();
        const double left = energy - amplitude * amplitude * shape.squaredNorm();
        if (left < best_left) {
            best_left = left;
            best_amplitude = amplitude;
            best_tau = tau;
        }
    }
    if (best_left > 0.5 * energy) {
        return;
    }
    const Eigen::Index first = trace.index_at(from_ms);
    for (Eigen::Index i = first; i < trace.uv.size(); ++i) {
        trace.uv[i] -= best_amplitude * std::exp(-static_cast<double>(i - first) * trace.step_ms / best_tau);
    }
}

// Value at its centre of the parabola fitted over ± half_ms (Savitzky and Golay 1964, doi 10.1021/ac60214a047).
Eigen::VectorXd local_parabola(const Trace& trace, double half_ms) {
    const auto m = std::max<Eigen::Index>(1, static_cast<Eigen::Index>(std::lround(half_ms / trace.step_ms)));
    const auto md = static_cast<double>(m);
    const double denominator = (2.0 * md - 1.0) * (2.0 * md + 1.0) * (2.0 * md + 3.0);
    Eigen::VectorXd weights(2 * m + 1);
    for (Eigen::Index k = -m; k <= m; ++k) {
        const auto kd = static_cast<double>(k);
        weights[k + m] = 3.0 * (3.0 * md * md + 3.0 * md - 1.0 - 5.0 * kd * kd) / denominator;
    }
    Eigen::VectorXd out = trace.uv;
    for (Eigen::Index i = m; i + m < out.size(); ++i) {
        out[i] = weights.dot(trace.uv.segment(i - m, 2 * m + 1));
    }
    return out;
}

bool is_clipped(const Eigen::Ref<const Eigen::VectorXd>& v, double step_ms) {
    const double highest = v.maxCoeff();
    const double lowest = v.minCoeff();
    const int needed = std::max(4, static_cast<int>(std::ceil(0.8 / step_ms)));
    int run = 0;
    for (Eigen::Index i = 1; i < v.size(); ++i) {
        const bool at_rail = (v[i] == highest || v[i] == lowest) && std::abs(v[i]) >= 100.0;
        run = at_rail && v[i] == v[i - 1] ? run + 1 : 0;
        if (run + 1 >= needed) {
            return true;
        }
    }
    return false;
}

// Onset: from the first of the two extremes back to the last moment that was quiet for a while, so that an earlier,
// smaller phase belongs to the potential. Quiet is within 3 SD of the noise; of a large potential, whose first rise is
// slow, within a small share of its peak; of one near the noise at most within a fifth of it. Nothing when the trace is
// never quiet in the window.
std::optional<double> onset_ms(const Trace& smooth, Eigen::Index first_peak, Eigen::Index window_first,
                               double rest_uv) {
    const double peak = std::abs(smooth.uv[first_peak]);
    const double level = std::clamp(kOnsetNoise * rest_uv, kOnsetShare * peak, 0.2 * peak);
    const auto hold = static_cast<Eigen::Index>(std::lround(kQuietMs / smooth.step_ms));
    Eigen::Index onset = first_peak;
    for (Eigen::Index i = first_peak; i >= std::max<Eigen::Index>(0, window_first - hold); --i) {
        if (std::abs(smooth.uv[i]) > level) {
            onset = i;
            if (onset < window_first) break;
        } else if (onset - i >= hold) {
            // Straight between the last quiet sample and the first loud one, then on along the rise down to 0.
            const double loud = std::abs(smooth.uv[onset]);
            const double quiet = std::abs(smooth.uv[onset - 1]);
            const double crossed_ms =
                smooth.time_ms(onset) - smooth.step_ms * (loud - level) / std::max(1e-9, loud - quiet);
            const Eigen::Index ahead =
                std::min(smooth.uv.size() - 1, onset + smooth.index_at(smooth.start_ms + kRiseMs));
            const double rise =
                (std::abs(smooth.uv[ahead]) - quiet) / (smooth.time_ms(ahead) - smooth.time_ms(onset - 1));
            return crossed_ms - std::min(kMostRiseMs, level / std::max(1e-9, rise));
        }
    }
    return std::nullopt;
}

// The wider the smoothing, the less of the amplitude is noise; but a sharp potential loses height. So: as wide as
// possible without losing more than noise explains (Lepski's rule, doi 10.1137/1135065).
double amplitude_within_noise(const Trace& trace, Eigen::Index highest, Eigen::Index lowest, double rest_uv) {
    const auto near = static_cast<Eigen::Index>(std::lround(kStrongHalfMs / trace.step_ms));
    const auto reading = [&](const Eigen::VectorXd& uv) {
        const auto around = [&](Eigen::Index at) {
            const Eigen::Index from = std::max<Eigen::Index>(0, at - near);
            return uv.segment(from, std::min(uv.size(), at + near + 1) - from);
        };
        return around(highest).maxCoeff() - around(lowest).minCoeff();
    };
    const double raw = reading(trace.uv);
    const Eigen::VectorXd widest = local_parabola(trace, kLightHalfMs);
    if (raw - (widest[highest] - widest[lowest]) <= kLossOfNoise * rest_uv) {
        return widest[highest] - widest[lowest];
    }
    for (const double half_ms : {1.2, 0.9, 0.6}) {
        const double value = reading(local_parabola(trace, half_ms));
        if (raw - value <= kLossOfNoise * rest_uv) {
            return value;
        }
    }
    return raw;
}

// Why the sweep cannot even be looked at, "" if it can.
std::string unusable(const EmgSweep& sweep, const MepRules& rules) {
    if (!std::isfinite(sweep.sample_rate_hz) || !std::isfinite(sweep.start_ms) || sweep.sample_rate_hz <= 0.0) {
        return "the sweep has no sample rate";
    }
    if (sweep.sample_rate_hz < kSlowestHz) {
        return words("%.0f samples a second are too few for a potential; 1000 are needed", sweep.sample_rate_hz);
    }
    for (const float uv : sweep.microvolts) {
        if (!std::isfinite(uv) || std::abs(uv) > 1e9F) {
            return "the sweep holds values that are not numbers";
        }
    }
    const double end_ms = sweep.start_ms + 1000.0 * static_cast<double>(sweep.microvolts.size()) / sweep.sample_rate_hz;
    if (end_ms < rules.window_end_ms) {
        return words("the sweep ends %.0f ms after the pulse, too early", end_ms);
    }
    if (sweep.start_ms > -kShortestRestMs - kBeforePulseMs) {
        return "too little was recorded before the pulse to see whether the muscle was at rest";
    }
    return "";
}

}  // namespace

MepMeasurement measure_mep(const EmgSweep& sweep, const MepRules& rules) {
    if (!(rules.window_start_ms >= kArtefactEndsMs) || !(rules.window_end_ms >= rules.window_start_ms + 5.0)) {
        throw InputError("The MEP window must start at least 3 ms after the pulse and last at least 5 ms.");
    }
    MepMeasurement out;
    const auto reject = [&](std::string why) {
        out.verdict = MepVerdict::rejected;
        out.reasons.push_back(std::move(why));
    };
    if (std::string why = unusable(sweep, rules); !why.empty()) {
        reject(std::move(why));
        return out;
    }

    Trace trace;
    trace.start_ms = sweep.start_ms;
    trace.step_ms = 1000.0 / sweep.sample_rate_hz;
    trace.uv =
        Eigen::Map<const Eigen::VectorXf>(sweep.microvolts.data(), static_cast<Eigen::Index>(sweep.microvolts.size()))
            .cast<double>();
    {
        const auto raw = trace.between(rules.window_start_ms, rules.window_end_ms);
        const auto rest = trace.between(-rules.rest_window_ms, -kBeforePulseMs);
        if (raw.maxCoeff() - raw.minCoeff() < 0.05 || rest.maxCoeff() - rest.minCoeff() < 0.05) {
            reject("the signal is flat: check the electrodes");
            return out;
        }
        if (is_clipped(raw, trace.step_ms)) {
            reject("the amplifier was saturated");
        }
    }

    out.mains_uv = remove_baseline_and_mains(trace);
    const auto rest = trace.between(-rules.rest_window_ms, -kBeforePulseMs);
    out.rest_rms_uv = rms(rest);
    const auto burst = std::min(rest.size(), static_cast<Eigen::Index>(20.0 / trace.step_ms));
    double worst_burst_uv = 0.0;
    for (Eigen::Index i = 0; i + burst <= rest.size(); i += std::max<Eigen::Index>(1, burst / 8)) {
        worst_burst_uv = std::max(worst_burst_uv, rms(rest.segment(i, burst)));
    }
    if (out.rest_rms_uv > rules.rest_limit_uv || worst_burst_uv > rules.burst_limit_uv) {
        reject(words("the muscle was not at rest (%.0f µV RMS before the pulse)",
                     std::max(out.rest_rms_uv, worst_burst_uv)));
    }

    remove_artefact_tail(trace, rules.window_start_ms, out.rest_rms_uv);
    const double before_uv = rms(trace.between(rules.window_start_ms - 4.0, rules.window_start_ms - 0.5));
    if (before_uv > std::max(4.0 * out.rest_rms_uv, 15.0)) {
        reject(words("the stimulus artefact reaches into the response (%.0f µV just before it)", before_uv));
    }

    // The extremes are found on a strongly smoothed trace and read off a lightly smoothed one: read where noise
    // happens to peak, amplitudes would come out several µV too large.
    const Eigen::Index first = trace.index_at(rules.window_start_ms);
    const Eigen::Index last = trace.index_at(rules.window_end_ms);
    Trace smooth = trace;
    smooth.uv = local_parabola(trace, kStrongHalfMs);
    const auto extreme = [&](double sign) {
        Eigen::Index at = first;
        (sign * smooth.uv.segment(first, last - first)).maxCoeff(&at);
        return first + at;
    };
    const Eigen::Index highest = extreme(1.0);
    const Eigen::Index lowest = extreme(-1.0);
    out.highest_ms = trace.time_ms(highest);
    out.lowest_ms = trace.time_ms(lowest);
    out.amplitude_uv = std::max(0.0, amplitude_within_noise(trace, highest, lowest, out.rest_rms_uv));
    if (!out.reasons.empty()) {
        return out;
    }

    const double above_noise_uv = rules.noise_factor * out.rest_rms_uv;
    if (out.amplitude_uv < rules.response_uv) {
        out.verdict = MepVerdict::weak;
        out.reasons.push_back(words("below %.0f µV", rules.response_uv));
    } else if (out.amplitude_uv < above_noise_uv) {
        out.verdict = MepVerdict::weak;
        out.reasons.push_back(words("does not stand out of the noise (%.0f µV would)", above_noise_uv));
    } else {
        out.verdict = MepVerdict::accepted;
        Trace onset_trace = trace;
        onset_trace.uv = local_parabola(trace, kOnsetHalfMs);
        // The smoothing must not reach the artefact.
        const double noise_uv = rms(onset_trace.between(-rules.rest_window_ms, -kBeforePulseMs - kOnsetHalfMs));
        out.latency_ms = onset_ms(onset_trace, std::min(highest, lowest), first, noise_uv);
    }
    return out;
}

std::string verdict_text(const MepMeasurement& measurement) {
    std::string text = "accepted";
    if (measurement.verdict == MepVerdict::weak) {
        text = "weak";
    } else if (measurement.verdict == MepVerdict::rejected) {
        text = "rejected";
    }
    std::string_view separator = ": ";
    for (const std::string& reason : measurement.reasons) {
        text += separator;
        text += reason;
        separator = ", ";
    }
    return text;
}

}  // namespace precentral
