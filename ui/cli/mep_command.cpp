// SPDX-License-Identifier: Apache-2.0
// precentral mep: the sweeps of an EMG file, measured.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "navigation/emg_files.h"
#include "navigation/mep.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

nlohmann::json as_json(const FiledSweep& filed, const MepMeasurement& m) {
    const char* verdict = m.verdict == MepVerdict::accepted ? "accepted"
                          : m.verdict == MepVerdict::weak   ? "weak"
                                                            : "rejected";
    return {{"pulse", filed.sweep.pulse_count},
            {"channel", filed.channel},
            {"label", filed.label},
            {"verdict", verdict},
            {"reasons", m.reasons},
            {"amplitude_uv", m.amplitude_uv},
            {"latency_ms", m.latency_ms ? nlohmann::json(*m.latency_ms) : nlohmann::json()},
            {"rest_rms_uv", m.rest_rms_uv},
            {"mains_uv", m.mains_uv}};
}

}  // namespace

void add_mep(CLI::App& app) {
    auto file = std::make_shared<std::string>();
    auto options = std::make_shared<EmgFileOptions>();
    auto rules = std::make_shared<MepRules>();
    auto json = std::make_shared<bool>(false);
    CLI::App* mep = app.add_subcommand("mep", "Measure the motor evoked potentials of an EMG file");
    mep->add_option("FILE", *file, ".csv, .tsv or .mat (time × trial), .vhdr, .edf, .bdf, or a Brainsight .txt")
        ->required();
    mep->add_option("--channel", options->channel, "Only this channel (of a .mat: this variable)");
    mep->add_option("--trigger", options->trigger, "Only pulses marked with this text");
    mep->add_option("--rate", options->rate_hz, "Samples a second, of a table without a time column");
    mep->add_option("--start", options->start_ms, "ms from the pulse to such a table's first row; negative");
    mep->add_option("--microvolts", options->microvolts_per_unit, "µV in one unit of a table (1000 for mV)");
    mep->add_option("--from", rules->window_start_ms, "Start of the window, ms after the pulse")->capture_default_str();
    mep->add_option("--to", rules->window_end_ms, "End of the window, ms after the pulse")->capture_default_str();
    mep->add_flag("--json", *json);
    mep->footer(
        "Examples:\n  precentral mep visit.vhdr --channel FDI\n"
        "  precentral mep sweeps.csv --rate 3000 --start -50");
    mep->callback([=] {
        const std::vector<FiledSweep> sweeps = read_emg_sweeps(*file, *options);
        nlohmann::json rows = nlohmann::json::array();
        std::vector<double> amplitudes;
        int counts[3] = {};
        if (!*json) std::printf("pulse   channel     amplitude   latency   verdict\n");
        for (const FiledSweep& filed : sweeps) {
            const MepMeasurement m = measure_mep(filed.sweep, *rules);
            ++counts[static_cast<int>(m.verdict)];
            if (m.responded()) amplitudes.push_back(m.amplitude_uv);
            if (*json) {
                rows.push_back(as_json(filed, m));
                continue;
            }
            char latency[32] = "        ";
            if (m.latency_ms) std::snprintf(latency, sizeof latency, "%5.1f ms", *m.latency_ms);
            std::printf("%-7llu %-10s %7.0f µV  %s  %s\n", static_cast<unsigned long long>(filed.sweep.pulse_count),
                        filed.channel.c_str(), m.amplitude_uv, latency, verdict_text(m).c_str());
        }
        if (*json) {
            std::printf("%s\n", nlohmann::json{{"file", *file}, {"sweeps", rows}}.dump(2).c_str());
            return;
        }
        std::printf("%d accepted, %d weak, %d rejected", counts[0], counts[1], counts[2]);
        if (!amplitudes.empty()) {
            const auto middle = amplitudes.begin() + static_cast<std::ptrdiff_t>(amplitudes.size() / 2);
            std::nth_element(amplitudes.begin(), middle, amplitudes.end());
            std::printf("; median amplitude of the accepted: %.0f µV", *middle);
        }
        std::printf("\n");
    });
}

}  // namespace precentral::cli
