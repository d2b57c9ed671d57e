// SPDX-License-Identifier: Apache-2.0
#include "ui/report/review_html.h"

#include <QBuffer>
#include <QPainter>
#include <QRegularExpression>
#include <QSvgGenerator>
#include <functional>

#include "ui/report/canvas.h"

namespace precentral {

namespace {

constexpr const char* kStyle = R"css(
@page{size:A4 portrait;margin:0}
*{box-sizing:border-box;margin:0;padding:0}
html{background:#eef1f4;-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{position:relative;width:794px;min-height:1123px;margin:0 auto;padding:34px 52px 62px;background:#fff;color:#17202a;
font:12.5px/17px "Noto Sans","Inter",system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
@media print{html{background:#fff}body{margin:0}}
svg{display:block;overflow:hidden}
.mu{color:#5d6a77}.cap{font-size:10.5px;line-height:14px;color:#5d6a77}
.cap svg,.f svg,.find svg{display:inline-block;vertical-align:-1.5px}
.top{display:flex;justify-content:space-between;border-bottom:1.5px solid #17202a;padding-bottom:9px}
.top .r{text-align:right}.top .r b{font-size:15px}.sim{font-size:11px;color:#5d6a77;border:1px dashed #5d6a77;border-radius:4px;padding:2px 8px;margin-left:8px}
h1{font-size:19px;line-height:24px}h2{font-size:12.5px;line-height:17px;margin-top:7px}
h2 small{font-weight:400;font-size:10.5px;color:#5d6a77;margin-left:8px}
.k{display:grid;grid-template-columns:70px 266px 44px 1fr;gap:2px 10px;margin-top:10px}
.con{border:1.2px solid #17202a;border-radius:5px;padding:8px 14px;margin-top:8px}.con.yes{border-left:5px solid #0b7f5f}.con.no{border-left:5px solid #b3381a}.con.unknown{border-left:5px solid #6f47ad}
.con .x{font-size:14.5px;line-height:20px;font-weight:700}
.find{display:grid;grid-template-columns:1fr 1fr;gap:2px 20px;margin-top:5px;font-size:11px;line-height:15px}
.find div{padding-left:15px;text-indent:-15px}.find svg{margin-right:5px}
.row{display:flex;justify-content:space-between;margin-top:6px}
table{width:100%;border-collapse:collapse;font-size:11.5px;line-height:15px}
th{font-weight:400;color:#5d6a77;text-align:right;vertical-align:bottom;border-bottom:1px solid #17202a;padding:0 5px 3px}
td{text-align:right;padding:1px 5px;white-space:nowrap}.l{text-align:left}td.l{white-space:normal}tr.sum td{color:#5d6a77}
.sig{display:flex;justify-content:space-between;margin-top:22px}.sig .ln{border-top:1px solid #17202a;width:250px;padding-top:3px}
footer{position:absolute;left:52px;right:52px;bottom:20px;border-top:1px solid #b8c0c8;padding-top:5px;font-size:10.5px;line-height:14px;color:#5d6a77}
)css";

QString safe(const std::string& text) { return words(text).toHtmlEscaped(); }

QString svg_of(double width, double height, const std::string& name,
               const std::function<void(QPainter&, const QRectF&)>& draw) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(96);
    generator.setSize(QSize(static_cast<int>(width), static_cast<int>(height)));
    generator.setViewBox(QRectF(0.0, 0.0, width, height));
    QPainter painter(&generator);
    draw(painter, QRectF(0.0, 0.0, width, height));
    painter.end();
    QString svg = QString::fromUtf8(buffer.data());
    svg.remove(0, std::max<qsizetype>(0, svg.indexOf("<svg")));  // no XML prolog inside a page
    // Inside HTML the names of the namespaces are not needed, and a page without addresses is easy to check.
    static const QRegularExpression kNamespaces(R"re(\s+xmlns(:\w+)?="[^"]*")re");
    static const QRegularExpression kTitle(R"re(<title>[^<]*</title>\s*(<desc>[^<]*</desc>)?)re");
    static const QRegularExpression kSize(R"re(<svg width="[^"]*" height="[^"]*")re");
    svg.remove(kNamespaces);
    svg.replace("xlink:href=", "href=");
    svg.replace(kTitle, "<title>" + safe(name) + "</title>");
    svg.replace(kSize, QStringLiteral("<svg role=\"img\" width=\"%1\" height=\"%2\"").arg(width).arg(height));
    svg.replace("font-family=\"Noto Sans\"", "font-family=\"Noto Sans, Inter, system-ui, sans-serif\"");
    return svg;
}

QString disc(const ReliefMark& mark) {
    return QStringLiteral(
               "<svg width=\"10\" height=\"10\"><circle cx=\"5\" cy=\"5\" r=\"4.2\" fill=\"#%1\" "
               "stroke=\"#17202a\"/></svg> ")
        .arg(mark.light, 6, 16, QLatin1Char('0'));
}

QString answer_mark(Answer answer) {
    switch (answer) {
        case Answer::yes:
            return "<svg width=\"10\" height=\"10\"><title>yes</title><circle cx=\"5\" cy=\"5\" r=\"4.5\" "
                   "fill=\"#0b7f5f\"/>"
                   "<path d=\"M2.8 5.1L4.4 6.8L7.3 3.3\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1.3\"/></svg>";
        case Answer::no:
            return "<svg width=\"10\" height=\"10\"><title>no</title><rect x=\"1\" y=\"1\" width=\"8\" height=\"8\" "
                   "fill=\"#b3381a\"/></svg>";
        case Answer::unknown: break;
    }
    return "<svg width=\"10\" height=\"10\"><title>not known</title><circle cx=\"5\" cy=\"5\" r=\"4\" fill=\"#fff\" "
           "stroke=\"#6f47ad\" stroke-width=\"1.4\" stroke-dasharray=\"2.2 1.6\"/></svg>";
}

QString edge_class(Answer answer) { return answer == Answer::yes ? "yes" : answer == Answer::no ? "no" : "unknown"; }

QString side_mark(Side side) {
    return QStringLiteral(
               "<svg width=\"15\" height=\"15\" style=\"vertical-align:-3px\"><circle cx=\"7.5\" cy=\"7.5\" "
               "r=\"7\" fill=\"%1\"/><text x=\"7.5\" y=\"11.3\" text-anchor=\"middle\" font-size=\"10.5\" "
               "font-weight=\"700\" fill=\"#fff\">%2</text></svg> ")
        .arg(side == Side::left ? "#0d6ea8" : "#a85a00", to_letter(side));
}

QString heading(const Letter& letter) {
    QString out = "<div class=\"top\"><div><h1>" + safe(letter.title) + "</h1><div class=\"mu\">" +
                  safe(letter.subtitle) + "</div></div><div class=\"r\"><b>" + safe(letter.code) + "</b>";
    if (letter.simulated) out += "<span class=\"sim\">simulated</span>";
    out += "<div class=\"mu\">" + safe(letter.person) + "</div></div></div>\n<div class=\"k\">";
    for (const LetterFact& fact : letter.facts) {
        out += "<span class=\"mu\">" + safe(fact.label) + "</span><span class=\"f\">";
        if (fact.side) out += side_mark(*fact.side);
        out += "<b>" + safe(fact.strong) + "</b>" + safe(fact.text) + "</span>";
    }
    out += "</div>\n<div class=\"con " + edge_class(worst_of(letter.conclusion)) + "\"><div class=\"x\">" +
           safe(letter.conclusion.headline) + "</div>" + safe(letter.conclusion.definition) + "<div class=\"find\">";
    for (const Finding& finding : letter.conclusion.findings) {
        out += "<div>" + answer_mark(finding.answer) + "<b>" + safe(finding.name) + "</b>&#160; " + safe(finding.text) +
               "</div>";
    }
    return out + "</div></div>\n";
}

QString title(const FigureWords& of) { return "<h2>" + safe(of.title) + "<small>" + safe(of.aside) + "</small></h2>"; }

QString figures_html(const Letter& letter, const ReviewFigures& figures, const PageFit& fit) {
    const auto painted = [](const auto& figure) {
        return [&figure](QPainter& painter, const QRectF& area) { figure.draw(painter, area); };
    };
    QString out = "<div class=\"row\"><div style=\"width:362px\">" + title(figures.relief_words) +
                  svg_of(362, fit.relief_px, figures.relief_words.title, painted(figures.relief)) +
                  title(figures.threshold_words) +
                  svg_of(362, fit.threshold_px, figures.threshold_words.title, painted(figures.threshold)) +
                  "</div><div style=\"width:300px\">" + title(figures.cortex_words) +
                  svg_of(300, fit.cortex_px, figures.cortex_words.title, painted(figures.cortex)) +
                  "<div class=\"cap\">" +
                  safe(figures.cortex_caption + (letter.any_unknown ? "; dashed: not known" : "")) + "<br/>";
    for (const ReliefClass relief :
         {ReliefClass::under10, ReliefClass::from10, ReliefClass::from30, ReliefClass::from50}) {
        const ReliefMark& mark = relief_mark(relief);
        out += disc(mark) + QString::fromUtf8(mark.words) + "&#160;&#160; ";
    }
    out += "<br/>" + safe(figures.cortex.outside()) + "</div></div></div>\n";
    if (!figures.first) return out;
    const auto one = [&](const PulsesFigure& figure, const FigureWords& of) {
        return "<div style=\"width:334px\">" + title(of) + svg_of(334, fit.pulses_px, of.title, painted(figure)) +
               "<div class=\"cap\">" + safe(figure.caption()) + "</div></div>";
    };
    out += "<div class=\"row\">" + one(*figures.first, figures.first_words);
    if (figures.last) out += one(*figures.last, figures.last_words);
    return out + "</div><div class=\"cap\">" + safe(letter.deviation_note) + "</div>\n";
}

QString table_html(const Letter& letter, const ReviewFacts& facts, const PageFit& fit) {
    QString out = QStringLiteral("<h2>Sessions</h2><table style=\"line-height:%1px\"><tr>").arg(fit.row_px - 2.0);
    const auto left = [](std::size_t column) { return column == 1 || column == kColumns - 1; };
    for (std::size_t column = 0; column < kColumns; ++column) {
        out += QString(left(column) ? "<th class=\"l\">" : "<th>") + safe(letter.heads[column][0]) + "<br/>" +
               safe(letter.heads[column][1]) + "</th>";
    }
    out += "</tr>\n";
    for (const LetterRow& row : shortened_rows(letter, facts, fit.rows)) {
        out += row.summary ? "<tr class=\"sum\">" : "<tr>";
        for (std::size_t column = 0; column < kColumns; ++column) {
            const bool bold = column == 7 || (column == 4 && row.incomplete);
            const QString cell = safe(row.cells[column]);
            out +=
                QString(left(column) ? "<td class=\"l\">" : "<td>") + (bold ? "<b>" + cell + "</b>" : cell) + "</td>";
        }
        out += "</tr>\n";
    }
    return out + "</table><div class=\"cap\">" + safe(letter.rows_note) + "</div>\n";
}

}  // namespace

QByteArray html_page(const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures, const PageFit& fit) {
    QString out = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>" +
                  safe(letter.title + ", " + letter.code) + "</title><style>" + QString(kStyle) +
                  "</style></head><body>\n";
    out += heading(letter) + figures_html(letter, figures, fit) + table_html(letter, facts, fit);
    out += "<h2>Adverse events</h2><p>" + safe(letter.adverse) + "</p><h2>How sure is this?</h2><p>" +
           safe(letter.certainty) + "</p>\n<div class=\"sig\"><div class=\"ln mu\">not signed yet · draft</div>" +
           "<div class=\"mu\" title=\"" + safe(letter.record_full) + "\">" + safe(letter.record) +
           "</div></div>\n<footer>" + safe(letter.footer) + "</footer></body></html>\n";
    return out.toUtf8();
}

}  // namespace precentral
