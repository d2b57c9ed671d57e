// SPDX-License-Identifier: Apache-2.0
// precentral simulate stimulator: a stand-in for the hardware, as a process of its own.
#include <cstdio>
#include <map>
#include <memory>

#include "data/text_file.h"
#include "navigation/stimulator_stand_in.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {

void add_simulate_stimulator(CLI::App& app) {
    auto o = std::make_shared<StandInOptions>();
    auto terminal = std::make_shared<bool>(false);
    auto model = std::make_shared<std::string>("line");
    auto udp = std::make_shared<std::uint16_t>(0);
    auto address_file = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* stimulator =
        app.get_subcommand("simulate")
            ->add_subcommand("stimulator",
                             "A stimulator that tells its pulses over TCP, datagrams or a pseudo-terminal");
    stimulator->add_option("--model", *model, "What it speaks")
        ->check(CLI::IsMember({"line", "byte", "magventure", "magstim"}))
        ->capture_default_str();
    stimulator->add_option("--port", o->port, "TCP port to listen on; 0 = any free one, which is printed")
        ->default_val(0);
    CLI::Option* pty =
        stimulator->add_flag("--pty", *terminal, "A pseudo-terminal instead, as a serial cable would be");
    stimulator->add_option("--link", o->link, "A name that leads to the pseudo-terminal, also after it was unplugged")
        ->needs(pty);
    stimulator->add_option("--udp", *udp, "Datagrams to this port of this computer instead")->excludes(pty);
    stimulator->add_option("--trains", o->trains, "Number of trains")->capture_default_str();
    stimulator->add_option("--pulses", o->pulses_per_train, "Pulses in a train")->capture_default_str();
    stimulator->add_option("--rate", o->rate_hz, "Hz, of pulses or of bursts")->capture_default_str();
    stimulator->add_option("--burst", o->pulses_per_burst, "Pulses in a burst; 1 = no bursts")->capture_default_str();
    stimulator->add_option("--burst-hz", o->burst_hz, "Hz within a burst")->capture_default_str();
    stimulator->add_option("--pause", o->pause_s, "s between trains")->capture_default_str();
    stimulator->add_option("--intensity", o->intensity_mso, "% of maximum output")->capture_default_str();
    stimulator->add_option("--start-after", o->start_after_s, "s until the first pulse, once somebody listens")
        ->capture_default_str();
    stimulator->add_option("--stay", o->stay_s, "s after the last pulse")->capture_default_str();
    stimulator->add_option("--damage-every", o->damage_every, "Each so-many-th message has a wrong checksum");
    stimulator->add_option("--drop-every", o->drop_every, "Each so-many-th pulse is given but not told");
    stimulator->add_option("--unplug-after", o->unplug_after, "After so many pulses the wire is gone for 0.3 s");
    stimulator->add_flag("--mep", o->with_mep, "MagVenture: tell what its own MEP amplifier measured");
    stimulator->add_option("--address-file", *address_file, "Written with the address once it is ready");
    stimulator->add_flag("--json", *json,
                         "At the end, what was given, told and damaged as JSON; no address is printed");
    stimulator->footer(
        "Examples, in two terminals:\n"
        "  precentral simulate stimulator --model magventure --pty --link stimulator --trains 2\n"
        "  precentral stimulator listen magventure:stimulator --seconds 12\n"
        "  precentral simulate stimulator --model line --port 5000 --rate 5 --burst 3 --burst-hz 50\n"
        "  precentral stimulator listen trigger+tcp://127.0.0.1:5000 --seconds 30");
    stimulator->callback([=] {
        static const std::map<std::string, StandInModel> models{{"line", StandInModel::line},
                                                                {"byte", StandInModel::byte},
                                                                {"magventure", StandInModel::magventure},
                                                                {"magstim", StandInModel::magstim}};
        o->model = models.at(*model);
        if (*terminal) o->wire = StandInWire::pseudo_terminal;
        if (*udp != 0) {
            o->wire = StandInWire::udp;
            o->port = *udp;
        }
        const Progress progress = terminal_progress();
        const StandInReport report = run_stimulator_stand_in(*o, progress.stop, [&](const std::string& address) {
            if (!address_file->empty()) write_text_file(*address_file, address + "\n");
            if (!*json) std::printf("%s\n", address.c_str());
            std::fflush(stdout);
        });
        if (*json) {
            std::printf("%s\n",
                        nlohmann::json{{"given", report.given}, {"told", report.told}, {"damaged", report.damaged}}
                            .dump(2)
                            .c_str());
        } else {
            std::printf("%d pulses given, %d messages sent, %d of them damaged\n", report.given, report.told,
                        report.damaged);
        }
    });
}

}  // namespace precentral::cli
