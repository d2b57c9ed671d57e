// SPDX-License-Identifier: Apache-2.0
// A figure of a cohort: its words, what is drawn, the numbers behind it, and its files.
#pragma once

#include <QRectF>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace precentral {

class Canvas;

struct CohortFigure {
    std::string file;      // without ending, "forest"
    std::string title;     // a question in plain words
    std::string subtitle;  // outcome and n
    std::string footer;    // method, interval and its level, what was left out
    double width = 560.0;  // CSS pixels
    double height = 360.0;
    std::function<void(Canvas&, const QRectF&)> draw;  // within the frame's words
    std::string csv;                                   // the numbers that are drawn
};

// `folder`/FILE.svg, FILE.png (300 dots an inch) and FILE.csv. Needs a ReportSession. Returns the files' names. Throws
// Error naming a file that cannot be written.
std::vector<std::string> save_figure(const std::filesystem::path& folder, const CohortFigure& figure);

// Up to three numbers put into words as printf does, at most 159 bytes.
std::string figure_text(const char* format, double a, double b = 0.0, double c = 0.0);

// Axes of a plot with ticks outside and thin lines inside.
struct PlotAxes {
    QRectF area;
    double x_low = 0.0, x_high = 1.0, y_low = 0.0, y_high = 1.0;
    double x(double value) const { return area.left() + (value - x_low) / (x_high - x_low) * area.width(); }
    double y(double value) const { return area.bottom() - (value - y_low) / (y_high - y_low) * area.height(); }
    void draw(Canvas& canvas, const std::vector<double>& x_ticks, const std::vector<double>& y_ticks,
              const std::string& x_name, const std::string& y_name) const;
};

}  // namespace precentral
