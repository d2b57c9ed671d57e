// SPDX-License-Identifier: Apache-2.0
#include "ui/report/report_session.h"

#include <unistd.h>
#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>

#include <array>
#include <filesystem>
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

namespace {

// Outside a login session Qt complains of having no folder for sockets, and then uses this one.
void give_runtime_folder() {
    if (qEnvironmentVariableIsSet("XDG_RUNTIME_DIR")) return;
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("runtime-" + std::to_string(::getuid()));
    std::error_code ignored;
    std::filesystem::create_directory(folder, ignored);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ignored);
    qputenv("XDG_RUNTIME_DIR", folder.c_str());
}

}  // namespace

ReportSession::ReportSession() {
    if (QCoreApplication::instance() == nullptr) {
        give_runtime_folder();
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
