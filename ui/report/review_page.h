// SPDX-License-Identifier: Apache-2.0
// The page on one A4 sheet, laid out in CSS pixels (794 by 1123).
#pragma once

#include "ui/report/letter.h"
#include "ui/report/review_figures.h"

class QPainter;

namespace precentral {

inline constexpr double kPageWidth = 794.0;
inline constexpr double kPageHeight = 1123.0;

// What makes everything fit on one sheet: figures shrink first, then the table leaves out its middle.
struct PageFit {
    double relief_px = 142.0;  // heights of the figures
    double threshold_px = 92.0;
    double cortex_px = 200.0;
    double pulses_px = 112.0;
    double row_px = 17.0;  // of a line of the table
    std::size_t rows = 0;  // lines of the table
};
PageFit fit_page(const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures);

void paint_page(QPainter& painter, const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures,
                const PageFit& fit);

}  // namespace precentral
