// SPDX-License-Identifier: Apache-2.0
// The figures of the page with the words around them, made once for whichever form the page takes.
#pragma once

#include <optional>
#include <string>

#include "ui/report/cortex_figure.h"
#include "ui/report/pulses_figure.h"
#include "ui/report/relief_figure.h"
#include "ui/report/threshold_figure.h"

namespace precentral {

struct FigureWords {
    std::string title;
    std::string aside;  // beside the title: n, method, interval
};

struct ReviewFigures {
    ReviewFigures(const ReviewFacts& facts, const ReviewInput& review);

    ReliefFigure relief;
    ThresholdFigure threshold;
    CortexFigure cortex;
    std::optional<PulsesFigure> first, last;  // treated sessions; `last` empty when there is only one
    FigureWords relief_words, threshold_words, cortex_words, first_words, last_words;
    std::string cortex_caption;
};

}  // namespace precentral
