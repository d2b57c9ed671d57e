// SPDX-License-Identifier: Apache-2.0
// precentral simulate tracker: a tracker that is not there, over the same sockets as the real thing.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "data/error.h"
#include "navigation/ndi_client.h"
#include "navigation/tracker_address.h"
#include "navigation/tracker_stand_in.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

// What the options say that a named script does not.
struct Asked {
    StandInOptions stand_in;
    std::string script = "approach";
    std::string protocol = "igtl";
    std::string kind = "tdata";
    int port = -1;
    int tools = 3;
    std::vector<std::string> names;
    std::vector<std::string> events;
    std::string port_file;
    bool tool_files = false;
    bool no_bx = false;
};

std::vector<std::string> tool_names(int count) {
    std::vector<std::string> names = {"Head", "Stylus", "Coil"};
    for (int i = 4; i <= count; ++i) names.push_back("Coil" + std::to_string(i - 2));
    names.resize(static_cast<std::size_t>(count));
    return names;
}

void write_port(const std::string& file, const std::string& address) {
    const std::string part = file + ".part";
    std::ofstream(part) << address.substr(address.rfind(':') + 1) << '\n';
    std::filesystem::rename(part, file);
}

}  // namespace

void add_simulate_tracker(CLI::App& simulate) {
    auto asked = std::make_shared<Asked>();
    ScriptOptions& script = asked->stand_in.script;
    CLI::App* app = simulate.add_subcommand("tracker", "A tracker with scripted motion, speaking OpenIGTLink or NDI");
    app->add_option("--script", asked->script, "approach, still, restless, occluded or unstable")
        ->default_val("approach");
    app->add_option("--protocol", asked->protocol, "igtl, ndi (TCP) or ndi-pty (a pseudo-terminal as serial port)")
        ->check(CLI::IsMember({"igtl", "ndi", "ndi-pty"}));
    app->add_option("--port", asked->port, "TCP port; 0 = any free one, which is printed (default: 18944, ndi: 8765)")
        ->check(CLI::Range(0, 65535));
    app->add_option("--port-file", asked->port_file, "Written once it listens, instead of printing; any free port");
    app->add_option("--rate", script.rate_hz, "Frames a second (Hz)")->default_val(60.0);
    app->add_option("--tools", asked->tools, "How many: Head, Stylus, Coil, Coil2, …")
        ->default_val(3)
        ->check(CLI::Range(1, 32));
    app->add_option("--names", asked->names, "Names of the tools instead, separated by commas")->delimiter(',');
    app->add_option("--seed", script.seed, "Another motion for another number")->default_val(1);
    app->add_option("--noise", script.noise_mm, "Of each axis, one standard deviation (mm)")->default_val(0.1);
    app->add_option("--noise-deg", script.noise_deg, "Of each axis, one standard deviation (degrees)")
        ->default_val(0.1);
    CLI::Option* head = app->add_option("--head-speed", script.head_speed_mm_s, "Mean speed of the head (mm/s)");
    CLI::Option* jerk = app->add_option("--jerk-speed", script.jerk_speed_mm_s, "Largest speed of a jerk (mm/s)");
    CLI::Option* jerks = app->add_option("--jerks", script.jerks_per_minute, "Jerks of the head a minute");
    CLI::Option* tremor = app->add_option("--tremor", script.tremor_mm, "Of the hand, rms of each axis (mm)");
    CLI::Option* approach = app->add_option("--approach", script.approach_s, "How long the coil comes (s)");
    CLI::Option* hold = app->add_option("--hold", script.hold_s, "How long it is held at the target (s)");
    CLI::Option* drift = app->add_option("--clock-drift", script.clock_drift_ppm, "Of the camera's clock (ppm)");
    app->add_option("--event", asked->events,
                    "hide, outside, partly, freeze or identity, as KIND:TOOL@START+LENGTH[/EVERY] in s; silence@…");
    app->add_option("--message", asked->kind, "OpenIGTLink: tdata, qtdata or transform")
        ->check(CLI::IsMember({"tdata", "qtdata", "transform"}));
    app->add_option("--header", asked->stand_in.header_version, "OpenIGTLink header 1 or 2; 0 = each client's own")
        ->default_val(0)
        ->check(CLI::Range(0, 2));
    app->add_option("--damage", asked->stand_in.damage_every, "One wrong bit in every n-th message or reply; 0 = none")
        ->check(CLI::Range(0, 1000000));
    app->add_flag("--tool-files", asked->tool_files, "NDI: no tool is plugged in; a program loads their files");
    app->add_flag("--no-bx", asked->no_bx, "NDI: an old camera that knows TX only");
    app->add_option("--seconds", asked->stand_in.seconds, "Ends after so long (s); 0 = at Ctrl+C")
        ->check(CLI::Range(0.0, 1e6));
    app->add_option("--linger", asked->stand_in.linger_s, "Ends when nobody was connected for so long (s); 0 = never")
        ->check(CLI::Range(0.0, 1e6));
    app->footer(
        "Example, in two terminals:\n  precentral simulate tracker --rate 400 --tools 4 --event hide:Coil@5+2/20\n"
        "  precentral track igtl://127.0.0.1 --seconds 10");
    app->callback([=] {
        StandInOptions options = asked->stand_in;
        // The named script first, then what was asked for beside it.
        ScriptOptions chosen = script_named(asked->script);
        const ScriptOptions& given = asked->stand_in.script;
        chosen.seed = given.seed;
        chosen.rate_hz = given.rate_hz;
        chosen.noise_mm = given.noise_mm;
        chosen.noise_deg = given.noise_deg;
        chosen.tools = asked->names.empty() ? tool_names(asked->tools) : asked->names;
        if (head->count() > 0) chosen.head_speed_mm_s = given.head_speed_mm_s;
        if (jerk->count() > 0) chosen.jerk_speed_mm_s = given.jerk_speed_mm_s;
        if (jerks->count() > 0) chosen.jerks_per_minute = given.jerks_per_minute;
        if (tremor->count() > 0) chosen.tremor_mm = given.tremor_mm;
        if (approach->count() > 0) chosen.approach_s = given.approach_s;
        if (hold->count() > 0) chosen.hold_s = given.hold_s;
        if (drift->count() > 0) chosen.clock_drift_ppm = given.clock_drift_ppm;
        for (const std::string& event : asked->events) chosen.events.push_back(parse_script_event(event));
        options.script = chosen;
        using Protocol = StandInOptions::Protocol;
        options.protocol = asked->protocol == "igtl"  ? Protocol::igtl
                           : asked->protocol == "ndi" ? Protocol::ndi
                                                      : Protocol::ndi_pty;
        using Kind = StandInOptions::Kind;
        options.kind = asked->kind == "tdata" ? Kind::tdata : asked->kind == "qtdata" ? Kind::qtdata : Kind::transform;
        options.camera.plugged = !asked->tool_files;
        options.camera.knows_bx = !asked->no_bx;
        const int usual = options.protocol == Protocol::igtl ? kIgtlPort : kNdiPort;
        options.port = static_cast<std::uint16_t>(asked->port >= 0 ? asked->port : usual);
        if (!asked->port_file.empty()) options.port = 0;
        const Progress progress = terminal_progress();
        run_tracker_stand_in(options, progress.stop, [&](const std::string& address) {
            if (!asked->port_file.empty()) return write_port(asked->port_file, address);
            std::printf("The simulated tracker is at %s\n", address.c_str());
            std::fflush(stdout);
        });
    });
}

}  // namespace precentral::cli
