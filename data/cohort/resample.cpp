// SPDX-License-Identifier: Apache-2.0
#include "data/cohort/resample.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/cohort/draws.h"
#include "data/cohort/roc.h"
#include "data/error.h"
#include "data/parallel.h"
#include "data/session_numbers.h"

namespace precentral::cohort {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kTie = 1e-12;  // reordered sums of equal parts round differently

void require_times(const ResampleSettings& settings) {
    if (settings.times < 100 || settings.times > 1'000'000) {
        throw InputError("Data are drawn again 100 to 1 000 000 times.");
    }
}

std::vector<int> drawn_rows(int n, const ResampleSettings& settings, int time) {
    Draws draws(settings.seed, static_cast<std::uint64_t>(time));
    std::vector<int> rows(static_cast<std::size_t>(n));
    for (int& row : rows) row = static_cast<int>(draws.below(static_cast<std::uint64_t>(n)));
    return rows;
}

// In blocks, so that a stop is heard between them.
template <class Work>
void in_blocks(int times, const Progress& progress, const char* doing, const Work& work) {
    constexpr int kBlock = 500;
    for (int from = 0; from < times; from += kBlock) {
        progress.at(static_cast<double>(from) / times, doing);
        for_each_part(std::min(kBlock, times - from), [&](int i) { work(from + i); });
    }
}

struct Rows {
    std::vector<double> score;
    std::vector<bool> with;
};

double youden(const Rows& rows, double cut) {
    double with = 0.0, without = 0.0, found = 0.0, false_alarms = 0.0;
    for (std::size_t i = 0; i < rows.score.size(); ++i) {
        const double above = rows.score[i] >= cut ? 1.0 : 0.0;
        (rows.with[i] ? with : without) += 1.0;
        (rows.with[i] ? found : false_alarms) += above;
    }
    return found / with - false_alarms / without;
}

}  // namespace

Bootstrap bootstrap(int n, const std::function<double(std::span<const int>)>& statistic,
                    const ResampleSettings& settings, double level, const Progress& progress) {
    require_level(level);
    require_times(settings);
    if (n < 2) throw InputError("A bootstrap draws from two patients or more.");
    Bootstrap out;
    out.basis.method = "percentile bootstrap, " + std::to_string(settings.times) + " resamples of patients, seed " +
                       std::to_string(settings.seed);
    out.basis.n = n;
    std::vector<int> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), 0);
    const double value = statistic(all);
    if (std::isnan(value))
        throw InputError("The statistic has no value on these data, so there is nothing to resample.");
    std::vector<double> values(static_cast<std::size_t>(settings.times), kNan);
    in_blocks(settings.times, progress, "drawing patients again",
              [&](int i) { values[static_cast<std::size_t>(i)] = statistic(drawn_rows(n, settings, i)); });
    std::vector<double> known;
    std::copy_if(values.begin(), values.end(), std::back_inserter(known), [](double v) { return !std::isnan(v); });
    out.undefined = settings.times - static_cast<int>(known.size());
    if (out.undefined > 0) {
        out.basis.exclusions.push_back(std::to_string(out.undefined) + " resamples without a value");
    }
    out.estimate = {value, quantile(known, 0.5 - 0.5 * level).value_or(kNan),
                    quantile(known, 0.5 + 0.5 * level).value_or(kNan), level};
    const auto count = static_cast<double>(known.size());
    const double mean = std::accumulate(known.begin(), known.end(), 0.0) / count;
    double squares = 0.0;
    for (const double v : known) squares += (v - mean) * (v - mean);
    out.standard_error = std::sqrt(squares / (count - 1.0));
    out.bias = mean - value;
    return out;
}

PermutationTest permutation_test(std::span<const double> first, std::span<const double> second,
                                 const ResampleSettings& settings, const Progress& progress) {
    require_times(settings);
    PermutationTest out;
    out.basis.method = "permutation of the labels, " + std::to_string(settings.times) + " times, seed " +
                       std::to_string(settings.seed) + ", difference of means";
    std::vector<double> values;
    const auto take = [&](std::span<const double> from) {
        std::size_t taken = 0;
        for (const double v : from)
            std::isnan(v) ? static_cast<void>(++out.basis.missing) : (values.push_back(v), static_cast<void>(++taken));
        return taken;
    };
    const std::size_t n1 = take(first), n2 = take(second);
    if (n1 == 0 || n2 == 0) throw InputError("A group has no value, so there is nothing to compare.");
    out.basis.n = static_cast<int>(n1 + n2);
    const double total = std::accumulate(values.begin(), values.end(), 0.0);
    const auto difference = [&](const std::vector<double>& v) {
        const double sum = std::accumulate(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n1), 0.0);
        return sum / static_cast<double>(n1) - (total - sum) / static_cast<double>(n2);
    };
    out.difference = difference(values);
    double largest = 0.0;
    for (const double v : values) largest = std::max(largest, std::abs(v));
    const double edge = std::abs(out.difference) - kTie * largest;
    std::atomic<int> as_large{0};
    in_blocks(settings.times, progress, "exchanging labels", [&](int i) {
        Draws draws(settings.seed, static_cast<std::uint64_t>(i));
        std::vector<double> shuffled = values;
        draws.shuffle(std::span(shuffled));
        if (std::abs(difference(shuffled)) >= edge) ++as_large;
    });
    out.p = (1.0 + as_large) / (1.0 + settings.times);
    return out;
}

CutOptimism youden_optimism(std::span<const double> score, std::span<const double> outcome,
                            const ResampleSettings& settings, double level) {
    require_times(settings);
    const Roc here = roc(score, outcome, level);
    Rows all;
    for (std::size_t i = 0; i < score.size(); ++i) {
        if (std::isnan(score[i]) || std::isnan(outcome[i])) continue;
        all.score.push_back(score[i]);
        all.with.push_back(outcome[i] > 0.5);
    }
    CutOptimism out;
    out.basis = here.basis;
    out.basis.method = "Youden's cut, optimism by bootstrap, " + std::to_string(settings.times) + " resamples, seed " +
                       std::to_string(settings.seed);
    out.cut = here.cut;
    out.apparent = youden(all, here.cut);
    const auto n = static_cast<int>(all.score.size());
    std::vector<double> optimism(static_cast<std::size_t>(settings.times), kNan), cuts = optimism;
    for_each_part(settings.times, [&](int i) {
        Rows drawn;
        std::vector<double> drawn_outcome;
        for (const int row : drawn_rows(n, settings, i)) {
            drawn.score.push_back(all.score[static_cast<std::size_t>(row)]);
            drawn.with.push_back(all.with[static_cast<std::size_t>(row)]);
            drawn_outcome.push_back(drawn.with.back() ? 1.0 : 0.0);
        }
        const auto with = std::count(drawn.with.begin(), drawn.with.end(), true);
        if (with == 0 || with == n) return;  // one class only: no cut can be chosen
        const double cut = roc(drawn.score, drawn_outcome).cut;
        cuts[static_cast<std::size_t>(i)] = cut;
        optimism[static_cast<std::size_t>(i)] = youden(drawn, cut) - youden(all, cut);
    });
    double sum = 0.0;
    int known = 0;
    for (const double o : optimism) {
        if (std::isnan(o)) continue;
        sum += o;
        ++known;
    }
    if (known < settings.times) {
        out.basis.exclusions.push_back(std::to_string(settings.times - known) + " resamples with one outcome only");
    }
    if (known == 0) throw InputError("No resample holds both outcomes; there are too few patients for a bootstrap.");
    out.optimism = sum / known;
    out.corrected = out.apparent - out.optimism;
    out.cut_spread = {out.cut, quantile(cuts, 0.5 - 0.5 * level).value_or(kNan),
                      quantile(cuts, 0.5 + 0.5 * level).value_or(kNan), level};
    return out;
}

}  // namespace precentral::cohort
