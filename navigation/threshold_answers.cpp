// SPDX-License-Identifier: Apache-2.0
#include "navigation/threshold_answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "navigation/normal_law.h"

namespace precentral {
namespace {

constexpr double kUsualSpread = 0.073;   // of the threshold: the median of the published virtual population
constexpr double kLapse = 0.005;         // answers that say nothing, as the Bayesian method allows for
constexpr double kHardToBelieve = 3.09;  // standard deviations: once in a thousand
constexpr std::size_t kFewest = 8;
constexpr double kLogLikelihoodGain = 8.0;
constexpr double kShiftShare = 0.05;
constexpr int kThresholds = 240;  // 10 to 129.5 % MSO

double threshold_at(int i) { return 10.0 + 0.5 * i; }

double log_likelihood(const ThresholdAnswer& answer, double threshold_mso) {
    const double z = (answer.intensity_mso / threshold_mso - 1.0) / kUsualSpread;
    return std::log(0.5 * kLapse + (1.0 - kLapse) * normal_cdf(answer.responded ? z : -z));
}

using Curve = std::array<double, kThresholds>;

int best_of(const Curve& curve) {
    return static_cast<int>(std::max_element(curve.begin(), curve.end()) - curve.begin());
}

template <class... Values>
std::string sentence(const char* format, Values... values) {
    std::array<char, 240> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return text.data();
}

}  // namespace

std::vector<std::string> doubts_about(std::span<const ThresholdAnswer> answers) {
    std::vector<std::string> out;
    if (answers.size() < kFewest) return out;

    const auto yes = static_cast<std::size_t>(
        std::count_if(answers.begin(), answers.end(), [](const ThresholdAnswer& a) { return a.responded; }));
    if (yes == answers.size()) {
        out.push_back(
            sentence("All %zu pulses brought a response, down to %.0f %%: is the muscle at rest, and is it the "
                     "muscle and not the artefact?",
                     answers.size(), std::min_element(answers.begin(), answers.end(), [](const auto& a, const auto& b) {
                                         return a.intensity_mso < b.intensity_mso;
                                     })->intensity_mso));
        return out;
    }
    if (yes == 0) {
        out.push_back(
            sentence("None of %zu pulses brought a response, up to %.0f %%: check the coil's place, the "
                     "electrodes and the trigger.",
                     answers.size(), std::max_element(answers.begin(), answers.end(), [](const auto& a, const auto& b) {
                                         return a.intensity_mso < b.intensity_mso;
                                     })->intensity_mso));
        return out;
    }

    // before[k]: of the first k answers.
    std::vector<Curve> before(answers.size() + 1);
    before[0].fill(0.0);
    for (std::size_t k = 0; k < answers.size(); ++k) {
        for (int i = 0; i < kThresholds; ++i) {
            const auto at = static_cast<std::size_t>(i);
            before[k + 1][at] = before[k][at] + log_likelihood(answers[k], threshold_at(i));
        }
    }
    const Curve& all = before.back();
    const int one = best_of(all);
    const double threshold = threshold_at(one);

    std::size_t changed_after = 0;
    double most = kLogLikelihoodGain;
    double from = 0.0;
    double to = 0.0;
    constexpr std::size_t kEachSide = 4;
    for (std::size_t k = kEachSide; k + kEachSide <= answers.size(); ++k) {
        Curve after = all;
        for (std::size_t i = 0; i < after.size(); ++i) after[i] -= before[k][i];
        const int first = best_of(before[k]);
        const int second = best_of(after);
        const double gain = before[k][static_cast<std::size_t>(first)] + after[static_cast<std::size_t>(second)] -
                            all[static_cast<std::size_t>(one)];
        if (gain > most && std::abs(threshold_at(second) - threshold_at(first)) >= kShiftShare * threshold) {
            most = gain;
            changed_after = k;
            from = threshold_at(first);
            to = threshold_at(second);
        }
    }
    if (changed_after > 0) {
        out.push_back(
            sentence("The threshold seems to have %s at about pulse %zu: has the coil moved, or the muscle "
                     "become tense? Start anew when it has.",
                     to > from ? "risen" : "fallen", changed_after + 1));
        return out;  // single answers are strange only because of it
    }
    for (std::size_t k = 0; k < answers.size(); ++k) {
        const ThresholdAnswer& a = answers[k];
        const double z = (a.intensity_mso / threshold - 1.0) / kUsualSpread;
        if ((a.responded ? -z : z) < kHardToBelieve) continue;
        out.push_back(
            sentence("Pulse %zu %s at %.0f %%, while all answers together put the threshold at about %.0f %%: "
                     "look at that sweep again.",
                     k + 1, a.responded ? "brought a response" : "brought none", a.intensity_mso, threshold));
    }
    return out;
}

ThresholdRun::ThresholdRun(ThresholdMethod method, const ThresholdOptions& options)
    : method_(method), options_(options), procedure_(make_threshold_procedure(method, options)) {}

void ThresholdRun::answer(double intensity_mso, bool responded) {
    procedure_->add(intensity_mso, responded);
    answers_.push_back({intensity_mso, responded});
}

bool ThresholdRun::undo() {
    if (answers_.empty()) return false;
    answers_.pop_back();
    // A procedure cannot go back: what is left is told to a new one.
    procedure_ = make_threshold_procedure(method_, options_);
    for (const ThresholdAnswer& a : answers_) procedure_->add(a.intensity_mso, a.responded);
    return true;
}

}  // namespace precentral
