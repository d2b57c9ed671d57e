// SPDX-License-Identifier: Apache-2.0
#include "ui/report/review_page.h"

#include <QFontMetricsF>
#include <QImage>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/report/canvas.h"

namespace precentral {

namespace {

constexpr double kLeft = 52.0, kRight = kPageWidth - 52.0, kWidth = kRight - kLeft;
constexpr double kTop = 34.0, kFooterTop = 1068.0;
constexpr double kLine = 17.0, kBody = 12.5;
constexpr double kHalf = 334.0;  // of the two pulse figures

// From the top of the page to the bottom; every part moves `y_` on. Measuring and painting are the same code.
class Page {
public:
    Page(QPainter& painter, const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures,
         const PageFit& fit)
        : canvas_(painter),
          letter_(letter),
          figures_(figures),
          fit_(fit),
          rows_(shortened_rows(letter, facts, fit.rows)) {}

    // Returns where the content ends.
    double lay_out(bool draw) {
        draw_ = draw;
        y_ = kTop;
        heading();
        facts();
        conclusion();
        visit_figures();
        pulse_figures();
        table();
        section("Adverse events", letter_.adverse, 3);
        section("How sure is this?", letter_.certainty, 4);
        signature();
        if (draw_) footer();
        return y_;
    }

private:
    void text(double x, double baseline, const std::string& what, const PrintStyle& style) {
        if (draw_) canvas_.text(x, baseline, words(what), style);
    }
    int paragraph(const QRectF& area, const std::vector<TextRun>& runs, double size, double line, int most) {
        return canvas_.paragraph(area, runs, size, line, most, draw_);
    }
    void side_mark(double x, double baseline, Side side) {
        if (!draw_) return;
        canvas_.disc({x + 7.0, baseline - 4.4}, 7.0, side == Side::left ? ink::kLeft : ink::kRight, Qt::transparent);
        canvas_.text(x + 7.0, baseline - 0.6, to_letter(side),
                     {.colour = ink::kPaper, .bold = true, .anchor = Anchor::middle});
    }

    void heading() {
        text(kLeft, y_ + 19.0, letter_.title, {.size = 19.0, .bold = true});
        text(kLeft, y_ + 37.0, letter_.subtitle, {.size = kBody, .colour = ink::kMuted});
        double right = kRight;
        if (letter_.simulated && draw_) {
            const PrintStyle style{.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::middle};
            const double width = canvas_.text_width("simulated", style) + 16.0;
            canvas_.rect({right - width, y_ + 3.0, width, 19.0}, Qt::transparent, ink::kMuted, 0.9, {3.0, 2.0}, 4.0);
            canvas_.text(right - width / 2.0, y_ + 16.2, "simulated", style);
            right -= width + 8.0;
        }
        text(right, y_ + 17.5, letter_.code, {.size = 15.0, .bold = true, .anchor = Anchor::end});
        text(kRight, y_ + 37.0, letter_.person, {.size = kBody, .colour = ink::kMuted, .anchor = Anchor::end});
        y_ += 47.0;
        if (draw_) canvas_.line(kLeft, y_, kRight, y_, ink::kText, 1.5);
        y_ += 10.0;
    }

    // Indication and Stimulation at the left, Pain and Target at the right.
    void facts() {
        const struct {
            double label, text, width;
        } columns[2] = {{kLeft, kLeft + 80.0, 266.0}, {kLeft + 366.0, kLeft + 420.0, kWidth - 420.0}};
        for (std::size_t row = 0; row * 2 < letter_.facts.size(); ++row) {
            int lines = 1;
            for (std::size_t column = 0; column < 2 && row * 2 + column < letter_.facts.size(); ++column) {
                const LetterFact& fact = letter_.facts[row * 2 + column];
                double x = columns[column].text, width = columns[column].width;
                text(columns[column].label, y_ + 13.0, fact.label, {.size = kBody, .colour = ink::kMuted});
                if (fact.side) {
                    side_mark(x, y_ + 13.0, *fact.side);
                    x += 19.0;
                    width -= 19.0;
                }
                lines = std::max(
                    lines, paragraph({x, y_, width, 3 * kLine},
                                     {{words(fact.strong), true, ink::kText}, {words(fact.text), false, ink::kText}},
                                     kBody, kLine, 3));
            }
            y_ += lines * kLine + 2.0;
        }
        y_ += 8.0;
    }

    void mark(double x, double y, Answer answer) {
        if (!draw_) return;
        if (answer == Answer::yes) {
            canvas_.disc({x, y}, 4.5, ink::kOn, Qt::transparent);
            QPainterPath tick;
            tick.moveTo(x - 2.2, y + 0.1);
            tick.lineTo(x - 0.6, y + 1.8);
            tick.lineTo(x + 2.3, y - 1.7);
            canvas_.path(tick, Qt::transparent, ink::kPaper, 1.3);
        } else if (answer == Answer::no) {
            canvas_.rect({x - 4.0, y - 4.0, 8.0, 8.0}, ink::kOff);
        } else {
            canvas_.disc({x, y}, 4.0, ink::kPaper, ink::kHidden, 1.4, {2.2, 1.6});
        }
    }

    void conclusion() {
        const double top = y_, x = kLeft + 14.0, width = kWidth - 28.0;
        y_ += 8.0;
        y_ += 20.0 *
              paragraph({x, y_, width, 40.0}, {{words(letter_.conclusion.headline), true, ink::kText}}, 14.5, 20.0, 2);
        y_ += kLine * paragraph({x, y_, width, 3 * kLine}, {{words(letter_.conclusion.definition), false, ink::kText}},
                                kBody, kLine, 3);
        y_ += 5.0;
        const double half = (width - 20.0) / 2.0;
        for (std::size_t row = 0; row * 2 < letter_.conclusion.findings.size(); ++row) {
            int lines = 1;
            for (std::size_t column = 0; column < 2; ++column) {
                const std::size_t i = row * 2 + column;
                if (i >= letter_.conclusion.findings.size()) break;
                const Finding& finding = letter_.conclusion.findings[i];
                const double at = x + static_cast<double>(column) * (half + 20.0);
                mark(at + 5.0, y_ + 8.0, finding.answer);
                lines = std::max(lines, paragraph({at + 15.0, y_, half - 15.0, 45.0},
                                                  {{words(finding.name + "  "), true, ink::kText},
                                                   {words(finding.text), false, ink::kText}},
                                                  11.0, 15.0, 3));
            }
            y_ += 15.0 * lines + 2.0;
        }
        y_ += 7.0;
        if (draw_) {
            // The edge takes the worst state, as on the screen.
            const Answer worst = worst_of(letter_.conclusion);
            canvas_.rect({kLeft, top + 6.0, 4.0, y_ - top - 12.0}, worst == Answer::no    ? ink::kOff
                                                                   : worst == Answer::yes ? ink::kOn
                                                                                          : ink::kHidden);
            canvas_.rect({kLeft, top, kWidth, y_ - top}, Qt::transparent, ink::kText, 1.2, {}, 5.0);
        }
        y_ += 13.0;
    }

    void title(double x, double y, double width, const FigureWords& words_of) {
        if (!draw_) return;
        const PrintStyle bold{.size = kBody, .bold = true}, aside{.size = 10.5, .colour = ink::kMuted};
        canvas_.text(x, y + 13.0, words(words_of.title), bold);
        const double start = x + canvas_.text_width(words(words_of.title), bold) + 10.0;
        const QString rest = QFontMetricsF(report_font(10.5, false))
                                 .elidedText(words(words_of.aside), Qt::ElideRight, (x + width - start) * 10.0);
        canvas_.text(start, y + 13.0, rest, aside);
    }

    void visit_figures() {
        const double left = 362.0, right_x = kRight - 300.0;
        const double cortex = fit_.cortex_px, relief = fit_.relief_px, threshold = fit_.threshold_px;
        title(kLeft, y_, left, figures_.relief_words);
        title(right_x, y_, 300.0, figures_.cortex_words);
        const double top = y_ + 20.0;
        if (draw_) figures_.relief.draw(canvas_.painter(), {kLeft, top, left, relief});
        title(kLeft, top + relief + 6.0, left, figures_.threshold_words);
        if (draw_) {
            figures_.threshold.draw(canvas_.painter(), {kLeft, top + relief + 24.0, left, threshold});
            figures_.cortex.draw(canvas_.painter(), {right_x, top, 300.0, cortex});
        }
        cortex_caption(right_x, top + cortex + 5.0);
        y_ = top + std::max(relief + 24.0 + threshold, cortex + 5.0 + 42.0) + 10.0;
    }

    void cortex_caption(double x, double y) {
        if (!draw_) return;
        const PrintStyle style{.colour = ink::kMuted};
        canvas_.text(x, y + 10.5, words(figures_.cortex_caption + (letter_.any_unknown ? "; dashed: not known" : "")),
                     style);
        double at = x;
        for (const ReliefClass relief :
             {ReliefClass::under10, ReliefClass::from10, ReliefClass::from30, ReliefClass::from50}) {
            canvas_.relief_disc({at + 5.0, y + 21.0}, 4.2, relief);
            const QString name = QString::fromUtf8(relief_mark(relief).words);
            canvas_.text(at + 13.0, y + 24.8, name, style);
            at += 13.0 + canvas_.text_width(name, style) + 11.0;
        }
        canvas_.text(x, y + 38.8, words(figures_.cortex.outside()), style);
    }

    void pulse_figures() {
        const double height = fit_.pulses_px;
        if (!figures_.first) return;
        const auto one = [&](double x, const PulsesFigure& figure, const FigureWords& words_of) {
            title(x, y_, kHalf, words_of);
            if (!draw_) return;
            figure.draw(canvas_.painter(), {x, y_ + 18.0, kHalf, height});
            canvas_.text(x, y_ + 18.0 + height + 13.0, words(figure.caption()), {.colour = ink::kMuted});
        };
        one(kLeft, *figures_.first, figures_.first_words);
        if (figures_.last) one(kRight - kHalf, *figures_.last, figures_.last_words);
        y_ += 18.0 + height + 17.0;
        text(kLeft, y_ + 10.0, letter_.deviation_note, {.colour = ink::kMuted});
        y_ += 23.0;
    }

    void table() {
        // Right edges; columns 1 and 10 start at the left instead.
        static constexpr double kEdges[kColumns] = {20.0,  32.0,  160.0, 218.0, 316.0, 404.0,
                                                    476.0, 512.0, 554.0, 606.0, 622.0};
        const PrintStyle head{.size = 11.5, .colour = ink::kMuted};
        const auto cell = [&](std::size_t column, double baseline, const QString& what, PrintStyle style) {
            const bool from_left = column == 1 || column == 10;
            style.anchor = from_left ? Anchor::start : Anchor::end;
            canvas_.text(kLeft + kEdges[column], baseline, what, style);
        };
        text(kLeft, y_ + 12.0, "Sessions", {.size = kBody, .bold = true});
        if (draw_) {
            for (std::size_t column = 0; column < kColumns; ++column) {
                for (std::size_t line = 0; line < 2; ++line) {
                    cell(column, y_ + 12.0 + 15.0 * static_cast<double>(line), words(letter_.heads[column][line]),
                         head);
                }
            }
            canvas_.line(kLeft, y_ + 32.0, kRight, y_ + 32.0, ink::kText, 1.0);
        }
        y_ += 34.0;
        for (const LetterRow& row : rows_) {
            if (draw_) {
                for (std::size_t column = 0; column < kColumns; ++column) {
                    PrintStyle style{.size = 11.5};
                    style.bold = column == 7 || (column == 4 && row.incomplete);
                    if (row.summary) style.colour = ink::kMuted;
                    QString what = words(row.cells[column]);
                    if (column == kColumns - 1) {
                        what = QFontMetricsF(report_font(11.5, false))
                                   .elidedText(what, Qt::ElideRight, (kWidth - kEdges[column]) * 10.0);
                    }
                    cell(column, y_ + fit_.row_px - 4.5, what, style);
                }
            }
            y_ += fit_.row_px;
        }
        if (!letter_.rows_note.empty()) {
            y_ += 3.0 + 14.0 * paragraph({kLeft, y_ + 3.0, kWidth, 28.0},
                                         {{words(letter_.rows_note), false, ink::kMuted}}, 10.5, 14.0, 2);
        }
        y_ += 9.0;
    }

    void section(const std::string& name, const std::string& what, int most) {
        text(kLeft, y_ + 12.5, name, {.size = kBody, .bold = true});
        y_ += 17.0;
        y_ += kLine *
              paragraph({kLeft, y_, kWidth, most * kLine}, {{words(what), false, ink::kText}}, kBody, kLine, most);
        y_ += 7.0;
    }

    // Where there is room the signature stands apart from the text; it always ends above the footer.
    void signature() {
        y_ += draw_ ? std::min(30.0, std::max(18.0, kFooterTop - 38.0 - y_)) : 18.0;
        if (draw_) {
            canvas_.line(kLeft, y_, kLeft + 250.0, y_, ink::kText, 1.0);
            canvas_.text(kLeft, y_ + 15.0, "not signed yet · draft", {.size = kBody, .colour = ink::kMuted});
            canvas_.text(kRight, y_ + 15.0, words(letter_.record),
                         {.size = 11.0, .colour = ink::kMuted, .anchor = Anchor::end});
        }
        y_ += 22.0;
    }

    void footer() {
        canvas_.line(kLeft, kFooterTop, kRight, kFooterTop, ink::kRule, 1.0);
        paragraph({kLeft, kFooterTop + 6.0, kWidth, 28.0}, {{words(letter_.footer), false, ink::kMuted}}, 10.5, 14.0,
                  2);
    }

    Canvas canvas_;
    const Letter& letter_;
    const ReviewFigures& figures_;
    PageFit fit_;
    std::vector<LetterRow> rows_;
    bool draw_ = false;
    double y_ = 0.0;
};

}  // namespace

PageFit fit_page(const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures) {
    QImage nothing(1, 1, QImage::Format_RGB32);
    QPainter painter(&nothing);
    const auto fits = [&](const PageFit& fit) {
        return Page(painter, letter, facts, figures, fit).lay_out(false) <= kFooterTop;
    };
    PageFit fit;
    fit.rows = letter.rows.size();
    for (const double scale : {1.0, 0.94, 0.88, 0.82}) {
        const PageFit full;
        fit.relief_px = std::round(full.relief_px * scale);
        fit.threshold_px = std::round(full.threshold_px * scale);
        fit.cortex_px = std::round(full.cortex_px * scale);
        fit.pulses_px = std::round(full.pulses_px * std::sqrt(scale));  // has the smallest parts
        fit.row_px = scale < 1.0 ? 15.0 : full.row_px;
        if (fits(fit)) return fit;
    }
    while (fit.rows > 3 && !fits(fit)) --fit.rows;
    return fit;
}

void paint_page(QPainter& painter, const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures,
                const PageFit& fit) {
    Page(painter, letter, facts, figures, fit).lay_out(true);
}

}  // namespace precentral
