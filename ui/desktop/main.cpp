// SPDX-License-Identifier: Apache-2.0
// precentral-navigator: the technician's window, on a case of the record or on the demo patient.
#include <QApplication>
#include <QCommandLineParser>
#include <QStandardPaths>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "imaging/content_hash.h"
#include "navigation/clinic_visit.h"
#include "navigation/protocol_file.h"
#include "navigation/rehearsal.h"
#include "ui/desktop/main_window.h"
#include "ui/desktop/running_session.h"
#include "ui/desktop/vtk_view.h"

namespace precentral {
namespace {

constexpr const char* kDemoT1 = "/usr/share/mricron/templates/ch2.nii.gz";
constexpr const char* kExamples =
    "\n\nExamples:\n"
    "  precentral-navigator --demo\n"
    "  precentral-navigator --store clinic.db --case PRC-7K2M4QXA --tracker igtl://camera:18944 \\\n"
    "                       --stimulator magventure:/dev/ttyS0\n"
    "  precentral-navigator --store clinic.db --tracker 'ndi://polaris?Head=head.rom&Stylus=pen.rom&Coil=coil.rom' \\\n"
    "                       --stimulator trigger+udp://:5005 --twitch\n";

struct Arguments {
    QCommandLineParser parser;
    QCommandLineOption demo{"demo", "Open the demo patient in a simulated room."};
    QCommandLineOption play{"autoplay", "Every step goes on by itself (in a simulated room)."};
    QCommandLineOption seed{"seed", "Demo: another patient for another number.", "N", "1"};
    QCommandLineOption visits{"visits", "Demo: visits of the test period.", "N", "1"};
    QCommandLineOption pace{"pace", "Of a simulated room, times real time.", "X", "1"};
    QCommandLineOption t1{"t1", "The MRI: a file or a DICOM folder (default: the one on the case's record; Colin27).",
                          "FILE"};
    QCommandLineOption out{"out", "Where review and demo record go.", "DIR",
                           QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/demo"};
    QCommandLineOption store{"store", "The record: a file or postgresql:// URL (default: PRECENTRAL_STORE).", "PATH"};
    QCommandLineOption patient{"case", "The case's code; not needed while there is one.", "CODE"};
    QCommandLineOption tracker{"tracker", "igtl://host:port, ndi://host?Head=a.rom&…, ndi:/dev/ttyUSB0?…, replay:FILE.",
                               "ADDRESS"};
    QCommandLineOption stimulator{"stimulator",
                                  "Where pulses are heard: magventure:/dev/ttyS0, magstim:/dev/ttyS0, serial:…, "
                                  "trigger+tcp://…, trigger+udp://:port (default: the tracker's own link).",
                                  "ADDRESS"};
    QCommandLineOption protocol{"protocol",
                                "JSON as of `precentral dose check` (default: 20 Hz, 20 x 80 pulses, 80 %).", "FILE"};
    QCommandLineOption twitch{"twitch", "No EMG: after each single pulse answer Y or N, was a twitch seen."};
    QCommandLineOption side{"side", "Of the target: left or right (default: opposite to the pain).", "SIDE"};
    QCommandLineOption override_{"override", "Go on in spite of a guard rail; kept with the session.",
                                 "\"NAME: REASON\""};
    QCommandLineOption head_name{"head-tool", "The head reference's name on the wire.", "NAME", "Head"};
    QCommandLineOption stylus_name{"stylus-tool", "The stylus' name on the wire.", "NAME", "Stylus"};
    QCommandLineOption coil_name{"coil-tool", "The coil's name on the wire.", "NAME", "Coil"};
    QCommandLineOption room{"simulated-room", "The tracker is `precentral simulate patient`, whose hands are led."};

    Arguments() {
        parser.setApplicationDescription("Precentral: navigated TMS of the primary motor cortex. " + disclaimer() +
                                         kExamples);
        parser.addHelpOption();
        for (const auto& option : {demo, play, seed, visits, pace, t1, out, store, patient, tracker, stimulator,
                                   protocol, twitch, side, override_, head_name, stylus_name, coil_name, room}) {
            parser.addOption(option);
        }
    }
    std::string text(const QCommandLineOption& option) const { return parser.value(option).toStdString(); }
};

std::filesystem::path cache_dir() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation).toStdString() + "/precentral";
}

double pace_of(const Arguments& a) {
    bool read = false;
    const double pace = a.parser.value(a.pace).toDouble(&read);
    if (!read || !(pace >= 0.0)) throw InputError("--pace is a number: 1 is real time, 0 as fast as it can.");
    return pace;
}

void require_file(const std::filesystem::path& t1) {
    if (!std::filesystem::exists(t1)) throw InputError("There is no file " + t1.string() + ".");
}

RunningSession::Work demo_work(const Arguments& a) {
    RehearsalOptions options;
    bool numbers_read[2] = {};
    options.seed = a.parser.value(a.seed).toULongLong(&numbers_read[0]);
    options.visits = a.parser.value(a.visits).toInt(&numbers_read[1]);
    if (!numbers_read[0] || !numbers_read[1] || options.visits < 1) {
        throw InputError("--seed and --visits are whole numbers, --visits at least 1.");
    }
    options.t1 = a.parser.isSet(a.t1) ? a.text(a.t1) : kDemoT1;
    require_file(options.t1);
    options.out = std::filesystem::absolute(a.text(a.out));
    options.cache_dir = cache_dir();
    options.pace = pace_of(a);
    options.train_pause_s = 6.0;
    options.pulse_interval_s = 1.0;
    RunningSession::Work work;
    work.t1 = options.t1;
    work.cache_dir = options.cache_dir;
    work.simulated = true;
    work.by_itself = a.parser.isSet(a.play);
    work.run = [options](const HeadModel& head, Latest<SessionView>& screen, OperatorKeys* keys,
                         const Progress& progress) {
        const RehearsalResult result = rehearse(options, head, &screen, keys, progress);
        return RunningSession::Ended{result.store.string(), result.case_code, options.out};
    };
    return work;
}

std::optional<RailOverride> override_of(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || text.find_first_not_of(' ', colon + 1) == std::string::npos) {
        throw InputError("--override says who and why, for example --override \"Dr A: pain on both sides\".");
    }
    return RailOverride{text.substr(0, colon), text.substr(text.find_first_not_of(' ', colon + 1))};
}

RunningSession::Work clinic_work(const Arguments& a) {
    ClinicOptions options;
    const char* usual = std::getenv("PRECENTRAL_STORE");
    options.store = a.parser.isSet(a.store) ? a.text(a.store) : usual != nullptr ? usual : "";
    options.tracker = a.text(a.tracker);
    if (options.store.empty() || options.tracker.empty()) {
        throw InputError(
            "Give --store and --tracker to open a case of the record, or --demo for the demo patient; --help has "
            "examples.");
    }
    options.case_code = a.text(a.patient);
    options.stimulator = a.text(a.stimulator);
    if (a.parser.isSet(a.protocol)) {
        std::vector<std::string> ignored;
        options.dose = read_dose_plan(a.text(a.protocol), ignored);
        for (const std::string& key : ignored) {
            throw InputError("\"" + a.text(a.protocol) + "\": \"" + key + "\" is not a key of a protocol.");
        }
    }
    options.emg = !a.parser.isSet(a.twitch);
    options.names = {a.text(a.head_name), a.text(a.stylus_name), a.text(a.coil_name)};
    options.by = override_of(a.text(a.override_));
    options.simulated_room = a.parser.isSet(a.room);
    options.room_pace = pace_of(a);
    if (a.parser.isSet(a.side)) {
        const std::string side = a.text(a.side);
        if (side != "left" && side != "right") throw InputError("--side is left or right.");
        options.side = side == "left" ? Side::left : Side::right;
    }
    const bool by_itself = a.parser.isSet(a.play);
    if (by_itself && !options.simulated_room) throw InputError("--autoplay is for a simulated room only.");

    // Everything that can be refused is refused before there is a window.
    const auto store = open_existing_store(options.store);
    const VisitPlan plan = plan_visit(*store, options, utc_now());
    options.case_code = plan.patient.code;
    RunningSession::Work work;
    if (a.parser.isSet(a.t1)) {
        options.t1 = std::filesystem::absolute(a.text(a.t1));
        work.t1 = *options.t1;
    } else {
        const auto images = store->images(plan.patient.code);
        if (images.empty() || images.back().path.empty()) {
            throw InputError("Case " + plan.patient.code + " has no MRI on record yet; give it with --t1.");
        }
        work.t1 = images.back().path;
    }
    require_file(work.t1);
    require_own_image(*store, plan.patient, content_sha256(work.t1));
    work.cache_dir = cache_dir();
    work.simulated = options.simulated_room;
    work.by_itself = by_itself;
    const std::filesystem::path folder =
        a.parser.isSet(a.out) ? std::filesystem::absolute(a.text(a.out)) : std::filesystem::current_path();
    work.run = [options, folder](const HeadModel& head, Latest<SessionView>& screen, OperatorKeys* keys,
                                 const Progress& progress) {
        const VisitEnd end = hold_visit(options, head, &screen, keys, progress);
        return RunningSession::Ended{options.store, end.case_code, folder};
    };
    return work;
}

}  // namespace
}  // namespace precentral

int main(int argc, char** argv) {
    using namespace precentral;
    for (int i = 1; i < argc; ++i) {
        // Help needs no display.
        const bool help = std::strcmp(argv[i], "--help") == 0 || std::strcmp(argv[i], "-h") == 0;
        if (help) setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    const auto unset = [](const char* name) { return std::getenv(name) == nullptr || *std::getenv(name) == '\0'; };
    if (unset("DISPLAY") && unset("WAYLAND_DISPLAY") && unset("QT_QPA_PLATFORM")) {
        std::fputs("There is no display here; the command line needs none: precentral --help\n", stderr);
        return 1;
    }
    VtkView::choose_gl_format();
    QApplication app(argc, argv);
    QApplication::setApplicationName("precentral-navigator");
    QApplication::setOrganizationName("Precentral");
    try {
        Arguments arguments;
        arguments.parser.process(app);
        RunningSession session(arguments.parser.isSet(arguments.demo) ? demo_work(arguments) : clinic_work(arguments));
        MainWindow window([&session] { return session.view(); }, session);
        window.restore_settings();
        window.show();
        session.start(window);
        const int code = QApplication::exec();
        session.stop();
        return code;
    } catch (const InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
