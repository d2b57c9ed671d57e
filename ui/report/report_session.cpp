// SPDX-License-Identifier: Apache-2.0
#include "ui/report/report_session.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <array>
#include <string>

#include "data/error.h"
#include "ui/report/canvas.h"

namespace precentral {

// The application keeps references to its arguments, so they live beside it.
struct ReportSession::Application {
    std::string program = "precentral";
    std::string option = "-platform";
    std::string platform = "offscreen";  // never the display: it may be named and yet not be there
    std::array<char*, 4> arguments = {program.data(), option.data(), platform.data(), nullptr};
    int count = 3;
    QGuiApplication gui{count, arguments.data()};
};

ReportSession::ReportSession() {
    if (QCoreApplication::instance() == nullptr) {
        application_ = std::make_unique<Application>();
    } else if (qobject_cast<QGuiApplication*>(QCoreApplication::instance()) == nullptr) {
        throw Error(
            "The report cannot be drawn: this program started Qt without drawing. Make a ReportSession first thing in "
            "main().");
    }
    if (!QFontDatabase::families().contains(kFontFamily)) {
        const QFont wanted = report_font(12.0, false);
        warnings_.push_back("The font Noto Sans is not installed; the report is set in " +
                            QFontInfo(wanted).family().toStdString() + ". Install the package fonts-noto-core.");
    }
}

ReportSession::~ReportSession() = default;

}  // namespace precentral
