// SPDX-License-Identifier: Apache-2.0
#include "ui/report/cohort_figure.h"

#include <QBuffer>
#include <QImage>
#include <QSaveFile>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "data/error.h"
#include "data/text_file.h"
#include "ui/report/canvas.h"

namespace precentral {
namespace {

constexpr double kPadding = 14.0;
constexpr double kDotsPerInch = 300.0;

void paint(QPainter& painter, const CohortFigure& figure) {
    Canvas canvas(painter);
    canvas.rect({0.0, 0.0, figure.width, figure.height}, ink::kPaper);
    const double wide = figure.width - 2.0 * kPadding;
    canvas.text(kPadding, kPadding + 14.0, words(figure.title), {.size = 15.0, .bold = true});
    canvas.text(kPadding, kPadding + 33.0, words(figure.subtitle), {.size = 12.0, .colour = ink::kMuted});
    const std::vector<TextRun> footer{{words(figure.footer), false, ink::kMuted}};
    const QRectF measure(kPadding, 0.0, wide, 200.0);
    const int lines = canvas.paragraph(measure, footer, 11.0, 15.0, 5, false);
    const double footer_top = figure.height - kPadding - 15.0 * lines;
    canvas.paragraph({kPadding, footer_top, wide, 15.0 * lines + 2.0}, footer, 11.0, 15.0, 5);
    const double top = kPadding + 44.0;
    figure.draw(canvas, {kPadding, top, wide, footer_top - top - 8.0});
}

void put(const QByteArray& bytes, const std::filesystem::path& path) {
    QSaveFile file(words(path.string()));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        throw Error("The figure " + path.string() + " could not be written: " + file.errorString().toStdString() + ".");
    }
}

}  // namespace

std::vector<std::string> save_figure(const std::filesystem::path& folder, const CohortFigure& figure) {
    QByteArray svg;
    {
        QBuffer buffer(&svg);
        buffer.open(QIODevice::WriteOnly);
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setResolution(96);
        generator.setSize(QSizeF(figure.width, figure.height).toSize());
        generator.setViewBox(QRectF(0.0, 0.0, figure.width, figure.height));
        generator.setTitle(words(figure.title));
        generator.setDescription(words(figure.footer));
        QPainter painter(&generator);
        paint(painter, figure);
    }
    const double scale = kDotsPerInch / 96.0;
    QImage image(static_cast<int>(std::lround(scale * figure.width)),
                 static_cast<int>(std::lround(scale * figure.height)), QImage::Format_RGB32);
    image.setDotsPerMeterX(static_cast<int>(std::lround(kDotsPerInch / 0.0254)));
    image.setDotsPerMeterY(static_cast<int>(std::lround(kDotsPerInch / 0.0254)));
    image.fill(Qt::white);
    {
        QPainter painter(&image);
        painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing | QPainter::SmoothPixmapTransform);
        painter.scale(scale, scale);
        paint(painter, figure);
    }
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG")) throw Error("The figure " + figure.file + " could not be made into a PNG.");
    put(svg, folder / (figure.file + ".svg"));
    put(png, folder / (figure.file + ".png"));
    write_text_file((folder / (figure.file + ".csv")).string(), figure.csv);
    return {figure.file + ".svg", figure.file + ".png", figure.file + ".csv"};
}

std::string figure_text(const char* format, double a, double b, double c) {
    char text[160];
    std::snprintf(text, sizeof text, format, a, b, c);
    return text;
}

void PlotAxes::draw(Canvas& canvas, const std::vector<double>& x_ticks, const std::vector<double>& y_ticks,
                    const std::string& x_name, const std::string& y_name) const {
    const auto label = [](double v) {
        return words(std::to_string(static_cast<int>(std::lround(v)))).replace('-', QChar(0x2212));
    };
    for (const double tick : y_ticks) {
        canvas.line(area.left(), y(tick), area.right(), y(tick), ink::kLine, 0.7);
        canvas.text(area.left() - 6.0, y(tick) + 4.0, label(tick),
                    {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
    }
    for (const double tick : x_ticks) {
        canvas.line(x(tick), area.bottom(), x(tick), area.bottom() + 4.0, ink::kMuted);
        canvas.text(x(tick), area.bottom() + 17.0, label(tick),
                    {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::middle});
    }
    canvas.line(area.left(), area.bottom(), area.right(), area.bottom(), ink::kMuted);
    canvas.text(area.center().x(), area.bottom() + 33.0, words(x_name), {.size = 11.5, .anchor = Anchor::middle});
    canvas.text(area.left() - 34.0, area.top() - 11.0, words(y_name), {.size = 11.5});
}

}  // namespace precentral
