// SPDX-License-Identifier: Apache-2.0
#include "navigation/emg_simulation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/error.h"

namespace precentral {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kWaveletSdMs = 3.0;
constexpr double kOnsetInSd = 3.0373;  // before the centre: z·exp((1 − z²)/2) = 0.05

// Noise between 20 and 1000 Hz: white noise through a first-order high-pass and a second-order Butterworth low-pass.
class BandNoise {
public:
    explicit BandNoise(double sample_rate_hz) {
        const double high = std::min(1000.0, 0.45 * sample_rate_hz);
        const double k = std::tan(kPi * high / sample_rate_hz);
        const double norm = 1.0 / (1.0 + std::sqrt(2.0) * k + k * k);
        b0_ = k * k * norm;
        a1_ = 2.0 * (k * k - 1.0) * norm;
        a2_ = (1.0 - std::sqrt(2.0) * k + k * k) * norm;
        pole_ = std::exp(-2.0 * kPi * 20.0 / sample_rate_hz);
        // Gain for unit white noise: the energy of the impulse response.
        double energy = 0.0;
        BandNoise probe = *this;
        const int samples = static_cast<int>(0.15 * sample_rate_hz);  // the high-pass forgets in 8 ms
        for (int i = 0; i < samples; ++i) {
            const double h = probe.next(i == 0 ? 1.0 : 0.0);
            energy += h * h;
        }
        gain_ = 1.0 / std::sqrt(energy);
    }

    double next(double white) {
        const double low = b0_ * (white + 2.0 * x1_ + x2_) - a1_ * y1_ - a2_ * y2_;
        x2_ = x1_;
        x1_ = white;
        y2_ = y1_;
        y1_ = low;
        high_ = pole_ * high_ + 0.5 * (1.0 + pole_) * (low - last_low_);
        last_low_ = low;
        return gain_ * high_;
    }

private:
    double b0_ = 0.0, a1_ = 0.0, a2_ = 0.0, pole_ = 0.0, gain_ = 1.0;
    double x1_ = 0.0, x2_ = 0.0, y1_ = 0.0, y2_ = 0.0, high_ = 0.0, last_low_ = 0.0;
};

// +1 and −1 at its two peaks. Exactly 0 before the onset: the first phase rises from where a full derivative of a
// Gaussian has reached 5 % of its peak, so that the true onset is a property of the potential, not of a convention.
double wavelet(double ms_from_centre) {
    constexpr double kAtOnset = 0.05;
    const double z = ms_from_centre / kWaveletSdMs;
    if (z < -kOnsetInSd) return 0.0;
    const double value = -z * std::exp(0.5 * (1.0 - z * z));
    return z < -1.0 ? (value - kAtOnset) / (1.0 - kAtOnset) : value;
}

}  // namespace

EmgSimulator::EmgSimulator(std::uint64_t seed, const EmgScene& scene) : scene_(scene), random_(seed) {
    if (!(scene.sample_rate_hz >= 500.0) || !(scene.sample_rate_hz <= 1e5) || !(scene.start_ms < scene.end_ms) ||
        !(scene.end_ms - scene.start_ms <= 1e5)) {
        throw InputError("Simulated EMG needs a sample rate of 500 to 100000 Hz and an end after its start.");
    }
    noise_uv_ = draw_uniform(random_, scene.noise_low_uv, scene.noise_high_uv);
    mains_uv_ = draw_uniform(random_, 0.0, scene.mains_highest_uv);
    subject_latency_ms_ = draw_normal(random_, scene.latency_mean_ms, scene.latency_sd_ms);
}

SimulatedSweep EmgSimulator::sweep(double mep_volt, std::uint64_t pulse_count) {
    SimulatedSweep out;
    out.contracted = draw_uniform(random_) < scene_.contracted_share;
    // From pulse to pulse the latency of one subject varies far less than between subjects.
    out.onset_ms = subject_latency_ms_ + 0.3 * draw_normal(random_);
    const double mains_phase = draw_uniform(random_, 0.0, 2.0 * kPi);
    const double artefact_uv = 1e3 * draw_uniform(random_, scene_.artefact_low_mv, scene_.artefact_high_mv) *
                               (draw_uniform(random_) < 0.5 ? -1.0 : 1.0);
    const double centre_ms = out.onset_ms + kOnsetInSd * kWaveletSdMs;
    const double half_uv = 0.5e6 * mep_volt;

    BandNoise noise(scene_.sample_rate_hz);
    BandNoise muscle(scene_.sample_rate_hz);
    const double step_ms = 1000.0 / scene_.sample_rate_hz;
    const int warm_up = static_cast<int>(0.1 * scene_.sample_rate_hz);
    for (int i = 0; i < warm_up; ++i) {
        noise.next(draw_normal(random_));
        if (out.contracted) {
            muscle.next(draw_normal(random_));
        }
    }
    out.sweep.pulse_count = pulse_count;
    out.sweep.sample_rate_hz = scene_.sample_rate_hz;
    out.sweep.start_ms = scene_.start_ms;
    const auto samples = static_cast<std::size_t>((scene_.end_ms - scene_.start_ms) / step_ms + 0.5);
    out.sweep.microvolts.reserve(samples);
    for (std::size_t i = 0; i < samples; ++i) {
        const double t_ms = scene_.start_ms + static_cast<double>(i) * step_ms;
        double uv = noise_uv_ * noise.next(draw_normal(random_)) + half_uv * wavelet(t_ms - centre_ms) +
                    mains_uv_ * std::sin(2.0 * kPi * scene_.mains_hz * 1e-3 * t_ms + mains_phase);
        if (out.contracted) {
            uv += scene_.contraction_uv * muscle.next(draw_normal(random_));
        }
        if (t_ms >= 0.0) {
            uv += artefact_uv * std::exp(-t_ms / scene_.artefact_tau_ms);
        }
        out.sweep.microvolts.push_back(static_cast<float>(uv));
    }
    return out;
}

}  // namespace precentral
