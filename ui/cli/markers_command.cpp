// SPDX-License-Identifier: Apache-2.0
// precentral markers convert: targets and pulses between navigators.
#include <cstdio>
#include <memory>

#include "data/error.h"
#include "data/markers/marker_files.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

struct MarkersArguments {
    std::string in;
    std::string out;
    std::string from;
    std::string to;
    bool nearest_rotation = false;
    bool as_stated = false;
    bool json = false;
};

void convert(const MarkersArguments& a) {
    MarkerReading how;
    if (!a.from.empty()) how.format = marker_format_from_word(a.from);
    std::optional<MarkerFormat> to;
    if (!a.to.empty()) to = marker_format_from_word(a.to);
    how.nearest_rotation = a.nearest_rotation;
    how.as_stated = a.as_stated;
    std::error_code unknown;
    if (std::filesystem::equivalent(a.in, a.out, unknown)) {
        throw InputError("OUT is the file IN itself; give another place for the result.");
    }
    const MarkerSet markers = read_markers(a.in, how);
    const MarkersWritten written = write_markers(markers, a.out, to);
    std::vector<std::string> warnings = markers.warnings;
    warnings.insert(warnings.end(), written.warnings.begin(), written.warnings.end());
    if (a.json) {
        nlohmann::json files = nlohmann::json::array();
        for (const auto& file : written.files) files.push_back(file.string());
        const nlohmann::json out{{"format", markers.format},
                                 {"version", markers.version},
                                 {"coordinate_system", markers.coordinate_system},
                                 {"space", to_words(markers.space)},
                                 {"targets", markers.targets.size()},
                                 {"pulses", markers.pulses.size()},
                                 {"untracked", markers.untracked()},
                                 {"landmarks", markers.landmarks.size()},
                                 {"ignored", markers.ignored},
                                 {"warnings", warnings},
                                 {"files", files}};
        std::printf("%s\n", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        return;
    }
    std::printf("%s%s%s, %s (%s): %zu targets, %zu pulses (%d untracked), %zu landmarks, %d ignored\n",
                markers.format.c_str(), markers.version.empty() ? "" : " ", markers.version.c_str(),
                markers.coordinate_system.c_str(), to_words(markers.space), markers.targets.size(),
                markers.pulses.size(), markers.untracked(), markers.landmarks.size(), markers.ignored);
    for (const auto& file : written.files) std::printf("%s\n", file.string().c_str());
    for (const std::string& warning : warnings) std::fprintf(stderr, "Warning: %s\n", warning.c_str());
}

}  // namespace

void add_markers(CLI::App& app) {
    auto a = std::make_shared<MarkersArguments>();
    CLI::App* group = app.add_subcommand("markers", "Targets and pulses from and for other navigators");
    group->require_subcommand(1);
    CLI::App* command = group->add_subcommand(
        "convert", "Read the markers of one navigator and write them for another, in RAS mm with the coil axes turned");
    command->add_option("IN", a->in, "The file, or the folder of a Localite session")->required();
    command->add_option("OUT", a->out, "The file to write; its ending tells the format when --to does not")->required();
    command->add_option(
        "--from", a->from,
        "brainsight, localite, visor2, stimguide, softaxic, invesalius, nibs-bids or csv; told from the "
        "file when not given");
    command->add_option("--to", a->to, "The same words, but invesalius");
    command->add_flag("--nearest-rotation", a->nearest_rotation,
                      "Replace a sheared pose (up to 0.1) by the nearest rotation instead of refusing the file");
    command->add_flag("--as-stated", a->as_stated,
                      "Believe the coordinate system the file names even where its landmarks contradict it");
    command->add_flag("--json", a->json);
    command->footer("Example: precentral markers convert export.txt targets.csv --json");
    command->callback([a] { convert(*a); });
}

}  // namespace precentral::cli
