// SPDX-License-Identifier: Apache-2.0
// precentral dose check: a protocol beside the published limits.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

#include "data/store.h"
#include "navigation/protocol_file.h"
#include "ui/cli/commands.h"
#include "ui/cli/terminal.h"

namespace precentral::cli {
namespace {

constexpr const char* kExample = R"({
  "name": "20 Hz M1, 20 x 80",
  "frequency_hz": 20,
  "trains": 20,
  "pulses_per_train": 80,
  "train_pause_s": 84,
  "intensity_percent_rmt": 80,
  "rmt_mso": 52,
  "coil_max_mso": 90,
  "earlier_sessions": [{"days_ago": 21, "pulses": 1600}]
})";

// The treatment pulses of a case's sessions so far, as they were recorded.
std::vector<EarlierDose> recorded(const std::string& store_url, const std::string& case_code) {
    const auto store = open_store_to_read(store_url);
    (void)store->case_of(case_code);
    const UtcTime now = utc_now();
    std::vector<EarlierDose> out;
    for (const Session& session : store->sessions(case_code)) {
        const auto pulses = store->pulses(session.id);
        const auto treat = std::count_if(pulses.begin(), pulses.end(),
                                         [](const Pulse& pulse) { return pulse.purpose == PulsePurpose::treat; });
        const double days = std::chrono::duration<double, std::ratio<86400>>(now - session.started).count();
        out.push_back({std::max(0.0, days), static_cast<int>(treat)});
    }
    return out;
}

nlohmann::json as_json(const DosePlan& plan, const DoseVerdict& verdict, const std::vector<std::string>& ignored) {
    nlohmann::json reasons = nlohmann::json::array();
    nlohmann::json details = nlohmann::json::array();
    for (const DoseReason& reason : verdict.reasons) {
        reasons.push_back(reason.text);
        details.push_back({{"level", to_word(reason.level)},
                           {"about", reason.about},
                           {"text", reason.text},
                           {"source", reason.source},
                           {"from_memory", reason.from_memory}});
    }
    const auto or_null = [](const auto& value) { return value ? nlohmann::json(*value) : nlohmann::json(); };
    return {{"verdict", to_word(verdict.level)},
            {"reasons", reasons},
            {"details", details},
            {"name", plan.protocol.name},
            {"needs_name", verdict.needs_name},
            {"train_s", verdict.train_s},
            {"session_s", verdict.session_s},
            {"pulses", verdict.pulses},
            {"output_mso", or_null(verdict.output_mso)},
            {"output_percent_rmt", or_null(verdict.output_percent_rmt)},
            {"tables_compared_with_the_papers", kDoseTablesCompared},
            {"ignored", ignored}};
}

void print(const DosePlan& plan, const DoseVerdict& verdict) {
    std::printf("verdict: %s\n", to_word(verdict.level));
    if (verdict.level == DoseLevel::confirm) {
        std::printf("%s\n",
                    verdict.needs_name
                        ? "Give the protocol a name, and have somebody who may do so confirm it."
                        : ("To be confirmed by name under the protocol \"" + plan.protocol.name + "\".").c_str());
    }
    std::printf("%d pulses, %.4g s a train, %.4g min in all\n", verdict.pulses, verdict.train_s,
                verdict.session_s / 60.0);
    for (const DoseReason& reason : verdict.reasons) {
        std::printf("  %-8s %s\n", to_word(reason.level), reason.text.c_str());
    }
    if (!kDoseTablesCompared) {
        std::printf(
            "The cells of both tables were written down from memory and have not been compared with the papers yet:\n"
            "look them up before you rely on this. Research software, not a medical device.\n");
    }
}

}  // namespace

void add_dose(CLI::App& app) {
    CLI::App* dose = app.add_subcommand("dose", "The dose of a protocol");
    dose->require_subcommand(1);
    auto file = std::make_shared<std::string>();
    auto store = std::make_shared<std::string>();
    auto patient = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* check = dose->add_subcommand("check", "Train duration, pulses and intervals beside the published limits");
    check->add_option("PROTOCOL", *file, "The protocol, JSON (Hz, s, % of the resting motor threshold, % of output)")
        ->required();
    CLI::Option* store_option = check->add_option(
        "--store", *store, "Count the pulses of earlier sessions of this record: file or postgresql://…");
    check->add_option("--case", *patient, "of this case")->needs(store_option);
    check->add_flag("--json", *json, "Print JSON: verdict (inside, confirm, refused), reasons");
    check->footer(std::string("A verdict, whichever, ends with exit 0; a file that cannot be used with 2.\n"
                              "Further keys: train_duration_s instead of pulses_per_train; intensity_mso with rmt_mso; "
                              "pattern\n(regular, bursts, itbs, ctbs) with burst_hz and pulses_per_burst, where "
                              "frequency_hz counts bursts;\nmost_pulses_a_day, most_pulses_a_week.\n"
                              "Example: precentral dose check protocol.json --json, with protocol.json:\n") +
                  kExample);
    check->callback([=] {
        std::vector<std::string> ignored;
        DosePlan plan = read_dose_plan(*file, ignored);
        if (!store->empty()) {
            if (patient->empty()) throw InputError("Name the case with --case.");
            const std::vector<EarlierDose> more = recorded(*store, *patient);
            plan.earlier.insert(plan.earlier.end(), more.begin(), more.end());
        }
        for (const std::string& key : ignored) {
            std::fprintf(stderr, "\"%s\": \"%s\" is not known and was not used.\n", file->c_str(), key.c_str());
        }
        const DoseVerdict verdict = check_dose(plan);
        if (*json) {
            std::printf("%s\n", as_json(plan, verdict, ignored).dump(2).c_str());
        } else {
            print(plan, verdict);
        }
    });
}

}  // namespace precentral::cli
