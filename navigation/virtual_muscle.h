// SPDX-License-Identifier: Apache-2.0
// A virtual hand muscle: how large a motor evoked potential (MEP) one pulse brings, pulse after pulse.
//
// Statistical model with two sources of variability and a generalised extreme value noise floor:
//   V(x) = max(1e-8, G + 1e-7 · 10^(e_y + p2 / (1 + p3 / max(100 x − p5 + e_x, 0)^p4)))   volt, x in fractions of MSO
//   G ~ GEV(shape k, location 10^p1, scale), e_y ~ N(0, sigma_y²) decades, e_x ~ N(0, sigma_x²) % MSO.
// Goetz et al. 2014, doi 10.1016/j.brs.2014.03.002; population: Goetz et al. 2019, doi 10.1109/TNSRE.2019.2926543.
#pragma once

#include "navigation/seeded_random.h"

namespace precentral {

// The published spread of the two noise widths can be read as a standard deviation or as a variance (of log10);
// the second gives a population that differs more between subjects. Methods must hold on both.
enum class NoiseReading { standard_deviation, variance };

struct MuscleParameters {
    double p1 = -5.0818, p2 = 4.5323, p3 = 4431.5, p4 = 2.6693, p5 = 46.40;
    double sigma_y = 0.1085;  // decades
    double sigma_x = 4.8787;  // % MSO
    double floor_scale_volt = 1.55e-6;
    double floor_shape = 0.14;
};

class VirtualMuscle {
public:
    // The threshold is found numerically here (about a millisecond).
    // Throws InputError when the parameters are not finite or have no threshold between 5 and 150 % MSO.
    explicit VirtualMuscle(const MuscleParameters& parameters);

    // Draws subjects until one passes the published acceptance: over 300 amplitudes in 20–120 % MSO some responses
    // below 30 µV and some above 1 mV, all within 0.1 µV–30 mV, and a threshold within 30–100 % MSO.
    static VirtualMuscle draw(SeededRandom& random, NoiseReading reading = NoiseReading::standard_deviation);

    // Peak-to-peak amplitude of one response, volt. `effective_mso_fraction` is stimulator output (1 = 100 % MSO) times
    // the dose share at this coil pose.
    double mep_volt(double effective_mso_fraction, SeededRandom& random) const;

    // P(V ≥ 50 µV) at that effective intensity, by quadrature.
    double response_probability(double effective_mso_fraction) const;

    // Where that probability is one half, and half the distance between its 16 % and 84 % points; fractions of MSO.
    double threshold() const { return threshold_; }
    double spread() const { return spread_; }
    const MuscleParameters& parameters() const { return parameters_; }

private:
    MuscleParameters parameters_;
    double threshold_ = 0.0;
    double spread_ = 0.0;
};

}  // namespace precentral
