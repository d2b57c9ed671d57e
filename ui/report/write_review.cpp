// SPDX-License-Identifier: Apache-2.0
#include <QBuffer>
#include <QFileInfo>
#include <QPageLayout>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <algorithm>

#include "data/error.h"
#include "ui/report/canvas.h"
#include "ui/report/report_session.h"
#include "ui/report/review.h"
#include "ui/report/review_html.h"
#include "ui/report/review_page.h"

namespace precentral {

namespace {

QByteArray pdf_page(const Letter& letter, const ReviewFacts& facts, const ReviewFigures& figures, const PageFit& fit) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Portrait, QMarginsF(0.0, 0.0, 0.0, 0.0)));
    writer.setResolution(1200);
    writer.setTitle(words(letter.title + ", " + letter.code));
    writer.setCreator(QStringLiteral("Precentral " PRECENTRAL_VERSION));
    QPainter painter(&writer);
    painter.scale(1200.0 / 96.0, 1200.0 / 96.0);
    paint_page(painter, letter, facts, figures, fit);
    painter.end();
    return buffer.data();
}

// Whole or not at all: written beside its name, then put in place.
void write_whole(const QByteArray& bytes, const QString& path) {
    const auto fail = [&](const QString& why) {
        throw Error("The review could not be written to " + path.toStdString() + ": " + why.toStdString() +
                    ". Nothing was changed; choose another folder or free some space.");
    };
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) fail(file.errorString());
    if (file.write(bytes) != bytes.size() || !file.commit()) fail(file.errorString());
}

}  // namespace

std::vector<std::string> write_review(const ReviewInput& review, const std::filesystem::path& out) {
    const QString path = words(out.string());
    std::string extension = out.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (extension != ".pdf" && extension != ".html" && extension != ".htm") {
        throw InputError("The review is written as .pdf or .html; \"" + out.string() + "\" ends in neither.");
    }
    const QFileInfo folder(QFileInfo(path).absolutePath());
    if (!folder.isDir()) {
        throw InputError("The folder " + folder.filePath().toStdString() +
                         " for the review does not exist; make it or choose another.");
    }
    if (QFileInfo(path).isDir())
        throw InputError(out.string() + " is a folder; give the name of a file for the review.");

    const ReportSession session;
    const ReviewFacts facts = facts_of(review);
    const Letter letter = letter_of(review, facts);
    const ReviewFigures figures(facts, review);
    const PageFit fit = fit_page(letter, facts, figures);
    write_whole(extension == ".pdf" ? pdf_page(letter, facts, figures, fit) : html_page(letter, facts, figures, fit),
                path);

    std::vector<std::string> warnings = session.warnings();
    if (!figures.cortex.missing().empty())
        warnings.push_back("Cortex picture not available: " + figures.cortex.missing());
    return warnings;
}

}  // namespace precentral
